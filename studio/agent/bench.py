"""What a process keeps warm for one project: its schemas, compilers, tables, parsed samples and the last plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from studio.agent.unsaved import transformation_from_text
from studio.engine.compile import Compiler
from studio.engine.failures import Failure
from studio.engine.plan import Plan
from studio.engine.preview import Previews
from studio.engine.run import Stats
from studio.mapping.evidence import Evidence
from studio.mapping.further import MoreSchemas, trees_of
from studio.mapping.model import SchemaUse, Transformation
from studio.mapping.unfit import HELD, Unfit, unfit
from studio.project.folder import load_object
from studio.project.model import PROJECT
from studio.project.schemas import Schemas
from studio.project.tables import Tables
from studio.schema.model import Schema

# So much of the document, and so many failures, are shown of a run in the window.
_DOCUMENT = 200_000
_FAILURES = 1000


def run_to_data(stats: Stats, failures: Iterable[Failure], document: Path) -> dict[str, Any]:
    """What the window is told of a run over a sample: its counts, failures and the start of what it wrote."""
    with document.open(encoding="utf-8", errors="replace") as file:
        start = file.read(_DOCUMENT)
    return {
        "records_in": stats.records_in,
        "records_out": stats.records_out,
        "failed": stats.failed,
        "filtered": stats.filtered,
        "seconds": stats.seconds,
        "problems": [[each.record, each.path, each.reason] for each in islice(failures, _FAILURES)],
        "document": start,
    }


class Bench:
    """What is kept warm for one project: its schemas, their trees, its tables, parsed samples, the last plan."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables = Tables(folder)
        self.previews = Previews()
        self._schemas = Schemas(folder)
        self._compilers: dict[tuple[object, ...], Compiler] = {}
        self._plan: tuple[tuple[object, ...], Transformation, Plan] | None = None
        self._unfit: tuple[object, Schema, Unfit] | None = None

    def transformation(self, text: str) -> Transformation:
        """The transformation as the window sent it."""
        return transformation_from_text(text)

    def plan(self, transformation: Transformation) -> Plan:
        """The transformation compiled; the last one is kept."""
        source = self._schemas.get(transformation.source)
        target = self._schemas.get(transformation.target)
        more = self._schemas.more(transformation)
        key = id(source), id(target), _ids(more), self.tables.stamp
        if self._plan is None or self._plan[0] != key or not _same(self._plan[1], transformation):
            compiler = self._compiler(source, target, transformation, more)
            self._plan = key, transformation, compiler.plan(transformation, self.tables)
        return self._plan[2]

    def _compiler(
        self, source: Schema, target: Schema, transformation: Transformation, more: MoreSchemas
    ) -> Compiler:
        """The one that compiled the last map between the two schemas: it makes only what an edit has touched."""
        roots = transformation.source.root, transformation.target.root
        further = {**transformation.sources, **transformation.targets}
        named = tuple((n, use.root) for n, use in further.items())
        key = id(source), id(target), roots, _ids(more), named, repr(transformation.drawn)
        if key not in self._compilers:
            if len(self._compilers) > 8:
                self._compilers.clear()
            trees = trees_of(transformation, source, target, more)
            self._compilers[key] = Compiler(source, target, trees.source, trees.target, more)
        return self._compilers[key]

    def read(self, use: SchemaUse) -> None:
        """Read a schema, writing its cache file where it is large."""
        self._schemas.get(use)

    def schema(self, use: SchemaUse) -> Schema:
        """A schema of the project."""
        return self._schemas.get(use)

    def held_to_source(self, use: SchemaUse, evidence: Evidence) -> Evidence:
        """The evidence, with what its record does not have although the source's schema says so."""
        schema = self._schemas.get(use)
        root = schema.root(use.root or None)
        if schema.kind not in HELD or root is None:
            return evidence
        # An edit of the map changes nothing of it, and values of the record in hand are one and the same then.
        known = self._unfit
        if known is None or known[0] is not evidence.source or known[1] is not schema:
            known = self._unfit = evidence.source, schema, unfit(root, evidence.source)
        return replace(evidence, missing=known[2].missing, unknown=known[2].unknown) if known[2] else evidence

    def variables(self) -> dict[str, Any]:
        """The project's variables as they stand on disk."""
        project = load_object(self.folder, PROJECT)
        return dict(project.variables) if project is not None else {}


def _same(one: Transformation, other: Transformation) -> bool:
    return one is other or one == other


def _ids(more: MoreSchemas) -> tuple[tuple[str, int], ...]:
    """The further schemas by which they are known again."""
    return tuple((name, id(schema)) for side in (more.sources, more.targets) for name, schema in side.items())
