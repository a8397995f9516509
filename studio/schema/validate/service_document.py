"""SOAP messages against a service description: its types, and the elements RPC puts around its parts, as one schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from studio.base.errors import NotHere, Problem, Severity
from studio.base.i18n import _
from studio.schema.model import Node, Schema
from studio.schema.validate.files import Files
from studio.schema.validate.records import record_steps
from studio.schema.validate.xml_files import compiled_text
from studio.schema.validate.xml_stream import stream
from studio.schema.wsdl.definitions import Definitions
from studio.schema.wsdl.reader import read_wsdl
from studio.schema.xml_source import Element, parse_schema, parser_options
from studio.schema.xsd.closure import Closure
from studio.schema.xsd.names import XSD
from studio.schema.xsd.symbols import Document

_ENVELOPES = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
_SPACE = "weft:space/"
_INLINE = "weft:inline/"
_IMPORT = f"{{{XSD}}}import"
_ENVELOPE = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:e="{space}" targetNamespace="{space}"
 elementFormDefault="qualified"><xs:element name="Envelope"><xs:complexType><xs:sequence>
 <xs:element name="Header" minOccurs="0"><xs:complexType><xs:sequence>
 <xs:any namespace="##any" processContents="lax" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
 <xs:anyAttribute processContents="skip"/></xs:complexType></xs:element>
 <xs:element name="Body"><xs:complexType><xs:sequence>
 <xs:any namespace="##any" processContents="{process}" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
 <xs:anyAttribute processContents="skip"/></xs:complexType></xs:element></xs:sequence>
 <xs:anyAttribute processContents="skip"/></xs:complexType></xs:element>
 <xs:element name="Fault"><xs:complexType><xs:sequence>
 <xs:any namespace="##any" processContents="lax" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
 <xs:anyAttribute processContents="skip"/></xs:complexType></xs:element></xs:schema>"""


def check_message(
    schema: Path, instance: Path, *, root: str | None, record: str | None, within: Path | None
) -> Iterator[Problem]:
    """The problems of a SOAP envelope, or of what stands in its body; `root` is not used: the message tells it."""
    del root
    closure = Closure(within)
    top = parse_schema(schema)
    closure.start(schema, top)
    Definitions(closure).load(schema, top)
    described = read_wsdl(schema, within=within)
    yield from (one for one in described.problems if one.severity is not Severity.NOTE)
    encoded = any(node.facts.get("use") == "encoded" for node in _messages(described))
    if encoded:
        yield _unchecked(schema)
    files = Files(closure)
    files.learn()
    texts = _Texts(closure, described, "lax" if encoded else "strict").all()
    main = etree.Element(f"{{{XSD}}}schema", nsmap={"xs": XSD})
    for address in sorted(key for key in texts if key.startswith(_SPACE)):
        namespace = texts[address][1]
        _import(main, namespace, address)
    compiled = compiled_text(
        etree.tostring(main), files, {key: text for key, (text, _space) in texts.items()}
    )
    if compiled is None:
        raise NotHere(
            _(
                "Messages cannot be checked against the types of this service: they are incomplete or ambiguous."
            ),
            file=schema,
            next_step=_("See what is wrong with them: weft schema {name}").format(name=schema.name),
        )
    steps = record_steps(described, None, record) if record else ()
    yield from stream(compiled, instance, steps)


def _unchecked(schema: Path) -> Problem:
    return Problem(
        Severity.NOTE,
        _(
            "Messages written by SOAP's encoding rules are not checked, but for what is known of their elements."
        ),
        str(schema),
    )


def _messages(described: Schema) -> Iterator[Node]:
    for operation in described.roots:
        yield from operation.type.children


class _Texts:
    """The schemas of a description by addresses of our own: one for each namespace, and each that stands inside."""

    def __init__(self, closure: Closure, described: Schema, process: str) -> None:
        self._described = described
        self._process = process
        self._spaces: dict[str, list[Document]] = {}
        for document in closure.symbols.documents:
            if document.path is not None and not document.borrowed:
                self._spaces.setdefault(document.namespace, []).append(document)
        self._wrappers: dict[str, list[Node]] = {}
        for message in _messages(described):
            for node in message.type.children:
                if node.facts.get("part") == "wrapper":
                    self._wrappers.setdefault(node.namespace, []).append(node)
        self._numbers = {
            space: at for at, space in enumerate(dict.fromkeys([*self._spaces, *self._wrappers]))
        }

    def all(self) -> dict[str, tuple[bytes, str]]:
        """The texts, each with the namespace it describes."""
        texts: dict[str, tuple[bytes, str]] = {}
        for space, number in self._numbers.items():
            for at, document in enumerate(self._inline(space)):
                texts[f"{_INLINE}{number}.{at}"] = (self._rewritten(document.schema), space)
            texts[f"{_SPACE}{number}"] = (self._space(space, number), space)
        for at, space in enumerate(_ENVELOPES):
            if space not in self._spaces:
                text = _ENVELOPE.format(space=space, process=self._process).encode()
                texts[f"{_SPACE}envelope{at}"] = (text, space)
        return texts

    def _inline(self, space: str) -> list[Document]:
        return [one for one in self._spaces.get(space, []) if one.schema.getparent() is not None]

    def _space(self, space: str, number: int) -> bytes:
        schema = etree.Element(f"{{{XSD}}}schema", nsmap={"xs": XSD, **self._prefixes()})
        if space:
            schema.set("targetNamespace", space)
        for other in self._numbers:
            if other != space:
                _import(schema, other, f"{_SPACE}{self._numbers[other]}")
        for at, _document in enumerate(self._inline(space)):
            etree.SubElement(schema, f"{{{XSD}}}include", schemaLocation=f"{_INLINE}{number}.{at}")
        files = {one.path for one in self._spaces.get(space, []) if one.schema.getparent() is None}
        for path in sorted(str(path) for path in files if path is not None):
            etree.SubElement(schema, f"{{{XSD}}}include", schemaLocation=path)
        told: set[str] = set()
        for node in self._wrappers.get(space, []):
            if node.name not in told:
                told.add(node.name)
                schema.append(self._wrapper(node))
        return etree.tostring(schema)

    def _prefixes(self) -> dict[str, str]:
        return {f"n{number}": space for space, number in self._numbers.items() if space}

    def _wrapper(self, node: Node) -> Element:
        """The element around the parts of an RPC message, its parts in any order."""
        element = etree.Element(f"{{{XSD}}}element", name=node.name)
        group = etree.SubElement(etree.SubElement(element, f"{{{XSD}}}complexType"), f"{{{XSD}}}all")
        for part in node.type.children:
            etree.SubElement(group, f"{{{XSD}}}element", name=part.name, type=self._type(part))
        return element

    def _type(self, part: Node) -> str:
        kind = part.type
        if not kind.name or part.unresolved:
            return "xs:anyType"
        if not kind.namespace:
            return f"xs:{kind.name}"
        number = self._numbers.get(kind.namespace)
        return f"n{number}:{kind.name}" if number is not None else "xs:anyType"

    def _rewritten(self, schema: Element) -> bytes:
        """A schema inside the description, its imports of others inside it led there."""
        # Written and read again, as a copy would lose the prefixes declared around it.
        made = etree.fromstring(etree.tostring(schema, with_tail=False), etree.XMLParser(**parser_options()))
        for element in made.iter(_IMPORT):
            space = element.get("namespace") or ""
            if space in self._numbers:
                element.set("schemaLocation", f"{_SPACE}{self._numbers[space]}")
        return etree.tostring(made)


def _import(schema: Element, space: str, address: str) -> None:
    element = etree.SubElement(schema, _IMPORT, schemaLocation=address)
    if space:
        element.set("namespace", space)
