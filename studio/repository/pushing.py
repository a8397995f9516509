"""A push that has begun, kept until its end is known: a cut or a kill at any point ends in one revision, or in none.

Kept before the first byte travels, and once more, marked, before the request that makes the revision. A push found
without the mark never asked for its revision: it is forgotten, and what it brought is not brought again. One with the
mark is asked for again, word for word, under the same key: the repository answers what it answered, or does it now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from studio.base import atomic
from studio.base.records import dataclass
from studio.protocol.manifests import Content, applied
from studio.protocol.projects import Change, Push, Revision, entries
from studio.repository.local import PLACE, made_place, place, read, written
from studio.repository.state import State

FILE = "pushing.json"
PATH = f"{PLACE}/{FILE}"


@dataclass(frozen=True)
class Pushing:
    """What is being pushed from the revision `parent` (of this `number`) under a key; `asked` is the mark.

    `put` are contents by path, `tree` the hash of what comes out; `uploads` are large contents on their way, by hash.
    """

    key: str
    parent: str | None
    number: int
    put: Mapping[str, tuple[str, int]]
    remove: tuple[str, ...]
    tree: str
    message: str
    asked: bool = False
    uploads: Mapping[str, str] = field(default_factory=dict)

    @property
    def contents(self) -> dict[str, Content]:
        """The contents it puts, by path."""
        return {path: Content(digest, size) for path, (digest, size) in self.put.items()}

    @property
    def change(self) -> Change:
        """What it does, for the question what is missing."""
        return Change(entries(self.contents), self.remove, self.tree)

    @property
    def push(self) -> Push:
        """The request for its revision: the same bytes each time."""
        return Push(entries(self.contents), self.remove, self.tree, self.message)

    def is_revision(self, revision: Revision) -> bool:
        """Whether this revision is what it asked for."""
        return (revision.parent, revision.tree) == (self.parent, self.tree)

    def after(self, base: State) -> dict[str, Content]:
        """The manifest its revision has."""
        return applied(base.manifest, self.contents, self.remove)


@dataclass(frozen=True)
class _Kept:
    key: str
    parent: str | None
    number: int
    put: dict[str, tuple[str, int]]
    remove: tuple[str, ...]
    tree: str
    message: str
    asked: bool
    uploads: dict[str, str]


def pushing_of(folder: Path) -> Pushing | None:
    """The push that has begun, None where none has. Raises BadInput."""
    kept = read(folder, FILE, _Kept)
    if kept is None:
        return None
    return Pushing(
        kept.key,
        kept.parent,
        kept.number,
        kept.put,
        kept.remove,
        kept.tree,
        kept.message,
        kept.asked,
        kept.uploads,
    )


def keep(folder: Path, pushing: Pushing) -> Pushing:
    """Keep it; returns once that is durable."""
    atomic.write_bytes(made_place(folder) / FILE, written(pushing_data(pushing)))
    return pushing


def pushing_data(pushing: Pushing) -> _Kept:
    """What is kept of a push."""
    return _Kept(
        pushing.key, pushing.parent, pushing.number, dict(pushing.put), pushing.remove, pushing.tree,
        pushing.message, pushing.asked, dict(pushing.uploads),
    )  # fmt: skip


def marked(folder: Path, pushing: Pushing) -> Pushing:
    """Keep that its revision will have been asked for from now on."""
    return keep(folder, replace(pushing, asked=True))


def forget(folder: Path) -> None:
    """Nothing is being pushed any more."""
    file = place(folder) / FILE
    with atomic.told(file):
        if file.exists():
            file.unlink()
            atomic.sync_folder(file.parent)
