"""Find and replace in all scripts of a project: those of its maps and those that stand by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from studio.mapping import replace as in_map
from studio.mapping.model import Transformation
from studio.mapping.replace import Change, Wanted
from studio.project import edits
from studio.project.model import Project


@dataclass(frozen=True)
class Found:
    """A change in an object of the project, by the object's id (`transformations/orders`)."""

    object: str
    change: Change


def changes(project: Project, wanted: Wanted) -> tuple[Found, ...]:
    """Everything that would change, map by map, then the scripts; bounded."""
    found: list[Found] = []
    for ref, map in project.transformations.items():
        found += [Found(f"transformations/{ref}", change) for change in in_map.changes(map.mapping, wanted)]
    put = in_map.replacer(wanted)
    for ref, text in project.scripts.items():
        new, count = put(text)
        if count:
            problem = in_map.problem_of("script", new)
            found.append(Found(f"scripts/{ref}", Change("", "script", text, new, count, problem)))
    return tuple(found[: in_map.MOST_CHANGES])


def apply(project: Project, wanted: Iterable[Found]) -> Project:
    """The project after these changes."""
    by_object: dict[str, list[Change]] = {}
    for found in wanted:
        by_object.setdefault(found.object, []).append(found.change)
    for id, some in by_object.items():
        now = project.get(id)
        if isinstance(now, Transformation):
            project = edits.put(project, id, replace(now, mapping=in_map.apply(now.mapping, some)))
        elif isinstance(now, str) and some[0].old == now:
            project = edits.put(project, id, some[0].new)
    return project
