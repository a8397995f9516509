"""All files a JSON Schema consists of, and what its references mean: by identifier, by path, nothing ever fetched."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin

from studio.base.errors import BadInput, Problem, Severity, TooLarge
from studio.base.i18n import _
from studio.schema.json_schema.document import Document, read_document
from studio.schema.json_schema.keywords import DATA, LATEST, MAPS, draft_of
from studio.schema.source import LARGEST_SCHEMA
from studio.schema.xsd.locate import inside, is_remote, locate, nearby

MOST_FILES = 2000
MOST_BYTES = 256 * 1024 * 1024
# Looked at for identifiers when an address is not known: the folder of the schema and those below it.
_MOST_NEIGHBOURS = 500
_HEAD = 8192
_ENDINGS = (".json", ".yaml", ".yml")
_IDENTIFIER = re.compile(rb'"(?:\$id|id)"\s*:\s*"([^"]{1,500})"')
_LEGACY = 7


@dataclass(eq=False)
class Resource:
    """A schema with an address of its own, and the places named inside it."""

    document: Document
    base: str
    root: Any
    draft: int
    anchors: dict[str, Any] = field(default_factory=dict)
    dynamic: dict[str, Any] = field(default_factory=dict)
    recursive: bool = False


class Target(NamedTuple):
    """What a reference leads to, and the resource it stands in."""

    value: Any
    resource: Resource


class Lost(NamedTuple):
    """Why a reference leads nowhere; `absent`: its whole file is not here."""

    reason: str
    absent: bool = False


class _Use(NamedTuple):
    holder: dict[str, Any]
    reference: str
    resource: Resource


class Registry:
    """Loads documents, knows every identifier in them, and resolves references.

    `within` is the folder no reference may leave. `dynamic` tells that some schema refers by dynamic scope.
    """

    def __init__(self, within: Path | None = None) -> None:
        self.within = within
        self.problems: list[Problem] = []
        self.files: list[Path] = []
        self.looked_for: list[Path] = []
        self.dynamic = False
        self._resources: dict[str, Resource] = {}
        self._owners: dict[int, Resource] = {}
        self._roots: dict[Path, Resource | None] = {}
        self._uses: list[_Use] = []
        self._known: dict[tuple[Resource, str], Target | Lost] = {}
        self._told: set[tuple[str | None, str]] = set()
        self._neighbours: dict[str, Path] | None = None
        self._folder: Path | None = None
        self._bytes = 0

    def start(self, document: Document, draft: int | None = None) -> Resource:
        """Take in the file asked for and everything it refers to; what is missing is among the problems.

        `draft` counts where the file does not say its own.
        """
        assert document.path is not None
        self._folder = document.path.resolve().parent
        resource = self._add(document, draft)
        done = 0
        while done < len(self._uses):
            use = self._uses[done]
            self._check(use, self.resolve(use.reference, use.resource))
            done += 1
        return resource

    def owner(self, value: Any, resource: Resource) -> Resource:
        """The resource a schema belongs to that stands in `resource`: its own where it has an address."""
        return self._owners.get(id(value), resource)

    def resolve(self, reference: str, resource: Resource) -> Target | Lost:
        """What a reference written in `resource` means."""
        key = (resource, reference)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._resolve(reference, resource)
        return known

    def _resolve(self, reference: str, resource: Resource) -> Target | Lost:
        address, _hash, fragment = reference.partition("#")
        found = self._addressed(address, resource) if address else resource
        if found is None:
            return Lost(_("{address} is not here.").format(address=address), absent=True)
        if not fragment:
            return Target(found.root, found)
        if fragment.startswith("/"):
            return self._pointed(unquote(fragment), found)
        value = found.anchors.get(unquote(fragment))
        if value is None:
            return Lost(_("There is nothing called {name} there.").format(name=f"#{fragment}"))
        return Target(value, self.owner(value, found))

    def _addressed(self, address: str, resource: Resource) -> Resource | None:
        full = _joined(resource.base, address)
        known = self._resources.get(full)
        if known is None:
            known = self._loaded(full, address, resource)
            if known is not None:
                # The identifier inside a file found by its name may be the one that was asked for.
                known = self._resources.setdefault(full, known)
        return known

    def _pointed(self, pointer: str, resource: Resource) -> Target | Lost:
        value, owner = resource.root, resource
        for step in pointer[1:].split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and step in value:
                value = value[step]
            elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(value):
                value = value[int(step[:9])]
            else:
                return Lost(_("There is nothing at {place} there.").format(place=f"#{pointer}"))
            owner = self.owner(value, owner)
        if not isinstance(value, dict | bool):
            return Lost(_("What stands at {place} is no schema.").format(place=f"#{pointer}"))
        return Target(value, owner)

    def _loaded(self, full: str, address: str, resource: Resource) -> Resource | None:
        base = resource.document.path
        if base is None:
            return self._shipped(full)
        try:
            candidates = list(islice(self._candidates(full, address, base), 1))
        except ValueError:
            # Brackets where no address has them.
            return None
        for path in candidates:
            if not inside(path, self.within):
                self.problems.append(_leaves(path, resource.document))
                return None
            return self._resource_of(path, resource.draft)
        shipped = self._shipped(full)
        if shipped is None and not is_remote(address) and not address.startswith("//"):
            self.looked_for.append(base.parent / unquote(address))
        return shipped

    def _candidates(self, full: str, address: str, base: Path) -> Iterator[Path]:
        relative = None if is_remote(address) else locate(address, base)
        if relative is None and full.startswith("file:"):
            relative = locate(full, base)
        if relative is not None:
            yield relative
        named = self._by_identifier(full)
        if named is not None:
            yield named
        if self._shipped(full) is None:
            copy = nearby(full if is_remote(full) else address, base)
            if copy is not None:
                yield copy

    def _by_identifier(self, full: str) -> Path | None:
        """A file near the schema that says it has this address."""
        if self._neighbours is None:
            self._neighbours = {}
            for path in _files_near(self._folder):
                try:
                    with path.open("rb") as file:
                        match = _IDENTIFIER.search(file.read(_HEAD))
                except OSError:
                    continue
                if match is not None:
                    address = match[1].decode("utf-8", "replace").rstrip("#")
                    self._neighbours.setdefault(address, path)
        return self._neighbours.get(full)

    def _shipped(self, full: str) -> Resource | None:
        """The schemas of the drafts themselves, which the validator brings along."""
        if "json-schema.org/" not in full:
            return None
        known = self._resources.get(full)
        if known is None:
            specifications = importlib.import_module("jsonschema_specifications").REGISTRY
            value = specifications.get(full)
            if value is None:
                return None
            known = self._add(Document(None, value.contents, "", {}), None)
        return known

    def _resource_of(self, path: Path, draft: int) -> Resource | None:
        path = path.resolve()
        if path not in self._roots:
            self._roots[path] = None
            try:
                if len(self._roots) > MOST_FILES or self._bytes > MOST_BYTES:
                    raise TooLarge(
                        _("The schema has more than {limit} files.").format(limit=MOST_FILES), file=path
                    )
                self._bytes += min(path.stat().st_size, LARGEST_SCHEMA)
                self._roots[path] = self._add(read_document(path), draft)
            except (BadInput, OSError) as error:
                self.problems.append(_unreadable(error, path))
        return self._roots[path]

    def _add(self, document: Document, draft: int | None) -> Resource:
        base = ""
        if document.path is not None:
            path = document.path.resolve()
            base = path.as_uri()
            self.files.append(document.path)
        value = document.value
        said = value.get("$schema") if isinstance(value, dict) else None
        resource = Resource(document, base, value, draft_of(said, draft or LATEST))
        if document.path is not None:
            self._roots[path] = resource
            self._resources[base] = resource
        self._index(resource)
        return resource

    def _index(self, resource: Resource) -> None:
        """Finds identifiers, anchors and references; `names` marks objects whose members are names, not words."""
        waiting: list[tuple[Any, Resource, bool]] = [(resource.root, resource, False)]
        seen: set[int] = set()
        while waiting:
            value, owner, names = waiting.pop()
            if id(value) in seen:
                continue
            seen.add(id(value))
            if isinstance(value, list):
                waiting += [(one, owner, False) for one in reversed(value) if isinstance(one, dict | list)]
                continue
            if not isinstance(value, dict):
                continue
            if not names:
                owner = self._place(value, owner)
            for key, inner in reversed(value.items()):
                if isinstance(inner, dict | list) and (names or key not in DATA):
                    waiting.append((inner, owner, not names and key in MAPS and isinstance(inner, dict)))

    def _place(self, value: dict[str, Any], owner: Resource) -> Resource:
        """Notes what a schema says of its own place; the resource of what stands inside it."""
        reference = value.get("$ref")
        legacy = isinstance(reference, str) and owner.draft <= _LEGACY
        if not legacy:
            owner = self._identified(value, owner)
        for key in ("$anchor", "$dynamicAnchor"):
            name = value.get(key)
            if isinstance(name, str):
                owner.anchors.setdefault(name, value)
                if key == "$dynamicAnchor":
                    owner.dynamic.setdefault(name, value)
        for key in ("$ref", "$dynamicRef", "$recursiveRef"):
            text = value.get(key)
            if isinstance(text, str):
                self._uses.append(_Use(value, text, owner))
                self.dynamic = self.dynamic or key != "$ref"
        if value.get("$recursiveAnchor") is True and value is owner.root:
            owner.recursive = True
        return owner

    def _identified(self, value: dict[str, Any], owner: Resource) -> Resource:
        said = value.get("$id")
        if not isinstance(said, str) and (owner.draft <= 4 or value is owner.root):
            said = value.get("id")
        if not isinstance(said, str) or not said:
            return owner
        address, name = urldefrag(said)
        if name and not name.startswith("/"):
            owner.anchors.setdefault(name, value)
        if not address:
            return owner
        full = _joined(owner.base, address)
        if value is owner.root and owner.base.startswith("file:"):
            # The file keeps its path as a second address.
            owner.base = full
        else:
            owner = Resource(owner.document, full, value, draft_of(value.get("$schema"), owner.draft))
            self._owners[id(value)] = owner
        self._resources.setdefault(full, owner)
        return owner

    def _check(self, use: _Use, found: Target | Lost) -> None:
        if isinstance(found, Target):
            return
        document = use.resource.document
        # One message for each missing file, one for each place missing in a file that is there.
        address = use.reference.partition("#")[0]
        key = (document.file, address if found.absent else use.reference)
        if key in self._told:
            return
        self._told.add(key)
        self.problems.append(
            Problem(
                Severity.WARNING,
                _("The reference {reference} leads nowhere: {reason}").format(
                    reference=use.reference, reason=found.reason
                ),
                document.file,
                document.line(use.holder),
                mend=_("Put the missing file beside this one; nothing is fetched from a network.")
                if found.absent
                else _("Check the spelling; a reference starts at the top of its file."),
            )
        )


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address).rstrip("#")
    except ValueError:
        return address


def _files_near(folder: Path | None) -> Iterator[Path]:
    """The JSON and YAML files of a folder and the folders below, so many at most, the nearest first."""
    waiting = [(folder, 0)] if folder is not None else []
    count = 0
    for here, level in waiting:
        try:
            entries = sorted(here.iterdir())
        except OSError:
            continue
        for entry in entries:
            count += 1
            if count > _MOST_NEIGHBOURS:
                return
            if entry.suffix.lower() in _ENDINGS and entry.is_file():
                yield entry
            elif level < 2 and entry.is_dir() and not entry.name.startswith("."):
                waiting.append((entry, level + 1))


def _leaves(path: Path, document: Document) -> Problem:
    return Problem(
        Severity.WARNING,
        _("{name} lies outside the folder of the project, so it is not read.").format(name=path.name),
        document.file,
        mend=_("Copy it into the project."),
    )


def _unreadable(error: Exception, path: Path) -> Problem:
    if isinstance(error, BadInput):
        return Problem(
            Severity.WARNING,
            error.message,
            error.file or str(path),
            error.line,
            error.column,
            mend=error.next_step,
        )
    return Problem(
        Severity.WARNING, _("The file could not be read: {reason}.").format(reason=str(error)), str(path)
    )
