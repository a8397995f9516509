"""All the problems of a project: files, schemas, maps, scripts, operations, connections, each with its place and mend."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.base import i18n
from studio.base.errors import BadInput, Problem, Severity, WeftError
from studio.base.i18n import _
from studio.base.yaml_read import Node
from studio.mapping import check as map_check
from studio.mapping.further import MoreSchemas, trees_of
from studio.mapping.model import Rule, SchemaUse, Transformation
from studio.mapping.tree import Trees
from studio.project import check_objects, check_open
from studio.project.check_keys import unknown_keys
from studio.project.check_schemas import SchemaChecks
from studio.project.commit import inside
from studio.project.folder import load, problem_of, read_bytes
from studio.project.layout import file_of
from studio.project.model import KINDS, MODELLED, Project
from studio.project.schemas import Schemas
from studio.project.tables import Tables
from studio.project.texts import value_text
from studio.project.written import Written
from studio.schema.model import Schema


def problems(project: Project, folder: Path) -> tuple[Problem, ...]:
    """The problems of a project whose files are in `folder`."""
    return Checker(folder, Schemas(folder)).problems(project)


def problems_of_folder(folder: Path) -> tuple[Problem, ...]:
    """The problems of the project in `folder`, those of its files first; raises BadInput where none can be opened."""
    loaded = load(folder)
    return (*loaded.problems, *problems(loaded.project, folder))


@dataclass(frozen=True)
class _Seen:
    """An object as last checked, and what else its problems depended on."""

    value: Any
    depends: tuple[Any, ...]
    problems: tuple[Problem, ...]


@dataclass
class _Map:
    """A map between two checks: its schemas' trees, what was found of its rules, and what that depended on."""

    made_of: tuple[tuple[str, Schema | None, str], ...]
    trees: Trees
    memory: map_check.Memory = field(default_factory=map_check.Memory)
    depends: tuple[object, ...] = ()
    named: dict[str, tuple[Rule, tuple[Problem, ...]]] = field(default_factory=dict)


class Checker:
    """Checks a project again and again, looking only at what has changed."""

    def __init__(self, folder: Path, schemas: Schemas) -> None:
        self.folder = folder
        self.schemas = schemas
        self._tables = Tables(folder)
        self._own = SchemaChecks(folder, schemas)
        self._seen: dict[str, _Seen] = {}
        self._maps: dict[str, _Map] = {}

    def problems(self, project: Project) -> tuple[Problem, ...]:
        """The problems of this state of the project, object by object."""
        found = [*check_objects.project(project), *self._schemas(project), *self._table_problems(project)]
        for ref, transformation in project.transformations.items():
            found += self._transformation(project, f"transformations/{ref}", transformation)
        for ref, operation in project.operations.items():
            found += self._placed(operation, check_objects.operation(project, f"operations/{ref}", operation))
        for ref, connection in project.connections.items():
            found += self._placed(connection, check_objects.connection(f"connections/{ref}", connection))
        for ref, script in project.scripts.items():
            found += self._script(project, f"scripts/{ref}", script)
        for id, data in project.others.items():
            found += self._placed(data, check_objects.other(project, id, data))
        self._seen = {id: seen for id, seen in self._seen.items() if project.get(id) is seen.value}
        self._maps = {id: kept for id, kept in self._maps.items() if id in self._seen}
        return tuple(found)

    def script(self, project: Project, ref: str) -> tuple[Problem, ...]:
        """The problems of one script; what `problems` has found is not looked for again."""
        return tuple(self._script(project, f"scripts/{ref}", project.scripts[ref]))

    def steps(self, project: Project) -> Iterator[None]:
        """Look at what has changed piece by piece: `problems` is quick once this has run to its end."""
        for transformation in project.transformations.values():
            for use in _uses(transformation).values():
                self._schema(use)
                yield
        yield from self._own.steps(project)
        for use in self._own.unused(project, _used(project)):
            self._own.problems(use)
            yield
        for ref, transformation in project.transformations.items():
            yield from self._transformation_steps(project, f"transformations/{ref}", transformation)
            yield

    def _kept(
        self, id: str, value: Any, depends: tuple[Any, ...], look: Callable[[], Iterable[Problem]]
    ) -> tuple[Problem, ...]:
        if not self._known(id, value, depends):
            # A mistake that a rule makes twice is told once.
            self._seen[id] = _Seen(value, depends, tuple(dict.fromkeys(look())))
        return self._seen[id].problems

    def _known(self, id: str, value: Any, depends: tuple[Any, ...]) -> bool:
        """The object was checked already, as it is and among what it is."""
        seen = self._seen.get(id)
        if seen is None or seen.value is not value or len(seen.depends) != len(depends):
            return False
        return all(a is b for a, b in zip(seen.depends, depends, strict=True))

    def _schemas(self, project: Project) -> Iterator[Problem]:
        """What is wrong in the schema files, once each: those used first, then those nobody uses."""
        told: set[Problem] = set()
        uses = [use for each in project.transformations.values() for use in _uses(each).values()]
        for use in (*uses, *self._own.unused(project, _used(project))):
            own = use not in uses
            for problem in self._own.problems(use) if use.schema else ():
                # The same file may be taken in by several.
                key = replace(problem, object=None)
                if key not in told and not (own and problem.severity is Severity.NOTE):
                    told.add(key)
                    yield problem

    def schema_steps(self, project: Project) -> Iterator[None]:
        """Find out, file by file, which schemas `waiting` would name."""
        return self._own.steps(project)

    def waiting(self, project: Project) -> tuple[SchemaUse, ...]:
        """Schemas that no map uses and that have changed since they were looked at."""
        return self._own.waiting(project, _used(project))

    def _schema(self, use: SchemaUse) -> tuple[Schema | None, WeftError | None]:
        try:
            return self.schemas.get(use), None
        except WeftError as error:
            return None, error

    def _transformation(self, project: Project, id: str, value: Transformation) -> Iterable[Problem]:
        for _step in self._transformation_steps(project, id, value):
            pass
        return self._seen[id].problems

    def _transformation_steps(self, project: Project, id: str, value: Transformation) -> Iterator[None]:
        """Check a map, rule by rule, unless it is known."""
        schemas = {name: self._schema(use)[0] for name, use in _uses(value).items()}
        depends = (project.samples, project.tables, project.operations, project.scripts, *schemas.values())
        if self._known(id, value, depends):
            return
        found: dict[Problem, None] = {}
        for problem in self._map(project, id, value, schemas):
            if problem is None:
                yield
            else:
                # A mistake that a rule makes twice is told once.
                found[problem] = None
        self._seen[id] = _Seen(value, depends, tuple(found))

    def _map(
        self, project: Project, id: str, value: Transformation, schemas: Mapping[str, Schema | None]
    ) -> Iterator[Problem | None]:
        """The problems of a map, with None after every rule."""
        file = file_of(id)
        # Problems are placed in the file, which is read only where there are some.
        node = Written(file, functools.partial(self._contents, id, value))
        for name, use in _uses(value).items():
            for problem in self._use(id, name, use, schemas[name]):
                yield replace(problem, line=_line(_member(node(), *name.split("."))))
        for problem, keys in unknown_keys(value, id, file):
            yield replace(problem, line=_line(_member(node(), *keys)))
        own = [use.sample for use in value.sources.values() if use.sample]
        for sample in (*value.samples, *own):
            if sample not in (*project.samples, *project.schemas):
                yield Problem(
                    Severity.WARNING,
                    _("The sample {file} is missing.").format(file=sample),
                    file=file,
                    line=_line(_member(node(), "samples")),
                    object=id,
                    mend=_("Put the file into the folder samples, or take it off the list."),
                )
        kept = self._kept_map(id, value, schemas)
        yield from self._rules(value, kept, id, node)
        for problem, keys in check_open.open_problems(value, kept.trees, schemas, id, file):
            yield replace(problem, line=_line(_member(node(), *keys)))
        for named in self._named(project, id, value, kept):
            if named is not None:
                yield from node.steps()
            yield replace(named, line=_rule_line(node(), named), column=None) if named is not None else None

    def _rules(self, value: Transformation, kept: _Map, id: str, node: Written) -> Iterator[Problem | None]:
        told = 0
        memory = kept.memory
        for problem in map_check.scan(value.mapping, kept.trees, object=id, file=file_of(id), memory=memory):
            if problem is None:
                yield None
                continue
            yield from node.steps()
            yield replace(problem, line=_rule_line(node(), problem), column=None)
            told += 1
            if told >= map_check.MOST_PROBLEMS:
                return

    def _kept_map(self, id: str, value: Transformation, schemas: Mapping[str, Schema | None]) -> _Map:
        """What is kept of a map from one check to the next; made anew for other schemas."""
        kept = self._maps.get(id)
        uses = tuple((name, schemas[name], use.root) for name, use in _uses(value).items())
        made_of = (*uses, *((side, None, repr(drawn)) for side, drawn in value.drawn.items()))
        if kept is None or kept.made_of != made_of:
            more = MoreSchemas(
                _further(value.sources, schemas, "sources"), _further(value.targets, schemas, "targets")
            )
            kept = self._maps[id] = _Map(made_of, trees_of(value, schemas["source"], schemas["target"], more))
        return kept

    def _named(
        self, project: Project, id: str, value: Transformation, kept: _Map
    ) -> Iterator[Problem | None]:
        """The problems of tables and objects that scripts name; those of rules that are as before are known."""
        names = tuple(frozenset(project.of_kind(kind)) for kind in KINDS)
        depends = (i18n.language(), project.tables, names)
        if depends != kept.depends:
            kept.depends, kept.named = depends, {}
        named: dict[str, tuple[Rule, tuple[Problem, ...]]] = {}
        for rule in value.mapping.rules:
            known = kept.named.get(rule.path)
            if known is None or known[0] is not rule:
                known = rule, tuple(check_objects.rule_scripts(project, id, rule))
            named[rule.path] = known
            yield from known[1]
            yield None
        kept.named = named

    def _use(self, id: str, name: str, use: SchemaUse, schema: Schema | None) -> Iterator[Problem]:
        place = {"file": file_of(id), "object": id}
        if not use.schema:
            yield Problem(
                Severity.WARNING,
                _("No schema has been chosen as {side}.").format(side=name),
                **place,  # type: ignore[arg-type]
                mend=_("Choose a file of the folder schemas."),
            )
        elif schema is None:
            yield Problem(
                Severity.ERROR,
                _("The schema {schema} cannot be used as {side}: it is missing or does not read.").format(
                    schema=use.schema, side=name
                ),
                **place,  # type: ignore[arg-type]
                mend=_("Put the file into the folder schemas, or choose another one."),
            )
        elif schema.root(use.root) is None:
            names = ", ".join(root.name or "/" for root in schema.roots[:8])
            yield Problem(
                Severity.ERROR,
                _("The schema {schema} has no root {root}.").format(schema=use.schema, root=use.root),
                **place,  # type: ignore[arg-type]
                mend=_("Its roots are: {names}.").format(names=names),
            )

    def _script(self, project: Project, id: str, text: str) -> Iterable[Problem]:
        depends = (project.tables, *(project.of_kind(kind) for kind in MODELLED))
        return self._kept(id, text, depends, lambda: check_objects.script(project, id, text))

    def _table_problems(self, project: Project) -> Iterator[Problem]:
        """Value tables that do not read."""
        for file in project.tables:
            if file.endswith(".csv"):
                try:
                    self._tables.get(file.removeprefix("tables/").removesuffix(".csv"))
                except BadInput as error:
                    problem = problem_of(error, file)
                    yield replace(problem, file=self._shown(problem.file))

    def _placed(self, value: Any, found: Iterable[check_objects.Found]) -> Iterator[Problem]:
        """With the line of the member each problem is about, looked up only where there is one."""
        node: Node | None = None
        for problem, keys in found:
            if node is None and problem.object:
                node = self._node(problem.object, value)
            yield replace(problem, line=_line(_member(node, *keys)))

    def _node(self, id: str, value: Any) -> Node | None:
        """The object's file as data with places: as on disk, or as it would be written."""
        return Written(file_of(id), functools.partial(self._contents, id, value))()

    def _contents(self, id: str, value: Any) -> Iterator[bytes]:
        with contextlib.suppress(BadInput):
            yield read_bytes(inside(self.folder, file_of(id)))
        yield value_text(id, value).encode("utf-8")

    def _shown(self, file: str | None) -> str | None:
        """A path relative to the project, where it is inside."""
        if file is None:
            return None
        path = Path(file)
        return path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else file


def _uses(value: Transformation) -> dict[str, SchemaUse]:
    """All the schemas of a transformation by the keys of their members."""
    further = {f"sources.{name}": use for name, use in value.sources.items()}
    further |= {f"targets.{name}": use for name, use in value.targets.items()}
    return {"source": value.source, "target": value.target, **further}


def _used(project: Project) -> set[str]:
    """The schema files that transformations name."""
    return {use.schema for each in project.transformations.values() for use in _uses(each).values()}


def _further(
    uses: Mapping[str, SchemaUse], schemas: Mapping[str, Schema | None], side: str
) -> dict[str, Schema]:
    """The schemas of the further documents of a side that can be read."""
    found = {name: schemas[f"{side}.{name}"] for name in uses}
    return {name: schema for name, schema in found.items() if schema is not None}


def _member(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        if node is None:
            return None
        if isinstance(node.value, dict):
            node = node.value.get(key)
        elif isinstance(node.value, list):
            node = node.value[int(key)] if key.isdigit() and int(key) < len(node.value) else None
    return node


def _line(node: Node | None) -> int | None:
    return node.line if node is not None else None


def _rule_line(node: Node | None, problem: Problem) -> int | None:
    """The line of a rule, of the map where it has none; problems count lines inside the rule's script."""
    if problem.path is None:
        return None
    for member in ("map", "parked"):
        found = _member(node, member, problem.path)
        if found is not None:
            return found.line
    return _line(_member(node, "map"))
