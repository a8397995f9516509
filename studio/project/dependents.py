"""What uses a file of the project: transformations, the operations that run them, the tests that try them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from studio.mapping import address
from studio.mapping.lines import draw
from studio.mapping.model import Mapping, SchemaUse, Transformation
from studio.mapping.tree import Trees
from studio.project.model import Project


class Role(StrEnum):
    """What for: read from, written to, tried with, run, tested."""

    SOURCE = "source"
    TARGET = "target"
    SAMPLE = "sample"
    RUNS = "runs"
    TESTS = "tests"


@dataclass(frozen=True)
class Dependent:
    """An object's id and what it uses the file for; `use` which root of a schema."""

    id: str
    role: Role
    use: SchemaUse | None = None


def dependents(project: Project, file: str) -> tuple[Dependent, ...]:
    """Everything that uses a schema or sample (its path in the project), in the order of the project tree."""
    maps: dict[str, list[Dependent]] = {}
    for ref, transformation in project.transformations.items():
        found = list(_of_map(f"transformations/{ref}", transformation, file))
        if found:
            maps[ref] = found
    runs = [
        Dependent(f"operations/{ref}", Role.RUNS)
        for ref, operation in project.operations.items()
        if any(activity.kind == "transform" and activity.ref in maps for activity in operation.activities)
    ]
    tests = [
        Dependent(id, Role.TESTS)
        for id in sorted(project.others)
        if id.startswith("tests/") and id.removeprefix("tests/").rpartition("/")[0] in maps
    ]
    return (*(each for found in maps.values() for each in found), *runs, *tests)


def rules_of_node(mapping: Mapping, trees: Trees, path: str, role: Role) -> tuple[str, ...]:
    """The target paths of the rules that read a source node, or make a target node, anything below it included."""
    plain = address.plain(path)
    if role is Role.TARGET:
        paths = (rule.path for rule in mapping.rules if address.within(address.plain(rule.path), plain))
    else:
        lines = draw(mapping, trees).lines
        paths = (line.target for line in lines if address.within(address.plain(line.source), plain))
    return tuple(dict.fromkeys(paths))


def _of_map(id: str, transformation: Transformation, file: str) -> Iterator[Dependent]:
    for role, main, more in (
        (Role.SOURCE, transformation.source, transformation.sources),
        (Role.TARGET, transformation.target, transformation.targets),
    ):
        for use in (main, *more.values()):
            if use.schema == file:
                yield Dependent(id, role, use)
    if file in (*transformation.samples, *(use.sample for use in transformation.sources.values())):
        yield Dependent(id, Role.SAMPLE)
