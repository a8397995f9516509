"""Maps whose schemas leave something open: what is picked and drawn, for tests of the engine and of the files."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import Any

from studio.engine.compile import compile_plan
from studio.engine.plan import Plan
from studio.mapping.model import Mapping, SchemaUse, Transformation
from studio.schema.drawn import Drawn
from studio.schema.model import Schema
from tests.engine.build import rule


def open_map(
    rules: MappingOf[str, Any],
    *,
    read: MappingOf[str, Drawn] | None = None,
    write: MappingOf[str, Drawn] | None = None,
    roots: tuple[str, str] = ("", ""),
) -> Transformation:
    """A transformation of rules with what is drawn on either side: `read` in its source, `write` in its target."""
    mapping = Mapping(tuple(rule(path, given) for path, given in rules.items()))
    drawn = {"source": read or {}, "target": write or {}}
    uses = SchemaUse("source", roots[0]), SchemaUse("target", roots[1])
    return Transformation("open", *uses, mapping, drawn={side: each for side, each in drawn.items() if each})


def open_plan(source: Schema, target: Schema, rules: MappingOf[str, Any], **more: Any) -> Plan:
    """Its plan between two schemas."""
    return compile_plan(open_map(rules, **more), source, target)
