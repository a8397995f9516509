"""The source of a move as the command line names it: a file or a database, and which sheet, table or query of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from studio.base.i18n import _
from studio.base.progress import Progress
from studio.engine.address import Address, place_of
from studio.moves import store
from studio.moves.desk_export import target_of
from studio.moves.export import Export
from studio.moves.load import Bringer, Request, brought
from studio.moves.plan import discard, preparing_folder
from studio.moves.sources.kinds import Place

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help=_(
            "A delimited file whose first line names its columns, a workbook (.xlsx), JSON (lines or an array), a Parquet file, any of them packed (.gz), or a database."
        ),
    ),
]
Sheet = Annotated[str, typer.Option(help=_("The workbook's sheet; the first with cells when left out."))]
HeaderRow = Annotated[
    int, typer.Option(help=_("The row of the sheet that names its columns; 0 finds it."), min=0)
]
TableName = Annotated[str, typer.Option("--table", help=_("The database's table or view."))]
Query = Annotated[str, typer.Option(help=_("A query of the database, whose rows are read."))]
Encoding = Annotated[str, typer.Option(help=_("The file's encoding, when it is not recognised."))]
Delimiter = Annotated[str, typer.Option(help=_("The file's delimiter, when it is not recognised."))]
Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help=_("The file to write (.csv, .xlsx, .jsonl, .parquet, .db), or the address of a database."),
    ),
]
TargetTable = Annotated[
    str, typer.Option("--table", help=_("The table or sheet to write; the object's name when left out."))
]
Replace = Annotated[bool, typer.Option("--replace", help=_("Replace a table that is there."))]


def export_of(soql: str, target: str, org: str, table: str, replace: bool) -> Export:
    """The export asked for; raises BadInput for a target that cannot be written, before an org is troubled."""
    asked = {"soql": soql, "target": target, "table": table, "replace": replace}
    return target_of(asked, org)[0]


def source_of(text: str) -> Place:
    """The place an argument names."""
    return place_of(text)


def near(place: Place) -> Path:
    """Where a project that knows the org's name is looked for."""
    return Path.cwd() if isinstance(place, Address) else place.absolute()


@contextmanager
def at_hand(request: Request, progress: Progress) -> Iterator[Bringer]:
    """The rows read before an org is troubled with a source that is wrong; a copy of them lasts as long as the block."""
    folder = preparing_folder(store.folder())
    try:
        rows = brought(request, folder, progress)
        yield lambda _request, _folder, _progress: rows
    finally:
        discard(folder)
