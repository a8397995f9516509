"""Which declarations of a schema can be the root of a document, the likeliest first."""

from __future__ import annotations

from studio.schema.model import Kind, Node
from studio.schema.xml_source import line_of
from studio.schema.xsd.names import TRUE, XSD_NAMESPACES, local_name
from studio.schema.xsd.symbols import Component, Document
from studio.schema.xsd.types import Types


def element_roots(types: Types, documents: list[Document]) -> tuple[Node, ...]:
    """The global elements of the documents; those that nothing refers to first, as a document starts with such a one."""
    wanted = set(documents)
    found = [
        component
        for _name, component in types.symbols.all("element")
        if component.document in wanted and component.document.path is not None
    ]
    used = _referred_to(documents)
    found.sort(key=lambda component: _seldom_root(component, used))
    return types.prefixes.told_apart(types.global_element(component) for component in found)


def _seldom_root(component: Component, used: set[str]) -> bool:
    element = component.element
    if element.get("abstract") in TRUE or element.get("substitutionGroup"):
        return True
    return (element.get("name") or "") in used


def _referred_to(documents: list[Document]) -> set[str]:
    """The local names other elements refer to; near enough, as this only orders the roots."""
    found: set[str] = set()
    for document in documents:
        for space in XSD_NAMESPACES:
            for element in document.schema.iterfind(f".//{{{space}}}element[@ref]"):
                found.add((element.get("ref") or "").rpartition(":")[2])
    return found


def type_roots(types: Types, documents: list[Document]) -> tuple[Node, ...]:
    """Complex types as roots, for schemas made to be included: the element's name is then the user's own."""
    wanted = set(documents)
    return tuple(
        Node(
            name,
            Kind.ELEMENT,
            types.type_of(component),
            namespace=namespace,
            documentation=types.type_of(component).documentation,
            line=line_of(component.element),
            facts={"root": "type"},
        )
        for (namespace, name), component in types.symbols.all("type")
        if component.document in wanted and local_name(component.element) == "complexType"
    )
