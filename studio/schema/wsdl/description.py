"""The files of a WSDL 2.0 description merged: interfaces, bindings and services by name, one set of types."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.wsdl.bodies import split_tag
from studio.schema.wsdl.definitions import Part
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.closure import Closure, schemas_below
from studio.schema.xsd.names import XSD_NAMESPACES, QName, local_name
from studio.schema.xsd.symbols import qualified

WSDL2 = "http://www.w3.org/ns/wsdl"
# Descriptions were written while the standard was a candidate, in the same words.
WSDL2_NAMESPACES = frozenset((WSDL2, "http://www.w3.org/2006/01/wsdl", "http://www.w3.org/2005/08/wsdl"))

_TABLES = ("interface", "binding", "service")
# Interfaces that extend each other further than this are not written by people.
_MOST_ABOVE = 500


@dataclass
class Description:
    """Everything the files declare. `closure` holds the schemas of all of them in one symbol table."""

    closure: Closure
    tables: dict[str, dict[QName, Part]] = field(default_factory=lambda: {table: {} for table in _TABLES})
    _seen: set[Path] = field(default_factory=set)

    def load(self, path: Path, root: Element, beside: tuple[Path, ...] = ()) -> None:
        """Take in a file and all it includes and imports, and the files `beside` it; each once."""
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

    def find(self, table: str, user: Element, text: str) -> Part | None:
        """What a reference means; a missing prefix is forgiven where the name is unique."""
        known = self.tables[table]
        name = qualified(user, text)
        if name in known:
            return known[name]
        local = text.rpartition(":")[2].strip()
        same = [part for (_space, other), part in known.items() if other == local]
        return same[0] if len(same) == 1 else None

    def tell(self, message: str, element: Element, file: str, mend: str) -> None:
        """Add a warning at an element, once."""
        problem = Problem(Severity.WARNING, message, file, line_of(element), mend=mend)
        if problem not in self.closure.problems:
            self.closure.problems.append(problem)

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
            _("The interface {name} is not described.").format(name=name),
            part.element,
            part.file,
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
                found = self._further(path, element)
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

    def _further(self, path: Path, element: Element) -> tuple[Path, Element] | None:
        location = (element.get("location") or "").strip()
        if not location:
            return None
        found = self.closure.find_file(location, path, line_of(element), what=element.get("namespace") or "")
        root = self.closure.parse(found) if found else None
        if found is None or root is None:
            self.closure.missing.setdefault(element.get("namespace") or "", location)
            return None
        if word_of(root) != "description" and local_name(root) != "schema":
            message = _("{location} is neither a service description nor a schema.").format(location=location)
            self.tell(message, element, self.closure.shown(path), _("Check the location of the import."))
            return None
        return found, root


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
