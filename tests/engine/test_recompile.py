"""A map compiled again after an edit: the plan is the one that compiling everything gives, and hardly anything is made anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from studio.engine.compile import Compiler, compile_plan
from studio.engine.plan import Plan, Target
from studio.mapping.model import Mapping, Rule, SchemaUse, Transformation
from studio.mapping.tree import Tree
from studio.schema.model import Schema
from tests.engine import build
from tests.engine.differ import TOP, Maker

SCRIPTS = ("'x'", "1 + 1", "[nope]", "[/top/@h]", "Now()", "If(", "SetInstances('n9', {1})", "$g = 1", "[..]")


def _compiler(source: Schema, target: Schema) -> Compiler:
    return Compiler(source, target, Tree(source.root("")), Tree(target.root("")))


def _map(rules: list[Rule]) -> Transformation:
    return Transformation("test", SchemaUse("source"), SchemaUse("target"), Mapping(tuple(rules)))


def _edits(draw: random.Random, rules: list[Rule], all: list[Rule]) -> list[Rule]:
    """The rules after one thing that people do."""
    rules = list(rules)
    place = draw.randrange(len(rules)) if rules else 0
    choice = draw.randrange(8)
    if choice == 0 and rules:
        del rules[place]
    elif choice == 1 and rules:
        del rules[place : place + 4]
    elif choice in (2, 3):
        missing = [rule for rule in all if rule.path not in {each.path for each in rules}]
        rules[place:place] = draw.sample(missing, min(len(missing), draw.randint(1, 3)))
    elif choice == 4 and rules:
        rules[place] = replace(rules[place], when=draw.choice((None, "1 == 1", "[nope]", "IsNull([..])")))
    elif choice == 5:
        path = draw.choice((f"{TOP}/none", "else/where", f"{TOP}/n1/n2/n3", "item/zz", "row/zz"))
        rules.append(Rule(path, script="1"))
    elif choice == 6 and rules and rules[place].loop:
        rules[place] = replace(rules[place], first=draw.choice((None, 1, 2)), last=None)
    elif rules:
        rules[place] = replace(rules[place], script=draw.choice(SCRIPTS))
    return rules


def _same(one: Plan, other: Plan) -> None:
    # Two problems of one map may be found in another order.
    assert sorted(map(str, one.problems)) == sorted(map(str, other.problems))
    assert replace(one, problems=()) == replace(other, problems=())


def test_a_plan_after_edits_is_the_plan_made_anew(share: Callable[[int], int]) -> None:
    for seed in range(share(1_500)):
        draw = random.Random(seed)
        rules, source, target = Maker(seed).parts()
        all = [build.rule(path, given) for path, given in rules.items()]
        compiler, here = _compiler(source, target), all
        for _edit in range(6):
            transformation = _map(here)
            _same(compiler.plan(transformation), compile_plan(transformation, source, target))
            here = _edits(draw, here, all)


@pytest.fixture
def wide() -> tuple[Compiler, list[Rule]]:
    """A compiler and a map of a hundred fields in ten groups."""
    fields: dict[str, Any] = {f"g{g}?": {f"f{n}?": "text" for n in range(10)} for g in range(10)}
    source, target = build.xml({"r": {"i*": fields}}), build.xml({"o": {"row*": fields}})
    rules = [Rule("o/row", loop="r/i")]
    rules += [Rule(f"o/row/g{g}/f{n}", script=f"[g{g}/f{n}]") for g in range(10) for n in range(10)]
    return _compiler(source, target), rules


def _below(plan: Plan) -> dict[str, Target]:
    return {target.path: target for target in plan.root.walk()}


def test_only_the_edited_node_and_those_above_it_are_made_anew(wide: tuple[Compiler, list[Rule]]) -> None:
    compiler, rules = wide
    before = _below(compiler.plan(_map(rules)))
    edited = [replace(rule, script="'new'") if rule.path == "o/row/g3/f4" else rule for rule in rules]
    after = _below(compiler.plan(_map(edited)))
    made = {path for path, target in after.items() if before[path] is not target}
    assert made == {"", "o", "o/row", "o/row/g3", "o/row/g3/f4"}


def test_what_is_read_follows_the_edits(wide: tuple[Compiler, list[Rule]]) -> None:
    compiler, rules = wide
    compiler.plan(_map(rules))
    fewer = [rule for rule in rules if not rule.path.startswith("o/row/g3/")]
    shape = compiler.plan(_map(fewer)).shape
    assert shape.at(("r", "i", "g3")) is None
    assert shape.at(("r", "i", "g4", "f1")) is not None
    assert compiler.plan(_map(rules)).shape.at(("r", "i", "g3", "f9")) is not None
