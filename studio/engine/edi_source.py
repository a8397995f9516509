"""X12 and EDIFACT as a source of records: messages in a stream, with the segments that open the levels around them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from studio.engine.formats.edi_read import EdiReader, EdiUnits, Unit, fill, read_document
from studio.engine.formats.units import Broken
from studio.engine.items import Item
from studio.engine.plan import Document, Plan, Shape, Top


class EdiSource:
    """See sources.Source. `lines_before` stand in the file before what is read of it."""

    lines_before = 0

    def __init__(self, document: Document, plan: Plan, stream: BinaryIO, name: str) -> None:
        assert document.messages is not None
        self._layout = document.messages
        self._facts = document.facts
        self._stream = stream
        self._name = name
        self._plan = plan
        self._units: EdiUnits | None = None

    @property
    def taken(self) -> int:
        """Bytes read in the current pass."""
        return self._units.taken if self._units else 0

    def _reader(self) -> EdiReader:
        self._stream.seek(0)
        reader = EdiReader(self._stream, self._name, self._layout, self._facts)
        reader.segments.line += self.lines_before
        return reader

    def units(self, top: Top, quick: bool = False) -> Iterable[Any]:
        """The records of an outermost loop, or the nodes they are read with."""
        del quick
        self._units = EdiUnits(self._reader(), top.unit.chain, len(top.chain))
        return self._units

    def item(self, unit: Unit, top: Top, document: Item, whole: bool = False) -> Item:
        """A unit as an Item, the segments that open the levels around it above."""
        chain = top.unit.chain
        here = outer = document
        several = False
        for depth, key in enumerate(chain[:-1]):
            shape = self._plan.shape.at(chain[: depth + 1])
            several = several or (shape is not None and shape.repeats)
            here = Item(key, here, "")
            if depth < len(unit.above):
                fill(here, unit.above[depth], None if whole else _around(shape, unit.above[depth]))
            found = None if several else outer.first(key)
            if found is not None:
                # What a first pass has read of the only level of its name.
                outer = found
                here.children = {**found.children, **here.children}
        return fill(Item(chain[-1], here), unit.value, None if whole else top.unit.shape)

    def document(self, shape: Shape | None, stop: tuple[str, ...] = ()) -> Item:
        """The document pruned to `shape`."""
        del stop
        needed = self._needed if self._plan.passes == "whole" and shape is not None else None
        return read_document(self._reader(), shape, needed)

    def _needed(self, broken: Broken) -> None:
        raise broken.needed(self._name)


def _around(shape: Shape | None, values: dict[str, Any]) -> Shape:
    """Of a level's shape, what stands in the segment that opens it."""
    if shape is None:
        return Shape("")
    return Shape(shape.key, {key: child for key, child in shape.children.items() if key in values})
