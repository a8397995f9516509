"""XML Schema files as schemas: global elements are the roots, complex types where there are none."""

from __future__ import annotations

from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.model import Kind, Node, Schema
from studio.schema.xml_source import Element, line_of, parse_schema
from studio.schema.xsd.closure import Closure
from studio.schema.xsd.inspect import inspect
from studio.schema.xsd.names import TRUE, XSD_NAMESPACES, local_name
from studio.schema.xsd.symbols import Component, Document
from studio.schema.xsd.types import Types


def read_xsd(path: Path, *, encoding: str | None = None, within: Path | None = None) -> Schema:
    """The schema in an XSD file with everything it includes and imports.

    `within` is the folder no reference may leave. Raises BadInput when the file itself cannot be used; what is missing
    elsewhere is among the schema's problems and marked in the tree.
    """
    return schema_of(parse_schema(path, encoding=encoding), path, within=within)


def schema_of(root: Element, path: Path, *, within: Path | None = None) -> Schema:
    """`read_xsd` of a root parsed already."""
    if local_name(root) != "schema":
        raise BadInput(
            _("This is not an XML schema: its root element is {name}.").format(name=repr(root.tag)),
            file=path,
            line=line_of(root),
            next_step=_("Give the .xsd file, or read this one as a sample."),
        )
    closure = Closure(within)
    closure.start(path, root)
    entry = closure.add(path, root)
    closure.load()
    types = Types(closure.symbols, closure.missing)
    own = [document for document in closure.symbols.documents if not document.imported]
    roots = _element_roots(types, own) or _element_roots(types, closure.symbols.documents)
    problems = list(closure.problems)
    if not roots:
        roots = _type_roots(types, own)
    if not roots:
        problems.append(_nothing(entry, path))
    return Schema(
        "xsd",
        roots,
        files=(str(path), *(str(file) for file in closure.files if file != path.resolve())),
        problems=tuple(problems),
        namespaces=types.prefixes.all(),
        facts={"looked_for": "\n".join(map(str, closure.looked_for))} if closure.looked_for else {},
        others=lambda: _element_roots(types, [d for d in closure.symbols.documents if d.imported]),
        inspect=lambda: inspect(closure),
    )


def _element_roots(types: Types, documents: list[Document]) -> tuple[Node, ...]:
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


def _type_roots(types: Types, documents: list[Document]) -> tuple[Node, ...]:
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


def _nothing(document: Document, path: Path) -> Problem:
    return Problem(
        Severity.WARNING,
        _("The schema declares no element and no complex type, so there is nothing to show."),
        document.file,
        line_of(document.schema),
        mend=_("Read the schema that includes {name}.").format(name=path.name),
    )
