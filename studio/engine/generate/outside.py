"""Values outside the records, read once by the judge for all records."""

from __future__ import annotations

from collections.abc import Iterator

from studio.base.i18n import _
from studio.engine.generate.lines import Declined
from studio.engine.interpret import Judge, filters
from studio.engine.items import Item
from studio.engine.live import Live
from studio.engine.plan import Expr, Read

Texts = str | None | list[str | None]


def texts(judge: Judge, read: Read, chain: tuple[str, ...]) -> Texts:
    """The text of a read outside the records at `chain`, or the texts of an array.

    Raises Declined where they depend on the record.
    """
    document = judge.frames[0]
    here = Live(_stand_in(document.item, read, chain)) if read.level else document
    judge.frames[1:] = [here] * max(read.level, _candidate_level(read) - 1, 0)
    try:
        return judge.texts(read)
    finally:
        judge.frames[1:] = []


def _stand_in(document: Item, read: Read, chain: tuple[str, ...]) -> Item:
    """A node from which the read's way up leads to the right parent of the records."""
    here = document
    for key in chain[: len(read.chain) - len(read.hops)]:
        here = here.first(key) or Item(key, here, "")
    for _level in range(read.up):
        here = Item("", here)
    return here


def _candidate_level(read: Read) -> int:
    """The number of the frame that a filter's candidate has; 0 without filters."""
    inside = [found for condition in filters(read) for found in _reads(condition)]
    if any(not found.outside for found in inside) or any(True for found in inside for _f in filters(found)):
        raise Declined(_("a condition outside the record depends on the record"))
    levels = {found.level for found in inside if found.level}
    if len(levels) > 1:
        raise Declined(_("a condition outside the record depends on the record"))
    return max(levels, default=0)


def _reads(condition: Expr) -> Iterator[Read]:
    return (read for _path, read in condition.reads)
