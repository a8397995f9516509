"""Provenance for the window: both ways, of one record, from one look at it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from studio.agent.bench import Bench
from studio.engine.provenance import Provenance as Judge
from studio.engine.trace import Traced
from studio.mapping.evidence import Around, Came, Provenance, ValueMade
from studio.mapping.model import Transformation
from studio.project.commit import inside
from studio.project.further import further_documents

_NUMBERS = re.compile(r"\[\d+\]")
# So many values of a node, and so many source nodes of a value, are shown.
_MOST = 200


def provenance(bench: Bench, transformation: Transformation, message: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request: see EmbeddedAgent.provenance."""
    plan = bench.plan(transformation)
    further = further_documents(bench.folder, transformation)
    sample = inside(bench.folder, message["sample"])
    judge = bench.previews.focused(plan, sample, bench.variables(), further, Judge)
    side, path = message["side"], message["path"]
    traced = judge.values_of(message["record"])
    found = (
        [each for each in traced if each.path == path] if side == "target" else list(_reading(traced, path))
    )
    turns = message["turns"]
    shown = [each for each in found if all(turns.get(t.path, t.number) == t.number for t in each.turns)]
    # Of a value that is only in other turns, those are told.
    values = tuple(_value(each) for each in (shown or found)[:_MOST])
    made = Provenance(side, path, message["record"], values, len(found) - len(values))
    return asdict(made)


def _reading(traced: Iterable[Traced], path: str) -> Iterable[Traced]:
    """The values that a source node, or one below it, went into, each with the reads that led there."""
    below = f"{path}/"
    for each in traced:
        read = tuple(
            origin
            for origin in each.sources
            if (plain := _NUMBERS.sub("", origin.path)) == path or plain.startswith(below)
        )
        if read:
            yield replace(each, sources=read)


def _value(traced: Traced) -> ValueMade:
    return ValueMade(
        traced.path,
        traced.value,
        traced.script,
        tuple(Came(o.path, o.text, o.read, o.line, o.column, o.script) for o in traced.sources[:_MOST]),
        tuple(Around(turn.path, turn.number, turn.nodes[:_MOST], turn.entry) for turn in traced.turns),
        traced.problem,
    )
