"""Delimited files against a description of their columns: our own, a Salesforce object's, or what a sample showed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from studio.base.errors import BadInput, NotHere, Problem, Severity
from studio.base.i18n import _
from studio.schema.delimited import column_names
from studio.schema.model import Node, Place, Schema
from studio.schema.read import read_schema
from studio.schema.rows import recognise
from studio.schema.source import decode, read_head
from studio.schema.validate.values import misfit

_HEAD = 65536
_LONGEST_CELL = 64 * 1024 * 1024


class _Column(NamedTuple):
    """A column of the file: where it is, the field it fills, and the field's address."""

    at: int
    node: Node
    path: str


def check_rows(
    schema: Path, instance: Path, *, root: str | None, record: str | None, within: Path | None
) -> Iterator[Problem]:
    """The problems of a delimited file: rows are records, counted without the header."""
    known = read_schema(schema, root=root, within=within)
    if known.kind in ("fixed", "edi"):
        raise NotHere(
            _("Documents are not checked against schemas of kind {kind} by this version.").format(
                kind=known.kind
            ),
            file=schema,
            next_step=_("Read the document with its schema: what does not fit is told there."),
        )
    row = known.root(record)
    if row is None:
        return
    yield from _Rows(known, row, instance).problems()


class _Rows:
    def __init__(self, schema: Schema, row: Place, instance: Path) -> None:
        self._row = row
        self._path = instance
        self._facts = dict(schema.facts)
        self._fields = [place for place in row.flat_children() if not place.node.unresolved]
        if schema.kind == "salesforce":
            # An object's description says nothing of files: each says itself how it is written.
            self._facts = {}

    def problems(self) -> Iterator[Problem]:
        """All of them, in the order of the file."""
        encoding, facts = self._written()
        csv.field_size_limit(_LONGEST_CELL)
        with self._path.open(encoding=encoding, errors="strict", newline="") as text:
            reader = csv.reader(
                text,
                delimiter=facts["delimiter"],
                quotechar=facts["quote"] or None,
                quoting=csv.QUOTE_MINIMAL if facts["quote"] else csv.QUOTE_NONE,
            )
            try:
                yield from self._rows(reader, facts)
            except UnicodeDecodeError as error:
                raise BadInput(
                    _("The file is not {encoding}: byte {byte} makes no character there.").format(
                        encoding=encoding, byte=f"0x{error.object[error.start]:02X}"
                    ),
                    file=self._path,
                    line=reader.line_num + 1,
                    next_step=_("Give the encoding it was saved in, or save it as UTF-8."),
                ) from None
            except csv.Error as error:
                raise BadInput(
                    _("The file is not delimited text: {reason}.").format(reason=error),
                    file=self._path,
                    line=reader.line_num + 1,
                    next_step=_("Check the delimiter and the quotes."),
                ) from None

    def _written(self) -> tuple[str, dict[str, str]]:
        """The encoding, and how the file is delimited: as the schema says, else as it looks."""
        head = read_head(self._path, _HEAD)
        text, found = decode(head, self._facts.get("encoding"), file=self._path, whole=len(head) < _HEAD)
        seen = recognise(text, cut=len(head) == _HEAD)
        encoding = "utf-8-sig" if found.lower().replace("_", "-") == "utf-8" else found
        header = "true" if self._row.node.facts.get("object") else str(seen.header).lower()
        looks = {"delimiter": seen.delimiter, "quote": seen.quote, "header": header}
        return encoding, {key: self._facts.get(key, value) for key, value in looks.items()} | {
            key: self._facts[key] for key in ("decimal", "thousands") if key in self._facts
        }

    def _rows(self, reader: Iterator[list[str]], facts: Mapping[str, str]) -> Iterator[Problem]:
        columns: list[_Column] | None = None
        width, number = len(self._fields), 0
        if facts["header"] != "true":
            columns = [_Column(at, place.node, place.path) for at, place in enumerate(self._fields)]
        line = 1
        for cells in reader:
            start, line = line, _line(reader) + 1
            if not cells:
                continue
            if columns is None:
                columns, width = self._columns(cells), len(cells)
                yield from self._header_problems(cells, columns, start)
                continue
            number += 1
            yield from self._row_problems(cells, columns, width, facts, (start, number))

    def _columns(self, header: list[str]) -> list[_Column]:
        names = column_names(header)
        at_of = {name: at for at, name in enumerate(names)}
        folded = {name.casefold(): at for at, name in reversed(list(enumerate(names)))}
        found = []
        for place in self._fields:
            said = place.node.facts.get("header", place.node.name)
            at = at_of.get(" ".join(said.split()), at_of.get(place.node.name, folded.get(said.casefold())))
            if at is not None:
                found.append(_Column(at, place.node, place.path))
        return found

    def _header_problems(self, header: list[str], columns: list[_Column], line: int) -> Iterator[Problem]:
        there = {column.path for column in columns}
        for place in self._fields:
            if place.node.occurs.min and place.path not in there:
                yield self._problem(
                    _("The column {name} is missing.").format(name=place.node.name),
                    place.path,
                    line,
                    None,
                    _("Add it, or correct its name in the header."),
                )
        taken = {column.at for column in columns}
        for at, name in enumerate(header):
            if at not in taken:
                yield self._problem(
                    _("The schema has no column {name}.").format(name=name or at + 1),
                    self._row.path,
                    line,
                    None,
                    _("Remove it, or correct its name in the header."),
                    Severity.WARNING,
                )

    def _row_problems(
        self,
        cells: list[str],
        columns: list[_Column],
        width: int,
        facts: Mapping[str, str],
        where: tuple[int, int],
    ) -> Iterator[Problem]:
        line, number = where
        if len(cells) > width:
            message = _("The row has {found} cells, but there are {width} columns.")
            yield self._problem(
                message.format(found=len(cells), width=width),
                self._row.path,
                line,
                number,
                _("Quote cells that hold the delimiter."),
            )
        for at, node, path in columns:
            text = cells[at] if at < len(cells) else ""
            if not text.strip():
                if node.occurs.min and node.facts.get("nillable") != "true":
                    yield self._problem(
                        _("{name} is empty.").format(name=node.name),
                        path,
                        line,
                        number,
                        _("Give it a value."),
                    )
                continue
            wrong = misfit(node.value, text, facts) if node.value is not None else ""
            if wrong:
                yield self._problem(wrong, path, line, number, _("Correct the value."))

    def _problem(
        self,
        message: str,
        path: str,
        line: int,
        record: int | None,
        mend: str,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        return Problem(severity, message, str(self._path), line, path=path, mend=mend, record=record)


def _line(reader: Iterator[list[str]]) -> int:
    return int(getattr(reader, "line_num", 0))
