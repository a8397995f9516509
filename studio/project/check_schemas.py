"""What is wrong with the schema files of a project, used by a map or not: each told once, looked at once per content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from studio.base.errors import Problem, Severity, WeftError
from studio.base.i18n import _, ngettext
from studio.mapping.model import SchemaUse
from studio.project.folder import problem_of
from studio.project.intake import is_schema
from studio.project.model import Project
from studio.project.referring import referred
from studio.project.schemas import Schemas, Stamps

# More problems than this of one schema are counted; its editor lists them all.
LISTED = 20


@dataclass(frozen=True)
class _Leads:
    """What a file leads to, as long as it is as it was; `schema` tells that it is meant as one."""

    stamps: Stamps
    schema: bool
    targets: tuple[str, ...]


@dataclass(frozen=True)
class _Told:
    """The problems of a schema, as long as the files it came from are as they were."""

    stamps: Stamps
    problems: tuple[Problem, ...]


class SchemaChecks:
    """Looks at schemas again and again, only at what has changed."""

    def __init__(self, folder: Path, schemas: Schemas) -> None:
        self.folder = folder
        self.schemas = schemas
        self._leads: dict[str, _Leads] = {}
        self._told: dict[tuple[str, str], _Told] = {}

    def steps(self, project: Project) -> Iterator[None]:
        """Find out which files lead to which, one file at a time; what comes after is quick."""
        for file in project.schemas:
            if self._lead(file):
                yield

    def unused(self, project: Project, used: Iterable[str]) -> tuple[SchemaUse, ...]:
        """The schemas that no map uses and no other schema takes in: they are looked at by themselves."""
        for _step in self.steps(project):
            pass
        files = dict.fromkeys(project.schemas)
        leads = {file: self._leads[file] for file in files}
        self._leads = leads
        led = {target for lead in leads.values() for target in lead.targets}
        known = set(used)
        reached: set[str] = set()
        self._reach([file for file in known if file in leads], reached)
        found = []
        # Files that lead to each other in a circle have no beginning but the first of them.
        for file in (*(f for f in files if f not in led), *files):
            if file not in reached:
                self._reach([file], reached)
                if leads[file].schema:
                    found.append(SchemaUse(file))
        return tuple(found)

    def waiting(self, project: Project, used: Iterable[str]) -> tuple[SchemaUse, ...]:
        """Those of `unused` that have changed since they were looked at."""
        return tuple(use for use in self.unused(project, used) if self._known(use) is None)

    def problems(self, use: SchemaUse) -> tuple[Problem, ...]:
        """The problems of one schema, its errors and warnings; why it cannot be read where it cannot."""
        known = self._known(use)
        if known is None:
            found = tuple(self._look(use))
            stamps = self.schemas.stamps_of(use)
            known = self._told[use.schema, use.kind] = _Told(stamps, found)
        return known.problems

    def _known(self, use: SchemaUse) -> _Told | None:
        known = self._told.get((use.schema, use.kind))
        return known if known is not None and self.schemas.unchanged(known.stamps) else None

    def _look(self, use: SchemaUse) -> Iterator[Problem]:
        try:
            schema = self.schemas.get(use)
        except WeftError as error:
            if error.file is not None:
                yield self._placed(problem_of(error, use.schema), use)
            return
        found = dict.fromkeys(schema.problems)
        found |= dict.fromkeys(p for p in schema.all_problems() if p.severity is not Severity.NOTE)
        worst = sorted(found, key=lambda problem: list(Severity).index(problem.severity))
        for problem in worst[:LISTED]:
            yield self._placed(problem, use)
        more = len(worst) - LISTED
        if more > 0:
            yield Problem(
                worst[LISTED].severity,
                ngettext(
                    "The schema has {n} more problem.", "The schema has {n} more problems.", more
                ).format(n=more),
                file=use.schema,
                object=use.schema,
                mend=_("Open the schema: its page Problems lists them all."),
            )

    def _placed(self, problem: Problem, use: SchemaUse) -> Problem:
        file = problem.file
        if file is not None and Path(file).is_relative_to(self.folder):
            file = Path(file).relative_to(self.folder).as_posix()
        return replace(problem, file=file, object=use.schema)

    def _lead(self, file: str) -> bool:
        """Look where a file leads; tells whether that was to be found out."""
        path = self.folder / file
        stamps = self.schemas.stamps([str(path)])
        known = self._leads.get(file)
        if known is not None and known.stamps == stamps:
            return False
        top = self.folder.resolve()
        targets = [target for target in referred(path) if target.is_relative_to(top)]
        names = tuple(target.relative_to(top).as_posix() for target in targets)
        self._leads[file] = _Leads(stamps, is_schema(path), names)
        return True

    def _reach(self, files: Iterable[str], reached: set[str]) -> None:
        waiting = list(files)
        while waiting:
            file = waiting.pop()
            if file not in reached:
                reached.add(file)
                waiting += self._leads[file].targets if file in self._leads else ()
