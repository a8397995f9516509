"""OASIS XML catalogues beside a schema: which local file a public, system or URI identifier stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field
from functools import lru_cache
from pathlib import Path

from studio.base.errors import WeftError
from studio.base.records import dataclass
from studio.schema.xml_source import Element, parse_schema
from studio.schema.xsd.locate import inside, is_remote, locate

NAMES = ("catalog.xml", "xmlcatalog.xml", "jax-ws-catalog.xml")
_CATALOGUE = "urn:oasis:names:tc:entity:xmlns:xml:catalog"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LARGEST = 8 * 1024 * 1024
# Catalogues read for one question: enough for any chain people write, and an end for one made to have none.
_MOST = 60
# How far above a file its catalogue may lie where no folder bounds the search.
_LEVELS_UP = 4
_DEEPEST_GROUP = 20


@dataclass(frozen=True)
class Entry:
    """One line of a catalogue: `word` is its element, `match` the identifier or its part, `base` what it is relative to."""

    word: str
    match: str
    target: str
    base: str
    public: bool


@dataclass(frozen=True)
class Catalogue:
    """A catalogue file read: its entries in order and the catalogues it goes on to."""

    file: Path
    entries: tuple[Entry, ...] = ()
    further: tuple[Entry, ...] = field(default=())


def resolve(public: str | None, system: str | None, near: Path, *, within: Path | None = None) -> Path | None:
    """The local file a catalogue beside or above `near` (a file) names for an external identifier, None where none does.

    The system identifier goes before the public one, as the standard has it. Only regular files of this computer are
    answered, and none outside `within`.
    """
    system = (system or "").strip()
    public = _plain_public(public or "")
    if system.lower().startswith("urn:publicid:"):
        public, system = public or _unwrapped(system), ""

    def pick(catalogue: Catalogue) -> Iterator[tuple[str, Entry]]:
        if system:
            yield from _picked(catalogue, system, "system", "rewriteSystem", "systemSuffix", "delegateSystem")
        if public:
            for entry in catalogue.entries:
                if entry.word == "public" and entry.match == public and (entry.public or not system):
                    yield entry.target, entry
            yield from _longest(
                entry
                for entry in catalogue.entries
                if entry.word == "delegatePublic"
                and public.startswith(entry.match)
                and (entry.public or not system)
            )

    return _ask(pick, near, within) if system or public else None


def resolve_uri(address: str, near: Path, *, within: Path | None = None) -> Path | None:
    """The local file a catalogue beside or above `near` names for an address or a namespace, None where none does."""
    address = address.strip()

    def pick(catalogue: Catalogue) -> Iterator[tuple[str, Entry]]:
        yield from _picked(catalogue, address, "uri", "rewriteURI", "uriSuffix", "delegateURI")

    return _ask(pick, near, within) if address else None


def _ask(
    pick: Callable[[Catalogue], Iterator[tuple[str, Entry]]], near: Path, within: Path | None
) -> Path | None:
    seen: set[Path] = set()
    for file in _beside(near, within):
        waiting = [file]
        while waiting and len(seen) < _MOST:
            at = waiting.pop(0)
            if at in seen or not inside(at, within):
                continue
            seen.add(at)
            catalogue = _read(at)
            delegated: list[Path] = []
            for target, entry in pick(catalogue):
                found = _file(target, entry, at)
                if found is None or not inside(found, within):
                    continue
                if not entry.word.startswith("delegate"):
                    return found
                delegated.append(found)
            further = (_file(entry.target, entry, at) for entry in catalogue.further)
            # A catalogue that hands a question on to others does not answer it itself.
            waiting = delegated + ([] if delegated else [one for one in further if one is not None]) + waiting
    return None


def _picked(
    catalogue: Catalogue, asked: str, exact: str, rewrite: str, suffix: str, delegate: str
) -> Iterator[tuple[str, Entry]]:
    """The targets of the entries that fit an address, in the order the standard looks at them."""
    for entry in catalogue.entries:
        if entry.word == exact and entry.match == asked:
            yield entry.target, entry
    starts = [one for one in catalogue.entries if one.word == rewrite and asked.startswith(one.match)]
    for _target, entry in _longest(starts):
        yield entry.target + asked[len(entry.match) :], entry
    yield from _longest(one for one in catalogue.entries if one.word == suffix and asked.endswith(one.match))
    yield from _longest(
        one for one in catalogue.entries if one.word == delegate and asked.startswith(one.match)
    )


def _longest(entries: Iterator[Entry] | list[Entry]) -> Iterator[tuple[str, Entry]]:
    for entry in sorted(entries, key=lambda one: -len(one.match)):
        if entry.match:
            yield entry.target, entry


def _beside(near: Path, within: Path | None) -> Iterator[Path]:
    """The catalogue files in the folder of a file and those above it, nearest first."""
    try:
        folder = near.resolve().parent
    except (OSError, ValueError):
        return
    top = within.resolve() if within is not None else None
    for level, place in enumerate((folder, *folder.parents)):
        if (top is None and level > _LEVELS_UP) or (top is not None and not place.is_relative_to(top)):
            return
        for name in NAMES:
            file = place / name
            if _is_file(file):
                yield file


def _file(target: str, entry: Entry, catalogue: Path) -> Path | None:
    """The regular file a target means; None for an address elsewhere and for what is not there."""
    if is_remote(target):
        return None
    base = entry.base
    if base and not target.startswith(("/", "file:")):
        if is_remote(base):
            return None
        target = base.rsplit("/", 1)[0] + "/" + target if "/" in base else target
    return locate(target, catalogue)


def _read(file: Path) -> Catalogue:
    try:
        state = file.stat()
        return _parsed(file, state.st_mtime_ns, state.st_size)
    except OSError:
        return Catalogue(file)


@lru_cache(maxsize=128)
def _parsed(file: Path, _time: int, _size: int) -> Catalogue:
    """A catalogue's entries; one that cannot be read has none, as it only ever helps."""
    try:
        root = parse_schema(file, limit=_LARGEST)
    except WeftError:
        return Catalogue(file)
    if root.tag != f"{{{_CATALOGUE}}}catalog":
        return Catalogue(file)
    entries = tuple(_entries(root, "", True, 0))
    return Catalogue(
        file,
        tuple(one for one in entries if one.word != "nextCatalog"),
        tuple(one for one in entries if one.word == "nextCatalog"),
    )


# Element to its attributes: what is matched, and what it leads to.
_WORDS = {
    "public": ("publicId", "uri"),
    "system": ("systemId", "uri"),
    "rewriteSystem": ("systemIdStartString", "rewritePrefix"),
    "systemSuffix": ("systemIdSuffix", "uri"),
    "delegatePublic": ("publicIdStartString", "catalog"),
    "delegateSystem": ("systemIdStartString", "catalog"),
    "uri": ("name", "uri"),
    "rewriteURI": ("uriStartString", "rewritePrefix"),
    "uriSuffix": ("uriSuffix", "uri"),
    "delegateURI": ("uriStartString", "catalog"),
    "nextCatalog": ("", "catalog"),
}


def _entries(parent: Element, base: str, public: bool, depth: int) -> Iterator[Entry]:
    base = _joined(base, parent.get(_BASE) or "")
    public = parent.get("prefer", "public" if public else "system") == "public"
    for element in parent:
        tag = str(element.tag)
        space, _brace, word = tag[1:].partition("}")
        if space != _CATALOGUE:
            continue
        if word == "group" and depth < _DEEPEST_GROUP:
            yield from _entries(element, base, public, depth + 1)
        if word in _WORDS:
            match, target = _WORDS[word]
            text = (element.get(match) or "").strip() if match else ""
            text = _plain_public(text) if "ublic" in word else text
            leads_to = (element.get(target) or "").strip()
            if leads_to:
                yield Entry(word, text, leads_to, _joined(base, element.get(_BASE) or ""), public)


def _joined(base: str, more: str) -> str:
    if not more or is_remote(more) or more.startswith(("/", "file:")):
        return more or base
    return base.rsplit("/", 1)[0] + "/" + more if "/" in base else more


def _plain_public(text: str) -> str:
    """A public identifier with its white space as the standard compares it; one written as a urn is unwrapped."""
    text = " ".join(text.split())
    return _unwrapped(text) if text.lower().startswith("urn:publicid:") else text


def _unwrapped(urn: str) -> str:
    text = urn[len("urn:publicid:") :]
    for coded, plain in (("+", " "), (":", "//"), (";", "::"), *_CODES):
        text = text.replace(coded, plain)
    return text


_CODES = tuple((f"%{ord(character):02X}", character) for character in "+:/;'?#%")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
