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
from studio.moves.places import Connected, Place, file_of


class Format(StrEnum):
    """The kinds of targets; CSV is written as the org sends it."""

    CSV = ""
    EXCEL = "excel"
    JSON_LINES = "json-lines"
    PARQUET = "parquet"
    DATABASE = "database"
    DUCKDB = "duckdb"


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


Writer = Callable[[Answer, Place, str], None]
_WRITERS = {
    Format.EXCEL: "workbook",
    Format.JSON_LINES: "json_lines",
    Format.PARQUET: "parquet",
    Format.DATABASE: "database",
    Format.DUCKDB: "duck_table",
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
    ".duckdb": Format.DUCKDB,
}
_DUCKDB = b"DUCK"
# What has tables, of which one of the name may be there.
TABLES = (Format.DATABASE, Format.DUCKDB)


def format_of(place: Place) -> Format:
    """The format a target's name asks for; raises BadInput for one that is not written."""
    if isinstance(place, Address):
        return Format.DUCKDB if isinstance(place, Connected) and _is_duckdb(place) else Format.DATABASE
    found = _NAMES.get(place.suffix.lower())
    if found is None:
        raise BadInput(
            _("An export is not written as a file like {name}.").format(name=place.name),
            file=place,
            next_step=_("Give the target a name that ends in .csv, .xlsx, .jsonl, .parquet, .db or .duckdb."),
        )
    return found


def write(kind: Format, answer: Answer, place: Place, table: str) -> None:
    """Write the whole answer; the target is there whole or not at all. Raises BadInput, NotReachable."""
    writer: Writer = importlib.import_module(f"studio.moves.targets.{_WRITERS[kind]}").write
    writer(answer, place, table)


def check_table(place: Place, table: str, replace: bool) -> None:
    """Raise BadInput where a table of the name is there that is not to be replaced."""
    importlib.import_module(f"studio.moves.targets.{_WRITERS[format_of(place)]}").check(place, table, replace)


def table_is_there(place: Place, table: str) -> BadInput:
    """What to say where a table is there that is not to be replaced."""
    return BadInput(
        _("The database has a table {name} already.").format(name=table),
        file=str(place),
        next_step=_("Name another one with --table, or replace it with --replace."),
    )


def _is_duckdb(place: Connected) -> bool:
    """By the address, by what the file holds, by its name."""
    file = file_of(place)
    if file is None or place.url.startswith("duckdb:"):
        return file is not None
    try:
        with file.open("rb") as stream:
            return stream.read(12)[8:] == _DUCKDB
    except OSError:
        return file.suffix.lower() == ".duckdb"
