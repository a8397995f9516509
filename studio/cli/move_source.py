"""The source of a move as the command line names it: a file or a database, and which sheet, table or query of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base.lazily import Lazily
from studio.base.progress import Progress
from studio.engine.address import Address
from studio.moves import store
from studio.moves.load import Bringer, Request, brought
from studio.moves.places import Connected, Place, place_of
from studio.moves.rows.plan import discard, preparing_folder

if TYPE_CHECKING:
    from studio.moves.desks import desk_export
    from studio.moves.exports.export import Export
else:
    desk_export = Lazily("studio.moves.desks.desk_export")


def export_of(soql: str, target: str, org: str, table: str, replace: bool, style: str = "") -> Export:
    """The export asked for; raises BadInput for a target that cannot be written, before an org is troubled."""
    asked = {"soql": soql, "target": target, "table": table, "replace": replace, "style": style}
    return desk_export.target_of(asked, org)[0]


def source_of(text: str) -> Place:
    """The place an argument names."""
    return place_of(text)


def near(place: Place) -> Path:
    """Where a project that knows the org's name is looked for."""
    if isinstance(place, Connected):
        return place.project
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
