"""The files of a service description taken in once each, whatever its version; declarations by name in tables."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.closure import Closure
from studio.schema.xsd.names import QName, local_name


class Part(NamedTuple):
    """A declaration of a service description and where it stands."""

    element: Element
    namespace: str
    file: str


@dataclass
class Merged:
    """Everything the files declare. `closure` holds the schemas of all of them in one symbol table."""

    closure: Closure
    tables: dict[str, dict[QName, Part]] = field(default_factory=dict)
    _seen: set[Path] = field(default_factory=set)

    def load(self, path: Path, root: Element, beside: tuple[Path, ...] = ()) -> None:
        """Take in a file and all it refers to, and the files `beside` it; each once."""
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

    def _take(self, path: Path, root: Element) -> Iterator[tuple[Path, Element]]:
        """Take in what one file declares; gives the files it refers to."""
        raise NotImplementedError

    def only(self, table: str, text: str) -> Part | None:
        """The declaration with the local name of a reference, whatever its prefix, where there is just one."""
        local = text.rpartition(":")[2].strip()
        same = [part for (_space, other), part in self.tables[table].items() if other == local]
        return same[0] if len(same) == 1 else None

    def tell(self, severity: Severity, message: str, part: Part, mend: str = "") -> None:
        """Add a problem at a declaration, once."""
        problem = Problem(severity, message, part.file, line_of(part.element), mend=mend)
        if problem not in self.closure.problems:
            self.closure.problems.append(problem)

    def _further(
        self, path: Path, element: Element, location: str, describes: Callable[[Element], bool]
    ) -> tuple[Path, Element] | None:
        """The file an import or include means, if it is a schema or what `describes` takes for a description."""
        if not location:
            return None
        found = self.closure.find_file(location, path, line_of(element), what=element.get("namespace") or "")
        root = self.closure.parse(found) if found else None
        if found is None or root is None:
            self.closure.missing.setdefault(element.get("namespace") or "", location)
            return None
        if not describes(root) and local_name(root) != "schema":
            part = Part(element, "", self.closure.shown(path))
            message = _("{location} is neither a service description nor a schema.").format(location=location)
            self.tell(Severity.WARNING, message, part, _("Check the location of the import."))
            return None
        return found, root
