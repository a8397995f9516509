"""A schema at an address: fetched with all it refers to through a function given by the caller, kept in a folder."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urldefrag, urljoin, urlsplit
from xml.sax.saxutils import quoteattr

from studio.base import atomic
from studio.base.errors import BadInput, NotAllowed, NotReachable, Problem, Severity, TooLarge, WeftError
from studio.base.i18n import _
from studio.schema.catalogues import NAMES
from studio.schema.model import Schema
from studio.schema.read import read_schema
from studio.schema.source import LARGEST_SCHEMA, MEGABYTE
from studio.schema.xml_source import Element, parse_bytes
from studio.schema.xsd import catalogue
from studio.schema.xsd.names import XSD_NAMESPACES

MOST_FILES = 1000
MOST_BYTES = 256 * MEGABYTE
MOST_REDIRECTS = 5
# Not asked again within this time (s), whatever the server says: a window that opens twice asks once.
SHORTEST_AGE = 60.0
_INDEX = "fetched.json"
_REFERRING = frozenset(("import", "include", "redefine", "override"))
_JSON_REFERENCE = re.compile(rb'"?\$ref"?\s*:\s*["\']?([^"\'\s,}#][^"\'\s,}]*)')
_DTD_REFERENCE = re.compile(
    rb"""<!ENTITY\s+%?\s*[^\s<>]+\s+(?:SYSTEM|PUBLIC\s+(?:"[^"]*"|'[^']*'))\s+(?:"([^"<>]+)"|'([^'<>]+)')"""
)


@dataclass(frozen=True)
class Ask:
    """What a fetch function is asked: an address, and what is known of it from before.

    `trusted`: it is on the server the user named, so the connection's credentials may go with it.
    """

    url: str
    etag: str = ""
    modified: str = ""
    trusted: bool = False


@dataclass(frozen=True)
class Fetched:
    """What came back: the bytes; or `moved`, an address to ask instead; or `unchanged`, when what is known still holds.

    `age` is how long (s) it may be used without asking again.
    """

    body: bytes = b""
    etag: str = ""
    modified: str = ""
    age: float = 0.0
    moved: str = ""
    unchanged: bool = False


Fetch = Callable[[Ask], Fetched]


@dataclass(frozen=True)
class Kept:
    """A fetched file in the folder: the address it came from in the end, and until when it is not asked for again."""

    file: str
    url: str
    etag: str = ""
    modified: str = ""
    fresh_until: float = 0.0


def is_address(text: str) -> bool:
    """The text is an address a schema can be fetched from."""
    return text.lower().startswith(("http://", "https://"))


def read_remote(
    url: str,
    fetch: Fetch,
    folder: Path,
    *,
    kind: str | None = None,
    root: str | None = None,
    encoding: str | None = None,
    now: Callable[[], float] = time.time,
) -> Schema:
    """The schema at `url`, with all it imports from the web, fetched through `fetch` and kept below `folder`.

    Only ever called for an address the user gave. What it imports is fetched too, unless this program knows the
    namespace itself; what cannot be had is a problem of the schema and marked in the tree. When the server cannot be
    reached, the copy of before is read and a note says so. Raises BadInput for no address, TooLarge beyond 1,000 files,
    64 MB each or 256 MB in all, and what `fetch` raises for the first file.
    """
    mirror = Mirror(url, fetch, folder, now)
    file = mirror.load()
    schema = read_schema(file, kind=kind, root=root, encoding=encoding, within=mirror.folder)
    facts = {**schema.facts, "url": mirror.url}
    rest = [problem for problem in schema.problems if problem.message not in mirror.told]
    return replace(schema, facts=facts, problems=(*mirror.problems, *rest))


class Mirror:
    """The files of one address in a folder of their own, laid out as on their servers, with catalogues between them."""

    def __init__(self, url: str, fetch: Fetch, folder: Path, now: Callable[[], float] = time.time) -> None:
        self.url = _without_login(urldefrag(url.strip())[0])
        parts = _split(self.url)
        if parts is None:
            raise BadInput(
                _("{url} is no address a schema can be fetched from.").format(url=url[:200]),
                file=url[:200],
                next_step=_("Give an address that starts with https://."),
            )
        self._home = parts
        self._fetch = fetch
        self._now = now
        self.folder = folder / hashlib.sha256(self.url.encode()).hexdigest()[:24]
        self.problems: list[Problem] = []
        # What the reader says of files that could not be fetched, as that is told already.
        self.told: set[str] = set()
        self._kept: dict[str, Kept] = {}
        self._bytes = 0
        self._names: dict[Path, dict[str, str]] = {}

    def load(self) -> Path:
        """Fetch what is not fresh; the file of the address itself."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._kept = _index(self.folder)
        first = self._get(self.url)
        waiting: deque[str] = deque([self.url])
        seen = {self.url}
        while waiting:
            at = waiting.popleft()
            for literal, target in self._references(self._kept[at]):
                if target not in seen:
                    seen.add(target)
                    if len(seen) > MOST_FILES:
                        raise self._too_large()
                    if self._try(target):
                        waiting.append(target)
                if target not in self._kept:
                    self.told |= _gaps(literal)
                else:
                    self._note_name(self._kept[at], literal, target)
        self._write_catalogues()
        used = {url: kept for url, kept in self._kept.items() if url in seen}
        atomic.write_text(
            self.folder / _INDEX, json.dumps({url: vars(kept) for url, kept in used.items()}, indent=1)
        )
        return self.folder / first.file

    # Fetching

    def _try(self, url: str) -> bool:
        """Fetch a file something refers to; a problem where that fails."""
        reason = self._barred(url)
        if reason is None:
            try:
                self._get(url)
            except TooLarge:
                raise
            except WeftError as error:
                reason = error.message
            else:
                return True
        self.problems.append(
            Problem(
                Severity.WARNING,
                _("{url} could not be fetched: {reason}").format(url=_shown(url), reason=reason),
                _shown(self.url),
                mend=_(
                    "What it describes is marked as missing; save the files in a folder to add it by hand."
                ),
            )
        )
        return False

    def _barred(self, url: str) -> str | None:
        """Why an address in a schema is not followed: it leads into this computer or network from outside."""
        parts = _split(url)
        if parts is None:
            return _("It is no web address.")
        if parts.hostname != self._home.hostname and _inside_host(parts.hostname or ""):
            return _("A schema from elsewhere may not point into this computer or network.")
        if self._home.scheme == "https" and parts.scheme == "http" and parts.hostname == self._home.hostname:
            return _("It leaves the encrypted connection.")
        return None

    def _get(self, url: str) -> Kept:
        known = self._kept.get(url)
        if known is not None and known.fresh_until > self._now() and (self.folder / known.file).is_file():
            self._bytes += (self.folder / known.file).stat().st_size
            return known
        try:
            final, answer = self._ask(url, known)
        except NotReachable as error:
            if known is None or not (self.folder / known.file).is_file():
                raise
            self.problems.append(_stale(url, error))
            return known
        until = self._now() + max(answer.age, SHORTEST_AGE)
        if answer.unchanged and known is not None and (self.folder / known.file).is_file():
            kept = replace(known, fresh_until=until)
        else:
            kept = self._store(final, answer, until)
        self._kept[url] = kept
        return kept

    def _ask(self, url: str, known: Kept | None) -> tuple[str, Fetched]:
        at = url
        for _step in range(MOST_REDIRECTS + 1):
            usable = known is not None and (self.folder / known.file).is_file()
            etag, modified = (known.etag, known.modified) if known is not None and usable else ("", "")
            answer = self._fetch(Ask(at, etag, modified, self._trusted(at)))
            if not answer.moved:
                return at, answer
            further = urldefrag(urljoin(at, answer.moved))[0]
            reason = self._barred(further)
            if reason is not None or (at.startswith("https:") and further.startswith("http:")):
                raise NotAllowed(
                    _("{url} sends on to {further}, which is not followed.").format(
                        url=_shown(url), further=_shown(further)
                    ),
                    file=_shown(url),
                    next_step=_("Give the address it is really at."),
                )
            at = further
        raise NotReachable(
            _("{url} sends on from one address to the next without end.").format(url=_shown(url)),
            file=_shown(url),
            next_step=_("Give the address it is really at."),
        )

    def _trusted(self, url: str) -> bool:
        parts = _split(url)
        return parts is not None and _origin(parts) == _origin(self._home)

    def _store(self, final: str, answer: Fetched, until: float) -> Kept:
        self._bytes += len(answer.body)
        if len(answer.body) > LARGEST_SCHEMA or self._bytes > MOST_BYTES:
            raise self._too_large()
        name = self._free(_file_name(final))
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(target, answer.body)
        return Kept(name, final, answer.etag, answer.modified, until)

    def _free(self, name: str) -> str:
        """The name, with a mark where a server has a file and a folder of the same name."""
        *folders, leaf = name.split("/")
        at = self.folder
        steps = []
        for step in folders:
            steps.append(f"{step}~" if (at / step).is_file() else step)
            at = at / steps[-1]
        return "/".join((*steps, f"{leaf}~" if (at / leaf).is_dir() else leaf))

    def _too_large(self) -> TooLarge:
        return TooLarge(
            _("The schema consists of more than {files} files or {megabytes} MB.").format(
                files=MOST_FILES, megabytes=MOST_BYTES // MEGABYTE
            ),
            file=_shown(self.url),
            next_step=_("Save the files you need in a folder and open that."),
        )

    # References

    def _references(self, kept: Kept) -> Iterator[tuple[str, str]]:
        """What a fetched file refers to: as written, and the address it means."""
        data = (self.folder / kept.file).read_bytes()
        for literal in dict.fromkeys(_locations(data)):
            target = urldefrag(urljoin(kept.url, literal))[0]
            if target and target not in (self.url, kept.url):
                yield literal, target

    def _note_name(self, user: Kept, literal: str, target: str) -> None:
        """Remember how a file calls another, for the catalogue in its folder."""
        names = self._names.setdefault((self.folder / user.file).parent, {})
        for name in (literal, target):
            names.setdefault(name, self._kept[target].file)

    def _write_catalogues(self) -> None:
        """A catalogue in each folder, as addresses with queries, and absolute ones, are no names of files."""
        for folder, names in self._names.items():
            up = "../" * len(folder.relative_to(self.folder).parts)
            lines = (
                f"<uri name={quoteattr(name)} uri={quoteattr(up + file)}/>" for name, file in names.items()
            )
            text = (
                f'<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">{"".join(lines)}</catalog>\n'
            )
            atomic.write_text(folder / NAMES[1], text)


def _locations(data: bytes) -> Iterator[str]:
    """The addresses a schema refers to others by; none in what is no schema."""
    head = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n\0\xff\xfe")
    if head.startswith(b"<"):
        try:
            yield from _xml_locations(parse_bytes(data))
        except WeftError:
            # Not well-formed, or a DTD, whose parts are named by its entities.
            for match in _DTD_REFERENCE.finditer(data):
                yield (match[1] or match[2]).decode("utf-8", "replace").strip()
    else:
        for match in _JSON_REFERENCE.finditer(data):
            yield match[1].decode("utf-8", "replace").split("#", 1)[0]


def _xml_locations(root: Element) -> Iterator[str]:
    for element in root.iter():
        if str(element.tag).rpartition("}")[2] in _REFERRING:
            namespace = element.get("namespace") or ""
            location = (element.get("schemaLocation") or element.get("location") or "").strip()
            # Namespaces this program knows itself need no network.
            if location and not catalogue.known(namespace) and namespace not in XSD_NAMESPACES:
                yield location


def _file_name(url: str) -> str:
    """Where a file is kept: host and path as they are, as far as they are plain, a digest for what is not."""
    parts = urlsplit(url)
    host = _plain(parts.netloc.rpartition("@")[2])
    steps = [_plain(unquote(step)) for step in parts.path.split("/") if step not in ("", ".", "..")]
    leaf = steps.pop() if steps else "index"
    if parts.query:
        stem, dot, ending = leaf.rpartition(".")
        mark = hashlib.sha256(parts.query.encode()).hexdigest()[:10]
        leaf = f"{stem}-{mark}.{ending}" if dot else f"{leaf}-{mark}"
    if leaf in (*NAMES, _INDEX):
        leaf = f"x-{leaf}"
    return "/".join((host, *steps[:20], leaf))


def _plain(text: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", text)[:80].strip(".") or "_"
    if plain == text and len(text) <= 80:
        return plain
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return None
    return parts if parts.scheme.lower() in ("http", "https") and parts.hostname else None


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _inside_host(host: str) -> bool:
    """A name or number of this computer or its network rather than of a server in the world."""
    return (
        bool(re.fullmatch(r"[0-9.]+|0x[0-9a-f]+", host))
        or ":" in host
        or "." not in host
        or host.endswith((".localhost", ".local", ".internal"))
    )


def _shown(url: str) -> str:
    """The address without user, password and query, which may hold secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _without_login(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _gaps(location: str) -> set[str]:
    return {
        _("{location} was not fetched: schemas are read from this computer only.").format(location=location),
        _("The file {location} is not there.").format(location=location),
        _("{location} lies outside the project and was not read.").format(location=location),
    }


def _stale(url: str, error: NotReachable) -> Problem:
    return Problem(
        Severity.NOTE,
        _("{url} could not be asked for news; the copy fetched before is shown: {reason}").format(
            url=_shown(url), reason=error.message
        ),
        _shown(url),
        mend=error.next_step,
    )


def _index(folder: Path) -> dict[str, Kept]:
    """What was fetched before; nothing where the list is damaged."""
    try:
        rows: dict[str, dict[str, Any]] = json.loads((folder / _INDEX).read_text())
        return {url: Kept(**row) for url, row in rows.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
