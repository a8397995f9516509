"""What kind of source a move reads, told by its first bytes; which part of it is asked for; and what reads each kind."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from enum import StrEnum

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.engine.address import Address
from studio.moves.places import Place

# The values of a row as Salesforce takes them, and why the row cannot be sent; "" where it can.
Row = tuple[list[str], str]
_HEAD = 4096


class Kind(StrEnum):
    """The kinds of sources."""

    DELIMITED = "delimited"
    EXCEL = "excel"
    JSON_LINES = "json-lines"
    PARQUET = "parquet"
    DATABASE = "database"
    PACKED = "packed"


@dataclass(frozen=True)
class Pick:
    """Which part of a source: a workbook's sheet and the row of its header (0 finds it), a database's table or query.

    `first` takes a database's first table where none is chosen, for somebody who sees which one it is. `bare` is a
    delimited file whose first line is a row.
    """

    sheet: str = ""
    header_row: int = 0
    table: str = ""
    query: str = ""
    first: bool = False
    bare: bool = False

    @property
    def given(self) -> dict[str, str | int]:
        """What is chosen, by name."""
        chosen: dict[str, str | int] = {
            "sheet": self.sheet,
            "header_row": self.header_row,
            "table": self.table,
            "query": self.query,
            "bare": self.bare,
        }
        return {name: value for name, value in chosen.items() if value}


@dataclass(frozen=True)
class Table:
    """A source opened: columns, rows as they come, what it is in words, and the sheets or tables there are to choose."""

    header: tuple[str, ...]
    rows: Iterator[Row]
    shown: str
    choices: tuple[str, ...] = ()
    chosen: str = ""
    header_row: int = 0


Reader = Callable[[Place, Pick], AbstractContextManager[Table]]
# Each brings a library of its own, which only the moves that need it wait for.
_READERS = {
    Kind.EXCEL: "workbook",
    Kind.JSON_LINES: "json_lines",
    Kind.PARQUET: "parquet",
    Kind.DATABASE: "database",
}
_NAMES = {
    ".xlsx": Kind.EXCEL,
    ".xlsm": Kind.EXCEL,
    ".xls": Kind.EXCEL,
    ".xlsb": Kind.EXCEL,
    ".ods": Kind.EXCEL,
    ".jsonl": Kind.JSON_LINES,
    ".ndjson": Kind.JSON_LINES,
    ".json": Kind.JSON_LINES,
    ".parquet": Kind.PARQUET,
}


def kind_of(place: Place) -> Kind:
    """The kind of a source: by its first bytes, then by its name. A file that cannot be read counts as delimited."""
    if isinstance(place, Address):
        return Kind.DATABASE
    try:
        with place.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        head = b""
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Kind.EXCEL
    if head.startswith(b"\x1f\x8b"):
        return Kind.PACKED
    if head.startswith(b"PAR1"):
        return Kind.PARQUET
    if head.startswith(b"SQLite format 3\0") or head[8:12] == b"DUCK":
        return Kind.DATABASE
    return _NAMES.get(place.suffix.lower(), Kind.DELIMITED) if head else Kind.DELIMITED


def opened(place: Place, pick: Pick) -> AbstractContextManager[Table]:
    """The source as a table, inside the block; raises BadInput, TooLarge, NotReachable before it or while rows come."""
    kind = kind_of(place)
    check_pick(kind, place, pick)
    reader: Reader = importlib.import_module(f"studio.moves.sources.{_READERS[kind]}").opened
    return reader(place, pick)


def check_pick(kind: Kind, place: Place, pick: Pick) -> None:
    """Raise BadInput for a choice that the kind of source does not have."""
    if (pick.sheet or pick.header_row) and kind is not Kind.EXCEL:
        raise BadInput(
            _("A sheet and the row of its header are chosen in workbooks only."),
            file=str(place),
            next_step=_("Leave these options out."),
        )
    if pick.bare and kind is not Kind.DELIMITED:
        raise BadInput(
            _("Only delimited files can be without a line of column names."),
            file=str(place),
            next_step=_("Leave this option out."),
        )
    if (pick.table or pick.query) and kind is not Kind.DATABASE:
        raise BadInput(
            _("A table or a query is chosen in databases only."),
            file=str(place),
            next_step=_("Leave these options out."),
        )
    if pick.table and pick.query:
        raise BadInput(
            _("Rows come from a table or from a query, not from both."),
            file=str(place),
            next_step=_("Give one of them."),
        )
