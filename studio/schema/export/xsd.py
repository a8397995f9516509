"""A tree as XML Schema: every structured type by name, one file for each namespace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from studio.schema.export.graph import Graph, alternatives, anything, escape, told_apart, xml_name
from studio.schema.export.simple import SimpleTypes, fits
from studio.schema.model import Kind, Node, Occurs, Schema, Type
from studio.schema.prefixes import XML

_XS = "http://www.w3.org/2001/XMLSchema"
_TYPES = "t:"


@dataclass
class _File:
    """The declarations in one namespace that types of another one refer to."""

    namespace: str
    number: int
    texts: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """How its names are referred to; the namespace of `xml:lang` has the one prefix it must have."""
        return "xml:" if self.namespace == XML else f"n{self.number}:"


def to_xsd(schema: Schema, roots: tuple[Node, ...] | None = None, *, name: str = "schema") -> dict[str, str]:
    """File name → text of the XML Schemas; the first is the one to open, the others it imports.

    Left out, as XML Schema has no or another form for them: members without a name, alternatives that begin alike
    (they become a repeated choice), types and elements that may stand instead, patterns the validator does not know.
    """
    return _Writer(roots or schema.roots, json=schema.kind.startswith(("json", "openapi")), name=name).files()


class _Writer:
    def __init__(self, roots: tuple[Node, ...], *, json: bool, name: str) -> None:
        self._roots = roots
        self._graph = Graph(roots)
        self._name = name
        self._namespace = next((root.namespace for root in roots if root.namespace), "")
        self._types = _TYPES if self._namespace else ""
        self._simple = SimpleTypes(self._types, searching=json)
        self._others: dict[str, _File] = {}

    def files(self) -> dict[str, str]:
        body = [self._complex(kind) for kind in self._graph.types if not anything(kind)]
        heads: dict[str, str] = {}
        for root in self._roots:
            if root.kind is Kind.ANY:
                continue
            element = self._declared(root, "")
            if root.namespace in (self._namespace, ""):
                heads.setdefault(xml_name(root.name or "root"), element)
            else:
                self._file(root.namespace).texts.append(element)
        main = [*heads.values(), *body, *self._simple.texts]
        found = {f"{self._name}.xsd": self._document(self._namespace, main, None)}
        for other in self._others.values():
            found[self._file_name(other)] = self._document(other.namespace, other.texts, other)
        return found

    def _file(self, namespace: str) -> _File:
        if namespace not in self._others:
            self._others[namespace] = _File(namespace, len(self._others) + 1)
        return self._others[namespace]

    def _file_name(self, file: _File) -> str:
        return f"{self._name}-{file.number}.xsd"

    def _document(self, namespace: str, texts: Iterable[str], own: _File | None) -> str:
        spaces, imports = [], []
        if self._namespace:
            spaces.append(f' xmlns:t="{escape(self._namespace)}"')
        if own is not None:
            given = f' namespace="{escape(self._namespace)}"' if self._namespace else ""
            imports.append(f'<xs:import{given} schemaLocation="{escape(self._name)}.xsd"/>')
        for other in self._others.values():
            if other.namespace not in ("", XML) and (own is None or other is own):
                spaces.append(f' xmlns:n{other.number}="{escape(other.namespace)}"')
            if own is None:
                given = f' namespace="{escape(other.namespace)}"' if other.namespace else ""
                imports.append(f'<xs:import{given} schemaLocation="{escape(self._file_name(other))}"/>')
        target = f' targetNamespace="{escape(namespace)}"' if namespace else ""
        head = f'<xs:schema xmlns:xs="{_XS}"{"".join(spaces)}{target}>'
        lines = "\n".join(("<?xml version='1.0' encoding='UTF-8'?>", head, *imports, *texts, "</xs:schema>"))
        return lines + "\n"

    # Elements

    def _declared(self, node: Node, occurs: str, form: str = "") -> str:
        """An element declaration."""
        name = escape(xml_name(node.name or "root"))
        facts = f"{self._type_of(node)}{occurs}{form}"
        if node.nillable:
            facts += ' nillable="true"'
        facts += _given(node)
        return f'<xs:element name="{name}"{facts}{_closed(node, "xs:element")}'

    def _type_of(self, node: Node) -> str:
        kind = node.type
        if node.unresolved or anything(kind):
            return ' type="xs:anyType"'
        if not kind.leaf:
            return f' type="{self._types}{self._graph.name(kind)}"'
        if kind.value is not None:
            return f' type="{self._simple.name(kind.value, node.name or "value")}"'
        return f' type="{self._types}{self._empty()}"'

    def _empty(self) -> str:
        """The name of the type of elements that hold nothing."""
        text = '<xs:complexType name="nothing.value"/>'
        if text not in self._simple.texts:
            self._simple.texts.append(text)
        return "nothing.value"

    def _element(self, node: Node) -> str:
        occurs = _occurs(node.occurs)
        if node.namespace == self._namespace:
            form = ' form="qualified"' if node.namespace else ""
            return self._declared(node, occurs, form)
        if not node.namespace:
            return self._declared(node, occurs, ' form="unqualified"')
        # A group of the other namespace's file holds the declaration.
        file = self._file(node.namespace)
        declared = self._declared(node, "", ' form="qualified"')
        text = f"<xs:sequence>{declared}</xs:sequence>"
        return f'<xs:group ref="{file.prefix}{_kept(file, "group", node, text)}"{occurs}/>'

    def _attribute(self, node: Node) -> str:
        value = node.value
        kind = f' type="{self._simple.name(value, node.name)}"' if value is not None else ""
        use = ' use="required"' if node.occurs.min else ""
        # A value that is given may not be required too.
        given = _given(node) if not use or node.fixed is not None else ""
        form = ' form="qualified"' if node.namespace else ""
        text = f'<xs:attribute name="{escape(xml_name(node.name))}"{kind}{form}{use}{given}{_closed(node, "xs:attribute")}'
        if node.namespace in ("", self._namespace):
            return text
        file = self._file(node.namespace)
        return f'<xs:attributeGroup ref="{file.prefix}{_kept(file, "attributeGroup", node, text)}"/>'

    # Types

    def _complex(self, kind: Type) -> str:
        children = kind.children
        attributes = [node for node in children if node.attribute and node.name]
        content = [node for node in children if not node.attribute]
        text = "".join(
            map(self._attribute_or_any, sorted(attributes, key=lambda node: node.kind is Kind.ANY))
        )
        named = f'name="{self._graph.name(kind)}"'
        if not content and kind.value is not None and not kind.mixed:
            base = self._simple.name(kind.value, self._graph.name(kind))
            inside = f'<xs:simpleContent><xs:extension base="{base}">{text}</xs:extension></xs:simpleContent>'
            return f"<xs:complexType {named}>{inside}</xs:complexType>"
        mixed = ' mixed="true"' if kind.mixed or kind.value is not None else ""
        particles = "".join(map(self._particle, content))
        sequence = f"<xs:sequence>{particles}</xs:sequence>" if particles else ""
        return f"<xs:complexType {named}{mixed}>{sequence}{text}</xs:complexType>"

    def _attribute_or_any(self, node: Node) -> str:
        if node.kind is not Kind.ANY:
            return self._attribute(node)
        text = f"<xs:anyAttribute{_rule(node)}/>"
        file = self._meant_elsewhere(node)
        if file is None:
            return text
        return f'<xs:attributeGroup ref="{file.prefix}{_kept(file, "attributeGroup", node, text)}"/>'

    def _meant_elsewhere(self, node: Node) -> _File | None:
        """The file of the namespace a wildcard's rule speaks of (`any other than mine`) where it is not the main one."""
        rule, target = node.facts.get("namespace", ""), node.facts.get("target", self._namespace)
        about = "##other" in rule or "##targetNamespace" in rule
        return self._file(target) if about and target != self._namespace else None

    def _particle(self, node: Node) -> str:
        if node.kind is Kind.CHOICE:
            return self._choice(node)
        if node.kind is Kind.ANY:
            return "" if node.unresolved else self._wildcard(node)
        return self._element(node)

    def _wildcard(self, node: Node) -> str:
        file = self._meant_elsewhere(node)
        if file is None:
            return f"<xs:any{_rule(node)}{_occurs(node.occurs)}/>"
        text = f"<xs:sequence><xs:any{_rule(node)}/></xs:sequence>"
        return f'<xs:group ref="{file.prefix}{_kept(file, "group", node, text)}"{_occurs(node.occurs)}/>'

    def _choice(self, node: Node) -> str:
        groups = alternatives(node)
        if not told_apart(groups):
            members = "".join(map(self._particle, node.type.children))
            return f"<xs:choice{_occurs(Occurs(node.occurs.min, None))}>{members}</xs:choice>"
        inside = []
        for group in groups:
            text = "".join(map(self._particle, group))
            inside.append(f"<xs:sequence>{text}</xs:sequence>" if len(group) > 1 else text)
        return f"<xs:choice{_occurs(node.occurs)}>{''.join(inside)}</xs:choice>" if any(inside) else ""


def _kept(file: _File, word: str, node: Node, text: str) -> str:
    """The name of a group that holds a declaration; equal declarations share one."""
    name = file.known.get(text)
    if name is None:
        name = file.known[text] = f"{xml_name(node.name)}.{len(file.known) + 1}"
        file.texts.append(f'<xs:{word} name="{name}">{text}</xs:{word}>')
    return name


def _occurs(occurs: Occurs) -> str:
    least = f' minOccurs="{occurs.min}"' if occurs.min != 1 else ""
    most = "unbounded" if occurs.max is None else str(occurs.max)
    return least + (f' maxOccurs="{most}"' if most != "1" else "")


def _rule(node: Node) -> str:
    rule = node.facts.get("namespace") or ("##any" if node.attribute else "##other")
    process = node.facts.get("process") or "lax"
    return f' namespace="{escape(rule)}" processContents="{process}"'


def _given(node: Node) -> str:
    """The fixed or default value where the type admits it."""
    text = node.fixed if node.fixed is not None else node.default
    value = node.value
    if text is None or value is None or value.name == "ID" or not fits(text, value.base):
        return ""
    if value.enumeration and text not in value.enumeration:
        return ""
    if (
        not node.type.leaf
        and any(not child.attribute for child in node.type.children)
        and not node.type.mixed
    ):
        return ""
    return f' {"fixed" if node.fixed is not None else "default"}="{escape(text)}"'


def _closed(node: Node, tag: str) -> str:
    if not node.documentation:
        return "/>"
    said = escape(node.documentation)
    return f"><xs:annotation><xs:documentation>{said}</xs:documentation></xs:annotation></{tag}>"
