"""All files a schema consists of: includes, imports and redefinitions followed once each, one message per gap."""

from __future__ import annotations

import os
import re
from collections import deque
from dataclasses import field
from pathlib import Path
from urllib.parse import urlsplit

from studio.base.errors import BadInput, Problem, Severity, TooLarge
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.schema.catalogues import resolve, resolve_uri
from studio.schema.xml_source import Element, line_of, parse_schema
from studio.schema.xsd import catalogue
from studio.schema.xsd.locate import inside, is_remote, locate, nearby
from studio.schema.xsd.names import DRAFTS, XSD_NAMESPACES, local_name
from studio.schema.xsd.symbols import Document, Symbols

MOST_FILES = 4000
MOST_BYTES = 256 * 1024 * 1024

# A relative location whose `..` all lead, so that none can follow a link.
_PLAIN = re.compile(r"(?:\.{1,2}/)*(?:(?!\.\.?/)[\w .-]+/)*(?!\.\.?\Z)[\w .-]+")

_DRAFT_TAGS = tuple(f"{{{space}}}" for space in DRAFTS)
_SCHEMA_TAGS = tuple(f"{{{space}}}schema" for space in sorted(XSD_NAMESPACES))


@dataclass
class Reference:
    """An include, import, redefine or override in `user`; `namespace` is the one an import asks for."""

    kind: str
    location: str
    namespace: str
    element: Element
    user: Document


@dataclass
class Closure:
    """Loads what schemas refer to into one symbol table.

    `missing` holds the namespaces whose files were not found and, under their own name, the locations; unresolved
    names of these have their message already. `within` is the folder no reference may leave.
    """

    within: Path | None = None
    symbols: Symbols = field(default_factory=lambda: Symbols(catalogue.load))
    problems: list[Problem] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    looked_for: list[Path] = field(default_factory=list)
    # The file read for a location in a file: a second opinion on the schema must see the same files.
    found: dict[tuple[Path, str], Path] = field(default_factory=dict)
    _roots: dict[Path, Element | None] = field(default_factory=dict)
    _documents: dict[tuple[Path, str], Document] = field(default_factory=dict)
    _waiting: deque[Reference] = field(default_factory=deque)
    _redefines: list[tuple[Document, Element]] = field(default_factory=list)
    _wanted: list[Reference] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)
    _catalogued: dict[tuple[Path, str, str], Path | None] = field(default_factory=dict)
    _reals: dict[Path, Path] = field(default_factory=dict)
    _folders: dict[Path, str] = field(default_factory=dict)
    _places: dict[str, Path | None] = field(default_factory=dict)
    _bytes: int = 0
    _base: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files read, in the order read."""
        return tuple(path for path, root in self._roots.items() if root is not None)

    def start(self, path: Path, root: Element) -> None:
        """Note the file everything starts from, whose root is parsed already."""
        self._base = self._base or path
        self._roots.setdefault(self.real(path), root)

    def add(self, path: Path, schema: Element) -> Document:
        """Index a schema element standing in a file; `load` then follows its references."""
        document = Document(self.shown(path), path, schema, schema.get("targetNamespace") or "")
        self._documents.setdefault((self.real(path), document.namespace), document)
        self._take(document)
        return document

    def load(self) -> None:
        """Follow every reference; then put redefinitions in place and tell which imports found nothing."""
        while self._waiting:
            self._follow(self._waiting.popleft())
        # A file is redefined by those including it, which were met before it: the deepest redefinition comes first.
        for document, element in reversed(self._redefines):
            self.symbols.redefine(document, element)
        self._redefines.clear()
        for reference in self._wanted:
            self._check_import(reference)
        self._wanted.clear()

    def parse(self, path: Path) -> Element | None:
        """The root of a further file, None (with a problem noted) when it cannot be read."""
        known = self.real(path)
        if known not in self._roots:
            self._roots[known] = self._parse(known)
        return self._roots[known]

    def real(self, path: Path) -> Path:
        """The path without links and detours; asked of the system once, which many small files take most time for."""
        known = self._reals.get(path)
        if known is None:
            known = self._reals[path] = path.resolve()
        return known

    def find_file(self, location: str, user: Path, line: int | None, *, what: str = "") -> Path | None:
        """The local file for a location, None (with one problem noted) when there is none."""
        found = self._located(location, user) or self._in_catalogue(location, what, user)
        if found is None and what and catalogue.known(what):
            return None
        if found is None:
            found = nearby(location, user)
            if found is not None:
                self._tell(
                    Severity.NOTE,
                    location,
                    _("{location} is not there; {file} was read instead.").format(
                        location=location, file=self.shown(found)
                    ),
                    user,
                    line,
                )
        if found is not None and not inside(found, self.within):
            self._tell(
                Severity.ERROR,
                location,
                _("{location} lies outside the project and was not read.").format(location=location),
                user,
                line,
                _("Copy the file into the project's schemas folder."),
            )
            return None
        if found is None:
            self._tell_missing(location, user, line)
        return found

    def _located(self, location: str, user: Path) -> Path | None:
        """`locate`, asked once for each place: a library names its files again in each of its hundreds."""
        text = location.strip()
        folder = self._folders.get(user)
        if folder is None:
            folder = self._folders[user] = str(user.parent) if self.real(user) == user else ""
        if not folder or not _PLAIN.fullmatch(text):
            return locate(location, user)
        place = os.path.normpath(f"{folder}/{text}")
        if place not in self._places:
            self._places[place] = locate(location, user)
        return self._places[place]

    def _in_catalogue(self, location: str, namespace: str, user: Path) -> Path | None:
        """The file a catalogue beside the user names for a location, or else for a namespace."""
        asked = (user.parent, location, namespace)
        if asked not in self._catalogued:
            self._catalogued[asked] = (
                resolve_uri(location, user, within=self.within)
                or resolve(None, location, user, within=self.within)
                or resolve_uri(namespace, user, within=self.within)
            )
        return self._catalogued[asked]

    def _take(self, document: Document) -> None:
        for element in self.symbols.add(document):
            location = (element.get("schemaLocation") or "").strip()
            namespace = (element.get("namespace") or "").strip()
            self._waiting.append(Reference(local_name(element), location, namespace, element, document))
        if document.schema.tag.startswith(_DRAFT_TAGS):
            message = _(
                "The schema is written in a draft of XML Schema from 1999 or 2000; it is read as XML Schema 1.0."
            )
            self._tell(Severity.NOTE, document.file, message, document.path, line_of(document.schema))

    def _follow(self, reference: Reference) -> None:
        user = reference.user
        if reference.kind == "import":
            self._wanted.append(reference)
            if reference.namespace in XSD_NAMESPACES:
                return
            if not reference.location and user.path is not None:
                found = self._in_catalogue("", reference.namespace, user.path)
                reference.location = found.as_uri() if found else ""
        if reference.kind in ("redefine", "override"):
            self._redefines.append((user, reference.element))
        if user.path is None or not reference.location:
            return
        line = line_of(reference.element)
        path = self.find_file(reference.location, user.path, line, what=reference.namespace)
        root = self.parse(path) if path else None
        if path is not None:
            self.found[self.real(user.path), reference.location] = self.real(path)
        if root is None or path is None:
            self.missing.setdefault(reference.namespace or user.namespace, reference.location)
            return
        schema = self._schema_in(root, reference, path)
        if schema is not None:
            self._document(path, schema, reference)

    def _schema_in(self, root: Element, reference: Reference, path: Path) -> Element | None:
        if local_name(root) == "schema":
            return root
        for schema in schemas_below(root):
            if (schema.get("targetNamespace") or "") == reference.namespace:
                return schema
        self._tell(
            Severity.WARNING,
            str(path),
            _("{file} is not an XML schema.").format(file=self.shown(path)),
            reference.user.path,
            line_of(reference.element),
            _("Check the schemaLocation."),
        )
        self.missing.setdefault(reference.namespace or reference.user.namespace, reference.location)
        return None

    def _document(self, path: Path, schema: Element, reference: Reference) -> None:
        own = schema.get("targetNamespace") or ""
        borrowed = not own and reference.kind != "import" and bool(reference.user.namespace)
        namespace = reference.user.namespace if borrowed else own
        if (self.real(path), namespace) in self._documents:
            return
        imported = reference.kind == "import" or reference.user.imported
        document = Document(self.shown(path), path, schema, namespace, borrowed, imported)
        self._documents[self.real(path), namespace] = document
        self._check_namespace(own, reference, path)
        self._take(document)

    def _check_namespace(self, own: str, reference: Reference, path: Path) -> None:
        wanted = reference.namespace if reference.kind == "import" else reference.user.namespace
        if own == wanted or (not own and reference.kind != "import"):
            return
        self._tell(
            Severity.WARNING,
            str(path),
            _("{file} describes the namespace {found}, not {wanted}.").format(
                file=self.shown(path), found=repr(own), wanted=repr(wanted)
            ),
            reference.user.path,
            line_of(reference.element),
        )

    def _check_import(self, reference: Reference) -> None:
        namespace = reference.namespace
        if reference.location or not namespace or self.symbols.knows(namespace) or namespace in self.missing:
            return
        self.missing[namespace] = ""
        self._tell(
            Severity.WARNING,
            namespace,
            _("The namespace {namespace} is imported, but no file says what is in it.").format(
                namespace=namespace
            ),
            reference.user.path,
            line_of(reference.element),
            _("Add a schemaLocation with the file that describes it; what refers to it is marked."),
        )

    def _parse(self, path: Path) -> Element | None:
        self._bytes += path.stat().st_size if path.is_file() else 0
        if len(self._roots) > MOST_FILES or self._bytes > MOST_BYTES:
            raise TooLarge(
                _("The schema consists of more than {files} files or {megabytes} MB.").format(
                    files=MOST_FILES, megabytes=MOST_BYTES >> 20
                ),
                file=self._base,
                next_step=_("Read a smaller part of it: a schema of one message."),
            )
        try:
            return parse_schema(path)
        except BadInput as error:
            self.problems.append(
                Problem(
                    Severity.ERROR,
                    error.message,
                    self.shown(path),
                    error.line,
                    error.column,
                    mend=error.next_step,
                )
            )
            return None

    def _tell_missing(self, location: str, user: Path, line: int | None) -> None:
        if not is_remote(location):
            self.looked_for.append(user.parent / location)
        name = urlsplit(location).path.rsplit("/", 1)[-1] or location
        if is_remote(location):
            message = _("{location} was not fetched: schemas are read from this computer only.")
        else:
            message = _("The file {location} is not there.")
        self._tell(
            Severity.WARNING,
            location if is_remote(location) else str(user.parent / location),
            message.format(location=location),
            user,
            line,
            _("Put {name} beside the schema; until then what it describes is marked as missing.").format(
                name=name
            ),
        )

    def _tell(
        self,
        severity: Severity,
        cause: str,
        message: str,
        path: Path | None,
        line: int | None,
        mend: str = "",
    ) -> None:
        if cause not in self._told:
            self._told.add(cause)
            self.problems.append(
                Problem(severity, message, self.shown(path) if path else None, line, mend=mend)
            )

    def shown(self, path: Path) -> str:
        """The file's name for people: relative to where the first file was given, when it lies below it."""
        if self._base is None:
            return str(path)
        folder = self._base.parent
        try:
            return str(folder / self.real(path).relative_to(self.real(folder)))
        except ValueError:
            return str(path)


def schemas_below(root: Element) -> list[Element]:
    """The schema elements inside a service description, in document order for each version of XML Schema."""
    return [schema for tag in _SCHEMA_TAGS for schema in root.iter(tag)]
