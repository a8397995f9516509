"""`weft transform`: one transformation over one input."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import Progress as Bar

from studio.base.errors import BadInput, NotHere, Problem, Severity
from studio.base.i18n import _, ngettext
from studio.base.progress import Progress, Step
from studio.cli.tracing import show_trace
from studio.cli.transform_workers import workers_of
from studio.engine.address import Address, place_of
from studio.engine.checked import transform_checked
from studio.engine.compile import compile_plan
from studio.engine.explain import explain
from studio.engine.failures import beside, records_beside
from studio.engine.plan import Plan
from studio.engine.run import ENGINES, Stats, check_plan
from studio.mapping.model import ON_FAILURE, Transformation
from studio.project.folder import find_project, load_object, load_transformation, read_yaml
from studio.project.model import PROJECT
from studio.project.schemas import Schemas
from studio.project.tables import Tables
from studio.script.tree import Value


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("transform", help=_("Run one transformation over one input."))(run)


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help=_("The transformation."))],
    input: Annotated[
        str | None,
        typer.Argument(
            metavar="INPUT", help=_("The document to read, or the address of a database; - is stdin.")
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option("-o", "--to", help=_("The file to write, or the address of a database; - is stdout.")),
    ] = "-",
    engine: Annotated[
        str, typer.Option(help=_("One of: {names}.").format(names=", ".join(ENGINES)))
    ] = "auto",
    further_input: Annotated[
        list[str] | None, typer.Option("--input", help=_("A further source, as NAME=FILE."))
    ] = None,
    further_output: Annotated[
        list[str] | None, typer.Option("--output", help=_("A further target, as NAME=FILE."))
    ] = None,
    failures: Annotated[
        Path | None,
        typer.Option(
            help=_(
                "Where records that fail are listed: CSV, or JSON lines by its ending. The records themselves go beside it"
                " (NAME.records.…), as a document that can be run again."
            )
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option(help=_("Stop at the first record that fails: the policy stop."))
    ] = False,
    policy: Annotated[
        str | None,
        typer.Option(
            help=_("What becomes of records that fail, whatever the transformation says: {names}.").format(
                names=", ".join(ON_FAILURE)
            )
        ),
    ] = None,
    jobs: Annotated[
        str,
        typer.Option(
            metavar="N|auto",
            help=_(
                "Map parts of the input in N processes, or one for each core; same output, bytes and failures."
            ),
        ),
    ] = "1",
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="dask://HOST:PORT",
            help=_("Map parts of the input on a Dask cluster, which sees the same files as this computer."),
        ),
    ] = None,
    shared: Annotated[
        Path | None,
        typer.Option(
            help=_("The folder where a cluster puts parts of the output; beside the output without it.")
        ),
    ] = None,
    stats: Annotated[bool, typer.Option(help=_("Print one JSON line about the run on stderr."))] = False,
    explain_plan: Annotated[
        bool, typer.Option("--explain", help=_("Print the plan; nothing is run."))
    ] = False,
    trace_path: Annotated[
        str | None,
        typer.Option("--trace", metavar="TARGET_PATH", help=_("Print where the values of a node come from.")),
    ] = None,
    record: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER",
            help=_("Trace only the record with this number; first is the first that has a value."),
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print what --trace and --timings find as JSON."))
    ] = False,
) -> int:
    """Compile the transformation with its project's schemas and tables, then run, explain or trace it."""
    _decline(further_input, further_output)
    transformation, folder, plan, variables = _plan(file)
    plan = _placed(plan, file)
    if explain_plan:
        typer.echo(explain(plan), nl=False)
        return 1 if plan.errors else 0
    _show(plan)
    check_plan(plan)
    if input is None:
        raise BadInput(_("Give the document to read."), next_step=_("See weft transform --help."))
    given, made = place_of(input), place_of(output)
    if trace_path is not None:
        return show_trace(plan, given, trace_path, record, as_json, variables=variables)
    to_file = made if isinstance(made, Path) and output != "-" else None
    stops = strict or (policy or plan.on_failure) == "stop"
    if to_file is None and failures is None and not stops:
        raise _no_place(made)
    kept = failures or (beside(to_file) if to_file is not None else None)
    records = records_beside(kept, plan.source.format) if kept is not None else None
    _check_apart([file, *([given] if isinstance(given, Path) else [])], [to_file, kept, records])
    source: Path | BinaryIO | Address = sys.stdin.buffer if input == "-" else given
    target: Path | BinaryIO | Address = sys.stdout.buffer if output == "-" else made
    misfits: list[Problem] = []
    with _Shown() as shown, workers_of(jobs, cluster, shared) as workers:
        found = transform_checked(
            plan, transformation, folder, source, target, told=misfits.append, engine=engine, failures=failures, strict=strict, policy=policy, variables=variables,
            progress=Progress(shown.step), log=lambda line: typer.echo(line, err=True), workers=workers,
        )  # fmt: skip
    if found.in_one:
        typer.echo(_("One process did it: {reason}.").format(reason=found.in_one), err=True)
    for problem in misfits:
        typer.echo(_line(problem), err=True)
    return max(_report(found, stats, kept, records), 1 if misfits else 0)


def _no_place(output: Path | Address) -> BadInput:
    message = _("Output to stdout leaves no place for the records that fail.")
    if isinstance(output, Address):
        message = _("Output to a database leaves no place for the records that fail.")
    return BadInput(
        message,
        next_step=_("Name a file for them with --failures FILE, or stop at the first one with --strict."),
    )


def _decline(inputs: list[str] | None, outputs: list[str] | None) -> None:
    if inputs or outputs:
        raise NotHere(
            _("Transformations with further sources or targets are not run by this version."),
            next_step=_("Leave out --input and --output NAME=FILE."),
        )


def _check_apart(read: Iterable[Path], written: Iterable[Path | None]) -> None:
    """Refuse to write over what is read, or two results into one file."""
    taken = {file.resolve() for file in read if str(file) != "-"}
    for file in written:
        if file is None or str(file) == "-" or (file.exists() and not file.is_file()):
            continue
        if file.resolve() in taken or any(file.exists() and file.samefile(other) for other in _there(taken)):
            raise BadInput(
                _("This file is already used by this run; it would be overwritten."),
                file=file,
                next_step=_("Name another file to write to; nothing was changed."),
            )
        taken.add(file.resolve())


def _there(files: set[Path]) -> list[Path]:
    return [file for file in files if file.exists()]


def _plan(file: Path) -> tuple[Transformation, Path, Plan, dict[str, Value]]:
    """The transformation, the project's folder, the plan, and the project's variables; a file outside every project is taken with its own folder."""
    transformation = load_transformation(file)
    project = find_project(file.resolve())
    folder = project or file.resolve().parent
    schemas = Schemas(folder)
    source, target = schemas.get(transformation.source), schemas.get(transformation.target)
    plan = compile_plan(transformation, source, target, Tables(folder))
    found = load_object(folder, PROJECT) if project is not None else None
    return transformation, folder, plan, dict(found.variables) if found is not None else {}


def _placed(plan: Plan, file: Path) -> Plan:
    """The plan, its rules' problems with the file and the line of their rule."""
    if not plan.problems:
        return plan
    rules = read_yaml(file).members().get("map")
    lines = {path: entry.line for path, entry in rules.members().items()} if rules is not None else {}
    placed = [
        replace(problem, file=str(file), line=lines.get(problem.path), column=None)
        if problem.path is not None and problem.file is None
        else problem
        for problem in plan.problems
    ]
    return replace(plan, problems=tuple(placed))


def _show(plan: Plan) -> None:
    """What is doubtful about the plan, on stderr; errors end the command with the first of them."""
    for problem in plan.problems:
        if problem.severity is not Severity.ERROR:
            typer.echo(_line(problem), err=True)


def _line(problem: Problem) -> str:
    return " ".join(part for part in (f"{problem.place}:", problem.message, problem.mend) if part.strip(":"))


def _report(found: Stats, stats: bool, kept: Path | None, records: Path | None) -> int:
    if stats:
        typer.echo(json.dumps(asdict(found)), err=True)
    elif found.failed:
        text = ngettext("{n} record failed.", "{n} records failed.", found.failed)
        typer.echo(text.format(n=found.failed), err=True)
    if found.nulled and not stats:
        text = ngettext(
            "{n} field whose rule failed was left without a value.",
            "{n} fields whose rules failed were left without a value.",
            found.nulled,
        )
        typer.echo(text.format(n=found.nulled), err=True)
    if (found.failed or found.nulled) and not stats and kept is not None and kept.is_file():
        typer.echo(_first(kept), err=True)
        if records is not None and records.is_file():
            typer.echo(_("The failed records, to run again: {file}").format(file=records), err=True)
    return 1 if found.failed or found.nulled else 0


class _Shown:
    """A progress bar on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bar = (
            Bar("{task.description}", BarColumn(), console=console, transient=True)
            if console.is_terminal
            else None
        )
        self._task = self._bar.add_task(_("Transforming"), total=None) if self._bar else None

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


def _first(kept: Path) -> str:
    """The first failure of a failure file, and where the others are."""
    with kept.open(encoding="utf-8", newline="") as lines:
        if kept.suffix.lower() == ".csv":
            row: dict[str, Any] = next(csv.DictReader(lines), {})
        else:
            row = json.loads(lines.readline() or "{}")
    first = _("Record {number}, {path}: {reason}").format(
        number=row.get("record", "?"), path=row.get("path", "?"), reason=row.get("reason", "?")
    )
    return f"{first}\n" + _("All of them: {file}").format(file=kept)
