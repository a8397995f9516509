"""What kind of target an export writes, told by its name, and what writes each kind."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.engine.address import Address


class Format(StrEnum):
    """The kinds of targets; CSV is written as the org sends it."""

    CSV = ""
    EXCEL = "excel"
    JSON_LINES = "json-lines"
    PARQUET = "parquet"
    DATABASE = "database"


class Sort(StrEnum):
    """What a column holds."""

    TEXT = "text"
    BOOLEAN = "boolean"
    WHOLE = "whole"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True)
class Column:
    """A column of the answer; `digits` in all and `places` behind the point, 0 where the org tells none."""

    name: str
    sort: Sort = Sort.TEXT
    digits: int = 0
    places: int = 0


@dataclass(frozen=True)
class Answer:
    """A whole answer: the CSV file the org sent, its columns and how many rows it has."""

    file: Path
    columns: tuple[Column, ...]
    count: int

    def rows(self) -> Iterator[list[str]]:
        """The rows, each as wide as there are columns."""
        source = DelimitedFile.open(self.file, encoding="utf-8", delimiter=",")
        with source.rows() as rows:
            yield from rows


Place = Path | Address
Writer = Callable[[Answer, Place, str], None]
_WRITERS = {
    Format.EXCEL: "workbook",
    Format.JSON_LINES: "json_lines",
    Format.PARQUET: "parquet",
    Format.DATABASE: "database",
}
_NAMES = {
    "": Format.CSV,
    ".csv": Format.CSV,
    ".txt": Format.CSV,
    ".xlsx": Format.EXCEL,
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
    ".parquet": Format.PARQUET,
    ".db": Format.DATABASE,
    ".sqlite": Format.DATABASE,
    ".sqlite3": Format.DATABASE,
}


def format_of(place: Place) -> Format:
    """The format a target's name asks for; raises BadInput for one that is not written."""
    if isinstance(place, Address):
        return Format.DATABASE
    found = _NAMES.get(place.suffix.lower())
    if found is None:
        raise BadInput(
            _("An export is not written as a file like {name}.").format(name=place.name),
            file=place,
            next_step=_("Give the target a name that ends in .csv, .xlsx, .jsonl, .parquet or .db."),
        )
    return found


def write(kind: Format, answer: Answer, place: Place, table: str) -> None:
    """Write the whole answer; the target is there whole or not at all. Raises BadInput, NotReachable."""
    writer: Writer = importlib.import_module(f"studio.moves.targets.{_WRITERS[kind]}").write
    writer(answer, place, table)


def check_table(place: Place, table: str, replace: bool) -> None:
    """Raise BadInput where a table of the name is there that is not to be replaced."""
    importlib.import_module("studio.moves.targets.database").check(place, table, replace)
