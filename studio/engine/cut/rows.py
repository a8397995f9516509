"""Workbooks, Avro, Parquet and rows of databases without the records nobody wants: written anew from what was read."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO, cast

from studio.base.errors import BadInput
from studio.engine.cut.delimited import cut_delimited
from studio.engine.cut.wanted import Cut, Found, Numbers, Place, address
from studio.engine.formats.nested import Data, Misplaced, below
from studio.engine.lexical import Unwritable
from studio.engine.nested import FORMATS
from studio.engine.plan import Document, Plan
from studio.schema.recognise_typed import SQLITE

_EVERY = 256


def cut_rows(plan: Plan, stream: BinaryIO, name: str, cut: Cut) -> None:
    """Write the records that are kept, and of those the entries that are, by the writer of the format.

    Rows of a database become delimited text of the same columns, which is read in their place. Nothing is written where
    the format has no way to hold what was read.
    """
    (place,) = cut.places
    stream.seek(0)
    if plan.source.format == "database" and _is_text(stream):
        # Rows given as text are cut as such: also those that cannot be read.
        cut_delimited(stream, plan.source.facts, cut)
        return
    writer = _Writer(_target(plan.source))
    with tempfile.TemporaryFile() as lines:
        writable = True
        for found, kept in _records(plan, stream, name, place, cut.check):
            cut.tell(found)
            try:
                if kept is not None and writable:
                    lines.write(writer.line(kept))
            except (Unwritable, ValueError, ArithmeticError):
                writable = False
        if writable and lines.tell():
            _made(writer, cast("BinaryIO", lines), cut)


def _made(writer: _Writer, lines: BinaryIO, cut: Cut) -> None:
    with tempfile.TemporaryFile() as made:
        lines.seek(0)
        try:
            writer.convert(lines, cast("BinaryIO", made))
        except (BadInput, Unwritable, ValueError, ArithmeticError):
            return
        made.seek(0)
        while piece := made.read(1 << 18):
            cut.write(piece)


class _Writer:
    """The writer of a source's own format."""

    def __init__(self, document: Document) -> None:
        self._form = document.forms[0]
        self._encoder = FORMATS[document.format].encoder(document)
        assert self._encoder.convert is not None
        self.convert = self._encoder.convert

    def line(self, data: Data) -> bytes:
        """A record, as the format's writer keeps it until all are there. A row that holds errors is as it is."""
        if any(isinstance(value, dict) and "error" in value for value in data.values()):
            return json.dumps(data).encode() + b"\n"
        return self._encoder.record(self._form, data).encode()


def _target(document: Document) -> Document:
    """The source's document, as one to be written: what is missing in it is not asked for."""
    return replace(document, declared=False)


def _records(
    plan: Plan, stream: BinaryIO, name: str, place: Place, check: Callable[[], object]
) -> Iterator[tuple[Found, Data | None]]:
    """The nodes that are looked for; with the first of each record, what is kept of it."""
    names = place.chain[1:]
    number = 0
    stream.seek(0)
    for count, part in enumerate(FORMATS[plan.source.format].parts(plan.source, None, stream, name), start=1):
        if not count % _EVERY:
            check()
        broken = isinstance(part, Misplaced)
        data: Any = part.unit if isinstance(part, Misplaced) else part.data
        nodes = [data] if broken or not names else list(below(data, names))
        mine = range(number + 1, number + 1 + len(nodes))
        number += len(nodes)
        wanted = data is not None and any(each in place.kept for each in mine)
        kept = (
            (data if broken or not names else _pruned(data, names, iter(mine), place.kept))
            if wanted
            else None
        )
        for each, node in zip(mine, nodes, strict=True):
            if each in place.shown:
                steps = [
                    (key, each if at == len(place.chain) else 0) for at, key in enumerate(place.chain, 1)
                ]
                text = "" if broken else json.dumps(node, ensure_ascii=False)
                line = part.line if broken else None
                yield Found(place, each, address(steps), line, text), kept
                kept = None
        if number >= place.last:
            return


def _pruned(data: Any, names: tuple[str, ...], numbers: Iterator[int], kept: Numbers) -> Any:
    """Data without the nodes at the end of names that are not kept; those count on in `numbers`."""
    if not names:
        return data if next(numbers) in kept else None
    found = data.get(names[0]) if isinstance(data, dict) else None
    if found is None:
        return data
    many = isinstance(found, list)
    left = [
        _pruned(each, names[1:], numbers, kept) for each in (found if many else (found,)) if each is not None
    ]
    if many:
        return {**data, names[0]: [each for each in left if each is not None]}
    return {**data, names[0]: left[0]}


def _is_text(stream: BinaryIO) -> bool:
    """The rows are in a delimited file."""
    if hasattr(stream, "address"):
        return False
    head = stream.read(len(SQLITE))
    stream.seek(0)
    return head != SQLITE
