"""transform(): a plan over an input; files appear whole when all went well, and not at all otherwise."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.engine.address import Address
from studio.engine.aside import Aside, line_of
from studio.engine.choosing import check_columns
from studio.engine.database_files import Place, keep_database, place_in
from studio.engine.failures import Failure, beside
from studio.engine.formats.units import Broken
from studio.engine.formats.xml_read import LateNode
from studio.engine.further import FurtherSources
from studio.engine.interpret import Judge
from studio.engine.plan import Plan
from studio.engine.run_settings import Counts, Settings
from studio.engine.running import Run
from studio.engine.several import Nodes, Targets
from studio.engine.sources import Refusing, Source, open_source
from studio.engine.stopping import RecordStopped
from studio.engine.streams import ReaderGone, Sink, came, on_disk, open_sink, opened, peak_mb, target
from studio.engine.world import World
from studio.mapping.model import ON_FAILURE
from studio.script.tree import Value

if TYPE_CHECKING:
    from studio.engine import other_kind
    from studio.engine.parts import again, partition
    from studio.engine.parts import cut as cutting
    from studio.engine.parts import join as joining
    from studio.engine.parts.cut import Cut, Workers
else:
    other_kind = Lazily("studio.engine.other_kind")
    partition = Lazily("studio.engine.parts.partition")
    again = Lazily("studio.engine.parts.again")
    joining = Lazily("studio.engine.parts.join")
    cutting = Lazily("studio.engine.parts.cut")

ENGINES = ("auto", "interpret", "rows", "columns")

Answers = Callable[[World], Mapping[str, Callable[..., Value]]]


@dataclass(frozen=True)
class Stats:
    """What a run did. Records are turns of the outermost loops: records_in = records_out + failed + filtered.

    `nulled` counts the fields left without a value in records that were written all the same.

    `seconds` are wall time, `mb_in` and `peak_mb` (the process's memory) megabytes; `engine` is the one that ran. Of a
    run in parts `jobs` says how many workers there were, `worker_mb` is the memory of the largest; `in_one` says why one
    process did it although several were offered.
    """

    records_in: int
    records_out: int
    failed: int
    filtered: int
    seconds: float
    mb_in: float
    peak_mb: float
    engine: str
    nulled: int = 0
    jobs: int = 1
    worker_mb: float = 0.0
    in_one: str = ""
    targets: Mapping[str, Counts] = field(default_factory=dict)


def transform(
    plan: Plan,
    input: Path | BinaryIO | Address,
    output: Path | BinaryIO | Address,
    *,
    engine: str = "auto",
    failures: Path | Callable[[Failure], object] | None = None,
    strict: bool = False,
    progress: Progress | None = None,
    variables: Mapping[str, Value] | None = None,
    log: Callable[[str], object] | None = None,
    answers: Answers | None = None,
    refused: Mapping[int, Broken] | None = None,
    clock: Callable[[], datetime] | None = None,
    judge: type[Judge] = Judge,
    policy: str | None = None,
    further: Mapping[str, Path | BinaryIO | Address] | None = None,
    outputs: Mapping[str, Place] | None = None,
    jobs: int = 1,
    workers: Workers | None = None,
) -> Stats:
    """Run a plan.

    `engine` is one of ENGINES. `failures` is a file (without one they go beside an output file, if there are any), or
    is called with each. `variables` are the globals to begin with; `log` takes what scripts write to the log; `answers`
    makes the functions of the surroundings, by lower-case name, for the host it is given; `refused` are records that
    fail for what is known of them before, by their number; `clock` tells the time (UTC), the computer's without it;
    `judge` is the class that judges, for one who wants to watch. `policy` is what becomes of records that fail, one of
    ON_FAILURE, else what the transformation says; `strict` is its `stop`. `further` are the documents of the further
    sources by their names. `jobs` processes map parts of the input where that gives the same bytes and failures (0: one
    for each core), or the `workers` of a cluster do. Raises
    BadInput for a plan with errors, for input that cannot be read, for a failing rule outside the records, and with
    the policy `stop` for the first record that fails; Cancelled when `progress` is stopped.
    """
    _check_engine(engine)
    check_plan(plan)
    if engine == "columns":
        check_columns(plan)
    policy = "stop" if strict else policy or plan.on_failure
    _check_policy(policy)
    place_in(plan.target, output)
    outputs = _places(plan, outputs or {})
    if isinstance(failures, Path):
        keep_database(failures)
    piped = not isinstance(input, (Path, Address)) and not input.seekable()
    if plan.passes == "head" and (piped or plan.outputs or not isinstance(output, Path)):
        # What was written to a stream, or read from a pipe, is gone, should a node come later than it must.
        plan = replace(plan, passes="twice", watch=())
    started = time.perf_counter()
    given = _Given(
        input, output, engine, failures, policy, progress or Progress(), dict(variables or {}), log, answers,
        refused or {}, clock, judge, dict(further or {}), outputs,
    )  # fmt: skip
    if workers is None and jobs != 1:
        workers = cutting.processes(jobs)
    in_one = ""
    try:
        try:
            run, size = _run(plan, given) if workers is None else _run_in_parts(plan, given, workers)
        except partition.NotSplit as error:
            in_one = str(error)
            run, size = _run(plan, given)
    except LateNode:
        run, size = _run(replace(plan, passes="twice", watch=()), given)
    except ReaderGone:
        raise BrokenPipeError from None
    except BadInput as error:
        if not isinstance(error, RecordStopped):
            other_kind.tell(error, input, plan.source.format)
        raise
    return Stats(
        records_in=run.read,
        records_out=run.written,
        failed=run.failed,
        filtered=run.filtered,
        seconds=round(time.perf_counter() - started, 3),
        mb_in=round(size / 1e6, 3),
        peak_mb=peak_mb(),
        engine=run.engine,
        nulled=run.nulled,
        jobs=workers.count if workers is not None and isinstance(run, joining.Joined) else 1,
        worker_mb=run.worker_mb if workers is not None and isinstance(run, joining.Joined) else 0.0,
        in_one=in_one,
        targets=run.targets,
    )


@dataclass(frozen=True)
class _Given:
    """The arguments of transform()."""

    input: Path | BinaryIO | Address
    output: Path | BinaryIO | Address
    engine: str
    failures: Path | Callable[[Failure], object] | None
    policy: str
    progress: Progress
    variables: dict[str, Value]
    log: Callable[[str], object] | None
    answers: Answers | None
    refused: Mapping[int, Broken]
    clock: Callable[[], datetime] | None
    judge: type[Judge]
    further: dict[str, Path | BinaryIO | Address]
    outputs: dict[str, Place]


def _run_in_parts(plan: Plan, given: _Given, workers: Workers) -> tuple[Run, int]:
    """The run by several processes. Raises NotSplit where one has to do it."""
    if (
        given.answers
        or given.refused
        or given.further
        or given.outputs
        or given.clock
        or given.judge is not Judge
    ):
        raise partition.NotSplit(_("the run is given what cannot be passed to other processes"))
    if not isinstance(given.input, Path):
        raise partition.NotSplit(_("the input is no file"))
    if isinstance(given.output, Address) or isinstance(place_in(plan.target, given.output), Address):
        raise partition.NotSplit(_("the output is no file"))
    if given.engine == "columns":
        raise partition.NotSplit(_("the engine columns takes the input at once"))
    twice = again.Twice(given.output, given.failures)
    nulls = given.policy == "null-field"
    with (
        contextlib.suppress(joining.Unusable),
        cutting.cut(plan, given.input, given.output, workers, engine=given.engine, variables=given.variables, nulls=nulls) as parts,
    ):  # fmt: skip
        output, failures = twice.first()
        return _run(plan, replace(given, output=output, failures=failures), parts)
    # One process does what the parts could not, or ends with the right error at its place.
    output, failures = twice.rest()
    return _run(plan, replace(given, output=output, failures=failures))


def _run(plan: Plan, given: _Given, parts: Cut | None = None) -> tuple[Run, int]:
    with contextlib.ExitStack() as stack:
        name, stream, size = opened(given.input, stack, once=_once(plan, given))
        written = stack.enter_context(target(place_in(plan.target, given.output)))
        # After the output, so that the list is put in place before it.
        failures = _Failures(plan, given, stack)
        more = (
            FurtherSources(
                plan, given.further, stack, given.progress, later=given.engine in ("auto", "columns")
            )
            if plan.further or plan.lookups or given.further
            else None
        )
        targets = Targets(plan, given.outputs, stack) if plan.outputs or given.outputs else None
        settings = Settings(
            given.engine, given.policy == "stop", given.progress, failures.add, size, name, given.refused, given.judge,
            nulls=given.policy == "null-field",
        )  # fmt: skip

        def make(
            plan: Plan, written: BinaryIO, told: Callable[[Failure], object], taken: Nodes, again: bool
        ) -> Run:
            """The run into a further target."""
            mine = replace(settings, failed=told, taken=taken)
            world, sink = _world_and_sink(plan, given, written, stack, silent=again)
            run = Run(plan, _source(plan, given, stream, name), sink, world, mine, more)
            run.go()
            sink.finish()
            return run

        if targets is not None:
            targets.first(make, failures.add)
            told = targets.noting(plan, failures.add)
            settings = replace(settings, failed=told, taken=targets.nodes())
        world, sink = _world_and_sink(plan, given, written, stack)
        source = _source(plan, given, stream, name)
        if parts is not None:
            run: Run = parts.run(plan, source, sink, world, settings)
        else:
            run = Run(plan, source, sink, world, settings, more)
        try:
            run.go()
            sink.finish()
            if targets is not None:
                targets.finish(make)
                run.targets = targets.counts
            on_disk(written)
        except RecordStopped as error:
            if isinstance(given.input, Path) and targets is None:
                error.line = line_of(plan, error, stream, name, given.progress.check)
            raise
        except BrokenPipeError:
            # Whoever read the output has gone. What had failed by then is kept.
            failures.keep(stream, name)
            raise
        if failures.aside is not None:
            failures.aside.finish(stream, name, given.progress.check)
    if failures.aside is not None:
        failures.aside.settle()
    return run, size or came(stream)


def _world_and_sink(
    plan: Plan, given: _Given, written: BinaryIO, stack: contextlib.ExitStack, *, silent: bool = False
) -> tuple[World, Sink]:
    """What scripts ask of the run into one target, and what takes its records; `silent` writes nothing to the log."""
    log = (lambda _line: None) if silent else given.log
    world = World(plan.tables, dict(given.variables), progress=given.progress, log=log, clock=given.clock)
    sink = open_sink(plan.target, written, stack, world.now)
    if given.answers is not None:
        world.answers = given.answers(world)
    return world, sink


def _source(plan: Plan, given: _Given, stream: BinaryIO, name: str) -> Source:
    source = open_source(plan, stream, name)
    return Refusing(source, given.refused) if given.refused else source


def _once(plan: Plan, given: _Given) -> bool:
    """The input is read from its beginning a single time, also when records fail."""
    listed = given.policy != "stop" and not callable(given.failures)
    plain = plan.source.format in ("delimited", "lines", "json") and not plan.further and not plan.lookups
    plain = plain and not plan.outputs
    return plan.passes == "stream" and len(plan.tops) == 1 and plain and not (listed or given.refused)


class _Failures:
    """Where failures go: to who asked for each, else to a list; one that nobody asked for is made where there are any."""

    def __init__(self, plan: Plan, given: _Given, stack: contextlib.ExitStack) -> None:
        self._stack = stack = stack.enter_context(contextlib.ExitStack())
        self._tell = given.failures if not isinstance(given.failures, Path) else None
        self.aside: Aside | None = None
        if isinstance(given.failures, Path):
            self.aside = Aside(plan, given.failures, always=True, stack=stack)
        elif given.failures is None and isinstance(given.output, Path):
            self.aside = Aside(plan, beside(given.output), always=False, stack=stack)

    def add(self, failure: Failure) -> None:
        """Keep one."""
        if self._tell is not None:
            self._tell(failure)
        elif self.aside is not None:
            self.aside.add(failure)

    def keep(self, stream: BinaryIO, name: str) -> None:
        """Write the list of a run that ends early."""
        if self.aside is not None:
            self.aside.finish(stream, name, lambda: None)
            self._stack.close()
            self.aside.settle()


def _places(plan: Plan, outputs: Mapping[str, Place]) -> dict[str, Place]:
    """Where the further targets are written."""
    documents = {each.name: each.document for each in plan.outputs}
    return {
        name: place_in(documents[name], place) if name in documents else place
        for name, place in outputs.items()
    }


def _check_engine(engine: str) -> None:
    if engine not in ENGINES:
        raise BadInput(
            _("There is no engine {name}.").format(name=engine),
            next_step=_("Choose one of: {names}.").format(names=", ".join(ENGINES)),
        )


def _check_policy(name: str) -> None:
    if name not in ON_FAILURE:
        raise BadInput(
            _("There is no policy {name} for records that fail.").format(name=name),
            next_step=_("Choose one of: {names}.").format(names=", ".join(ON_FAILURE)),
        )


def check_plan(plan: Plan) -> None:
    """Raise BadInput for the first error of a plan."""
    for problem in plan.errors:
        raise BadInput(
            problem.message,
            file=problem.file,
            line=problem.line,
            column=problem.column,
            path=problem.path,
            next_step=problem.mend,
        )
