"""The files of a service description merged: messages, port types, bindings and services by name, one set of types."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.closure import Closure, schemas_below
from studio.schema.xsd.names import WSDL, QName, local_name
from studio.schema.xsd.symbols import qualified

SOAP = {
    "http://schemas.xmlsoap.org/wsdl/soap/": "1.1",
    "http://schemas.xmlsoap.org/wsdl/soap12/": "1.2",
}

_TABLES = ("message", "portType", "binding", "service")


class Part(NamedTuple):
    """A declaration of a service description and where it stands."""

    element: Element
    namespace: str
    file: str


@dataclass
class Definitions:
    """Everything the files declare. `closure` holds the schemas of all of them in one symbol table."""

    closure: Closure
    tables: dict[str, dict[QName, Part]] = field(default_factory=lambda: {table: {} for table in _TABLES})
    _seen: set[Path] = field(default_factory=set)

    def load(self, path: Path, root: Element, beside: tuple[Path, ...] = ()) -> None:
        """Take in a file and all it imports, and the files `beside` it; each once."""
        self._follow(path, root)
        for further in beside:
            parsed = self.closure.parse(further)
            if parsed is not None:
                self._follow(further, parsed)
        self.closure.load()

    def _follow(self, path: Path, root: Element) -> None:
        waiting: deque[tuple[Path, Element]] = deque([(path, root)])
        while waiting:
            file, element = waiting.popleft()
            if file.resolve() not in self._seen:
                self._seen.add(file.resolve())
                waiting.extend(self._take(file, element))

    def find(self, table: str, user: Element, text: str, namespace: str) -> Part | None:
        """What a reference in a description means; a wrong or missing prefix is forgiven where the name is unique."""
        known = self.tables[table]
        name = qualified(user, text)
        local = text.rpartition(":")[2].strip()
        for candidate in (name, (namespace, local)):
            if candidate is not None and candidate in known:
                return known[candidate]
        same = [part for (_space, other), part in known.items() if other == local]
        return same[0] if len(same) == 1 else None

    def tell(self, severity: Severity, message: str, part: Part, mend: str = "") -> None:
        """Add a problem at a declaration."""
        problem = Problem(severity, message, part.file, line_of(part.element), mend=mend)
        if problem not in self.closure.problems:
            self.closure.problems.append(problem)

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
                found = self._import(path, element)
                if found is not None:
                    yield found
            elif word == "types":
                for schema in schemas_below(element):
                    self.closure.add(path, schema)
            elif word in self.tables:
                key = (namespace, (element.get("name") or "").strip())
                self.tables[word].setdefault(key, Part(element, namespace, shown))

    def _import(self, path: Path, element: Element) -> tuple[Path, Element] | None:
        location = (element.get("location") or element.get("schemaLocation") or "").strip()
        if not location:
            return None
        found = self.closure.find_file(location, path, line_of(element), what=element.get("namespace") or "")
        root = self.closure.parse(found) if found else None
        if found is None or root is None:
            self.closure.missing.setdefault(element.get("namespace") or "", location)
            return None
        if wsdl_name(root) != "definitions" and local_name(root) != "schema":
            part = Part(element, "", self.closure.shown(path))
            message = _("{location} is neither a service description nor a schema.").format(location=location)
            self.tell(Severity.WARNING, message, part, _("Check the location of the import."))
            return None
        return found, root


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
