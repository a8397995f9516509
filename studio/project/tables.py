"""A project's value tables: small delimited files that scripts look values up in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.connectors.files.delimited import DelimitedFile

Table = Mapping[str, Mapping[str, str]]

MAXIMUM_ROWS = 1_000_000


class Tables(Mapping[str, Table]):
    """The tables of the project in `folder` by name (`countries` for tables/countries.csv), read when first asked for.

    A table maps the first column's text to the row, column → text; of rows with the same key the first counts. Reading
    raises BadInput naming the file and row. `stamp` tells whether a file has changed since.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "tables"
        self._read: dict[str, tuple[tuple[int, int], Table]] = {}

    def __getitem__(self, name: str) -> Table:
        file = self._file(name)
        if file is None:
            raise KeyError(name)
        stamp = _stamp(file)
        known = self._read.get(name)
        if known is None or known[0] != stamp:
            known = self._read[name] = (stamp, read_table(file))
        return known[1]

    def __iter__(self) -> Iterator[str]:
        if self._folder.is_dir():
            files = sorted(self._folder.rglob("*.csv"))
            yield from (file.relative_to(self._folder).with_suffix("").as_posix() for file in files)

    def __len__(self) -> int:
        return sum(1 for _name in self)

    @property
    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """What tells cheaply that a table has changed."""
        return tuple((name, *_stamp(file)) for name in self if (file := self._file(name)) is not None)

    def _file(self, name: str) -> Path | None:
        file = self._folder / f"{name}.csv"
        return file if file.is_file() and file.resolve().is_relative_to(self._folder.resolve()) else None


def read_table(file: Path) -> Table:
    """One table; raises BadInput where it cannot be read, has no key column or too many rows."""
    source = DelimitedFile.open(file)
    table: dict[str, Mapping[str, str]] = {}
    with source.rows() as rows:
        for number, row in enumerate(rows, start=1):
            if number > MAXIMUM_ROWS:
                raise BadInput(
                    _("A value table may hold {limit} rows.").format(limit=MAXIMUM_ROWS),
                    file=file,
                    next_step=_("Keep larger data in a database or in a source of its own."),
                )
            table.setdefault(row[0], dict(zip(source.header, row, strict=False)))
    return table


def _stamp(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_size
