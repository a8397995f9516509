"""What each kind of activity does: read, transform, write, script."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

from studio.agent.documents import delivered, document_path, fetched
from studio.agent.run import Counts
from studio.agent.runner import Perform, Running
from studio.agent.salesforce import run_move, write_records
from studio.base.errors import BadInput, NotHere, Problem, TooLarge
from studio.base.i18n import _, decimal
from studio.base.progress import Progress, Step
from studio.engine.checked import transform_checked
from studio.engine.compile import compile_plan
from studio.engine.failures import ENDINGS, beside, records_beside
from studio.engine.plan import Plan
from studio.engine.world import World
from studio.mapping.model import Transformation
from studio.project.commit import inside
from studio.project.further import further_documents
from studio.project.layout import file_of
from studio.project.model import Activity
from studio.project.schemas import Schemas
from studio.project.tables import Tables
from studio.script.called import CalledScripts
from studio.script.javascript.run import run_javascript
from studio.script.javascript.source import is_javascript
from studio.script.parse import parse
from studio.script.tree import Value
from studio.script.warming import Warming


def read(running: Running, activity: Activity) -> None:
    """Take a document from a connection: a file is used where it lies."""
    connection = running.connection(activity)
    if connection.kind != "files":
        raise NotHere(
            _("Reading from a connection of kind {kind} comes with a later version.").format(
                kind=connection.kind
            ),
            next_step=_("Read from files for now, or export with weft move export."),
        )
    running.document = fetched(document_path(activity, connection, running.folder))
    running.log(_("Reading {file}.").format(file=running.document.name))


def transform_document(running: Running, activity: Activity) -> None:
    """Run a transformation over the document at hand."""
    transformation = running.project.transformations.get(activity.ref)
    if transformation is None:
        raise BadInput(
            _("There is no transformation called {name}.").format(name=activity.ref or "?"),
            next_step=_("Choose one of the project's transformations in the operation."),
        )
    source = running.need_document(activity)
    plan = plan_of(running.folder, transformation)
    target = running.new_file(ENDINGS.get(plan.target.format, ".txt"))
    outputs = _outputs(running, activity, plan)
    misfits: list[Problem] = []
    stats = transform_checked(
        plan,
        transformation,
        running.folder,
        source,
        target,
        told=misfits.append,
        progress=Progress(_quarterly(running), running.progress.flag),
        variables=variables_of(running, {"jitterbit.transformation.name": activity.ref}),
        log=running.log,
        answers=lambda world: CalledScripts(world, running.project).answers(),
        further=_further(running, activity, transformation),
        outputs=outputs,
    )
    for name, file in outputs.items():
        running.file(file, _("further target {name}").format(name=name))
    _tell_failures(running, beside(target), plan.source.format)
    running.done(Counts(stats.records_in, 0, stats.failed, stats.filtered))
    if misfits:
        running.file(target, _("made, but does not fit its schema"))
        raise _unfit(misfits, target)
    running.document, running.records = target, stats.records_out
    running.log(
        _("{read} records: {out} written, {failed} failed, {filtered} left out, in {seconds} s.").format(
            read=stats.records_in,
            out=stats.records_out,
            failed=stats.failed,
            filtered=stats.filtered,
            seconds=decimal(stats.seconds),
        )
    )


def _further(running: Running, activity: Activity, transformation: Transformation) -> dict[str, Path]:
    """The documents of the further sources: those the activity names under `inputs`, else those the project holds."""
    given = activity.settings.get("inputs")
    if given is not None and not isinstance(given, Mapping):
        raise BadInput(
            _("The inputs of {name} are not a file for each further source.").format(name=activity.ref),
            next_step=_("Write the name of each source and its file under inputs."),
        )
    named = {str(name): inside(running.folder, str(file)) for name, file in (given or {}).items()}
    found = further_documents(running.folder, transformation, named)
    for name, file in found.items():
        running.log(_("The further source {name} is read from {file}.").format(name=name, file=file.name))
    return found


def _outputs(running: Running, activity: Activity, plan: Plan) -> dict[str, Path]:
    """Where the further targets go: the files the activity names under `outputs`, else files of the run."""
    given = activity.settings.get("outputs")
    named = given if isinstance(given, Mapping) else {}
    found = {str(name): inside(running.folder, str(file)) for name, file in named.items()}
    for each in plan.outputs:
        if each.name not in found:
            found[each.name] = running.new_file(f".{each.name}{ENDINGS.get(each.document.format, '.txt')}")
    return found


def _unfit(misfits: list[Problem], made: Path) -> BadInput:
    """What was made does not fit its schema, so it is not passed on; it stays where it was made, to be looked at."""
    first = misfits[0]
    message = _(
        "What the transformation made does not fit its schema; problems: {count}. The first: {reason}"
    )
    if first.record is not None:
        message = _(
            "What the transformation made does not fit its schema; problems: {count}. The first, in record {record} of those written: {reason}"
        )
    return BadInput(
        message.format(count=len(misfits), reason=first.message, record=first.record),
        file=made,
        line=first.line,
        path=first.path,
        next_step=_(
            "Correct the map, or the schema; nothing was passed on. What was made can be looked at in this file."
        ),
    )


def variables_of(running: Running, more: Mapping[str, Value] | None = None) -> dict[str, Value]:
    """The globals a run begins with: the project's, what the system tells, those of the request above all."""
    told: dict[str, Value] = {
        "jitterbit.operation.name": running.request.operation,
        "jitterbit.operation.guid": running.request.id,
    }
    return {**running.project.variables, **told, **(more or {}), **running.request.variables}


def write(running: Running, activity: Activity) -> None:
    """Give the document at hand to a connection."""
    connection = running.connection(activity)
    if connection.kind == "salesforce":
        write_records(running, activity, connection)
        return
    if connection.kind != "files":
        raise NotHere(
            _("Writing to a connection of kind {kind} comes with a later version.").format(
                kind=connection.kind
            ),
            next_step=_("Write to files or to Salesforce for now."),
        )
    target = document_path(activity, connection, running.folder)
    delivered(running.need_document(activity), target)
    running.file(target, _("written"))
    running.done(Counts(written=running.records))


def script(running: Running, activity: Activity) -> None:
    """Run a script of the project; what it sets is not kept beyond the run."""
    ref = running.project.script_ref(activity.ref)
    if ref is None:
        raise BadInput(
            _("There is no script called {name}.").format(name=activity.ref or "?"),
            next_step=_("Choose one of the project's scripts in the operation."),
        )
    text, file = running.project.scripts[ref], file_of(f"scripts/{ref}")
    if len(text) > 1_000_000:
        raise TooLarge(_("The script {name} is too long to run.").format(name=activity.ref))
    world = World(
        Tables(running.folder),
        variables_of(running),
        progress=running.progress,
        log=running.log,
    )
    world.answers = CalledScripts(world, running.project).answers()
    if is_javascript(text, ref):
        run_javascript(text, world, file=file)
    else:
        Warming(parse(text, file=file)).run(world)


PERFORMERS: dict[str, Perform] = {
    "read": read,
    "transform": transform_document,
    "write": write,
    "script": script,
    "move": run_move,
}


def plan_of(folder: Path, transformation: Transformation) -> Plan:
    """The transformation compiled with the project's schemas and tables; raises BadInput for the first error."""
    schemas = Schemas(folder)
    return compile_plan(
        transformation, schemas.get(transformation.source), schemas.get(transformation.target), Tables(folder),
        further=schemas.more(transformation),
    )  # fmt: skip


def _tell_failures(running: Running, file: Path, format: str, shown: int = 20) -> None:
    """Name the list of failed records and the document of them, and log the first."""
    if not file.is_file():
        return
    with file.open(encoding="utf-8", newline="") as lines:
        for row in islice(csv.DictReader(lines), shown):
            message = _("Record {number}, {path}: {reason}")
            if row["outcome"] == "null-field":
                message = _("Record {number}, {path} left without a value: {reason}")
            text = message.format(number=row["record"], path=row["path"], reason=row["reason"])
            running.log(text, "warning")
    running.file(file, _("failed records"))
    records = records_beside(file, format)
    if records.is_file():
        running.file(records, _("failed records, to run again"))


def _quarterly(running: Running) -> Callable[[Step], None]:
    """A progress listener that passes on at most four steps a second."""
    last = 0.0

    def listen(step: Step) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= 0.25:
            last = now
            running.share(step.done / step.total if step.total else None)

    return listen
