"""Delimited samples (.csv, .tsv …) as schemas: one repeating row, a field per column, types from the values."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.infer import Guess
from studio.schema.model import MANY, OPTIONAL, Kind, Node, Schema, Type, ValueType
from studio.schema.rows import Dialect, Row, recognise, split
from studio.schema.source import MEGABYTE, decode, read_head

# A sample's later rows rarely tell anything new, and the first tree must not wait for them.
_HEAD = MEGABYTE // 4
_MOST_ROWS = 2000
_MOST_COLUMNS = 20_000
_CONTROLS = frozenset(map(chr, (*range(9), 14, 15, *range(16, 27), *range(28, 32))))


def read_delimited(path: Path, *, encoding: str | None = None) -> Schema:
    """The schema of a delimited sample.

    The schema's facts say how it is written: `delimiter`, `quote`, `encoding`, `header` (`true`/`false`). Raises
    BadInput for an empty or binary file, a wrong encoding, or a quote that is never closed.
    """
    data = read_head(path, _HEAD)
    cut = len(data) == _HEAD
    text, name = decode(data, encoding, file=path, whole=not cut)
    if not text.strip():
        raise _empty(path)
    check_text(text, path)
    dialect = recognise(text, cut=cut)
    rows = list(islice(split(text, dialect.delimiter, dialect.quote), _MOST_ROWS))
    if cut and 1 < len(rows) < _MOST_ROWS:
        rows.pop()
    _check_quotes(rows, path, cut)
    if not rows:
        raise _empty(path)
    fields, problems = _fields(rows, dialect, path)
    facts = {
        "delimiter": dialect.delimiter,
        "quote": dialect.quote,
        "encoding": name,
        "header": "true" if dialect.header else "false",
        "newline": "\r\n" if "\r\n" in text else "\n",
    }
    return delimited_schema(fields, facts, path, problems)


def _empty(path: Path) -> BadInput:
    return BadInput(
        _("The file is empty, so it shows no columns."),
        file=path,
        next_step=_("Give a sample with a header line or some rows."),
    )


def delimited_schema(
    fields: tuple[Node, ...], facts: dict[str, str], path: Path, problems: tuple[Problem, ...] = ()
) -> Schema:
    """A schema of one repeating `row` with these fields."""
    row = Node("row", Kind.SEGMENT, Type("row", children=lambda: fields), MANY)
    return Schema("delimited", (row,), files=(str(path),), problems=problems, facts=facts)


def column_names(cells: tuple[str, ...] | list[str]) -> list[str]:
    """Names for columns from a header: blank ones numbered, repeated ones told apart by a number."""
    names: list[str] = []
    taken: set[str] = set()
    for at, cell in enumerate(cells, 1):
        wanted = " ".join(cell.split()) or f"column{at}"
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        taken.add(name)
        names.append(name)
    return names


def _fields(rows: list[Row], dialect: Dialect, path: Path) -> tuple[tuple[Node, ...], tuple[Problem, ...]]:
    width = len(rows[0].cells) if dialect.header else max(len(row.cells) for row in rows)
    if width > _MOST_COLUMNS:
        raise BadInput(
            _("The first row has {count} columns, more than {limit}.").format(
                count=width, limit=_MOST_COLUMNS
            ),
            file=path,
            line=rows[0].line,
            next_step=_("Check the delimiter."),
        )
    header = rows[0].cells if dialect.header else ("",) * width
    guesses = [Guess() for _column in range(width)]
    wide: list[Row] = []
    for row in rows[1:] if dialect.header else rows:
        if len(row.cells) > width:
            wide.append(row)
        for guess, cell in zip(guesses, row.cells, strict=False):
            guess.see(cell)
    fields = tuple(
        _field(name, at, cell, guess)
        for at, (name, cell, guess) in enumerate(zip(column_names(header), header, guesses, strict=True), 1)
    )
    return fields, _too_wide(wide, width, path)


def _field(name: str, position: int, header: str, guess: Guess) -> Node:
    facts = {"position": str(position), **guess.facts()}
    if header and header != name:
        facts["header"] = header
    return field_node(name, guess.value_type(), facts, nillable=guess.empty > 0)


def field_node(name: str, value: ValueType, facts: dict[str, str], *, nillable: bool = False) -> Node:
    """The node of one column: an empty cell is nothing, so no column is required unless a description says so."""
    return Node(name, Kind.FIELD, Type(value.name, value=value), OPTIONAL, nillable=nillable, facts=facts)


def _too_wide(rows: list[Row], width: int, path: Path) -> tuple[Problem, ...]:
    if not rows:
        return ()
    message = _("This row has {found} cells, but there are {width} columns; rows like this: {count}.")
    return (
        Problem(
            Severity.WARNING,
            message.format(found=len(rows[0].cells), width=width, count=len(rows)),
            str(path),
            rows[0].line,
            mend=_("Quote cells that hold the delimiter."),
        ),
    )


def _check_quotes(rows: list[Row], path: Path, cut: bool) -> None:
    if rows and rows[-1].open and not cut:
        raise BadInput(
            _("A quote is opened in the row that starts here and never closed."),
            file=path,
            line=rows[-1].line,
            next_step=_("Close the quote, or double quotes that belong to the text."),
        )


def check_text(text: str, path: Path) -> None:
    """Raises BadInput for what is no text, whatever it was decoded as."""
    head = text[:4096]
    if sum(character in _CONTROLS for character in head) > len(head) * 0.02:
        raise BadInput(
            _("The file is not text."),
            file=path,
            next_step=_("Export it as CSV, or give another kind of sample."),
        )
