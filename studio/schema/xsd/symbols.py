"""The components of all files of a schema by name: one table, whichever file or inline schema declares them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from studio.base.records import dataclass
from studio.schema.xml_source import Element
from studio.schema.xsd.names import XML, XSD_NAMESPACES, QName, children
from studio.schema.xsd.newer import gives_defaults, is_newer, prune

# Where the components of each sort stand; simple and complex types share one table.
TABLES = {
    "element": "element",
    "complexType": "type",
    "simpleType": "type",
    "group": "group",
    "attributeGroup": "attributeGroup",
    "attribute": "attribute",
    "notation": "notation",
}
REFERENCES = frozenset(("include", "import", "redefine", "override"))


@dataclass(eq=False)
class Document:
    """A schema element and the namespace its declarations belong to.

    `namespace` is its target namespace or, for a chameleon (`borrowed`), that of the schema including it, so that one
    file can stand here more than once. `path` is None for built-in schemas.
    """

    file: str
    path: Path | None
    schema: Element
    namespace: str
    borrowed: bool = False
    imported: bool = False

    def __post_init__(self) -> None:
        self.qualified_elements = self.schema.get("elementFormDefault") == "qualified"
        self.qualified_attributes = self.schema.get("attributeFormDefault") == "qualified"
        prune(self.schema)
        self.newer = is_newer(self.schema)
        # The schema gives something to types that say nothing themselves.
        self.gives = gives_defaults(self.schema)

    def name(self, element: Element, text: str) -> QName | None:
        """The full name `text` means at `element`; None where its prefix is not declared."""
        name = qualified(element, text)
        if name is not None and not name[0] and self.borrowed:
            return self.namespace, name[1]
        return name


def qualified(element: Element, text: str) -> QName | None:
    """The full name a prefixed name means at `element`; None where its prefix is not declared."""
    prefix, colon, local = text.strip().rpartition(":")
    if prefix == "xml":
        return XML, local
    space = element.nsmap.get(prefix or None)
    if space is None and colon:
        return None
    return space or "", local


class Component(NamedTuple):
    """A global declaration and the document whose rules apply inside it."""

    element: Element
    document: Document


class Symbols:
    """Look-up by sort and full name. `supply` is asked for a namespace nobody declared anything of (the catalogue)."""

    def __init__(self, supply: Callable[[str], Document | None] = lambda _space: None) -> None:
        self.documents: list[Document] = []
        self.redefined: dict[Element, Component] = {}
        self.duplicates: list[tuple[str, QName, Component]] = []
        self._tables: dict[str, dict[QName, Component]] = {table: {} for table in set(TABLES.values())}
        self._supply = supply
        self._asked: set[str] = set()

    def add(self, document: Document) -> list[Element]:
        """Index the document's global components; the first of a name stays. Returns its includes and imports."""
        self.documents.append(document)
        references: list[Element] = []
        for word, element in children(document.schema):
            table = TABLES.get(word)
            name = element.get("name")
            if word in REFERENCES:
                references.append(element)
            elif table and name:
                key = (document.namespace, name.strip())
                component = Component(element, document)
                if self._tables[table].setdefault(key, component) is not component:
                    self.duplicates.append((table, key, component))
        return references

    def redefine(self, document: Document, element: Element) -> None:
        """Put the definitions inside a redefine or override in place of those of the same name.

        A redefinition refers to what it replaces by its own name; an override (XSD 1.1) means itself, and what
        replaces nothing is not there.
        """
        overrides = str(element.tag).endswith("}override")
        for word, child in children(element):
            table = TABLES.get(word)
            if table is None:
                continue
            key = (document.namespace, (child.get("name") or "").strip())
            old = self._tables[table].get(key)
            if old is not None and not overrides:
                self.redefined[child] = old
            if old is not None or not overrides:
                self._tables[table][key] = Component(child, document)

    def find(self, table: str, name: QName | None, user: Element | None = None) -> Component | None:
        """The component of a sort, None where there is none.

        `user` is the element that refers to it: inside a redefinition its own name means the definition it replaces.
        """
        if name is None:
            return None
        found = self._tables[table].get(name)
        if found is None:
            return self._find_supplied(table, name)
        while user is not None and found.element in self.redefined and _within(user, found.element):
            found = self.redefined[found.element]
        return found

    def all(self, table: str) -> Iterator[tuple[QName, Component]]:
        """Every component of a sort, in the order read."""
        yield from list(self._tables[table].items())

    def knows(self, namespace: str) -> bool:
        """A file of this namespace is there, or it is one of those everybody knows."""
        if namespace in XSD_NAMESPACES or any(d.namespace == namespace for d in self.documents):
            return True
        return self._load(namespace)

    def _find_supplied(self, table: str, name: QName) -> Component | None:
        return self._tables[table].get(name) if self._load(name[0]) else None

    def _load(self, namespace: str) -> bool:
        if namespace in self._asked:
            return False
        self._asked.add(namespace)
        document = self._supply(namespace)
        if document is None:
            return False
        self.add(document)
        return True


def _within(element: Element, container: Element) -> bool:
    at: Element | None = element
    while at is not None:
        if at is container:
            return True
        at = at.getparent()
    return False
