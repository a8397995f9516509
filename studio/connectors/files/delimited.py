"""A delimited file as a stream of rows: decoded strictly, values byte-exact, every fault named by row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.base.system_errors import unreadable
from studio.connectors.files.recognise import Dialect, recognise, suggested_encoding

_LONGEST_FIELD = 16 * 1024 * 1024
if csv.field_size_limit() < _LONGEST_FIELD:
    csv.field_size_limit(_LONGEST_FIELD)

Rows = Iterator[list[str]]


@dataclass(frozen=True)
class DelimitedFile:
    """A delimited file whose first record names its columns."""

    path: Path
    dialect: Dialect
    header: tuple[str, ...]
    bare: bool = False

    @staticmethod
    def open(
        path: Path, *, encoding: str = "", delimiter: str = "", guess: bool = False, bare: bool = False
    ) -> DelimitedFile:
        """Recognise the file and read its header; raises BadInput naming file, line and next step.

        A column without a name, or a name used twice, is refused: nobody could say what its values are. A `bare` file
        has no line of names: its columns are called A, B, C, as a sheet's are. `guess` is as in `recognise`.
        """
        dialect = recognise(path, encoding=encoding, delimiter=delimiter, guess=guess)
        file = DelimitedFile(path, dialect, (), bare)
        with file._reading() as (reader, _raw):
            header = next((row for row in reader if row), [])
        if bare:
            return DelimitedFile(path, dialect, tuple(letters(at) for at in range(1, len(header) + 1)), True)
        _check_header(path, header)
        return DelimitedFile(path, dialect, tuple(header))

    @contextmanager
    def rows(self, raw: Callable[[IO[bytes]], IO[bytes]] = lambda file: file) -> Iterator[Rows]:
        """The rows after the header; blank lines are left out. Rows of another width than the header come as they are.

        `raw` may wrap the byte stream (to measure it). Raises BadInput inside the block when bytes make no character,
        when quotes do not match or when there is a zero character, each with row and column.
        """
        with self._reading(raw) as (reader, _file):
            rows = filter(None, reader)
            if not self.bare:
                next(rows, None)
            yield rows

    @contextmanager
    def _reading(
        self, raw: Callable[[IO[bytes]], IO[bytes]] = lambda file: file
    ) -> Iterator[tuple[Iterator[list[str]], IO[bytes]]]:
        try:
            opened = self.path.open("rb")
        except OSError as error:
            raise unreadable(self.path, error) from error
        with opened:
            opened.seek(self.dialect.start)
            stream = raw(opened)
            text = io.TextIOWrapper(stream, self.dialect.encoding, errors="strict", newline="")
            reader = csv.reader(text, delimiter=self.dialect.delimiter, strict=True)
            try:
                yield reader, opened
            except UnicodeDecodeError as error:
                raise self._undecodable(error) from None
            except csv.Error as error:
                raise self._malformed(error, reader.line_num) from None
            finally:
                text.detach()

    def _undecodable(self, error: UnicodeDecodeError) -> BadInput:
        """Read again with the wrong bytes marked, to say in which row and column they stand."""
        row, column, wrong = self._first_marked()
        byte = f"0x{wrong:02X}" if wrong is not None else f"0x{error.object[error.start]:02X}"
        suggestion = suggested_encoding(error.object[max(0, error.start - 4096) : error.start + 4096])
        if row is None:
            text = _("Byte {byte} makes no character in {encoding}.")
        elif row == 0:
            text = _("The first line, column {column}: byte {byte} makes no character in {encoding}.")
        else:
            text = _("Row {row}, column {column}: byte {byte} makes no character in {encoding}.")
        encoding = self.dialect.encoding.upper()
        return BadInput(
            text.format(row=row, column=column, byte=byte, encoding=encoding),
            file=self.path,
            line=None if row else 1,
            next_step=_("Name the file's encoding, perhaps {encoding}.").format(encoding=suggestion),
        )

    def _first_marked(self) -> tuple[int | None, str, int | None]:
        try:
            with self.path.open("rb") as file:
                file.seek(self.dialect.start)
                text = io.TextIOWrapper(file, self.dialect.encoding, errors="surrogateescape", newline="")
                rows = (row for row in csv.reader(text, delimiter=self.dialect.delimiter) if row)
                header: list[str] = []
                for number, row in enumerate(rows, int(self.bare)):
                    for at, value in enumerate(row):
                        marked = next((ord(c) & 0xFF for c in value if "\udc80" <= c <= "\udcff"), None)
                        if marked is not None:
                            name = letters(at + 1) if self.bare else str(at + 1)
                            return number, header[at] if at < len(header) else name, marked
                    header = header or (row if not self.bare else [])
        except (UnicodeDecodeError, csv.Error):
            pass  # an encoding that cannot mark wrong bytes (UTF-16)
        return None, "", None

    def _malformed(self, error: csv.Error, line: int) -> BadInput:
        reason = str(error)
        if "unexpected end" in reason:
            reason = _("a quoted value is not closed before the end of the file")
        elif "expected after" in reason:
            reason = _("a quoted value is followed by something other than the delimiter")
        elif "field larger" in reason:
            reason = _("a value is longer than {limit} MB, perhaps because a quote is not closed").format(
                limit=_LONGEST_FIELD >> 20
            )
        return BadInput(
            _("The file is not well-formed: {reason}.").format(reason=reason),
            file=self.path,
            line=line,
            next_step=_("Correct the quotes, or name the file's delimiter."),
        )

    def first(self, count: int) -> list[list[str]]:
        """The first rows, for a preview."""
        with self.rows() as rows:
            return list(islice(rows, count))


def letters(number: int) -> str:
    """The letters of a column, counted from 1: A, Z, AA."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _check_header(path: Path, header: list[str]) -> None:
    for at, name in enumerate(header, 1):
        if not name.strip():
            raise BadInput(
                _("Column {number} has no name in the first line.").format(number=at),
                file=path,
                line=1,
                next_step=_("Give every column a name, or remove the empty column."),
            )
    seen: dict[str, int] = {}
    for at, name in enumerate(header, 1):
        if name in seen:
            raise BadInput(
                _("The columns {first} and {second} have the same name: {name}.").format(
                    first=seen[name], second=at, name=name
                ),
                file=path,
                line=1,
                next_step=_("Give each column its own name."),
            )
        seen[name] = at
