"""The formats that are read into nested plain data and written from it: which there are, and one face for reading them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, Protocol

from studio.base.records import dataclass
from studio.engine.formats.nested import Chain, Data, Misplaced, Part, Parts, below, fill, units
from studio.engine.formats.units import Broken
from studio.engine.formats.xml_read import ITEM_LIMIT, too_many_items
from studio.engine.forms import Form, chains
from studio.engine.items import Item, keep
from studio.engine.lexical import Writer
from studio.engine.plan import Document, Plan, Shape, Target, Top


class Encoder(Protocol):
    """Makes the text of records from nested data, whose leaves its own `leaf` has made.

    A format whose output is no text gives JSON lines instead, and `convert` makes the file of them when all are there.
    """

    opening: str
    """The text that a document begins with."""
    encoding: str
    """That of the output."""
    convert: Callable[[BinaryIO, BinaryIO], None] | None
    """JSON lines in, the finished document out; None where the text is the document. Raises BadInput."""

    def leaf(self, target: Target) -> Writer:
        """Value → the text a leaf holds in the output, ready and checked; None for nothing. Raises Unwritable."""

    def record(self, form: Form, data: Data) -> str:
        """A record with all records inside it. Raises Unwritable."""

    def line(self, form: Form, data: Data) -> str:
        """A record without those inside it. Raises Unwritable."""


@dataclass(frozen=True)
class Entry:
    """The modules (in engine.formats) of a format, loaded when a run needs them.

    The reading one has `parts(document, shape, stream, name) -> Parts`, where `shape` is None to keep everything; the
    writing one `encoder(document) -> Encoder`.
    """

    reads: str
    writes: str

    def parts(self, document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> Parts:
        """The parts of a document from the beginning of its stream."""
        made: Parts = _module(self.reads).parts(document, shape, stream, name)
        return made

    def encoder(self, document: Document) -> Encoder:
        """The encoder for a target."""
        made: Encoder = _module(self.writes).encoder(document)
        return made


def _module(name: str) -> Any:
    return importlib.import_module(f"studio.engine.formats.{name}")


FORMATS: dict[str, Entry] = {
    "fixed": Entry("records_read", "records_write"),
    "records": Entry("records_read", "records_write"),
    "avro": Entry("avro_read", "avro_write"),
    "copybook": Entry("copybook_read", "copybook_write"),
    "database": Entry("database_read", "database_write"),
    "excel": Entry("excel_read", "excel_write"),
    "parquet": Entry("parquet_read", "parquet_write"),
}


class NestedSource:
    """A document of one of the formats; see sources.Source. `whole` reads what the plan does not use too."""

    def __init__(self, plan: Plan, stream: BinaryIO, name: str, whole: bool = False) -> None:
        self._document = plan.source
        self._shape = None if whole else plan.shape
        self._strict = plan.passes == "whole"
        self._stream = stream
        self._name = name
        self._parts: Parts | None = None
        records = dict(chains(plan.source.forms))
        self._records = frozenset(records)
        self._lists = frozenset(chain for chain, form in records.items() if form.occurs.repeats)

    @property
    def stream(self) -> BinaryIO:
        """The bytes."""
        return self._stream

    @property
    def taken(self) -> int:
        """Bytes read in the current pass."""
        return self._parts.taken if self._parts else 0

    def _begin(self, shape: Shape | None) -> Parts:
        self._stream.seek(0)
        document = self._document
        self._parts = FORMATS[document.format].parts(document, shape, self._stream, self._name)
        return self._parts

    def units(self, top: Top, quick: bool = False) -> Iterator[Data | Broken]:
        """The data a loop's records are in."""
        del quick
        chain = top.unit.chain
        length = len(chain)
        while length and chain[:length] not in self._records:
            length -= 1
        found = units(self._begin(self._shape), chain[:length], self._lists)
        return found if length == len(chain) else self._below(found, chain[length:])

    def _below(self, found: Iterable[Data | Broken], chain: Chain) -> Iterator[Data | Broken]:
        for unit in found:
            if isinstance(unit, Broken):
                yield unit
            else:
                yield from below(unit, chain)

    def item(self, unit: Data, top: Top, document: Item, whole: bool = False) -> Item:
        """A unit as an Item."""
        parent = document
        for key in top.unit.chain[:-1]:
            found = parent.first(key)
            parent = found if found is not None else parent.add(key, "")
        return fill(Item(top.unit.chain[-1], parent), unit, None if whole else top.unit.shape)

    def document(self, shape: Shape | None, stop: tuple[str, ...] = ()) -> Item:
        """The document; where a rule needs it whole, what is no record ends the run."""
        del stop
        document = Item("", text="")
        tree: list[tuple[Item | None, Shape | None]] = [(document, shape)]
        kept = 0
        for part in self._begin(shape):
            if isinstance(part, Misplaced):
                if self._strict and shape is not None:
                    raise part.needed(self._name)
                continue
            kept += _grow(tree, part)
            if kept > ITEM_LIMIT:
                raise too_many_items(self._name)
        return document


def _grow(tree: list[tuple[Item | None, Shape | None]], part: Part) -> int:
    """Add a part to the items that are open; gives how many items that made."""
    depth = len(part.chain) - part.opens
    del tree[depth + 1 :]
    made = 0
    for level in range(depth, len(part.chain)):
        above, shape = tree[level]
        key = part.chain[level]
        wanted, inside = keep(shape, key)
        item = None
        if above is not None and wanted:
            item = above.add(key, "")
            made += 1
            if level == len(part.chain) - 1:
                fill(item, part.data, inside)
                made += len(part.data)
        tree.append((item, inside))
    return made
