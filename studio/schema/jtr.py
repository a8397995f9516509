"""Structure files of Jitterbit transformations (JTR, gzipped or plain) and its text documents as schemas."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity, TooLarge
from studio.base.i18n import _
from studio.schema.delimited import column_names
from studio.schema.model import MANY, ONCE, OPTIONAL, Base, Kind, Node, Occurs, Schema, Type, ValueType
from studio.schema.source import MEGABYTE, read_bytes
from studio.schema.xml_source import Element, line_of, parse_bytes

GZIP = b"\x1f\x8b"
_LARGEST = 64 * MEGABYTE
_MOST_PROBLEMS = 100
# Bits of a node's type.
_VALUE, _ATTRIBUTE, _REPEATS, _ALTERNATIVE, _OPTIONAL, _ONE_OR_MORE = 0x2, 0x4, 0x8, 0x10, 0x20, 0x40
_SALESFORCE = 0x200000

_BASES = {
    "boolean": Base.BOOLEAN,
    "date": Base.DATETIME,
    "double": Base.DECIMAL,
    "float": Base.DECIMAL,
    "long": Base.INTEGER,
    "integer": Base.INTEGER,
    "int": Base.INTEGER,
}


def read_jtr(path: Path, *, encoding: str | None = None) -> Schema:
    """The schema of a structure file, or of a text document's description.

    Facts: `form` (`xml` or `text`), for text `delimiter` and `quote`. Types are shared and met by reference, so that
    recursion ends. Raises BadInput for what is neither; references that lead nowhere are marked nodes.
    """
    data = read_bytes(path, _LARGEST)
    root = parse_bytes(unzipped(data, path), path, encoding=encoding)
    if root.tag == "Entity":
        return _document(root, path)
    if root.tag != "JTR":
        raise _no_structure(path, root)
    return _Reader(root, path).schema()


def unzipped(data: bytes, path: Path, limit: int = _LARGEST) -> bytes:
    """The text of a gzipped file, or the bytes as they are; raises TooLarge for one that grows without bound."""
    if not data.startswith(GZIP):
        return data
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        made = unpacker.decompress(data, limit)
    except zlib.error:
        raise BadInput(
            _("The gzip file is damaged."), file=path, next_step=_("Get the file again from where it came.")
        ) from None
    if unpacker.unconsumed_tail:
        raise TooLarge(
            _("The gzip file unpacks to more than {limit} MB.").format(limit=limit // MEGABYTE),
            file=path,
            next_step=_("Give a smaller structure."),
        )
    if not unpacker.eof:
        raise BadInput(
            _("The gzip file ends too early."),
            file=path,
            next_step=_("Get the file again from where it came."),
        )
    return made


def _no_structure(path: Path, root: Element) -> BadInput:
    return BadInput(
        _("This is no structure of a transformation."),
        file=path,
        line=line_of(root),
        next_step=_("Give the input or output structure (JTR) of a transformation."),
    )


class _Reader:
    def __init__(self, root: Element, path: Path) -> None:
        self._path = path
        self._root = root
        self._text = root.get("Type", "").lower() == "text"
        self._strings = {one.get("idx", ""): one.get("val", "") for one in root.iterfind("Strings/String")}
        self._library = {
            self._word(one.get("Name")): one
            for one in root.iterfind("ElementTypes/ElementType")
            if one.get("Name")
        }
        self._types: dict[str, Type] = {}
        self._problems: list[Problem] = []

    def schema(self) -> Schema:
        """The whole structure."""
        tops = [one for one in self._root if one.tag == "CROM"]
        tops = [inner for top in tops for inner in (_inside(top) if _bits(top) & 0x8000 else [top])] or tops
        tops += list(self._root.iterfind("Elements/CROM"))
        if not tops:
            raise _no_structure(self._path, self._root)
        facts = {"form": "text" if self._text else "xml"}
        if self._text:
            facts |= self._written(tops)
            names = column_names(
                [self._name(one) or ("row" if at == 0 else "") for at, one in enumerate(tops)]
            )
            roots = tuple(self._record(one, name) for one, name in zip(tops, names, strict=True))
        else:
            roots = tuple(self._node(one) for one in tops)
        for node in roots:
            # A look at the first level finds references that lead nowhere; deeper ones are marked when shown.
            _children = node.type.children
        return Schema("jtr", roots, files=(str(self._path),), problems=tuple(self._problems), facts=facts)

    def _written(self, tops: list[Element]) -> dict[str, str]:
        """How the text is delimited, by the first record that says it."""
        for one in tops:
            text = one.find("Text")
            if text is not None and text.get("Delimiter"):
                return {
                    "delimiter": self._word(text.get("Delimiter")),
                    "quote": self._word(text.get("StrQual")),
                }
        return {}

    def _word(self, text: str | None) -> str:
        """A text of an attribute: an index into the table of strings where there is one, else itself."""
        return self._strings.get(text or "", text or "")

    def _name(self, one: Element) -> str:
        return self._word(one.get("Name")).strip()

    def _record(self, one: Element, name: str) -> Node:
        return Node(
            name,
            Kind.SEGMENT,
            Type(name, children=lambda: self._fields(one)),
            _occurs(one),
            line=line_of(one),
            facts=_marks(one),
        )

    def _fields(self, record: Element) -> tuple[Node, ...]:
        inside = _inside(record)
        names = column_names([self._name(one) for one in inside])
        return tuple(
            self._record(one, name) if _inside(one) else self._leaf(one, name, Kind.FIELD, at)
            for at, (one, name) in enumerate(zip(inside, names, strict=True), 1)
        )

    def _node(self, one: Element) -> Node:
        bits = _bits(one)
        name = self._name(one) or "?"
        if bits & _ATTRIBUTE:
            return self._leaf(one, name, Kind.ATTRIBUTE, None)
        xml = one.find("Xml")
        reference = self._word(xml.get("Type")) if xml is not None else ""
        inside = _inside(one)
        facts = {"display": self._word(one.get("Display"))} if one.get("Display") else {}
        return Node(
            name,
            Kind.ELEMENT,
            self._type(one, inside, reference),
            _occurs(one),
            namespace=self._word(xml.get("NS"))
            if xml is not None and xml.get("NSQual") not in ("0", "false")
            else "",
            line=line_of(one),
            unresolved=self._lost(one, inside, reference),
            facts={**facts, **_marks(one)},
            default=self._preset(one),
        )

    def _lost(self, one: Element, inside: list[Element], reference: str) -> str | None:
        """Why a node that should have a type has none: its reference names nothing in the library."""
        if inside or one.find("Attr") is not None or not reference or reference in self._library:
            return None
        if (
            not self._library
            or one.find("Xml") is None
            or reference.lower() in _BASES
            or reference.lower() == "string"
        ):
            return None
        message = _("Its type {name} is not in this file.").format(name=reference[:60])
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(
                Problem(
                    Severity.WARNING,
                    message,
                    str(self._path),
                    line_of(one),
                    path=self._name(one) or None,
                    mend=_("Export the structure again."),
                )
            )
        return message

    def _type(self, one: Element, inside: list[Element], reference: str) -> Type:
        if inside:
            value = next((child for child in inside if _bits(child) & _VALUE and not self._name(child)), None)
            if all(child is value for child in inside):
                return Type(reference or "string", value=self._value(inside[0]))
            return Type(
                reference or self._name(one),
                value=self._value(value) if value is not None else None,
                children=lambda: self._children(inside),
            )
        if one.find("Attr") is None and reference in self._library:
            if reference not in self._types:
                self._types[reference] = self._shared(reference)
            return self._types[reference]
        value_type = self._value(one)
        return Type(value_type.name, value=value_type)

    def _shared(self, reference: str) -> Type:
        definition = self._library[reference]
        tops = [one for one in definition if one.tag == "CROM"]
        inside = _inside(tops[0]) if len(tops) == 1 and _inside(tops[0]) else tops
        value = next((one for one in inside if _bits(one) & _VALUE and not self._name(one)), None)
        return Type(
            reference,
            value=self._value(value) if value is not None else None,
            children=lambda: self._children(inside),
        )

    def _children(self, inside: list[Element]) -> tuple[Node, ...]:
        """The nodes inside, attributes first; alternatives that follow each other are one choice."""
        attributes: list[Node] = []
        content: list[Node] = []
        alternatives: list[Node] = []
        for one in inside:
            bits = _bits(one)
            if bits & _VALUE and not self._name(one):
                continue
            node = self._node(one)
            if node.kind is Kind.ATTRIBUTE:
                attributes.append(node)
                continue
            if not bits & _ALTERNATIVE:
                content += _chosen(alternatives)
                alternatives = []
                content.append(node)
            else:
                alternatives.append(node)
        return (*attributes, *content, *_chosen(alternatives))

    def _leaf(self, one: Element, name: str, kind: Kind, position: int | None) -> Node:
        value = self._value(one)
        occurs = OPTIONAL if _bits(one) & _OPTIONAL or kind is Kind.FIELD else ONCE
        facts = _marks(one) | ({"position": str(position)} if position else {})
        return Node(
            name,
            kind,
            Type(value.name, value=value),
            occurs,
            line=line_of(one),
            facts=facts,
            default=self._preset(one),
        )

    def _preset(self, one: Element) -> str | None:
        attr = one.find("Attr")
        return self._word(attr.get("DefVal")) or None if attr is not None else None

    def _value(self, one: Element) -> ValueType:
        attr = one.find("Attr")
        if attr is None:
            xml = one.find("Xml")
            word = self._word(xml.get("Type")) if xml is not None else ""
            return ValueType(word or "string", _BASES.get(word.lower(), Base.TEXT))
        word = self._word(attr.get("ValType"))
        word = "string" if not word or word.isdigit() else word
        domain = self._word(attr.get("Domain"))
        return ValueType(
            "string" if word.lower() == "string" else word,
            _BASES.get(word.lower(), Base.TEXT),
            enumeration=tuple(domain.split("|")) if domain else (),
            format=self._word(attr.get("Format")) or None,
        )


def _chosen(alternatives: list[Node]) -> Iterator[Node]:
    if len(alternatives) > 1:
        made = tuple(alternatives)
        yield Node("", Kind.CHOICE, Type(children=_given(made)), ONCE)
    else:
        yield from alternatives


def _given(nodes: tuple[Node, ...]) -> Callable[[], tuple[Node, ...]]:
    return lambda: nodes


def _inside(one: Element) -> list[Element]:
    return [child for child in one if child.tag == "CROM"]


def _bits(one: Element) -> int:
    text = one.get("Type", "")
    try:
        return int(text, 16) if len(text) <= 18 else 0
    except ValueError:
        return 0


def _marks(one: Element) -> dict[str, str]:
    return {"salesforce": "true"} if _bits(one) & _SALESFORCE else {}


def _occurs(one: Element) -> Occurs:
    bits = _bits(one)
    if bits & _REPEATS:
        return MANY
    if bits & _ONE_OR_MORE:
        return Occurs(1, None)
    xml = one.find("Xml")
    if xml is not None and xml.get("Max") not in (None, "", "0", "1"):
        return Occurs(1 if xml.get("Min") not in (None, "", "0") else 0, None)
    return OPTIONAL if bits & (_OPTIONAL | _ALTERNATIVE) else ONCE


def _document(root: Element, path: Path) -> Schema:
    """A text document: its segments nested as they name their parent, their fields delimited or of fixed width."""
    if root.get("type") != "Document":
        raise _no_structure(path, root)
    segments = list(root.iter("Segment"))
    if not segments:
        raise _no_structure(path, root)
    properties = {one.get("key", ""): one.get("value", "") for one in root.iter("Item")}
    fixed = properties.get("fixedField") == "1"
    delimiter = root.find(".//Delimiter")
    facts = {
        "form": "text",
        "delimiter": (delimiter.get("value") if delimiter is not None else None) or ",",
        "quote": properties.get("text_qualifier", '"'),
        "layout": "fixed" if fixed else "delimited",
    }
    names = column_names(
        [one.get("name", "") or ("row" if at == 0 else "") for at, one in enumerate(segments)]
    )
    by_name = dict(
        zip((one.get("name", "") for one in segments), zip(segments, names, strict=True), strict=False)
    )
    roots = [
        _segment(one, name, segments, names, frozenset({id(one)}))
        for one, name in zip(segments, names, strict=True)
        if one.get("parent", "_Root") not in by_name or one.get("parent") == one.get("name")
    ]
    if not roots:
        roots = [_segment(segments[0], names[0], segments, names, frozenset({id(segments[0])}))]
    return Schema("jtr", tuple(roots), files=(str(path),), facts=facts)


def _segment(
    one: Element, name: str, segments: list[Element], names: list[str], above: frozenset[int]
) -> Node:
    def children() -> tuple[Node, ...]:
        fields = list(one.iterfind("Fields/Field"))
        made = column_names([field.get("name", "") for field in fields])
        nodes = [
            _field(field, title, at) for at, (field, title) in enumerate(zip(fields, made, strict=True), 1)
        ]
        for other, title in zip(segments, names, strict=True):
            if id(other) not in above and other.get("parent") == one.get("name"):
                nodes.append(_segment(other, title, segments, names, above | {id(other)}))
        return tuple(nodes)

    once = one.get("occurenceType", "").lower() == "only once"
    return Node(name, Kind.SEGMENT, Type(name, children=children), ONCE if once else MANY, line=line_of(one))


def _field(one: Element, name: str, position: int) -> Node:
    word = one.get("type", "") or "string"
    value = ValueType(word, _BASES.get(word.lower(), Base.TEXT), format=one.get("format") or None)
    facts: Mapping[str, str] = {
        "position": str(position),
        **({"width": one.get("fixWidth", "")} if one.get("fixWidth") else {}),
    }
    required = one.get("required", "").lower() in ("1", "true", "yes")
    return Node(
        name,
        Kind.FIELD,
        Type(value.name, value=value),
        ONCE if required else OPTIONAL,
        default=one.get("default") or None,
        line=line_of(one),
        facts=facts,
    )
