"""XML samples as schemas: every element and attribute seen, how often, and what its texts look like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.system_errors import unreadable
from studio.schema.infer import Guess
from studio.schema.model import ONCE, OPTIONAL, TEXT, Kind, Node, Occurs, Schema, Type, ValueType
from studio.schema.prefixes import Prefixes
from studio.schema.source import read_head
from studio.schema.xml_source import Element, not_xml, parser_options, refuse_entities

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
# A sample's shape is known long before this; the rest of a larger one is not read.
_MOST_ELEMENTS = 50_000
# Where an encoding and entities are declared.
_HEAD = 65536
# Beyond so many names the order among them is that of first appearance only.
_MOST_ORDERED = 1000


class Shape:
    """What was seen of one element at one place of the document."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.count = 0
        self.least: int | None = None
        self.most = 0
        self.guess = Guess()
        self.mixed = False
        self.nil = False
        self.attributes: dict[str, Guess] = {}
        self.children: dict[str, Shape] = {}
        self.order: list[str] = []


class _Open:
    """An element whose end has not come yet: its shape and how many children of each name it had."""

    __slots__ = ("counts", "last", "shape")

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.counts: dict[str, int] = {}
        self.last = -1


def read_xml_sample(path: Path, *, encoding: str | None = None) -> Schema:
    """The schema of an XML document, from its first 50,000 elements.

    Raises BadInput with line and column where it is not well-formed, and for a document that defines entities.
    """
    return read_xml_samples((path,), encoding=encoding)


def read_xml_samples(paths: Sequence[Path], *, encoding: str | None = None) -> Schema:
    """The schema all the documents fit: what is in each of them is required, what differs is widened.

    Documents with different root elements give several roots. Raises BadInput like `read_xml_sample`.
    """
    prefixes = Prefixes()
    root = Shape("")
    facts: dict[str, str] = {}
    for path in paths:
        facts = {**_see(path, encoding, root, prefixes), **facts}
    nodes = tuple(_node(shape, ONCE, prefixes) for shape in root.children.values())
    files = tuple(str(path) for path in paths)
    return Schema("xml", nodes, files=files, namespaces=dict(prefixes.spaces), facts=facts)


def _see(path: Path, encoding: str | None, root: Shape, prefixes: Prefixes) -> dict[str, str]:
    head = read_head(path, _HEAD)
    if not head.strip(b"\0 \t\r\n"):
        raise BadInput(_("The file is empty."), file=path, next_step=_("Give a document with some data."))
    try:
        with path.open("rb") as file:
            return _walk(_events(file, encoding), path, head, root, prefixes)
    except etree.XMLSyntaxError as error:
        raise not_xml(error, path, head) from None
    except OSError as error:
        raise unreadable(path, error) from None


def _events(file: BinaryIO, encoding: str | None) -> Iterator[tuple[str, Element]]:
    events: Any = etree.iterparse(
        file,
        events=("start", "end"),
        encoding=encoding,
        remove_comments=True,
        remove_pis=True,
        **parser_options(),
    )
    yield from events


def _walk(
    events: Iterator[tuple[str, Element]], path: Path, head: bytes, root: Shape, prefixes: Prefixes
) -> dict[str, str]:
    open_elements = [_Open(root)]
    left = _MOST_ELEMENTS
    facts: dict[str, str] = {}
    for event, element in events:
        if event == "start":
            if len(open_elements) == 1:
                refuse_entities(element, path, head)
                facts["encoding"] = element.getroottree().docinfo.encoding or "UTF-8"
                prefixes.learn(element.nsmap)
            _start(open_elements, element)
            left -= 1
            if left < 0:
                _leave(open_elements)
                break
        else:
            _end(open_elements.pop(), element)
            element.clear()
    return facts


def _start(open_elements: list[_Open], element: Element) -> None:
    parent = open_elements[-1]
    tag = str(element.tag)
    shape = parent.shape.children.get(tag)
    if shape is None:
        shape = parent.shape.children[tag] = Shape(tag)
        # An element new to its parent stands behind the sibling it was found behind.
        order = parent.shape.order
        order.insert(parent.last + 1 if len(order) < _MOST_ORDERED else len(order), tag)
        shape.least = 0 if parent.shape.count > 1 else None
        parent.last += 1
    elif tag not in parent.counts and len(parent.shape.order) < _MOST_ORDERED:
        parent.last = parent.shape.order.index(tag)
    parent.counts[tag] = parent.counts.get(tag, 0) + 1
    shape.count += 1
    open_elements.append(_Open(shape))
    for name, text in element.attrib.items():
        _attribute(shape, str(name), str(text))


def _attribute(shape: Shape, name: str, text: str) -> None:
    if name == f"{_XSI}nil":
        shape.nil = True
    elif not name.startswith(_XSI):
        guess = shape.attributes.get(name)
        if guess is None:
            guess = shape.attributes[name] = Guess()
        guess.see(text)


def _end(done: _Open, element: Element) -> None:
    shape = done.shape
    for tag, child in shape.children.items():
        count = done.counts.get(tag, 0)
        child.most = max(child.most, count)
        child.least = count if child.least is None else min(child.least, count)
    text = element.text or ""
    if not shape.children:
        shape.guess.see(str(text))
    elif text.strip() or any((child.tail or "").strip() for child in element):
        shape.mixed = True


def _leave(open_elements: list[_Open]) -> None:
    """Where reading stops early: what is open has at least the children it had so far."""
    for one in open_elements:
        for tag, count in one.counts.items():
            child = one.shape.children[tag]
            child.most = max(child.most, count)
            child.least = 1 if child.least is None else child.least


def _node(shape: Shape, occurs: Occurs, prefixes: Prefixes) -> Node:
    namespace, name = _split(shape.tag)
    value: ValueType | None = None
    if not shape.children:
        value = shape.guess.value_type()
    elif shape.mixed:
        value = TEXT
    inside = bool(shape.children or shape.attributes)
    kind = Type(
        value.name if value and not inside else "",
        value=value,
        children=(lambda: _children(shape, prefixes)) if inside else None,
        mixed=shape.mixed,
    )
    facts = shape.guess.facts() if not shape.children else {}
    return Node(name, Kind.ELEMENT, kind, occurs, namespace=namespace, nillable=shape.nil, facts=facts)


def _children(shape: Shape, prefixes: Prefixes) -> tuple[Node, ...]:
    nodes: list[Node] = []
    for tag, guess in shape.attributes.items():
        namespace, name = _split(tag)
        value = guess.value_type()
        occurs = ONCE if guess.count >= shape.count else OPTIONAL
        kind = Type(value.name, value=value)
        nodes.append(Node(name, Kind.ATTRIBUTE, kind, occurs, namespace=namespace, facts=guess.facts()))
    for tag in shape.order:
        child = shape.children[tag]
        occurs = Occurs(min(child.least or 0, 1), None if child.most > 1 else 1)
        nodes.append(_node(child, occurs, prefixes))
    return prefixes.told_apart(nodes)


def _split(tag: Any) -> tuple[str, str]:
    text = str(tag)
    if text.startswith("{"):
        namespace, _brace, name = text[1:].partition("}")
        return namespace, name
    return "", text
