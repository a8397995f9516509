"""Where a project stands beside its repository, file by file: changed here, there, on both sides, or in conflict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base.errors import Problem
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.project.folder import require_project
from studio.project.layout import id_of
from studio.protocol.manifests import Content, Manifest, applied, check
from studio.protocol.projects import contents
from studio.repository.covered import is_covered, is_pushed
from studio.repository.files import Held, look, paths_under
from studio.repository.link import Link, link_of, require_link
from studio.repository.queue import queued
from studio.repository.state import State, state_of
from studio.repository.undecided import undecided

if TYPE_CHECKING:
    from studio.repository.client import Repository


class Where(StrEnum):
    """On which side a file differs from the revision both sides come from; CONFLICT waits to be decided here."""

    SAME = "same"
    HERE = "here"
    THERE = "there"
    BOTH = "both"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class ObjectStatus:
    """One file; `object` is its id where it holds one; `here` and `there` say `added`, `changed`, `removed` or "" ."""

    path: str
    object: str | None
    where: Where
    here: str = ""
    there: str = ""


@dataclass(frozen=True)
class Status:
    """Where a project stands; files that are the same on both sides are left out.

    `base` is the number of the revision its files come from (0: none yet), `head` that of the newest one (None: not
    asked), `undecided` counts conflicts, `queued` deployments waiting to be sent; `problems` what could not be looked at.
    """

    base: int
    head: int | None
    objects: tuple[ObjectStatus, ...]
    undecided: int
    queued: int
    link: Link | None = None
    problems: tuple[Problem, ...] = ()


def local_status(folder: Path, progress: Progress | None = None) -> Status:
    """Where the project stands as far as this computer knows; asks nobody. Raises BadInput, Cancelled."""
    require_project(folder)
    state = state_of(folder)
    held = look(folder, state.manifest, progress=progress)
    return _status(folder, link_of(folder), state, held, None, state.manifest)


async def status(folder: Path, repository: Repository, progress: Progress | None = None) -> Status:
    """The same beside the repository's head: one request where nothing is new there. Raises as the client does."""
    require_project(folder)
    link, state = require_link(folder), state_of(folder)
    now = await repository.status(link.project, state.revision or "none")
    theirs, number = state.manifest, state.number
    if now is not None:
        answer = await repository.pull(link.project, state.revision)
        before = state.manifest if answer.base is not None else {}
        theirs = applied(before, contents(answer.put), answer.remove)
        check(theirs, before)
        number = answer.head.number if answer.head is not None else 0
    held = look(folder, state.manifest.keys() | theirs.keys(), progress=progress)
    return _status(folder, link, state, held, number, theirs)


def pushed_manifest(base: Manifest, held: Held, *, samples: bool) -> dict[str, Content]:
    """What a push would make of the project: what is not pushed, or could not be looked at, is as in the base."""
    unknown = set(paths_under(base, held.problems))
    kept = {
        path: content
        for path, content in base.items()
        if path in unknown or not is_pushed(path, samples=samples)
    }
    return kept | {
        path: content for path, content in held.contents.items() if is_pushed(path, samples=samples)
    }


def _status(
    folder: Path, link: Link | None, state: State, held: Held, head: int | None, theirs: Manifest
) -> Status:
    mine = pushed_manifest(state.manifest, held, samples=link is None or link.samples)
    open_conflicts = undecided(folder)
    objects = _objects(state.manifest, mine, theirs, {conflict.path for conflict in open_conflicts})
    return Status(
        state.number,
        head,
        tuple(objects),
        len(open_conflicts),
        len(queued(folder)),
        link,
        held.problems,
    )


def _objects(base: Manifest, mine: Manifest, theirs: Manifest, conflicts: set[str]) -> Iterable[ObjectStatus]:
    sides = [side for side in (mine, theirs) if side is not base]
    differing = {path for side in sides for path in _differing(base, side)}
    for path in sorted(differing | conflicts):
        if not is_covered(path):
            continue
        here, there = _change(base, mine, path), _change(base, theirs, path)
        where = Where.HERE if not there else Where.THERE if not here else Where.BOTH
        if path in conflicts:
            where = Where.CONFLICT
        elif mine.get(path) == theirs.get(path):
            continue
        yield ObjectStatus(path, id_of(path), where, here, there)


def _differing(base: Manifest, side: Manifest) -> Iterator[str]:
    yield from (path for path, content in side.items() if base.get(path) != content)
    yield from base.keys() - side.keys()


def _change(base: Mapping[str, Content], side: Mapping[str, Content], path: str) -> str:
    before, after = base.get(path), side.get(path)
    if before == after:
        return ""
    return "added" if before is None else "removed" if after is None else "changed"
