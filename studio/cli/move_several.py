"""weft move several: parents and children in one move, from files or from another org."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.cli import move_options, move_show, move_undo
from studio.cli.move_guard import confirm
from studio.cli.move_options import Json, YesProduction
from studio.cli.printable import printable
from studio.cli.signed_in import say, signed_in, stoppable
from studio.connectors.salesforce.describe import list_objects
from studio.connectors.salesforce.session import Org
from studio.engine.address import is_address
from studio.moves.model import Action, Api, Before, Blank, Duplicates, MoveState, Options, Standing
from studio.moves.places import settled
from studio.moves.several import kept, plan
from studio.moves.several import undo as undoing
from studio.moves.several.check import Judged, judge
from studio.moves.several.file import in_folder, object_of, read_plan, with_options
from studio.moves.several.model import Asked, Part, Rows, Set
from studio.moves.several.run import Listener, SetInterrupted, make, run
from studio.moves.several.run import retry as send_again

What = Annotated[
    list[str],
    typer.Argument(
        metavar="PLAN.yaml|FOLDER|FILE…|OBJECT…",
        help=_(
            "A plan, a folder of files called as their objects are, such files, OBJECT=FILE; or objects of the org --from names."
        ),
    ),
]


def register(group: typer.Typer) -> None:
    """Add the command to those of moves."""
    group.command("several", help=_("Load several objects, parents first, with their lookups kept."))(several)


def several(
    what: What,
    org: Annotated[str, typer.Option("--org", help=_("The org the records go to."))] = "",
    source_org: Annotated[
        str, typer.Option("--from", help=_("The org the records come from, instead of files."))
    ] = "",
    action: Annotated[
        list[str] | None, typer.Option(help=_("insert, update or upsert; OBJECT=ACTION for one object."))
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option(help=_("OBJECT=FIELD: upsert the object by this field."))
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help=_("OBJECT=CONDITION: only such records of the org they come from.")),
    ] = None,
    related: Annotated[
        list[str] | None,
        typer.Option(
            help=_("OBJECT=OTHER: only records that belong to the picked ones of the other object.")
        ),
    ] = None,
    only_plan: Annotated[bool, typer.Option("--plan", help=_("Print the plan and send nothing."))] = False,
    check: Annotated[
        bool, typer.Option("--check", help=_("Judge every row of every object and send nothing."))
    ] = False,
    blank: move_options.BlankOption = Blank.LEAVE,
    duplicates: move_options.DuplicatesOption = Duplicates.HOLD,
    hold: move_options.Hold = False,
    api: move_options.ApiOption = Api.AUTO,
    before: move_options.BeforeImage = Before.AUTO,
    first: Annotated[
        int,
        typer.Option(
            help=_("Send so many rows of each object for a trial; weft move resume goes on with the rest."),
            min=0,
        ),
    ] = 0,
    chunk_rows: move_options.ChunkRows = 0,
    parallel: move_options.Parallel = 3,
    results: move_options.Results = None,
    again: Annotated[bool, typer.Option("--again", help=_("Insert rows that were inserted before."))] = False,
    yes_production: YesProduction = "",
    as_json: Json = False,
) -> int:
    """Load the objects in the order their lookups ask for; a lookup that must wait is filled in a second pass."""
    options = Options(
        blank,
        duplicates,
        hold=hold,
        chunk_rows=chunk_rows,
        parallel=parallel,
        api=api,
        before=before,
        first=first,
    )
    asked = _asked(what, source_org)
    asked = replace(
        asked, org=org or asked.org, source_org=source_org or asked.source_org, options=options,
        results=str(results.absolute()) if results else "", again=again,
    )  # fmt: skip
    if not asked.org:
        raise BadInput(
            _("No org was named."),
            next_step=_("Give one with --org; --org practice is the practice org on this computer."),
        )
    _check_sources(asked)
    asked = replace(asked, parts=tuple(_placed(part) for part in asked.parts))
    changes = (
        _pairs(action, "--action"),
        _pairs(key, "--key"),
        _pairs(where, "--where"),
        _pairs(related, "--related"),
    )
    return asyncio.run(_several(asked, changes, only_plan, check, yes_production, as_json))


async def _several(
    asked: Asked, changes: Sequence[dict[str, str]], only_plan: bool, check: bool, yes: str, as_json: bool
) -> int:
    actions, keys, wheres, related = changes
    with stoppable() as (stop, progress):
        async with signed_in(asked.org, Path.cwd()) as org, _from(asked) as source:
            asked = await _named(asked, org)
            asked = with_options(
                asked, {name: _action(text) for name, text in actions.items()}, keys, wheres, related
            )
            if check or only_plan:
                return await _judged(asked, org, source, progress, only_plan, as_json)
            made = await make(
                asked, org, source, note=say, confirm=confirm(asked.org, yes), progress=progress
            )
            for line in plan.lines(made):
                say(line)
            work = partial(run, made.run, org, source, confirm=confirm("", ""), stop=stop, progress=progress)
            return await _carried(work, as_json)


async def _judged(
    asked: Asked, org: Org, source: Org | None, progress: Progress, only_plan: bool, as_json: bool
) -> int:
    found = await judge(asked, org, source, rows=not only_plan, note=say, progress=progress)
    if as_json:
        print(json.dumps(found.to_data()))  # noqa: T201
        return found.exit_code
    for line in found.lines:
        print(line)  # noqa: T201
    for one in found.parts:
        _show_judged(one)
    return found.exit_code


def _show_judged(one: Judged) -> None:
    print()  # noqa: T201
    print(one.object)  # noqa: T201
    move_show.report(one.report, one.held, as_json=False)


async def _carried(work: Callable[..., Awaitable[Set]], as_json: bool) -> int:
    with move_show.bar() as bar:
        try:
            found = await work(listener=_listener(bar), note=say)
        except SetInterrupted as error:
            show(error.found, as_json)
            raise
    show(found, as_json)
    return found.exit_code


def _listener(bar: Callable[[Standing], object]) -> Listener:
    def listen(_found: Set, _at: int, standing: Standing) -> None:
        bar(standing)

    return listen


async def resume(name: str, given: str, as_json: bool) -> int:
    """Go on with a set from wherever it is."""
    found = kept.load(name)
    asked = found.asked
    with stoppable() as (stop, progress):
        async with signed_in(given or asked.org, Path.cwd(), found.version) as org, _from(asked) as source:
            work = partial(run, found.run, org, source, confirm=confirm("", ""), stop=stop, progress=progress)
            return await _carried(work, as_json)


async def retry(name: str, given: str, as_json: bool) -> int:
    """Send the rows of a set once more that did not succeed."""
    found = kept.load(name)
    if found.state is MoveState.DONE and found.counts.succeeded == found.counts.total:
        say(_("No row failed: there is nothing to send again."))
        return 0
    with stoppable() as (stop, progress):
        async with signed_in(given or found.asked.org, Path.cwd(), found.version) as org:
            work = partial(send_again, found.run, org, stop=stop, progress=progress)
            return await _carried(work, as_json)


async def undo(name: str, given: str, yes: str, *, only_say: bool, changed_too: bool, as_json: bool) -> int:
    """Take a set back, or with `only_say` print what that would do."""
    found = kept.load(name)
    with stoppable() as (stop, progress), move_show.bar() as bar:
        async with signed_in(given or found.asked.org, Path.cwd(), found.version) as org:
            if only_say:
                seen = await undoing.preview(name, org, changed_too=changed_too, progress=progress)
                if as_json:
                    print(json.dumps({"undo_of": found.run, "moves": [one.to_data() for one in seen]}))  # noqa: T201
                for one in seen if not as_json else ():
                    move_undo.show(one, as_json=False)
                return 0
            done = await undoing.undo(
                name,
                org,
                changed_too=changed_too,
                listener=bar,
                note=say,
                confirm=confirm(given or found.asked.org, yes),
                stop=stop,
                progress=progress,
            )
    if as_json:
        print(json.dumps(done.to_data()))  # noqa: T201
        return done.exit_code
    for move in done.moves:
        move_undo.show_done(move)
    return done.exit_code


def show(found: Set, as_json: bool) -> None:
    """The end of a set on standard output."""
    if as_json:
        print(json.dumps(found.summary()))  # noqa: T201
        return
    heads = (_("Succeeded"), _("Failed"), _("Unprocessed"), _("Not sent"))
    print(f"{'':<32}" + "".join(f"{head:>12}" for head in heads))  # noqa: T201
    for number, step in enumerate(found.steps, 1):
        name = found.bound[step.part].object
        name = _("{object}, second pass").format(object=name) if step.second else name
        name = _("{object}, again").format(object=name) if step.rows is Rows.LEFT else name
        counts = step.counts
        figures = (counts.succeeded, counts.failed, counts.unprocessed, counts.not_sent)
        print(f"{number:>2} {name:<29}" + "".join(f"{one:>12,}" for one in figures) + f"  {step.run}")  # noqa: T201
    for step in found.steps:
        said = list(move_show.reasons(step.counts.failed, step.files))
        for text in (f"{found.bound[step.part].object}:", *said) if said else ():
            say(printable(text))
    for text in found.notes:
        say(text)
    print(_("{run}: {state}.").format(run=found.run, state=kept.seen(found).value))  # noqa: T201


def status(run_name: str, as_json: bool) -> int:
    """Print how far one set is."""
    found = kept.load(run_name)
    show(replace(found, state=kept.seen(found)), as_json)
    return 0


@contextlib.asynccontextmanager
async def _from(asked: Asked) -> AsyncIterator[Org | None]:
    if not asked.source_org:
        yield None
        return
    async with signed_in(asked.source_org, Path.cwd()) as org:
        yield org


def _asked(what: Sequence[str], source_org: str) -> Asked:
    first = Path(what[0])
    if len(what) == 1 and first.suffix.lower() in (".yaml", ".yml"):
        return read_plan(first)
    if len(what) == 1 and first.is_dir():
        return Asked(tuple(Part("", str(path)) for path in in_folder(first)))
    if source_org:
        return Asked(tuple(Part(name) for name in what))
    parts = []
    for text in what:
        name, mark, source = text.partition("=")
        parts.append(Part(name, source) if mark and not is_address(text) else Part("", text))
    return Asked(tuple(parts))


def _check_sources(asked: Asked) -> None:
    for part in asked.parts:
        name = part.object or Path(part.source).name
        if asked.source_org and part.source:
            raise BadInput(
                _("{object} has a file, and the records are to come from an org.").format(object=name),
                next_step=_("Leave the file or --from out."),
            )
        if not asked.source_org and not part.source:
            raise BadInput(
                _("{object} has no source.").format(object=name),
                next_step=_("Give it a file, or an org with --from."),
            )


def _placed(part: Part) -> Part:
    return part if not part.source else replace(part, source=settled(part.source, Path.cwd()))


async def _named(asked: Asked, org: Org) -> Asked:
    """The plan with the objects that files are called after."""
    if all(part.object for part in asked.parts):
        return asked
    objects = await list_objects(org)
    return replace(
        asked,
        parts=tuple(
            part if part.object else replace(part, object=object_of(Path(part.source), objects))
            for part in asked.parts
        ),
    )


def _pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    """OBJECT=TEXT by object in lower case; a text alone is for all, where that makes sense."""
    found: dict[str, str] = {}
    for text in texts or ():
        name, mark, value = text.partition("=")
        if mark and value.strip() and name.strip():
            found[name.strip().lower()] = value.strip()
        elif not mark and option in ("--action", "--key"):
            found[""] = text.strip()
        else:
            raise BadInput(
                _("{option} {text} does not say for which object it is.").format(option=option, text=text),
                next_step=_("Write it like this: {example}").format(example=f"{option} Account=…"),
            )
    return found


def _action(text: str) -> Action:
    try:
        return Action(text)
    except ValueError:
        raise BadInput(
            _("{name} is nothing that can be done with several objects.").format(name=text),
            next_step=_("Choose one of: {names}.").format(names="insert, update, upsert"),
        ) from None
