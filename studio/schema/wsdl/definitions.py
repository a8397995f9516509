"""The files of a service description merged: messages, port types, bindings and services by name, one set of types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from studio.base.errors import Severity
from studio.schema.wsdl.merged import Merged, Part
from studio.schema.xml_source import Element
from studio.schema.xsd.closure import schemas_below
from studio.schema.xsd.names import WSDL, QName, local_name
from studio.schema.xsd.symbols import qualified

SOAP = {
    "http://schemas.xmlsoap.org/wsdl/soap/": "1.1",
    "http://schemas.xmlsoap.org/wsdl/soap12/": "1.2",
}

_TABLES = ("message", "portType", "binding", "service")


@dataclass
class Definitions(Merged):
    """A description of WSDL 1.1."""

    tables: dict[str, dict[QName, Part]] = field(default_factory=lambda: {table: {} for table in _TABLES})

    def find(self, table: str, user: Element, text: str, namespace: str) -> Part | None:
        """What a reference in a description means; a wrong or missing prefix is forgiven where the name is unique."""
        known = self.tables[table]
        name = qualified(user, text)
        local = text.rpartition(":")[2].strip()
        for candidate in (name, (namespace, local)):
            if candidate is not None and candidate in known:
                return known[candidate]
        return self.only(table, text)

    def tell_missing(
        self, message: str, user: Element, label: str, namespace: str, file: str, mend: str
    ) -> None:
        """Add a problem for a reference that leads nowhere, unless the missing file it points into has one already."""
        name = qualified(user, label)
        if name is None or name[0] not in self.closure.missing:
            self.tell(Severity.WARNING, message, Part(user, namespace, file), mend)

    def _take(self, path: Path, root: Element) -> Iterator[tuple[Path, Element]]:
        if local_name(root) == "schema":
            self.closure.add(path, root)
            return
        namespace = root.get("targetNamespace") or ""
        shown = self.closure.shown(path)
        for element in root:
            word = wsdl_name(element)
            if word == "import":
                location = (element.get("location") or element.get("schemaLocation") or "").strip()
                found = self._further(path, element, location, lambda root: wsdl_name(root) == "definitions")
                if found is not None:
                    yield found
            elif word == "types":
                for schema in schemas_below(element):
                    self.closure.add(path, schema)
            elif word in self.tables:
                key = (namespace, (element.get("name") or "").strip())
                self.tables[word].setdefault(key, Part(element, namespace, shown))


def wsdl_name(element: Element) -> str:
    """`portType` for an element of WSDL, empty for anything else."""
    tag = str(element.tag)
    return tag[len(_OPEN) :] if tag.startswith(_OPEN) else ""


def inside(element: Element | None, word: str) -> Iterator[Element]:
    """The WSDL elements called `word` directly inside."""
    if element is not None:
        yield from element.iterchildren(f"{{{WSDL}}}{word}")


def documentation(element: Element) -> str:
    """The text of an element's documentation, white space tidied."""
    for child in inside(element, "documentation"):
        return " ".join("".join(map(str, child.itertext())).split())[:4000]
    return ""


_OPEN = f"{{{WSDL}}}"
