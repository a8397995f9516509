"""What a change of a project's files means for people: object by object, rule by rule, and what variables are worth."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from studio.base.errors import BadInput
from studio.base.records import dataclass
from studio.project.check_objects import credentials
from studio.project.differing import HIDDEN, Part, members, parts_differing
from studio.project.layout import PROJECT_FILE, id_of
from studio.protocol.projects import Compared, Entry

# Larger files, and what is beyond so many bytes together, are told as changed and not shown in parts.
_FILE_BYTES = 1024 * 1024
_ALL_BYTES = 32 * 1024 * 1024

Entries = Mapping[str, Entry]
Fetch = Callable[[Iterable[str]], AsyncIterator[tuple[str, bytes]]]


@dataclass(frozen=True)
class ObjectChange:
    """One file: `change` is `added`, `changed` or `removed`; `object` its id where it holds one; `parts` its rules and
    other members that differ, before and after (none of a file that is one whole)."""

    path: str
    object: str | None
    change: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class VariableChange:
    """A variable and what it is worth before and after, None where it has no value; one called like a credential is
    hidden. `apart`: set in the repository differently on both sides, and not touched by the change."""

    name: str
    before: str | None
    after: str | None
    apart: bool = False


def by_path(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Entries by their paths."""
    return {entry.path: entry for entry in entries}


def after_change(before: Entries, told: Compared) -> dict[str, Entry]:
    """The entries there are after a difference."""
    left = {path: entry for path, entry in before.items() if path not in told.removed}
    return left | by_path(told.added) | by_path(told.changed)


async def contents_of(before: Entries, after: Entries, old: Fetch, new: Fetch) -> dict[str, bytes]:
    """The contents by hash that `object_changes` and `worth` look at: of files that differ, and of those with variables."""
    paths = [PROJECT_FILE, *(path for path in {**before, **after} if path.startswith("environments/"))]
    paths += [path for path in after if path in before and before[path].hash != after[path].hash]
    room = _ALL_BYTES
    wanted: tuple[dict[str, None], dict[str, None]] = ({}, {})
    for path in paths:
        for side, hashes in zip((before, after), wanted, strict=True):
            entry = side.get(path)
            if entry is None or entry.size > min(_FILE_BYTES, room) or entry.hash in wanted[0]:
                continue
            room -= entry.size
            hashes[entry.hash] = None
    found: dict[str, bytes] = {}
    for fetch, hashes in zip((old, new), wanted, strict=True):
        if hashes:
            found |= {digest: data async for digest, data in fetch(hashes)}
    return found


def object_changes(
    told: Compared, before: Entries, contents: Mapping[str, bytes]
) -> tuple[ObjectChange, ...]:
    """The files that differ, by path."""
    found = [ObjectChange(entry.path, id_of(entry.path), "added") for entry in told.added]
    found += [ObjectChange(path, id_of(path), "removed") for path in told.removed]
    for entry in told.changed:
        one = contents.get(before[entry.path].hash) if entry.path in before else None
        two = contents.get(entry.hash)
        parts = parts_differing(entry.path, one, two) if one is not None and two is not None else ()
        found.append(ObjectChange(entry.path, id_of(entry.path), "changed", parts))
    return tuple(sorted(found, key=lambda change: change.path))


def worth(
    entries: Entries, contents: Mapping[str, bytes], environment: str, set_there: Mapping[str, str]
) -> dict[str, str]:
    """What each variable is worth in an environment (its short name): the project's own, over them those of its file, over
    them those set in the repository."""
    found: dict[str, str] = {}
    for file in (PROJECT_FILE, f"environments/{environment}.yaml"):
        entry = entries.get(file)
        data = contents.get(entry.hash) if entry is not None else None
        try:
            variables = members(file, data).get("variables")
        except BadInput:
            continue
        if isinstance(variables, dict):
            found |= {name: value for name, value in variables.items() if isinstance(value, str)}
    return found | dict(set_there)


def variable_changes(
    before: Mapping[str, str], after: Mapping[str, str], *, apart: bool = False
) -> tuple[VariableChange, ...]:
    """The variables worth something else, by name."""
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return tuple(
        VariableChange(name, _shown(name, before.get(name)), _shown(name, after.get(name)), apart)
        for name in names
    )


def _shown(name: str, value: str | None) -> str | None:
    return HIDDEN if any(credentials({name: value})) else value
