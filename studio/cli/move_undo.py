"""weft move undo: a move taken back, as a move of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, TextIO

import typer

from studio.base.i18n import _
from studio.cli import move_guard, move_options, move_show
from studio.cli.signed_in import say, signed_in, stoppable
from studio.moves import store
from studio.moves.carrying.run import Interrupted
from studio.moves.several import kept as sets
from studio.moves.undoing import undo as undoing
from studio.moves.undoing.undo import Undone, UndoPreview


def undo(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help=_("The move's name; the newest that can be undone when left out.")
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Only say what would be undone; write nothing."))
    ] = False,
    changed_too: Annotated[
        bool, typer.Option("--changed-too", help=_("Records too that were changed since the move."))
    ] = False,
    org: move_options.Org = "",
    yes_production: move_options.YesProduction = "",
    as_json: move_options.Json = False,
) -> int:
    """Put back what a move changed, delete what it created, bring back what it deleted; goes on when it was cut off."""
    name = run or undoing.latest()
    if sets.is_set(name):
        # It brings what sets need, which other undos do without.
        from studio.cli import move_several

        taken_back = move_several.undo(
            name, org, yes_production, only_say=dry_run, changed_too=changed_too, as_json=as_json
        )
        return asyncio.run(taken_back)
    record = store.record(name)
    version = str(record.facts.get("version", ""))

    async def work() -> int:
        with stoppable() as (stop, progress), move_show.bar() as listener:
            async with signed_in(org or record.move.org, Path(record.move.source), version) as opened:
                if dry_run:
                    found = await undoing.preview(name, opened, changed_too=changed_too, progress=progress)
                    show(found, as_json)
                    return 0
                try:
                    done = await undoing.undo(
                        name,
                        opened,
                        changed_too=changed_too,
                        listener=listener,
                        note=say,
                        confirm=move_guard.confirm(org or record.move.org, yes_production),
                        stop=stop,
                        progress=progress,
                    )
                except Interrupted as error:
                    move_show.summary(error.summary, as_json)
                    raise
        if as_json:
            print(json.dumps(done.to_data()))  # noqa: T201
            return done.exit_code
        show_done(done)
        return done.exit_code

    return asyncio.run(work())


def show_done(done: Undone) -> None:
    """The end of an undo on standard output."""
    if done.preview is not None:
        _lines(done.preview, sys.stderr)
    for step in done.steps:
        move_show.summary(step, False)


def show(found: UndoPreview, as_json: bool) -> None:
    """What an undo would do."""
    if as_json:
        print(json.dumps(found.to_data()))  # noqa: T201
        return
    _lines(found, sys.stdout)
    for text in found.notes:
        print(text, file=sys.stderr)  # noqa: T201


def _lines(found: UndoPreview, stream: TextIO) -> None:
    print(
        _("{run}: {action} {object}, {applied:,} records in {org}").format(
            run=found.run,
            action=found.action.value,
            object=found.object,
            applied=found.applied,
            org=found.org,
        ),
        file=stream,
    )
    figures = (
        (_("put back"), found.put_back),
        (_("deleted"), found.delete),
        (_("taken out of the recycle bin"), found.undelete),
        (_("created anew"), found.create),
        (_("changed since, included"), found.changed if found.changed_too else 0),
        (_("changed since, left alone"), 0 if found.changed_too else found.changed),
        (_("as before already"), found.as_before),
        (_("deleted since"), found.gone),
        (_("not kept as they were"), found.without),
        (_("undone before"), found.done),
    )
    for label, count in figures:
        if count:
            print(f"{count:>10,}  {label}", file=stream)
