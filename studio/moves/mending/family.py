"""A move and those that sent its failed rows again: whose rows are whose, and the figures of all of them together.

What a row is called is its number in the source of the first move, however often it is sent again.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.rows import encode
from studio.moves import store
from studio.moves.carrying.parts import OUR_COLUMNS, ROW, Kind, row_numbers, source_columns
from studio.moves.model import Counts, FieldMap
from studio.moves.store import MoveRecord

# The ends after which a row can be sent again.
_WAITING = (Kind.FAILED, Kind.NOT_SENT)
_FILE = re.compile(r"again-(\d+)\.csv")


@dataclass(frozen=True)
class Together:
    """A first move with those that sent its rows again: their names in order, the rows read, and where these ended."""

    runs: tuple[str, ...]
    read: int
    counts: Counts


def parent(record: MoveRecord) -> str:
    """The move whose failed rows a move sends again; "" where it is the first to send its rows."""
    source = Path(record.move.source)
    inside = source.parent.parent == store.folder() and _FILE.fullmatch(source.name)
    return source.parent.name if inside else ""


def retries(record: MoveRecord) -> int:
    """How many moves before this one sent the same rows."""
    count = 0
    while before := parent(record):
        record, count = store.record(before), count + 1
    return count


def numbered(record: MoveRecord) -> bool:
    """The first column of a move's source is the rows' number in the first source."""
    return bool(parent(record)) and record.header[:1] == (ROW,)


def own_columns(record: MoveRecord) -> list[str]:
    """The columns of a move's source that a person knows."""
    return list(record.header[1 if numbered(record) else 0 :])


def new_file(record: MoveRecord, rows: Iterable[list[str]]) -> Path:
    """Write rows (number first, then the own columns) that are to be sent again into the move's folder."""
    folder = store.move_folder(record.run)
    taken = [int(found[1]) for path in folder.iterdir() if (found := _FILE.fullmatch(path.name))]
    path = folder / f"again-{max(taken, default=0) + 1}.csv"
    with atomic.writing(path) as file:
        for data in encode([ROW, *_shown(record)], rows):
            file.write(data)
    return path


def _shown(record: MoveRecord) -> list[str]:
    """The own columns as files of ours name them."""
    return source_columns(record.header)[1 if numbered(record) else 0 :]


def field_map(record: MoveRecord) -> FieldMap:
    """The move's field map, from the columns of a file that sends rows again.

    Its columns are read and mended as they were: a few rows alone would not tell the days of a column from its months.
    """
    names = dict(zip(own_columns(record), _shown(record), strict=True))
    return FieldMap(
        tuple(replace(entry, column=names.get(entry.column, "")) for entry in record.move.map.entries)
    )


def children(record: MoveRecord, among: Iterable[MoveRecord] | None = None) -> list[MoveRecord]:
    """The moves that sent rows of this one again, in order; `among` all moves, where somebody has read them."""
    known = store.records() if among is None else among
    return sorted((r for r in known if parent(r) == record.run), key=lambda r: int(r.run[2:]))


def sent_again(record: MoveRecord) -> set[int]:
    """The rows, by number, that another move has in hand or has brought to another end than failing or staying here."""
    found: set[int] = set()
    for child in children(record):
        found |= set(_sent(child))
        if not child.state.resumable:
            found -= {number for number, _kind in ends(child, _WAITING)}
    return found


def _sent(child: MoveRecord) -> Iterator[int]:
    path = Path(child.move.source)
    try:
        numbers = iter(row_numbers(path))
        next(numbers, None)
        yield from map(int, numbers)
    except (OSError, ValueError) as error:
        raise BadInput(
            _("The rows that {run} sent again cannot be read.").format(run=child.run),
            file=path,
            next_step=_("Send the rows as a move of their own, from a file."),
        ) from error


def ends(record: MoveRecord, kinds: Iterable[Kind] = tuple(Kind)) -> Iterator[tuple[int, Kind]]:
    """Each row of a move with its end, out of the result files; rows by their number in the first source."""
    place = len(OUR_COLUMNS) if numbered(record) else 0
    files = record.facts.get("files", {})
    for kind in kinds:
        path = Path(files.get(kind.value, ""))
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows = csv.reader(file)
                next(rows, None)
                for row in rows:
                    yield int(row[place]), kind
        except (OSError, ValueError, IndexError) as error:
            raise BadInput(_("A result file cannot be read."), file=path) from error


def together(record: MoveRecord, among: Sequence[MoveRecord] | None = None) -> Together | None:
    """The figures of a move with all that belong to it; None where it stands alone, or a file of theirs is gone.

    `among` are all moves, where somebody has read them.
    """
    first, runs = record, [record.run]
    try:
        while name := parent(first):
            first = store.record(name)
        later = descendants(first, among)
        if not later:
            return None
        latest: dict[int, Kind] = {}
        runs = [first.run, *(each.run for each in later)]
        for each in later:
            latest.update(ends(each))
        # Rows that were sent again had failed the first time, or were kept back.
        kept_back = sum(number in latest for number, _kind in ends(first, (Kind.NOT_SENT,)))
    except BadInput:
        return None
    counts = first.counts
    failed = counts.failed - (len(latest) - kept_back)
    counted = Counter(latest.values())
    again = Counts(**{kind.value: counted[kind] for kind in Kind})
    alone = Counts(counts.succeeded, failed, counts.unprocessed, counts.not_sent - kept_back)
    return Together(tuple(runs), first.rows, alone + again)


def descendants(first: MoveRecord, among: Sequence[MoveRecord] | None = None) -> list[MoveRecord]:
    """The moves that sent failed rows of this one again, and of those in turn, in order."""
    found, waiting = list[MoveRecord](), [first]
    while waiting:
        young = children(waiting.pop(), among)
        found += young
        waiting += young
    return sorted(found, key=lambda r: int(r.run[2:]))
