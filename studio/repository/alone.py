"""What a pull joined without asking in the objects where it found conflicts, too: shown beside these, until the next pull."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.records import dataclass
from studio.base.yaml_read import parse
from studio.project.layout import id_of
from studio.protocol.manifests import Content, Manifest
from studio.repository.local import PLACE, read, written

FILE = "alone.json"
PATH = f"{PLACE}/{FILE}"
_RULES = ("map", "parked")


@dataclass(frozen=True)
class Alone:
    """A member of an object's file (or a rule of its map) that one side alone changed; `mine` says which."""

    path: str
    keys: tuple[str, ...]
    mine: bool


@dataclass(frozen=True)
class Joined:
    """What was joined, and the number of the revision both sides started from (0: none)."""

    base: int = 0
    alone: tuple[Alone, ...] = ()


def joined(folder: Path) -> Joined:
    """What the last pull that found conflicts has joined; nothing where that is not known."""
    try:
        return read(folder, FILE, Joined) or Joined()
    except BadInput:
        return Joined()


def content_of(found: Joined) -> bytes:
    """The file that keeps it."""
    return written(found)


def alone_of(
    paths: Iterable[str],
    base: Manifest,
    theirs: Manifest,
    read_content: Callable[[Content], bytes],
    here: Callable[[str], bytes],
) -> tuple[Alone, ...]:
    """What one side alone changed in objects both changed; `here` gives mine by path. A file that is none is left out."""
    found: list[Alone] = []
    for path in paths:
        if id_of(path) is None or not path.endswith(".yaml") or path not in theirs or path not in base:
            continue
        try:
            sides = [
                parse(text.decode("utf-8"), file=path).plain()
                for text in (read_content(base[path]), here(path), read_content(theirs[path]))
            ]
        except (BadInput, UnicodeDecodeError, FileNotFoundError):
            continue
        found += (Alone(path, keys, mine) for keys, mine in _alone(*sides))
    return tuple(found)


def _alone(
    base: Any, mine: Any, theirs: Any, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], bool]]:
    for key in dict.fromkeys((*mine, *theirs, *base)):
        sides = base.get(key), mine.get(key), theirs.get(key)
        if not above and key in _RULES and all(side is None or isinstance(side, Mapping) for side in sides):
            before, ours, other = (side or {} for side in sides)
            yield from _alone(before, ours, other, (key,))
            continue
        before, ours, other = sides
        if (ours == before) is not (other == before):
            yield (*above, key), other == before
