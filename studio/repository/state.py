"""The revision a folder's files come from: what its own changes are counted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from studio.base.records import dataclass
from studio.protocol.manifests import Content, Manifest, tree_hash
from studio.protocol.projects import Revision
from studio.repository.local import PLACE, read, written

FILE = "state.json"
# The file's path inside the project, for whoever writes it together with the project's files.
PATH = f"{PLACE}/{FILE}"


@dataclass(frozen=True)
class State:
    """The base: a revision's id and number (None and 0 before the first push or pull) and everything it holds."""

    revision: str | None = None
    number: int = 0
    manifest: Manifest = field(default_factory=dict)

    @property
    def tree(self) -> str:
        """The hash of the manifest."""
        return tree_hash(self.manifest)


@dataclass(frozen=True)
class _Kept:
    revision: str | None
    number: int
    files: dict[str, Content]


def state_of(folder: Path) -> State:
    """The base of the folder's files. Raises BadInput."""
    kept = read(folder, FILE, _Kept)
    if kept is None:
        return State()
    return State(kept.revision, kept.number, kept.files)


def at(revision: Revision, manifest: Mapping[str, Content]) -> State:
    """The base once the folder's files come from `revision`."""
    return State(revision.id, revision.number, dict(manifest))


def content_of(state: State) -> bytes:
    """The file that keeps a base."""
    return written(_Kept(state.revision, state.number, dict(sorted(state.manifest.items()))))
