"""The rows of one step as they are sent: lookups filled with the ids learned, rows whose parent is missing held back."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from itertools import islice
from pathlib import Path
from typing import Any

from studio.base.atomic import told
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.salesforce.rows import NULL
from studio.moves.several.bind import kept_file
from studio.moves.several.model import Bound, Link, Missing
from studio.moves.several.names import Fate, Named, Names, folded

_AT_ONCE = 500
SOURCE_ROW = "source_row"


@dataclass
class Resolved:
    """A step's source: its file, how many rows it has, those held back and why, and lookups left empty, by field."""

    file: Path
    rows: int = 0
    held: dict[int, str] = field(default_factory=dict)
    emptied: dict[str, int] = field(default_factory=dict)


def first_pass(
    bound: Bound, names: Names, path: Path, progress: Progress | None = None, chosen: Chosen | None = None
) -> Resolved:
    """All rows of a part, or those chosen, with a column added for each lookup that is filled with ids.

    Chosen rows end with their number in the source.
    """
    links = [link for link in bound.links if not link.deferred]
    header = [*bound.header, *(link.filled for link in links if link.learned)]
    if chosen is not None:
        header.append(number_column(bound.header))
    made = Resolved(path, held={} if chosen is not None else dict(bound.held))
    with _writing(path, header) as write:
        for start, rows in _batches(bound, progress):
            numbers = list(range(start, start + len(rows)))
            if chosen is not None:
                numbers = chosen.of(numbers, rows, links, bound, names, chosen.most - made.rows)
                rows = [rows[number - start] for number in numbers]
                made.held |= {
                    made.rows + at: bound.held[number]
                    for at, number in enumerate(numbers, 1)
                    if number in bound.held
                }
            added = _fill(links, rows, made.rows + 1, bound, names, made)
            if chosen is not None:
                added = [[*more, str(number)] for more, number in zip(added, numbers, strict=True)]
            write.writerows([*row, *more] for row, more in zip(rows, added, strict=True))
            made.rows += len(rows)
    return made


@dataclass
class Chosen:
    """Some rows of a part: those whose numbers are `wanted`; with `ready` only those nothing keeps back, up to `most`."""

    wanted: Callable[[int], bool]
    ready: bool = False
    most: int = sys.maxsize

    def of(
        self, numbers: Sequence[int], rows: Sequence[list[str]], links: Sequence[Link], bound: Bound,
        names: Names, most: int,
    ) -> list[int]:  # fmt: skip
        """Those among a batch of rows, in order."""
        found = [number for number in numbers if self.wanted(number)]
        if self.ready and found and most > 0:
            start = numbers[0]
            tried = Resolved(Path())
            _fill(links, [rows[number - start] for number in found], 1, bound, names, tried)
            found = [
                number
                for at, number in enumerate(found, 1)
                if at not in tried.held and number not in bound.held
            ]
        return found[: max(most, 0)]


def number_column(header: Sequence[str]) -> str:
    """What the column with a row's number in the source is called beside these."""
    name = SOURCE_ROW
    while name in header:
        name += "_"
    return name


def second_pass(
    bound: Bound, at: int, names: Names, path: Path, progress: Progress | None = None,
    chosen: Chosen | None = None,
) -> Resolved:  # fmt: skip
    """The rows of part `at` that have a record and a lookup that had to wait: its id, the row's number, the lookups."""
    links = [link for link in bound.links if link.deferred]
    columns = list(dict.fromkeys(link.column for link in links))
    place = {name: index for index, name in enumerate(bound.header)}
    header = ["Id", SOURCE_ROW, *columns, *(link.filled for link in links if link.learned)]
    made = Resolved(path)
    with _writing(path, header) as write:
        for start, rows in _batches(bound, progress):
            ids = names.ids(at, range(start, start + len(rows)))
            picked = [
                (number, row)
                for number, row in enumerate(rows, start)
                if number in ids
                and (chosen is None or chosen.wanted(number))
                and len(row) == len(bound.header)
                and any(row[place[c]] not in ("", NULL) for c in columns)
            ]
            if chosen is not None and chosen.ready:
                tried = Resolved(path)
                _fill(links, [row for _number, row in picked], 1, bound, names, tried)
                picked = [pair for number, pair in enumerate(picked, 1) if number not in tried.held]
            added = _fill(links, [row for _number, row in picked], made.rows + 1, bound, names, made)
            write.writerows(
                [ids[number], number, *(row[place[c]] for c in columns), *more]
                for (number, row), more in zip(picked, added, strict=True)
            )
            made.rows += len(picked)
    return made


@contextmanager
def _writing(path: Path, header: Sequence[str]) -> Iterator[Any]:
    """A CSV writer for the length of a block; what is wrong with the disk is told with the file's name."""
    with told(path), path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(header)
        yield writer


def _batches(bound: Bound, progress: Progress | None) -> Iterator[tuple[int, list[list[str]]]]:
    start = 1
    with kept_file(bound.file).rows() as rows:
        while batch := list(islice(rows, _AT_ONCE)):
            if progress is not None:
                progress.check()
            yield start, batch
            start += len(batch)


def _fill(
    links: Sequence[Link], rows: Sequence[list[str]], first: int, bound: Bound, names: Names, made: Resolved
) -> list[list[str]]:
    """The values to add to each row, `first` being the number of the first; holds rows back and counts in `made`."""
    added: list[list[str]] = [[] for _row in rows]
    for link in links:
        at = bound.header.index(link.column)
        values = [row[at] if len(row) > at else "" for row in rows]
        found = _look_up(link, values, names)
        for number, (value, more) in enumerate(zip(values, added, strict=True), first):
            named = found.get(value) if value not in ("", NULL) else None
            sent, reason = _sent(link, value, named)
            if reason:
                made.held.setdefault(number, reason)
            elif value and value != NULL and not sent:
                made.emptied[link.field] = made.emptied.get(link.field, 0) + 1
            if link.learned:
                more.append(sent)
    return added


def _look_up(link: Link, values: Sequence[str], names: Names) -> dict[str, tuple[str, Named]]:
    """What is known of each value: the object it names and what became of its row; the first object that has it."""
    found: dict[str, tuple[str, Named]] = {}
    for target in link.targets:
        keys = {value: folded(value, target.fold) for value in values if value and value not in found}
        if keys:
            known = names.find(target.object, target.by, keys.values())
            found |= {value: (target.object, known[key]) for value, key in keys.items() if key in known}
    return found


def _sent(link: Link, value: str, found: tuple[str, Named] | None) -> tuple[str, str]:
    """What is sent for a value, and why the row is held back ("" where it is sent)."""
    if value in ("", NULL):
        return value, ""
    if found is None:
        if link.missing is Missing.HOLD:
            objects = ", ".join(target.object for target in link.targets)
            reason = _("{field}: no row of {objects} in this move is called {value}")
            return "", reason.format(field=link.field, objects=objects, value=value)
        return (value if link.missing is Missing.KEEP else ""), ""
    object_name, named = found
    if named.fate is Fate.THERE:
        return (named.id if link.learned else value), ""
    if named.fate is Fate.TWICE and not link.learned:
        return value, ""
    text = {
        Fate.FAILED: _("{field}: its {object} {value} (row {row}) failed, so there is no record to name"),
        Fate.NOT_SENT: _("{field}: its {object} {value} (row {row}) was not sent"),
        Fate.UNPROCESSED: _("{field}: its {object} {value} (row {row}) was not processed"),
        Fate.TWICE: _("{field}: two rows of {object} are called {value}"),
    }[named.fate]
    return "", text.format(field=link.field, object=object_name, value=value, row=named.row)
