"""Projects and their revisions as client and server tell each other about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from annotated_types import Ge, Le, MaxLen

from studio.protocol import limits
from studio.protocol.fields import STRICT, Exactly, Flag, Hash, Identity, Message, Name, Path, Time
from studio.protocol.manifests import Content, Difference, Manifest

# What is exact comes last: it is put around the bounds, which are described with the number.
Size = Annotated[int, Ge(0), Le(limits.UPLOAD_BYTES), Exactly()]


@dataclass(frozen=True)
class Entry:
    """One path of a manifest."""

    __pydantic_config__: ClassVar = STRICT

    path: Path
    hash: Hash
    size: Size


Entries = Annotated[tuple[Entry, ...], MaxLen(limits.OBJECTS)]
Paths = Annotated[tuple[Path, ...], MaxLen(limits.OBJECTS)]
Hashes = Annotated[tuple[Hash, ...], MaxLen(limits.PACK_WANTED)]


@dataclass(frozen=True)
class NewProject:
    """What a project begins with; `environment` is its home: whoever may read or write there may read or write it."""

    __pydantic_config__: ClassVar = STRICT

    name: Name
    environment: Identity
    description: Message = ""


@dataclass(frozen=True)
class ProjectChange:
    """What is to be different; what is None stays as it is."""

    __pydantic_config__: ClassVar = STRICT

    name: Name | None = None
    description: Message | None = None
    archived: Flag | None = None


@dataclass(frozen=True)
class Revision:
    """One state of a project; nothing about it ever changes. `number` counts from 1, `tree` is its manifest's hash."""

    id: str
    number: int
    parent: str | None
    tree: str
    author: str
    author_name: str
    message: str
    time: Time
    objects: int
    size: int
    added: int
    changed: int
    removed: int
    restored: str | None = None


@dataclass(frozen=True)
class Project:
    """A project as the repository knows it; `head` is None until the first push."""

    id: str
    name: str
    description: str
    environment: str
    archived: bool
    created: Time
    version: int
    head: Revision | None = None


@dataclass(frozen=True)
class ProjectPage:
    """Projects by name; `after` asks for the next page, None when this is the last."""

    items: tuple[Project, ...]
    after: str | None = None


@dataclass(frozen=True)
class RevisionPage:
    """Revisions, newest first."""

    items: tuple[Revision, ...]
    after: str | None = None


@dataclass(frozen=True)
class Status:
    """Where the repository stands: cheap to ask again and again, by its ETag."""

    project: str
    head: str | None
    number: int
    tree: str | None
    time: Time | None


@dataclass(frozen=True)
class Change:
    """What a push does to the revision that If-Match names. `tree` is what must come out of it."""

    __pydantic_config__: ClassVar = STRICT

    put: Entries
    remove: Paths
    tree: Hash


@dataclass(frozen=True)
class Push:
    """A change to be kept as a new revision."""

    __pydantic_config__: ClassVar = STRICT

    put: Entries
    remove: Paths
    tree: Hash
    message: Message = ""


@dataclass(frozen=True)
class Missing:
    """Hashes the repository wants before it can keep a change: `pack` in one stream, `uploads` in pieces."""

    pack: tuple[str, ...]
    uploads: tuple[str, ...]


@dataclass(frozen=True)
class Stored:
    """What a pack brought: objects that were new, and those that were there already."""

    stored: int
    known: int


@dataclass(frozen=True)
class Pull:
    """What leads from the revision `base` to `head`; `base` None means from nothing."""

    head: Revision | None
    base: str | None
    put: tuple[Entry, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Objects asked for in one pack."""

    __pydantic_config__: ClassVar = STRICT

    hashes: Hashes


@dataclass(frozen=True)
class Compared:
    """What is different between two manifests, path by path."""

    before: str | None
    after: str | None
    added: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class Restore:
    """A new revision equal to an old one is wanted."""

    __pydantic_config__: ClassVar = STRICT

    revision: Identity
    message: Message = ""


@dataclass(frozen=True)
class NewUpload:
    """A large object that will come in pieces."""

    __pydantic_config__: ClassVar = STRICT

    hash: Hash
    size: Size


@dataclass(frozen=True)
class Upload:
    """How far an upload has come; `done` once its whole content is there and is what its hash says."""

    id: str
    hash: str
    size: int
    offset: int
    done: bool


@dataclass(frozen=True)
class Conflict:
    """In `extra` of a `revision_conflict`: the revision a change was made from, and the one that is there now."""

    expected: str | None
    head: str | None
    number: int = 0
    author_name: str = ""
    time: Time | None = None


@dataclass(frozen=True)
class Usage:
    """What an organization keeps, and how much it may: bytes as stored."""

    bytes: int
    limit: int
    objects: int
    by_project: dict[str, int] = field(default_factory=dict)


def entries(contents: Manifest) -> tuple[Entry, ...]:
    """A manifest as it travels."""
    return tuple(Entry(path, content.hash, content.size) for path, content in contents.items())


def contents(told: tuple[Entry, ...]) -> dict[str, Content]:
    """A manifest from how it travels; a path told twice is found by the caller: the result is shorter."""
    return {entry.path: Content(entry.hash, entry.size) for entry in told}


def compared(before: str | None, after: str | None, told: Difference) -> Compared:
    """A difference as it travels."""
    return Compared(before, after, entries(told.added), entries(told.changed), told.removed)
