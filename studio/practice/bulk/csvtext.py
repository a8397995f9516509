"""Delimited text as ingest jobs must be: strict quotes, one kind of line end, values to the letter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}
# Characters of one record.
RECORD_LIMIT = 400_000


class WrongLineEnd(Exception):
    """A record does not end as the job declared."""


class NotText(Exception):
    """The content is not UTF-8."""


@dataclass(frozen=True)
class Record:
    """One record; `error` says why it cannot be read, its values are then what could be made out."""

    values: list[str]
    error: str | None = None


def read(path: Path, delimiter: str, line_end: str, *, any_end: bool = False) -> Iterator[Record]:
    """The records of a file, the header first; blank lines are no records.

    Raises WrongLineEnd where a record ends otherwise than declared, NotText where bytes are not UTF-8.
    """
    with path.open(encoding="utf-8", newline="\n") as file:
        try:
            yield from records(file, delimiter, line_end, any_end=any_end)
        except UnicodeDecodeError as error:
            raise NotText from error


def records(
    lines: Iterable[str], delimiter: str, line_end: str, *, any_end: bool = False
) -> Iterator[Record]:
    """The records of lines that keep their `\\n`."""
    reader = _Reader(iter(lines), delimiter, line_end, any_end)
    separator = f'"{delimiter}"'
    for line in reader.lines:
        if '"' not in line:
            text = reader.without_end(line)
            if text:
                yield Record(text.split(delimiter))
            continue
        # Most quoted files quote every value and have no quote inside one: two quotes a value, and no more.
        if line.startswith('"') and line.endswith(('"\n', '"\r\n')):
            values = line[1 : -3 if line.endswith("\r\n") else -2].split(separator)
            if line.count('"') == 2 * len(values):
                reader.without_end(line)
                yield Record(values)
                continue
        yield reader.careful(line)


class _Reader:
    def __init__(self, lines: Iterator[str], delimiter: str, line_end: str, any_end: bool) -> None:
        self.lines = lines
        self._delimiter = delimiter
        self._end = line_end
        self._any_end = any_end

    def without_end(self, line: str) -> str:
        """A record's line without its end, which must be the declared one; the last may have none."""
        if not line.endswith("\n"):
            return line
        windows = line.endswith("\r\n")
        if not self._any_end and windows != (self._end == "\r\n"):
            raise WrongLineEnd
        return line[:-2] if windows else line[:-1]

    def careful(self, line: str) -> Record:
        """A record read value by value; quoted values may go over several lines."""
        values: list[str] = []
        error: str | None = None
        place = size = 0
        while True:
            if line.startswith('"', place):
                value, line, place = self._quoted(line, place + 1)
                if place < 0:
                    return Record([*values, value], "a closing quote is missing")
                after = self._until(line, place)
                if after != place and line[place:after].strip("\r\n"):
                    error = "text stands between a closing quote and the next delimiter"
                place = after
            else:
                after = self._until(line, place)
                value = line[place:after]
                if '"' in value:
                    error = "a quote stands inside a value that is not quoted"
                place = after
            values.append(value)
            size += len(value)
            if not line.startswith(self._delimiter, place):
                self.without_end(line[place:])
                break
            place += 1
        if size > RECORD_LIMIT:
            error = f"the record is longer than {RECORD_LIMIT} characters"
        return Record(values, error)

    def _until(self, line: str, place: int) -> int:
        """Where the next delimiter is, or the line's end."""
        found = line.find(self._delimiter, place)
        if found >= 0:
            return found
        end = len(line)
        return end - 2 if line.endswith("\r\n") else end - 1 if line.endswith("\n") else end

    def _quoted(self, line: str, start: int) -> tuple[str, str, int]:
        """A quoted value from after its opening quote: value, the line it ends on, the place after its quote (or -1)."""
        pieces = []
        while True:
            found = line.find('"', start)
            while found >= 0 and line.startswith('"', found + 1):
                found = line.find('"', found + 2)
            if found >= 0:
                pieces.append(line[start:found])
                return "".join(pieces).replace('""', '"'), line, found + 1
            pieces.append(line[start:])
            following = next(self.lines, None)
            if following is None:
                return "".join(pieces), "", -1
            line, start = following, 0


def quoted(values: Sequence[str], delimiter: str) -> str:
    """Values as one line of a result file, all quoted, without the line end."""
    separator = f'"{delimiter}"'
    text = separator.join(values)
    if text.count('"') != 2 * (len(values) - 1):
        text = separator.join([value.replace('"', '""') for value in values])
    return f'"{text}"'


def header_line(names: Sequence[str], delimiter: str) -> str:
    """A result file's header: our own two columns are quoted, those of the input only where they must be."""
    return delimiter.join(
        quoted([name], delimiter)
        if name.startswith("sf__") or any(letter in name for letter in (delimiter, '"', "\n", "\r"))
        else name
        for name in names
    )
