"""XML in: records one at a time in constant memory, or a whole document pruned to the nodes in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from studio.base.errors import TooLarge
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.engine.formats.xml_safe import (
    CHUNK,
    SAFE,
    Prolog,
    check_namespaces,
    read_prolog,
    refuse_reference,
    xml_error,
)
from studio.engine.formats.xml_scanning import Scanned
from studio.engine.formats.xml_stretches import in_stretches
from studio.engine.generate.layout import Row
from studio.engine.items import Item, keep
from studio.engine.plan import Shape

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = Lazily("lxml.etree")

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
ITEM_LIMIT = 4_000_000
_NIL = (XSI + "nil", XSI + "type")


class LateNode(Exception):
    """A node that the schema puts before the records came after one: the input needs two passes."""


class XmlUnits:
    """The elements at one place of a document, in order; each is gone once the next is asked for.

    `chain` are the tags from the root down to the record. An element called as one in `watch` that stands beside the
    records, or beside nodes around them, and comes after the first of them raises LateNode. With a `row` records may
    come as Scanned, with the values it has places for. With `blanks` those between elements are kept, which are part
    of mixed content.
    """

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        chain: tuple[str, ...],
        prolog: Prolog,
        watch: tuple[str, ...] = (),
        row: Row | None = None,
        blanks: bool = False,
    ) -> None:
        self.name = name
        self.taken = 0
        self._stream = stream
        self._chain = chain
        self._prolog = prolog
        self._row = None if blanks else row
        self._blanks = blanks
        self._watch = frozenset(watch) - {chain[-1]}

    def __iter__(self) -> Iterator[etree._Element | Scanned]:
        given, start = 0, self._stream.tell()
        if len(self._chain) == 2 and not (self._watch or self._prolog.outside or self._prolog.wide):
            for element in in_stretches(self._stream, self._chain[-1], self._count, self._row, self._blanks):
                if element is None:
                    break
                given += 1
                yield element
            else:
                return
            self._stream.seek(start)
            self.taken = 0
        yield from islice(self._one_by_one(), given, None)

    def _count(self, size: int) -> None:
        self.taken += size

    def _one_by_one(self) -> Iterator[etree._Element]:
        """As the parser tells of each: for every document, and with the line of a mistake."""
        container: etree._Element | None = None
        watch, outside = self._watch, self._prolog.outside
        for element in self._elements():
            if watch and element.tag in watch:
                self._look_at(element, container)
                continue
            parent = element.getparent()
            if parent is not container:
                if not self._in_place(element):
                    continue
                container = parent
                _forget_before(container)
            if parent is None:
                yield element
                continue
            before = element.getprevious()
            while before is not None:
                parent.remove(before)
                before = element.getprevious()
            if outside:
                refuse_reference(element, self.name)
            yield element

    def _elements(self) -> Iterator[etree._Element]:
        """Every element called as the records are, as soon as it is complete."""
        tags = (self._chain[-1], *self._watch)
        parser = etree.XMLPullParser(
            events=("end",), tag=tags, remove_blank_text=not (self._prolog.wide or self._blanks), **SAFE
        )
        rest = b""
        try:
            while data := self._stream.read(CHUNK):
                self.taken += len(data)
                piece, rest = self._cut(rest + data)
                parser.feed(piece)
                _check(parser, self.name)
                yield from _ended(parser)
            if rest:
                parser.feed(rest)
                _check(parser, self.name)
            parser.close()
            yield from _ended(parser)
        except etree.XMLSyntaxError as error:
            raise xml_error(error, self.name, parser) from error

    def _cut(self, data: bytes) -> tuple[bytes, bytes]:
        """Feed only up to a `>`: blanks that end a piece could not be told from an element's only text."""
        if self._prolog.wide or self._blanks:
            return data, b""
        end = data.rfind(b">") + 1
        if not end and len(data) > 16 * CHUNK:
            return data, b""
        return data[:end], data[end:]

    def _look_at(self, element: etree._Element, container: etree._Element | None) -> None:
        """Raise LateNode when the element is beside a node of the chain and a record came before it."""
        depth = sum(1 for _above in element.iterancestors())
        above = element.getparent()
        if container is None or above is None or depth >= len(self._chain):
            return
        if above.tag == self._chain[depth - 1]:
            raise LateNode

    def _in_place(self, element: etree._Element) -> bool:
        here: etree._Element | None = element
        for tag in reversed(self._chain):
            if here is None or here.tag != tag:
                return False
            here = here.getparent()
        return here is None


def _check(parser: etree.XMLPullParser, name: str) -> None:
    """Raise what the parser met and kept to itself: it goes on after an entity nobody defined."""
    log = parser.feed_error_log
    if log and any(entry.level_name == "FATAL" for entry in log):
        raise xml_error(None, name, parser)


def _ended(parser: Any) -> Iterator[etree._Element]:
    for _event, element in parser.read_events():
        yield element


def _forget_siblings(element: etree._Element, parent: etree._Element) -> None:
    """Free everything before the element. It itself must stay: the parser may still append text after it."""
    before = element.getprevious()
    while before is not None:
        parent.remove(before)
        before = element.getprevious()


def _forget_before(element: etree._Element | None) -> None:
    while element is not None:
        parent = element.getparent()
        if parent is not None:
            _forget_siblings(element, parent)
        element = parent


def own_text(element: etree._Element, mixed: bool) -> str:
    """The text directly inside: all of it for a mixed type, else what stands before the first child."""
    if not mixed:
        return element.text or ""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def item_of(element: etree._Element, parent: Item | None, shape: Shape | None = None) -> Item:
    """The element as an Item, pruned to `shape` (None keeps everything)."""
    item = Item(str(element.tag), parent)
    attributes: Any = element.attrib
    for name, value in attributes.items():
        if name in _NIL:
            continue
        if keep(shape, "@" + name)[0]:
            item.add("@" + name, value)
    if shape is None:
        item.text = own_text(element, any((child.tail or "").strip() for child in element))
    else:
        item.text = own_text(element, shape.mixed)
    if attributes:
        _read_xsi(item, attributes, shape)
    whole = shape is None or shape.whole
    for child in element:
        tag = str(child.tag)
        wanted, inside = keep(shape, tag)
        if wanted:
            below = item_of(child, item, inside)
            item.children.setdefault(tag, []).append(below)
            if whole:
                item.in_order(below)
    return item


def type_of(attributes: Any) -> str | None:
    """The local name of the xsi:type that attributes (or an element) tell."""
    kind: str | None = attributes.get(_NIL[1])
    return kind.rpartition(":")[2].strip() if kind is not None else None


def _read_xsi(item: Item, attributes: Mapping[str, Any], shape: Shape | None) -> None:
    item.type = type_of(attributes)
    if attributes.get(_NIL[0], "").strip() in ("true", "1") and (shape is None or shape.nillable):
        item.text = None


def ancestors_of(element: etree._Element, parent: Item, count: int) -> Item:
    """The Items of the `count` elements above, with their attributes only; the top one's parent is `parent`."""
    above = list(islice(element.iterancestors(), count))
    here = parent
    for each in reversed(above):
        item = Item(str(each.tag), here)
        for name, value in each.attrib.items():
            item.add("@" + str(name), str(value))
        here = item
    return here


class _Open:
    """An element being read: its text before the first child, and after it."""

    __slots__ = ("item", "later", "nil", "pieces", "shape", "started")

    def __init__(self, item: Item, shape: Shape | None, nil: bool = False) -> None:
        self.item = item
        self.shape = shape
        self.nil = nil
        self.started = False
        self.pieces: list[str] = []
        self.later: list[str] = []

    def text(self) -> str | None:
        if self.nil:
            return None
        mixed = self.shape.mixed if self.shape else any(piece.strip() for piece in self.later)
        return "".join(self.pieces + self.later if mixed else self.pieces)


class _Builder:
    """A parser target that keeps the Items of a shape; `stop` (a chain of tags) ends the work when it begins."""

    def __init__(self, shape: Shape | None, stop: tuple[str, ...], name: str) -> None:
        self.document = Item("")
        self.stopped = False
        self._open = [_Open(self.document, shape)]
        self._skipped = 0
        self._stop = stop
        self._tags: list[str] = []
        self._name = name
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Open an element, or skip it with all it holds."""
        if self._stop:
            self._tags.append(tag)
            self.stopped = self.stopped or tuple(self._tags) == self._stop
        here = self._open[-1]
        wanted, shape = keep(here.shape, tag)
        if self._skipped or self.stopped or not wanted:
            here.started = here.started or not self._skipped
            self._skipped += 1
            return
        here.started = True
        item = here.item.add(tag)
        if here.shape is None or here.shape.whole:
            here.item.in_order(item)
        for name, value in attributes.items():
            if name not in _NIL and keep(shape, "@" + name)[0]:
                item.add("@" + name, value)
        if attributes:
            item.text = ""
            _read_xsi(item, attributes, shape)
        self._open.append(_Open(item, shape, nil=bool(attributes) and item.text is None))
        self._count += 1
        if self._count > ITEM_LIMIT:
            raise too_many_items(self._name)

    def data(self, text: str) -> None:
        """Text, in pieces."""
        if not self._skipped:
            here = self._open[-1]
            (here.later if here.started else here.pieces).append(text)

    def end(self, _tag: str) -> None:
        """Close the element."""
        if self._stop:
            self._tags.pop()
        if self._skipped:
            self._skipped -= 1
            return
        done = self._open.pop()
        done.item.text = done.text()

    def close(self) -> Item:
        """The document."""
        return self.document


def too_many_items(name: str) -> TooLarge:
    """The error for an input that does not fit the memory a plan may take."""
    return TooLarge(
        _("The rules need more than {limit:,} values of the input at once.").format(limit=ITEM_LIMIT),
        file=name,
        next_step=_("Leave out sorting, grouping and totals over the whole document, or split the input."),
    )


def read_tree(stream: BinaryIO, name: str, shape: Shape | None = None, stop: tuple[str, ...] = ()) -> Item:
    """The document (its only child is the root) pruned to `shape`, up to the first element at `stop`.

    Raises BadInput with the line for broken XML and for entities, TooLarge over ITEM_LIMIT nodes.
    """
    prolog = read_prolog(stream, name)
    if prolog.outside:
        return _read_with_references(stream, name, shape)
    builder = _Builder(shape, stop, name)
    # A target is told `&amp;` in an attribute as `&#38;` unless references are resolved; none is defined by then.
    parser = etree.XMLParser(target=cast("Any", builder), **{**SAFE, "resolve_entities": "internal"})
    try:
        while data := stream.read(CHUNK):
            parser.feed(data)
            if builder.stopped:
                return builder.document
        parser.close()
    except etree.XMLSyntaxError as error:
        raise xml_error(error, name) from error
    check_namespaces(parser, name)
    return builder.document


def _read_with_references(stream: BinaryIO, name: str, shape: Shape | None) -> Item:
    parser = etree.XMLParser(**SAFE)
    try:
        root = etree.parse(stream, parser).getroot()
    except etree.XMLSyntaxError as error:
        raise xml_error(error, name) from error
    refuse_reference(root, name)
    document = Item("")
    item = item_of(root, document, shape.children.get(str(root.tag)) if shape else None)
    document.children[item.key] = [item]
    return document
