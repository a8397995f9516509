"""Output to a path where a database is, or is meant: its rows go into it, and nothing ever takes its place."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.address import Address
from studio.engine.plan import Document
from studio.schema.recognise_typed import DUCKDB, SQLITE

Place = Path | BinaryIO | Address

# What people call database files; text of that name would be taken for one.
_ENDINGS = frozenset({".sqlite", ".sqlite3", ".db", ".db3", ".duckdb"})


def place_in(document: Document, output: Place) -> Place:
    """Where a target is written: the address of the SQLite file at a path where the target is a table, else `output`.

    Raises BadInput where a database would be overwritten, or text be written to what is called one.
    """
    if not isinstance(output, Path):
        return output
    if document.format != "database":
        keep_database(output)
        return output
    kind = _kind(output)
    if kind is None and output.suffix.lower() not in _ENDINGS:
        return output
    if kind == "duckdb" or (kind is None and output.suffix.lower() == ".duckdb"):
        raise BadInput(
            _("Rows cannot be written into a DuckDB file by its name; nothing was changed."),
            file=output,
            next_step=_("Write to a SQLite file, or give the address of the database."),
        )
    if not output.exists():
        raise BadInput(
            _("There is no such database; its tables have to be there before rows are written."),
            file=output,
            next_step=_("Make it with its tables first, or name a .csv file for the rows as text."),
        )
    if kind is None and output.is_file() and output.stat().st_size:
        raise BadInput(
            _("This file is called a database and is none; nothing was changed."),
            file=output,
            next_step=_("Name a database, or a .csv file for the rows as text."),
        )
    return Address(f"sqlite:///{output.resolve().as_posix()}")


def keep_database(file: Path) -> None:
    """Raise BadInput where a file that is to be written holds a database."""
    if _kind(file) is not None:
        raise BadInput(
            _("This file is a database; it would be overwritten."),
            file=file,
            next_step=_("Name another file to write to; nothing was changed."),
        )


def _kind(file: Path) -> str | None:
    """`sqlite` or `duckdb` by the first bytes of a file; None for any other, and where there is none."""
    try:
        if not file.is_file():
            return None
        with file.open("rb") as stream:
            head = stream.read(len(SQLITE))
    except OSError:
        return None
    if head == SQLITE:
        return "sqlite"
    return "duckdb" if head[8:12] == DUCKDB else None
