"""A transformation's file → its plan, from the schemas of its project: what a run does when no plan of it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from studio.base.errors import Problem
from studio.base.records import dataclass
from studio.base.yaml_read import Node
from studio.engine.compile import compile_plan
from studio.engine.plan import Plan
from studio.mapping.model import Transformation
from studio.project.check_keys import unknown_keys
from studio.project.folder import find_project, load_object, load_transformation, read_yaml
from studio.project.layout import PROJECT_FILE
from studio.project.model import PROJECT
from studio.project.schemas import Schemas
from studio.project.tables import Tables
from studio.schema.catalogues import NAMES as CATALOGUES
from studio.schema.model import Schema
from studio.script.tree import Value

# Kinds whose readers say of every file that they looked at; a database, for one, answers what is in it at the moment.
_OF_FILES = frozenset(
    {
        "xsd",
        "xml",
        "json",
        "json-schema",
        "delimited",
        "copybook",
        "edi",
        "jtr",
        "fixed",
        "salesforce",
        "weft",
    }
)


@dataclass(frozen=True)
class Made:
    """What `plan_of` gives, and what it was made of: `files` that were read, `folders` in which others were looked for,
    `absent` files that would change it if they came. `lasting` says that nothing else went into it."""

    planned: tuple[Transformation, Path, Plan, dict[str, Value]]
    files: tuple[Path, ...]
    folders: tuple[Path, ...]
    absent: tuple[Path, ...]
    lasting: bool


def make(file: Path) -> Made:
    """The transformation, the project's folder, the plan, and the project's variables; a file outside every project is
    taken with its own folder. Raises WeftError."""
    transformation = load_transformation(file)
    place = file.resolve()
    project = find_project(place)
    folder = project or place.parent
    schemas = Schemas(folder)
    source, target = schemas.get(transformation.source), schemas.get(transformation.target)
    more = schemas.more(transformation)
    plan = compile_plan(transformation, source, target, Tables(folder), further=more)
    found = load_object(folder, PROJECT) if project is not None else None
    plan = _placed(plan, file)
    plan = replace(plan, problems=(*plan.problems, *_unknown_keys(transformation, file)))
    planned = (transformation, folder, plan, dict(found.variables) if found is not None else {})
    read = [source, target, *more.sources.values(), *more.targets.values()]
    uses = [
        transformation.source,
        transformation.target,
        *transformation.sources.values(),
        *transformation.targets.values(),
    ]
    files = [
        place,
        *(folder / use.schema for use in uses),
        *(folder / name for each in read for name in each.files),
    ]
    if project is not None:
        files.append(project / PROJECT_FILE)
    around = [place.parent, *place.parent.parents]
    nearer = around[: around.index(project)] if project in around else around
    return Made(
        planned,
        files=tuple(dict.fromkeys(files)),
        folders=tuple(dict.fromkeys(each.parent for each in files[1:])),
        absent=tuple(each / PROJECT_FILE for each in nearer),
        lasting=not plan.problems and all(_of_files(each, folder) for each in read),
    )


def _of_files(schema: Schema, folder: Path) -> bool:
    """The files it says it was read from are all that it depends on."""
    if schema.kind not in _OF_FILES or schema.problems or not schema.files:
        return False
    near = {above for name in schema.files for above in (folder / name).parents[:5]}
    return not any((each / name).exists() for each in near for name in CATALOGUES)


def _unknown_keys(transformation: Transformation, file: Path) -> list[Problem]:
    """Warnings about keys of the file that nobody knows, with their lines."""
    found = list(unknown_keys(transformation, "", str(file)))
    if not found:
        return []
    top = read_yaml(file)
    return [replace(problem, line=_line_of(top, keys)) for problem, keys in found]


def _line_of(node: Node, keys: Iterable[str]) -> int:
    for key in keys:
        node = node.items()[int(key)] if isinstance(node.value, list) else node.members()[key]
    return node.line


def _placed(plan: Plan, file: Path) -> Plan:
    """The plan, its rules' problems with the file and the line of their rule."""
    if not plan.problems:
        return plan
    rules = read_yaml(file).members().get("map")
    lines = {path: entry.line for path, entry in rules.members().items()} if rules is not None else {}
    placed = [
        replace(problem, file=str(file), line=lines.get(problem.path), column=None)
        if problem.path is not None and problem.file is None
        else problem
        for problem in plan.problems
    ]
    return replace(plan, problems=tuple(placed))
