"""The files of a WSDL 2.0 description merged: interfaces, bindings and services by name, one set of types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from studio.base.errors import Severity
from studio.base.i18n import _
from studio.schema.wsdl.bodies import split_tag
from studio.schema.wsdl.merged import Merged, Part
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.closure import schemas_below
from studio.schema.xsd.names import XSD_NAMESPACES, QName, local_name
from studio.schema.xsd.symbols import qualified

WSDL2 = "http://www.w3.org/ns/wsdl"
# Descriptions were written while the standard was a candidate, in the same words.
WSDL2_NAMESPACES = frozenset((WSDL2, "http://www.w3.org/2006/01/wsdl", "http://www.w3.org/2005/08/wsdl"))

_TABLES = ("interface", "binding", "service")
# Interfaces that extend each other further than this are not written by people.
_MOST_ABOVE = 500


@dataclass
class Description(Merged):
    """A description of WSDL 2.0."""

    tables: dict[str, dict[QName, Part]] = field(default_factory=lambda: {table: {} for table in _TABLES})

    def find(self, table: str, user: Element, text: str) -> Part | None:
        """What a reference means; a missing prefix is forgiven where the name is unique."""
        known = self.tables[table]
        name = qualified(user, text)
        if name in known:
            return known[name]
        return self.only(table, text)

    def lines_of(self, interface: Part) -> list[Part]:
        """The interface and all it extends, nearest first; a missing one is told."""
        found = [interface]
        seen = {interface.element}
        for part in found:
            for text in (part.element.get("extends") or "").split():
                above = self.find("interface", part.element, text)
                if above is None:
                    self._missing(text, part)
                elif above.element not in seen and len(found) < _MOST_ABOVE:
                    seen.add(above.element)
                    found.append(above)
        return found

    def _missing(self, name: str, part: Part) -> None:
        self.tell(
            Severity.WARNING,
            _("The interface {name} is not described.").format(name=name),
            part,
            _("Check the name, and that the file with the interface is imported."),
        )

    def _take(self, path: Path, root: Element) -> Iterator[tuple[Path, Element]]:
        if local_name(root) == "schema":
            self.closure.add(path, root)
            return
        namespace = root.get("targetNamespace") or ""
        shown = self.closure.shown(path)
        for element in root:
            word = word_of(element)
            if word in ("import", "include"):
                location = (element.get("location") or "").strip()
                found = self._further(path, element, location, lambda root: word_of(root) == "description")
                if found is not None:
                    yield found
            elif word == "types":
                self._types(path, element)
            elif word in self.tables:
                key = (namespace, (element.get("name") or "").strip())
                self.tables[word].setdefault(key, Part(element, namespace, shown))

    def _types(self, path: Path, types: Element) -> None:
        for schema in schemas_below(types):
            self.closure.add(path, schema)
        for element in types:
            # Types may be imported without a schema around them.
            space, name = split_tag(element)
            location = (element.get("schemaLocation") or "").strip()
            if space in XSD_NAMESPACES and name == "import" and location:
                found = self.closure.find_file(
                    location, path, line_of(element), what=element.get("namespace") or ""
                )
                root = self.closure.parse(found) if found else None
                if found is not None and root is not None and local_name(root) == "schema":
                    self.closure.add(found, root)
                else:
                    self.closure.missing.setdefault(element.get("namespace") or "", location)


def word_of(element: Element) -> str:
    """`interface` for an element of WSDL 2.0, empty for anything else."""
    space, name = split_tag(element)
    return name if space in WSDL2_NAMESPACES else ""


def within(element: Element | None, *words: str) -> Iterator[Element]:
    """The WSDL 2.0 elements called one of `words` directly inside."""
    for child in element if element is not None else ():
        if word_of(child) in words:
            yield child


def said_of(element: Element) -> str:
    """The text of an element's documentation, white space tidied."""
    texts = (
        " ".join("".join(map(str, child.itertext())).split()) for child in within(element, "documentation")
    )
    return "\n".join(text for text in texts if text)[:4000]
