"""A source that is no delimited file, brought into the move's folder as one: from there on every move is the same."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import field
from itertools import islice
from pathlib import Path

from studio.base.atomic import discard, told
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.moves.places import Place
from studio.moves.sources.cells import unsendable
from studio.moves.sources.first_line import doubt_of
from studio.moves.sources.kinds import Kind, Pick, Table, check_pick, kind_of, opened
from studio.moves.sources.packed import unpacked

FILE = "brought.csv"
_AT_ONCE = 500
_UNSENDABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Brought:
    """The rows as a delimited file, what was read in words, and the rows that cannot be sent with the reason of each."""

    file: DelimitedFile
    shown: str
    held: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """The first rows of a source, what it is in words, its sheets or tables, and what looks wrong with it."""

    kind: Kind
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shown: str
    choices: tuple[str, ...] = ()
    chosen: str = ""
    header_row: int = 0
    encoding: str = ""
    delimiter: str = ""
    doubt: str = ""


def bring(
    place: Place,
    pick: Pick,
    folder: Path,
    *,
    encoding: str = "",
    delimiter: str = "",
    progress: Progress | None = None,
) -> Brought:
    """The source as a delimited file: itself where it is one, else a copy of its rows in `folder`, read once in order.

    Raises BadInput, TooLarge and NotReachable as reading does, and BadInput where there is no row.
    """
    kind = kind_of(place)
    if kind is Kind.PACKED and isinstance(place, Path):
        with unpacked(place, folder, progress) as inner:
            found = bring(inner, pick, folder, encoding=encoding, delimiter=delimiter, progress=progress)
        if found.file.path != inner:
            discard(inner)
        return found
    if kind is Kind.DELIMITED and isinstance(place, Path):
        check_pick(kind, place, pick)
        file = _open(place, pick, encoding, delimiter)
        return Brought(file, file.dialect.shown)
    check_text_options(place, encoding, delimiter)
    path = folder / FILE
    with opened(place, pick) as table:
        check_names(table.header, place)
        with told(path), path.open("w", encoding="utf-8", newline="") as file_:
            held = _copy(table, file_, progress or Progress())
        if held is None:
            raise BadInput(
                _("There are column names but no rows."), file=str(place), next_step=_("Nothing was sent.")
            )
        return Brought(DelimitedFile.open(path, encoding="utf-8", delimiter=","), table.shown, held)


def preview(place: Place, pick: Pick, count: int, *, encoding: str = "", delimiter: str = "") -> Preview:
    """The first rows of a source; raises as `bring` does."""
    kind = kind_of(place)
    if kind is Kind.PACKED and isinstance(place, Path):
        with tempfile.TemporaryDirectory() as folder, unpacked(place, Path(folder)) as inner:
            return preview(inner, pick, count, encoding=encoding, delimiter=delimiter)
    if kind is Kind.DELIMITED and isinstance(place, Path):
        check_pick(kind, place, pick)
        file = _open(place, pick, encoding, delimiter)
        rows = tuple(tuple(row) for row in file.first(count))
        dialect = file.dialect
        return Preview(
            kind,
            file.header,
            rows,
            dialect.shown,
            encoding=dialect.encoding,
            delimiter=dialect.delimiter,
            doubt="" if pick.bare else doubt_of(file.header, rows),
        )
    with opened(place, pick) as table:
        check_names(table.header, place)
        rows = tuple(tuple(clean(values)) for values, _reason in islice(table.rows, count))
        return Preview(kind, table.header, rows, table.shown, table.choices, table.chosen, table.header_row)


def _open(place: Path, pick: Pick, encoding: str, delimiter: str) -> DelimitedFile:
    return DelimitedFile.open(place, encoding=encoding, delimiter=delimiter, guess=True, bare=pick.bare)


def check_text_options(place: Place, encoding: str, delimiter: str) -> None:
    """Raise BadInput for an encoding or a delimiter of a source that is no delimited text."""
    if encoding or delimiter:
        raise BadInput(
            _("An encoding and a delimiter are for delimited files; this is another kind of source."),
            file=str(place),
            next_step=_("Leave these options out."),
        )


def check_names(header: Sequence[str], place: Place) -> None:
    """Raise BadInput where a column has no name, or one that another has: nobody could say what its values are."""
    seen: dict[str, int] = {}
    for at, name in enumerate(header, 1):
        if not name.strip() or _UNSENDABLE.search(name):
            raise BadInput(
                _("Column {number} has no name.").format(number=at),
                file=str(place),
                next_step=_("Give every column a name."),
            )
        if name in seen:
            raise BadInput(
                _("The columns {first} and {second} have the same name: {name}.").format(
                    first=seen[name], second=at, name=name
                ),
                file=str(place),
                next_step=_("Give each column its own name."),
            )
        seen[name] = at
    if not header:
        raise BadInput(_("There are no columns."), file=str(place), next_step=_("Choose another source."))


def clean(values: list[str]) -> list[str]:
    """Texts that can be written: what is no character is left out."""
    return [_UNSENDABLE.sub("\ufffd", text) for text in values]


def _copy(table: Table, file: object, progress: Progress) -> dict[int, str] | None:
    """Write the rows; gives those that cannot be sent, None where there is no row at all."""
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerow(table.header)
    held: dict[int, str] = {}
    number = 0
    while rows := list(islice(table.rows, _AT_ONCE)):
        progress.check()
        for values, reason in rows:
            number += 1
            wrong = unsendable(values, table.header)
            if wrong:
                values = clean(values)
            if reason or wrong:
                held[number] = reason or wrong
            writer.writerow(values)
        progress.report(number)
    return held if number else None
