"""weft move map: which column goes to which field and why; the map as a .sdl file for Data Loader."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.cli import move_options, move_source
from studio.cli.signed_in import say, signed_in, stoppable
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import ObjectFacts, describe
from studio.moves.load import Request
from studio.moves.maps.automap import Match, automap
from studio.moves.maps.meant import samples_of
from studio.moves.maps.sdl import read_sdl, sdl_text
from studio.moves.model import Action, FieldMap
from studio.moves.sources.kinds import Pick


def field_map(
    object_name: move_options.Object,
    source: move_options.Source,
    action: Annotated[Action, typer.Option(help=_("What the map is for."))] = Action.UPSERT,
    key: move_options.Key = "",
    map_file: Annotated[
        Path | None, typer.Option("--map", help=_("A .sdl field map to show instead of one found by itself."))
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help=_("The .sdl file to write."))] = None,
    org: move_options.Org = "practice",
    encoding: move_options.Encoding = "",
    delimiter: move_options.Delimiter = "",
    sheet: move_options.Sheet = "",
    header_row: move_options.HeaderRow = 0,
    no_header: move_options.NoHeader = False,
    table: move_options.TableName = "",
    query: move_options.Query = "",
    as_json: move_options.Json = False,
) -> int:
    """Print each column's field and the reason; exit code 1 when a column goes nowhere."""
    if map_file is not None and map_file.suffix.lower() != ".sdl":
        raise BadInput(
            _("Only a .sdl field map can be shown."), file=map_file, next_step=_("Open others in the canvas.")
        )
    request = Request(
        action,
        object_name,
        move_source.source_of(source),
        key=key,
        org=org,
        map_file=map_file,
        encoding=encoding,
        delimiter=delimiter,
        pick=Pick(sheet, header_row, table, query, bare=no_header),
    )
    return asyncio.run(_map(request, out, as_json))


async def _map(request: Request, out: Path | None, as_json: bool) -> int:
    with stoppable() as (_stop, progress), move_source.at_hand(request, progress) as bringer:
        source = bringer(request, Path(), progress).file
        header = source.header
        async with signed_in(request.org, move_source.near(request.source)) as org:
            facts = await describe(org, request.object)
        found, reasons, weak = _found(request, source, facts)
    sent = {entry.column for entry in found.entries}
    unsent = [name for name in header if name not in sent]
    if out is not None:
        title = _("{object}, made of {source}").format(object=facts.name, source=request.place)
        atomic.write_bytes(out, sdl_text(found, title).encode("ascii"))
        say(_("Written: {file}.").format(file=out))
    if as_json:
        rows = [
            {"column": e.column, "constant": e.constant, "field": e.field, "why": reasons.get(e.field, "")}
            for e in found.entries
        ]
        maybe = [{"column": m.column, "field": m.field, "why": m.why.shown} for m in weak.values()]
        print(json.dumps({"map": rows, "not_sent": unsent, "proposed": maybe}))  # noqa: T201
        return 1 if unsent else 0
    for entry in found.entries:
        value = entry.column if entry.constant is None else f'"{entry.constant}"'
        why = reasons.get(entry.field, "")
        print(f"{value:<32} -> {entry.field:<32} {why}".rstrip())  # noqa: T201
    for name in unsent:
        maybe_text = weak[name].maybe if name in weak else ""
        print(f"{name:<32} -> {_('(not sent)'):<32} {maybe_text}".rstrip())  # noqa: T201
    return 1 if unsent else 0


def _found(
    request: Request, source: DelimitedFile, facts: ObjectFacts
) -> tuple[FieldMap, dict[str, str], dict[str, Match]]:
    if request.map_file is not None:
        return read_sdl(request.map_file, source.header, facts), {}, {}
    found = automap(source.header, facts, request.action, request.key, samples_of(source))
    weak = {match.column: match for match in found.proposed}
    return found.map, {match.field: match.why.shown for match in found.matches}, weak
