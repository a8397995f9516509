"""A map compiled again after an edit: the plan is the one that compiling everything gives, and hardly anything is made anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from studio.engine.compile import Compiler, compile_plan
from studio.engine.plan import Plan, Target
from studio.mapping.model import Rule
from tests.engine import build
from tests.engine.differ import Maker
from tests.engine.edits import compiler_of, edited, map_of


def _same(one: Plan, other: Plan) -> None:
    # Two problems of one map may be found in another order.
    assert sorted(map(str, one.problems)) == sorted(map(str, other.problems))
    assert replace(one, problems=()) == replace(other, problems=())


def test_a_plan_after_edits_is_the_plan_made_anew(share: Callable[[int], int]) -> None:
    for seed in range(share(1_500)):
        draw = random.Random(seed)
        rules, source, target = Maker(seed).parts()
        all = [build.rule(path, given) for path, given in rules.items()]
        compiler, here = compiler_of(source, target), all
        for _edit in range(6):
            transformation = map_of(here)
            _same(compiler.plan(transformation), compile_plan(transformation, source, target))
            here = edited(draw, here, all)


@pytest.fixture
def wide() -> tuple[Compiler, list[Rule]]:
    """A compiler and a map of a hundred fields in ten groups."""
    fields: dict[str, Any] = {f"g{g}?": {f"f{n}?": "text" for n in range(10)} for g in range(10)}
    source, target = build.xml({"r": {"i*": fields}}), build.xml({"o": {"row*": fields}})
    rules = [Rule("o/row", loop="r/i")]
    rules += [Rule(f"o/row/g{g}/f{n}", script=f"[g{g}/f{n}]") for g in range(10) for n in range(10)]
    return compiler_of(source, target), rules


def _below(plan: Plan) -> dict[str, Target]:
    return {target.path: target for target in plan.root.walk()}


def test_only_the_edited_node_and_those_above_it_are_made_anew(wide: tuple[Compiler, list[Rule]]) -> None:
    compiler, rules = wide
    before = _below(compiler.plan(map_of(rules)))
    changed = [replace(rule, script="'new'") if rule.path == "o/row/g3/f4" else rule for rule in rules]
    after = _below(compiler.plan(map_of(changed)))
    made = {path for path, target in after.items() if before[path] is not target}
    assert made == {"", "o", "o/row", "o/row/g3", "o/row/g3/f4"}


def test_what_is_read_follows_theedited(wide: tuple[Compiler, list[Rule]]) -> None:
    compiler, rules = wide
    compiler.plan(map_of(rules))
    fewer = [rule for rule in rules if not rule.path.startswith("o/row/g3/")]
    shape = compiler.plan(map_of(fewer)).shape
    assert shape.at(("r", "i", "g3")) is None
    assert shape.at(("r", "i", "g4", "f1")) is not None
    assert compiler.plan(map_of(rules)).shape.at(("r", "i", "g3", "f9")) is not None
