"""weft move: one-shot Salesforce loads and exports."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from studio.base.i18n import _
from studio.cli import (
    move_again,
    move_formats,
    move_incremental,
    move_map,
    move_options,
    move_several,
    move_show,
    move_source,
    move_undo,
    moving,
)
from studio.cli.signed_in import say, signed_in, stoppable
from studio.moves import load as loading
from studio.moves import store
from studio.moves.carrying.run import Interrupted
from studio.moves.exports import export as exporting
from studio.moves.model import Action, Api, Before, Blank, Duplicates, Options
from studio.moves.several import kept as sets
from studio.moves.sources.kinds import Pick

Org = move_options.Org
Json = move_options.Json


def register(app: typer.Typer) -> None:
    """Add the verb."""
    group = typer.Typer(help=_("One-shot Salesforce loads and exports."), no_args_is_help=True)
    helps = {
        Action.INSERT: _("Create a record for each row."),
        Action.UPDATE: _("Change the records that the rows' Id names."),
        Action.UPSERT: _("Change the records found by a key, create the others."),
        Action.DELETE: _("Delete the records that the rows' Id names."),
        Action.HARD_DELETE: _("Delete the records that the rows' Id names for good, past the recycle bin."),
        Action.UNDELETE: _("Take the records that the rows' Id names out of the recycle bin."),
    }
    for action in Action:
        group.command(action.value, help=helps[action])(_loader(action))
    group.command(
        "map", help=_("Show which column goes to which field and why; write it as a .sdl field map.")
    )(move_map.field_map)
    group.command("check", help=_("Judge every row against the object without sending anything."))(check)
    group.command("export", help=_("Write the answer of a query into a file or a database."))(export)
    move_several.register(group)
    group.command("resume", help=_("Go on with a move that was cut off or stopped."))(resume)
    move_again.register(group, moving.load)
    group.command("undo", help=_("Take a move back: a move of its own, with a preview (--dry-run)."))(
        move_undo.undo
    )
    group.command("status", help=_("The moves on this computer, or one of them."))(status)
    app.add_typer(group, name="move")


def _loader(action: Action) -> Any:
    def command(
        object_name: move_options.Object,
        source: move_options.Source,
        key: move_options.Key = "",
        map_file: move_options.MapFile = None,
        org: Org = "",
        blank: move_options.BlankOption = Blank.LEAVE,
        duplicates: move_options.DuplicatesOption = Duplicates.HOLD,
        empty_keys: Annotated[
            bool, typer.Option("--empty-keys", help=_("Insert rows whose key is empty."))
        ] = False,
        hold: move_options.Hold = False,
        api: move_options.ApiOption = Api.AUTO,
        before_image: move_options.BeforeImage = Before.AUTO,
        first: Annotated[
            int,
            typer.Option(
                help=_("Send so many rows for a trial; weft move resume goes on with the rest."), min=0
            ),
        ] = 0,
        look_up: move_options.LookUp = False,
        cut: move_options.Cut = False,
        correlate: move_options.Correlate = "",
        save_duplicates: move_options.SaveDuplicates = False,
        assignment: move_options.Assignment = "",
        all_or_none: move_options.AllOrNone = False,
        dry_run: Annotated[
            bool,
            typer.Option(
                "--dry-run",
                help=_("Say what would happen and write nothing; exit code 1 when rows would fail."),
            ),
        ] = False,
        chunk_rows: move_options.ChunkRows = 0,
        parallel: move_options.Parallel = 3,
        encoding: move_options.Encoding = "",
        delimiter: move_options.Delimiter = "",
        sheet: move_options.Sheet = "",
        header_row: move_options.HeaderRow = 0,
        no_header: move_options.NoHeader = False,
        table: move_options.TableName = "",
        query: move_options.Query = "",
        zone: move_options.Zone = "",
        date_format: move_options.DateFormat = None,
        number_format: move_options.NumberFormat = None,
        fix: move_options.Fixes = None,
        sets: move_options.Sets = None,
        results: move_options.Results = None,
        again: Annotated[
            bool, typer.Option("--again", help=_("Insert a file that was inserted before."))
        ] = False,
        yes_production: move_options.YesProduction = "",
        save_as: move_options.SaveAs = None,
        as_json: Json = False,
    ) -> int:
        options = Options(
            blank=blank,
            duplicates=duplicates,
            empty_keys=empty_keys,
            hold=hold or look_up,
            chunk_rows=chunk_rows,
            parallel=parallel,
            api=api,
            before=before_image,
            first=first,
            cut=cut,
            correlate=correlate,
            save_duplicates=save_duplicates,
            assignment=moving.assignment(assignment),
            all_or_none=all_or_none,
        )
        return moving.load_rows(
            action,
            object_name,
            source,
            key=key,
            org=org,
            map_file=map_file,
            encoding=encoding,
            delimiter=delimiter,
            pick=Pick(sheet, header_row, table, query, bare=no_header),
            formats=move_formats.formats(zone, date_format, number_format),
            fixes=tuple(fix or ()),
            sets=tuple(sets or ()),
            options=options,
            results=results,
            again=again,
            look_up=look_up,
            try_out=dry_run,
            as_json=as_json,
            yes_production=yes_production,
            save_as=save_as,
        )

    command.__doc__ = f"{action.value} rows."
    return command


def check(
    action: Annotated[Action, typer.Argument(metavar="ACTION", help=_("insert, update, upsert, delete …"))],
    object_name: move_options.Object,
    source: move_options.Source,
    key: move_options.Key = "",
    map_file: move_options.MapFile = None,
    org: Org = "",
    encoding: move_options.Encoding = "",
    delimiter: move_options.Delimiter = "",
    sheet: move_options.Sheet = "",
    header_row: move_options.HeaderRow = 0,
    no_header: move_options.NoHeader = False,
    table: move_options.TableName = "",
    query: move_options.Query = "",
    zone: move_options.Zone = "",
    date_format: move_options.DateFormat = None,
    number_format: move_options.NumberFormat = None,
    fix: move_options.Fixes = None,
    sets: move_options.Sets = None,
    blank: move_options.BlankOption = Blank.LEAVE,
    show: Annotated[
        bool,
        typer.Option("--show", help=_("The first rows as Salesforce will hold them, instead of a check.")),
    ] = False,
    look_up: move_options.LookUp = False,
    as_json: Json = False,
) -> int:
    """Print what each field's check found; exit code 1 when a row would fail."""
    request = loading.Request(
        action,
        object_name,
        move_source.source_of(source),
        key=key,
        org=moving.org_of(org),
        map_file=map_file,
        encoding=encoding,
        delimiter=moving.delimiter_of(delimiter),
        pick=Pick(sheet, header_row, table, query, bare=no_header),
        formats=move_formats.formats(zone, date_format, number_format),
        fixes=tuple(fix or ()),
        compute=moving.compute(sets or (), map_file),
        options=Options(blank=blank),
        look_up=look_up,
    )

    async def judge() -> int:
        with stoppable() as (_stop, progress), move_source.at_hand(request, progress) as bringer:
            async with signed_in(request.org, move_source.near(request.source)) as opened:
                if show:
                    seen = await loading.show(
                        request,
                        opened,
                        mapper=moving.mapper(map_file),
                        bringer=bringer,
                        note=say,
                        progress=progress,
                    )
                    move_formats.show(seen, as_json)
                    return 0
                found = await loading.check(
                    request,
                    opened,
                    mapper=moving.mapper(map_file),
                    bringer=bringer,
                    note=say,
                    progress=progress,
                )
        if found.cost.values and not look_up:
            say(_("With --look-up: {what}").format(what=found.cost.said))
        move_show.report(found.report, found.held, as_json)
        return 1 if found.held else 0

    return asyncio.run(judge())


def export(
    soql: Annotated[str, typer.Argument(metavar="SOQL", help=_("The query."))],
    target: move_options.Target,
    org: Org = "",
    deleted_too: Annotated[bool, typer.Option("--all", help=_("Deleted and archived records too."))] = False,
    table: move_options.TargetTable = "",
    replace_table: move_options.Replace = False,
    style: move_options.Style = "",
    incremental: move_options.Incremental = False,
    as_json: Json = False,
) -> int:
    """Write the answer of a query; the target appears when it is complete."""
    return moving.export_rows(
        soql,
        target,
        org=org,
        deleted_too=deleted_too,
        table=table,
        replace_table=replace_table,
        incremental=incremental,
        style=style,
        as_json=as_json,
    )


def resume(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help=_("The move's name; the newest that can go on when left out.")),
    ] = "",
    org: Org = "",
    as_json: Json = False,
) -> int:
    """Go on with a move: the org is asked what it did; nothing that may have been applied is sent twice."""
    name = run or sets.latest()
    if sets.is_set(name):
        return asyncio.run(move_several.resume(name, org, as_json))
    folder = store.move_folder(name)
    return asyncio.run(_resume(name, folder, org, as_json))


async def _resume(name: str, folder: Path, given: str, as_json: bool) -> int:
    if exporting.is_export(folder):
        asked = exporting.load(folder)
        if asked.finished and not move_incremental.left(folder):
            _say_finished(name)
            move_show.exported(exporting.summary(folder, asked), as_json)
            return 0
        async with signed_in(given or asked.org, Path.cwd(), asked.version) as org:
            if asked.mark:
                return await move_incremental.carry(folder, org, "", as_json)
            done = await exporting.run(folder, org)
        move_show.exported(done, as_json)
        return 0
    if (ended := store.ended(name)) is not None:
        _say_finished(name)
        move_show.summary(ended, as_json)
        return 0
    record = store.record(name)
    near = Path(record.move.source)
    with stoppable() as (stop, _progress), move_show.bar() as listener:
        async with signed_in(given or record.move.org, near, str(record.facts.get("version", ""))) as org:
            try:
                summary = await loading.resume(name, org, listener=listener, stop=stop)
            except Interrupted as error:
                move_show.summary(error.summary, as_json)
                raise
    move_show.summary(summary, as_json)
    return summary.exit_code


def _say_finished(run: str) -> None:
    say(_("{run} is finished: there is nothing left to do.").format(run=run.upper()))


def status(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help=_("A move's name; all of them when left out."))
    ] = "",
    as_json: Json = False,
) -> int:
    """Print how far moves are; nothing is asked of any org."""
    return moving.moves(run, as_json)
