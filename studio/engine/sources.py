"""One face for every input format: records in a stream, records and documents as Items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.system_errors import unreadable
from studio.engine.formats import delimited_read, xml_read, xml_safe
from studio.engine.formats.json_quick import Decoded
from studio.engine.formats.units import Broken
from studio.engine.formats.xml_scanning import Scanned
from studio.engine.formats.xml_wide import narrowed
from studio.engine.generate.layout import layout
from studio.engine.items import Item, keep
from studio.engine.nested import FORMATS, NestedSource
from studio.engine.plan import Document, Plan, Shape, Top

if TYPE_CHECKING:
    from lxml import etree

    from studio.engine import edi_source
    from studio.engine.formats import json_read
else:
    etree = Lazily("lxml.etree")
    json_read = Lazily("studio.engine.formats.json_read")
    edi_source = Lazily("studio.engine.edi_source")

Unit = Any
"""What a reader gives at once (see plan.Unit): an lxml element, a JSON value, a list of cells; or Broken."""


class Source(Protocol):
    """An input of one format. Every method reads the stream from its beginning."""

    @property
    def taken(self) -> int:
        """Bytes read in the current pass."""

    def units(self, top: Top, quick: bool = False) -> Iterable[Unit]:
        """The records of an outermost loop, or what they are read with (Top.unit).

        With `quick` some may come as what generated code alone takes apart; item() knows these too.
        """

    def item(self, unit: Unit, top: Top, document: Item, whole: bool = False) -> Item:
        """A unit as an Item whose parents are those in `document`; `whole` keeps what the plan does not use."""

    def document(self, shape: Shape | None, stop: tuple[str, ...] = ()) -> Item:
        """The document pruned to `shape`, up to the first record at `stop` where that is given."""


def open_source(plan: Plan, stream: BinaryIO, name: str, whole: bool = False) -> Source:
    """The source of a plan over a seekable stream called `name` in messages; `whole` to see what it does not use too."""
    document = plan.source
    if document.format == "edi":
        return edi_source.EdiSource(document, plan, stream, name)
    if document.format == "xml":
        return _Xml(document, plan, stream, name)
    if document.format == "delimited":
        return _Delimited(document, plan, stream, name)
    if document.format in FORMATS:
        return NestedSource(plan, stream, name, whole)
    return _Json(document, plan, stream, name)


@runtime_checkable
class Streamed(Protocol):
    """A source of rows; `stream` is what it reads."""

    @property
    def stream(self) -> BinaryIO:
        """The bytes."""


@runtime_checkable
class Batches(Streamed, Protocol):
    """A source that gives records by the hundred, as well."""

    def batches(self) -> Iterable[delimited_read.Batch | Broken]:
        """The records of the outermost loop, read from the beginning."""


class Refusing:
    """A source some of whose records are known not to fit, by their number: they come as broken ones."""

    def __init__(self, source: Source, refused: Mapping[int, Broken]) -> None:
        self._source = source
        self._refused = refused

    @property
    def taken(self) -> int:
        """Bytes read in the current pass."""
        return self._source.taken

    def units(self, top: Top, quick: bool = False) -> Iterator[Unit]:
        """The records, those refused as Broken."""
        for number, unit in enumerate(self._source.units(top, quick), start=1):
            refused = self._refused.get(number)
            yield unit if refused is None else replace(refused, unit=unit)

    def item(self, unit: Unit, top: Top, document: Item, whole: bool = False) -> Item:
        """A unit as an Item."""
        return self._source.item(unit, top, document, whole)

    def document(self, shape: Shape | None, stop: tuple[str, ...] = ()) -> Item:
        """The document, refused records and all."""
        return self._source.document(shape, stop)


class _Xml:
    def __init__(self, document: Document, plan: Plan, stream: BinaryIO, name: str) -> None:
        self._stream = narrowed(stream, name)
        self._name = name
        self._root = document.root
        self._units: xml_read.XmlUnits | None = None
        self._plan = plan
        self._known: dict[tuple[str, ...], int] = {}

    @property
    def taken(self) -> int:
        return self._units.taken if self._units else 0

    def _begin(self) -> xml_safe.Prolog:
        self._stream.seek(0)
        prolog = xml_safe.read_prolog(self._stream, self._name)
        xml_safe.check_root(prolog, self._root, self._name)
        return prolog

    def units(self, top: Top, quick: bool = False) -> Iterable[etree._Element | Scanned]:
        prolog = self._begin()
        row = layout(top.unit.shape, top.unit.chain) if quick else None
        self._units = xml_read.XmlUnits(
            self._stream, self._name, top.unit.chain, prolog, self._plan.watch, row, _mixes(top.unit.shape)
        )
        return self._units

    def item(self, unit: Unit, top: Top, document: Item, whole: bool = False) -> Item:
        if isinstance(unit, Scanned):
            unit = unit.element()
        alone = self._alone(top)
        parent = _container(document, top.unit.chain[:alone])
        parent = xml_read.ancestors_of(unit, parent, len(top.unit.chain) - 1 - alone)
        return xml_read.item_of(unit, parent, None if whole else top.unit.shape)

    def _alone(self, top: Top) -> int:
        """How many of the nodes above a top loop's units are the same for all of them."""
        chain = top.unit.chain
        if chain not in self._known:
            above = [self._plan.shape.at(chain[:length]) for length in range(1, len(chain))]
            several = (place for place, shape in enumerate(above) if shape is not None and shape.repeats)
            self._known[chain] = next(several, len(above))
        return self._known[chain]

    def document(self, shape: Shape | None, stop: tuple[str, ...] = ()) -> Item:
        self._begin()
        return xml_read.read_tree(self._stream, self._name, shape, stop)


class _Json:
    def __init__(self, document: Document, plan: Plan, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._lines = document.format == "lines"
        self._objects = document.objects
        self._whole = plan.passes == "whole"
        self._shape = plan.shape
        self._units: json_read.JsonUnits | json_read.LineUnits | None = None

    @property
    def taken(self) -> int:
        return self._units.taken if self._units else 0

    def units(self, top: Top, quick: bool = False) -> Iterable[Unit]:
        self._stream.seek(0)
        if self._lines:
            alone = len(top.unit.chain) == 1
            row = layout(top.unit.shape, top.unit.chain) if quick and alone else None
            self._units = json_read.LineUnits(self._stream, self._name, self._objects, row)
            return self._units if alone else self._below(self._units, top)
        self._units = json_read.JsonUnits(self._stream, self._name, top.unit.chain, top.unit.entries)
        return self._units

    def _below(self, lines: Iterable[Unit], top: Top) -> Iterator[Unit]:
        for value in lines:
            if isinstance(value, Broken):
                yield value
            else:
                yield from json_read.inside(value, top.unit.chain[1:], top.unit.entries[1:])

    def item(self, unit: Unit, top: Top, document: Item, whole: bool = False) -> Item:
        if isinstance(unit, Decoded):
            unit = json_read.DECODER.decode(unit.line)
        item = Item(top.unit.chain[-1], _container(document, top.unit.chain[:-1]))
        return json_read.fill(item, unit, None if whole else top.unit.shape)

    def document(self, shape: Shape | None, stop: tuple[str, ...] = ()) -> Item:
        del stop
        self._stream.seek(0)
        if not self._lines:
            return json_read.read_tree(self._stream, self._name, shape)
        lines = json_read.LineUnits(self._stream, self._name, self._objects)
        return json_read.read_lines(lines, shape, strict=self._whole and shape is not None)


class _Delimited:
    def __init__(self, document: Document, plan: Plan, stream: BinaryIO, name: str) -> None:
        self._document = document
        self._stream = stream
        self._name = name
        row = plan.shape.children.get("row")
        self._used = frozenset(row.children) if row else frozenset[str]()
        self._units: delimited_read.RowUnits | None = None

    @property
    def stream(self) -> BinaryIO:
        return self._stream

    @property
    def taken(self) -> int:
        return self._units.taken if self._units else 0

    def units(self, top: Top | None = None, quick: bool = False) -> Iterable[Unit]:
        del top, quick
        return self._begin()

    def _begin(self) -> delimited_read.RowUnits:
        self._stream.seek(0)
        document = self._document
        self._units = delimited_read.RowUnits(
            self._stream, self._name, document.columns, document.facts, self._used
        )
        return self._units

    def batches(self) -> Iterable[delimited_read.Batch | Broken]:
        """The rows by the hundred."""
        return self._begin().batches()

    def item(self, unit: Unit, top: Top, document: Item, whole: bool = False) -> Item:
        shape = None if whole else top.unit.shape
        return delimited_read.item_of(unit, document, self._document.columns, shape)

    def document(self, shape: Shape | None, stop: tuple[str, ...] = ()) -> Item:
        del stop
        document = Item("")
        wanted, inside = keep(shape, self._document.root)
        if not wanted:
            return document
        rows: list[Item] = []
        kept = 0
        for unit in self.units():
            if isinstance(unit, Broken):
                raise unit.needed(self._name)
            rows.append(delimited_read.item_of(unit, document, self._document.columns, inside))
            kept += 1 + len(rows[-1].children)
            if kept > xml_read.ITEM_LIMIT:
                raise xml_read.too_many_items(self._name)
        document.children[self._document.root] = rows
        return document


def _mixes(shape: Shape) -> bool:
    """Text between elements is read somewhere in it."""
    return shape.mixed or shape.whole or any(_mixes(child) for child in shape.children.values())


def _container(document: Item, chain: tuple[str, ...]) -> Item:
    """The Item at `chain`, made where the outer pass kept none."""
    here = document
    for key in chain:
        found = here.first(key)
        here = found if found is not None else here.add(key, "")
    return here


def open_input(path: Path) -> BinaryIO:
    """The file for reading. Raises BadInput where it cannot be opened."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise BadInput(
            _("There is no such file."), file=path, next_step=_("Check the name and the folder.")
        ) from None
    except OSError as error:
        raise unreadable(path, error) from error


def outside(plan: Plan, source: Source) -> Item:
    """What a plan holds of its input while the records go by: the document pruned to what is read outside them."""
    if plan.passes == "whole":
        return source.document(plan.shape)
    if plan.passes == "head":
        return source.document(plan.outer, plan.tops[0].unit.chain)
    if plan.passes == "twice":
        return source.document(plan.outer)
    return Item("")
