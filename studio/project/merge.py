"""Three-way merge of projects, object by object, key by key, rule by rule; what both changed is a conflict, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from studio.base import yaml_write
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.yaml_read import parse
from studio.mapping.model import Transformation
from studio.mapping.versions import rule_of, with_rule
from studio.project.layout import file_of
from studio.project.model import Project
from studio.project.texts import objects_differing, parsed, value_text, with_text, with_value

# Members that are merged key by key; every other member is one value.
KEYED = frozenset(
    {
        "map",
        "parked",
        "variables",
        "sources",
        "targets",
        "namespaces",
        "options",
        "secrets",
        "login",
        "picks",
        "drawn",
    }
)
_MISSING: Any = None


@dataclass(frozen=True)
class Conflict:
    """Something both sides changed differently; the merged project holds `mine`.

    `object` is its id; `path` the keys inside its file (`("map", "invoices/invoice/total")`), empty for the whole
    object. The values are plain data as in the file, None where that side has none.
    """

    object: str
    path: tuple[str, ...]
    base: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Merged:
    """The merged project, what could not be decided, and the objects taken or joined from theirs."""

    project: Project
    conflicts: tuple[Conflict, ...] = ()
    taken: frozenset[str] = frozenset()


def merge(base: Project, mine: Project, theirs: Project) -> Merged:
    """Bring what changed from `base` to `theirs` into `mine`; lists of files are theirs, as on disk."""
    project = mine
    conflicts: list[Conflict] = []
    taken: set[str] = set()
    for id in sorted(objects_differing(base, theirs)):
        value, found = merge_object(id, base.get(id), mine.get(id), theirs.get(id))
        conflicts += found
        if value is not mine.get(id):
            taken.add(id)
            project = with_value(project, id, value)
    return Merged(project, tuple(conflicts), frozenset(taken))


def merge_object(id: str, base: Any, mine: Any, theirs: Any) -> tuple[Any, list[Conflict]]:
    """One object as it stands in the project (None: not there), merged, and what both changed differently.

    Where what comes out would be no such object, the whole of it is a conflict.
    """
    if _same_object(id, mine, base):
        return theirs, []
    if _same_object(id, mine, theirs):
        return mine, []
    if mine is None or theirs is None or id.startswith("scripts/"):
        kept = mine if mine is not None else theirs  # a change weighs more than a deletion: nothing is lost
        return kept, [Conflict(id, (), *(_shown(id, value) for value in (base, mine, theirs)))]
    sides = [{} if value is None else _plain(id, value) for value in (base, mine, theirs)]
    merged, conflicts = _merge_members(id, (), *sides)
    try:
        return parsed(id, yaml_write.write(merged).encode("utf-8")), conflicts
    except BadInput:
        return mine, [Conflict(id, (), *sides)]


def _merge_members(
    id: str,
    path: tuple[str, ...],
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
) -> tuple[dict[str, Any], list[Conflict]]:
    merged: dict[str, Any] = {}
    conflicts: list[Conflict] = []
    for key in _order(base, mine, theirs):
        sides = (base.get(key, _MISSING), mine.get(key, _MISSING), theirs.get(key, _MISSING))
        value, found = _merge_value(id, (*path, key), *sides)
        conflicts += found
        if value is not _MISSING:
            merged[key] = value
    return merged, conflicts


def _merge_value(
    id: str, path: tuple[str, ...], base: Any, mine: Any, theirs: Any
) -> tuple[Any, list[Conflict]]:
    if _same(mine, base) or _same(mine, theirs):
        return theirs, []
    if _same(theirs, base):
        return mine, []
    if (
        len(path) == 1
        and path[0] in KEYED
        and all(isinstance(side, dict | None) for side in (base, mine, theirs))
    ):
        return _merge_members(id, path, base or {}, mine or {}, theirs or {})
    if mine in (base, theirs):
        return theirs, []
    if theirs == base:
        return mine, []
    return (theirs if mine is None else mine), [Conflict(id, path, base, mine, theirs)]


def _same_object(id: str, one: Any, other: Any) -> bool:
    """Equal, the order of keys included: moving a variable is an edit."""
    if one is other or one is None or other is None:
        return one is other
    return bool(one == other) and (id.startswith("scripts/") or value_text(id, one) == value_text(id, other))


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and (not isinstance(one, dict) or list(one) == list(other))


def _order(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    """All keys: in the order of the side that moved some, mine if both did; the other's new ones after their left
    neighbour there."""
    common = [key for key in base if key in mine and key in theirs]
    still = [key for key in mine if key in base and key in theirs] == common
    first, second = (theirs, mine) if still else (mine, theirs)
    known = set(first)
    after: dict[str | None, list[str]] = {}
    anchor: str | None = None
    for key in second:
        if key in known:
            anchor = key
        else:
            after.setdefault(anchor, []).append(key)
    yield from after.get(None, ())
    for key in first:
        yield key
        yield from after.get(key, ())


def _plain(id: str, value: Any) -> dict[str, Any]:
    data: dict[str, Any] = parse(value_text(id, value), file=file_of(id)).plain()
    return data


def _shown(id: str, value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    return _plain(id, value)


def decided(project: Project, conflict: Conflict, value: Any) -> Project:
    """The project where the place of a conflict holds `value`: one of its sides, or data written anew.

    Raises BadInput where the object cannot be read with it, or was deleted since.
    """
    id, path = conflict.object, conflict.path
    if not path:
        if value is None or isinstance(value, str):
            return with_text(project, id, value)
        return with_text(project, id, yaml_write.write(value))
    found = project.get(id)
    if isinstance(found, Transformation) and len(path) == 2 and path[0] == "map":
        # Of a map of thousands of rules only the one is made anew.
        return with_value(project, id, with_rule(found, path[1], rule_of(path[1], value)))
    if found is None and value is None:
        return project
    if found is None:
        raise BadInput(
            _("The object of this conflict was deleted here since."),
            file=file_of(id),
            path="/".join(path),
            next_step=_("Undo the deletion first, or keep your version."),
        )
    return with_text(project, id, yaml_write.write(_with_member(_plain(id, found), path, value)))


def value_at(id: str, text: bytes | None, path: tuple[str, ...]) -> Any:
    """What the file of an object holds at a place, as plain data; None where there is nothing. Raises BadInput."""
    if text is None:
        return None
    found: Any = _shown(id, parsed(id, text))
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def text_with(id: str, text: bytes, path: tuple[str, ...], value: Any) -> bytes:
    """The file of an object where a place holds `value` (None: nothing; an empty path: all of it). Raises BadInput where it is no such object."""
    data = _with_member(_plain(id, parsed(id, text)), path, value) if path else value
    return value_text(id, parsed(id, yaml_write.write(data).encode("utf-8"))).encode("utf-8")


def _with_member(data: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    key, *rest = path
    made = dict(data)
    if rest:
        inner = made.get(key)
        value = _with_member(inner if isinstance(inner, dict) else {}, tuple(rest), value) or None
    if value is None:
        made.pop(key, None)
    else:
        made[key] = value
    return made
