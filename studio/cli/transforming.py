"""What `weft transform` does, whoever has read its options."""

from __future__ import annotations

import gc
import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _, ngettext
from studio.base.progress import Progress, Step
from studio.base.records import dataclass
from studio.cli import kept_plans, transform_told
from studio.cli.kept_plans import Planned
from studio.cli.printable import printable
from studio.cli.transform_apart import check_apart, check_own
from studio.cli.transform_documents import further_inputs, further_outputs, named
from studio.engine.address import Address, place_of
from studio.engine.checked import transform_checked
from studio.engine.failures import Failure, beside, records_beside
from studio.engine.interpret import Judge
from studio.engine.plan import Plan
from studio.engine.run import Stats, check_plan

if TYPE_CHECKING:
    from studio.engine.parts.cut import Workers


@dataclass(frozen=True)
class Asked:
    """The options of a run (see transform.run)."""

    file: Path
    input: str | None
    output: str = "-"
    engine: str = "auto"
    failures: Path | None = None
    strict: bool = False
    policy: str | None = None
    stats: bool = False
    workers: Workers | None = None
    further: tuple[str, ...] = ()
    judge: type[Judge] = Judge
    outputs: tuple[str, ...] = ()


_WITH_VALUE = {"-o": "output", "--to": "output", "--engine": "engine", "--failures": "failures"}
_FLAGS = {"--strict": "strict", "--stats": "stats"}


def usual(words: list[str]) -> Asked | None:
    """What a command line asks for that holds the usual options only; None for the parser of all options."""
    found: dict[str, Any] = {}
    files: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in _FLAGS:
            found[_FLAGS[word]] = True
        elif word in _WITH_VALUE:
            value = next(rest, "-")
            if value.startswith("-") or _WITH_VALUE[word] in found:
                return None
            found[_WITH_VALUE[word]] = Path(value) if word == "--failures" else value
        elif word.startswith("-"):
            return None
        else:
            files.append(word)
    return Asked(Path(files[0]), files[1], **found) if len(files) == 2 and "output" in found else None


def _tell(line: str) -> None:
    print(printable(line), file=sys.stderr)  # noqa: T201


def no_input() -> BadInput:
    """The error for a run without a document."""
    return BadInput(_("Give the document to read."), next_step=_("See weft transform --help."))


def perform(asked: Asked, planned: Planned | None = None) -> int:
    """Run a transformation; the exit code. Raises WeftError."""
    check_input(asked.input)
    transformation, folder, plan, variables = planned or plan_of(asked.file)
    show(plan)
    check_plan(plan)
    if asked.input is None:
        raise no_input()
    given, made = place_of(asked.input), place_of(asked.output)
    to_file = made if isinstance(made, Path) and asked.output != "-" else None
    stops = asked.strict or (asked.policy or plan.on_failure) == "stop"
    if isinstance(made, Address) and asked.failures is None and not stops:
        raise _no_place()
    kept = asked.failures or (beside(to_file) if to_file is not None else None)
    records = records_beside(kept, plan.source.format) if kept is not None else None
    further = further_inputs(folder, transformation, named(asked.further, "--input"), _tell)
    read = [asked.file, *([given] if isinstance(given, Path) else []), *further.values()]
    outputs = further_outputs(plan, to_file, named(asked.outputs, "--output"))
    written = [to_file, kept, records, *(each for each in outputs.values() if isinstance(each, Path))]
    check_apart(read, written)
    check_own(transformation, folder, plan, written)
    source: Path | BinaryIO | Address = sys.stdin.buffer if asked.input == "-" else given
    target: Path | BinaryIO | Address = sys.stdout.buffer if asked.output == "-" else made
    # What goes to stdout has no list beside it: each record that fails is told on stderr as it comes.
    failures = asked.failures if kept is not None or stops else _tell_failure
    misfits: list[Problem] = []
    fresh = to_file.parent if to_file is not None and not to_file.parent.exists() else None
    gc.freeze()
    gc.enable()
    with _Shown() as shown:
        found = transform_checked(
            plan, transformation, folder, source, target, told=misfits.append, engine=asked.engine, failures=failures, strict=asked.strict, policy=asked.policy, variables=variables,
            progress=Progress(shown.step), log=_tell, workers=asked.workers, further=further, outputs=outputs,
            judge=asked.judge,
        )  # fmt: skip
    if found.in_one:
        _tell(_("One process did it: {reason}.").format(reason=found.in_one))
    if fresh is not None:
        _tell(_("The folder {name} was not there and has been made.").format(name=fresh))
    for problem in misfits:
        _tell(_line(problem))
    return max(_report(found, asked.stats, kept, records), 1 if misfits else 0)


def _tell_failure(failure: Failure) -> None:
    _tell(transform_told.failure_line(failure))


def check_input(input: str | None) -> None:
    """Raise BadInput for a file to read that is not there, before anything is read or told."""
    place = place_of(input) if input is not None and input != "-" else None
    if isinstance(place, Path) and not place.exists():
        raise BadInput(_("There is no such file."), file=place, next_step=_("Check the name and the folder."))


def _no_place() -> BadInput:
    return BadInput(
        _("Output to a database leaves no place for the records that fail."),
        next_step=_("Name a file for them with --failures FILE, or stop at the first one with --strict."),
    )


def plan_of(file: Path) -> Planned:
    """The transformation, the project's folder, the plan, and the project's variables; a file outside every project is
    taken with its own folder. A plan that is kept from an earlier run is taken while nothing it was made of has changed."""
    kept = kept_plans.find(file)
    if kept is not None:
        return kept
    made = importlib.import_module("studio.cli.planning").make(file)
    if made.lasting:
        kept_plans.keep(file, made.planned, made.files, made.folders, made.absent)
    planned: Planned = made.planned
    return planned


def show(plan: Plan) -> None:
    """What is doubtful about the plan, on stderr; errors end the command with the first of them."""
    for problem in plan.problems:
        if problem.severity is not Severity.ERROR:
            _tell(_line(problem))


def _line(problem: Problem) -> str:
    return " ".join(part for part in (f"{problem.place}:", problem.message, problem.mend) if part.strip(":"))


def _report(found: Stats, stats: bool, kept: Path | None, records: Path | None) -> int:
    if stats:
        _tell(json.dumps(asdict(found)))
    elif found.failed or found.nulled:
        for line in _told(found, kept, records):
            _tell(line)
    return 1 if found.failed or found.nulled else 0


def _told(found: Stats, kept: Path | None, records: Path | None) -> list[str]:
    """The first failed records and where all are, what else is to be known of them, and last how many there were."""
    lines = transform_told.listed_lines(kept) if kept is not None and kept.is_file() else []
    if lines and records is not None and records.is_file():
        lines.append(_("The failed records, to run again: {file}").format(file=records))
    if found.nulled:
        text = ngettext(
            "{n} field whose rule failed was left without a value.",
            "{n} fields whose rules failed were left without a value.",
            found.nulled,
        )
        lines.append(text.format(n=found.nulled))
    return [*lines, transform_told.closing_line(found)]


class _Shown:
    """A progress bar on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        if not sys.stderr.isatty():
            return
        # Only here: it takes a tenth of a second.
        from rich.console import Console
        from rich.progress import BarColumn
        from rich.progress import Progress as Bar

        self._bar = Bar("{task.description}", BarColumn(), console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(_("Transforming"), total=None)

    def __enter__(self) -> _Shown:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, step: Step) -> None:
        """Show how far it is."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=step.total, completed=step.done)
