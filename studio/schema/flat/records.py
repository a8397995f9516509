"""Text files as records by a definition: split by lines, by length or by delimiter, told apart, nested, checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.flat.layout import number, record_width
from studio.schema.flat.tell import Record, is_of_kind
from studio.schema.flat.walk import Placed, Walker
from studio.schema.model import Schema
from studio.schema.rows import split

# A file of any size is read record by record; of its problems these are kept.
_MOST_PROBLEMS = 200


@dataclass(frozen=True)
class Found:
    """The records of a file with their places, and what is wrong, in the order of the file."""

    records: tuple[Placed, ...]
    problems: tuple[Problem, ...]


def find_records(text: str, schema: Schema, file: str | None = None) -> Found:
    """The records of a whole text by a `fixed` or `delimited` schema of several kinds.

    A record that is too long or too short, of no known kind, out of order or missing is a located problem.
    """
    walker = Walker(schema.roots, is_of_kind, file)
    problems: list[Problem] = []
    placed: list[Placed] = []
    records = fixed_records(text, schema) if schema.kind == "fixed" else delimited_records(text, schema)
    for one in walker.place(records):
        placed.append(one)
        if schema.kind == "fixed" and one.node is not None and len(problems) < _MOST_PROBLEMS:
            problems += _width_problems(one, schema, file)
    problems += walker.problems
    return Found(tuple(placed), tuple(sorted(problems, key=lambda problem: problem.line or 0)))


def fixed_records(text: str, schema: Schema) -> Iterator[Record]:
    """The records of a fixed-width text: by its line breaks, or by `length` where the schema says `newline: none`.

    A text that should have no line breaks but has them, or the other way round, is split by what it has. Blank lines
    and records that only fill a block (`filler:` repeated) are left out.
    """
    length = number(schema.facts.get("length"))
    filler = schema.facts.get("filler", "")
    pieces = _by_length(text, length) if _is_unbroken(text, schema, length) else _by_lines(text)
    whole = [(line, piece) for line, piece in pieces if piece.strip() and not _fills(piece, filler)]
    for at, (line, piece) in enumerate(whole):
        yield Record(line, piece, first=at == 0, last=at == len(whole) - 1)


def delimited_records(text: str, schema: Schema) -> Iterator[Record]:
    """The records of a delimited text as cells, without its header line where it has one."""
    delimiter, quote = schema.facts.get("delimiter", ","), schema.facts.get("quote", "")
    rows = list(split(text, delimiter, quote))
    several = len(schema.roots) > 1 or any(
        child.type.children for child in (schema.roots[0].type.children if schema.roots else ())
    )
    if schema.facts.get("header") == "true" and not several:
        rows = rows[1:]
    for at, row in enumerate(rows):
        yield Record(row.line, delimiter.join(row.cells), row.cells, first=at == 0, last=at == len(rows) - 1)


def _is_unbroken(text: str, schema: Schema, length: int) -> bool:
    if not length:
        return False
    head = text[: length * 3 + 4].rstrip("\r\n")
    broken = "\n" in head or "\r" in head
    return len(text.rstrip()) > length and not broken if schema.facts.get("newline") != "none" else not broken


def _by_lines(text: str) -> Iterator[tuple[int, str]]:
    # Not splitlines(): a form feed or a line separator inside a record is one of its characters.
    return iter(enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1))


def _by_length(text: str, length: int) -> Iterator[tuple[int, str]]:
    text = text.rstrip("\r\n\x1a")
    for number_, at in enumerate(range(0, len(text), length), 1):
        yield number_, text[at : at + length]


def _fills(piece: str, filler: str) -> bool:
    return bool(filler) and not piece.strip().strip(filler)


def _width_problems(placed: Placed, schema: Schema, file: str | None) -> Iterator[Problem]:
    assert placed.node is not None
    text = placed.record.text
    length = number(schema.facts.get("length"))
    widest = length or record_width(placed.node)
    if len(text) > widest:
        blank = not text[widest:].strip()
        yield Problem(
            Severity.WARNING if blank else Severity.ERROR,
            _("The record has {found} characters, {more} more than its {width}.").format(
                found=len(text), more=len(text) - widest, width=widest
            ),
            file,
            placed.record.line,
            widest + 1,
            path=placed.path,
            mend=_("Remove what is too much, or correct the widths in the schema."),
        )
    elif length and len(text) < length:
        yield Problem(
            Severity.WARNING,
            _("The record has {found} characters, {less} less than its {width}.").format(
                found=len(text), less=length - len(text), width=length
            ),
            file,
            placed.record.line,
            len(text) + 1,
            path=placed.path,
            mend=_("Fill it with spaces, or correct the length in the schema."),
        )
