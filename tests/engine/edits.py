"""What people do to a map, at random: for tests of what is kept from edit to edit."""

from __future__ import annotations

import random
from dataclasses import replace

from studio.engine.compile import Compiler
from studio.mapping.model import Mapping, Rule, SchemaUse, Transformation
from studio.mapping.tree import Tree
from studio.schema.model import Schema
from tests.engine.differ import TOP

SCRIPTS = (
    "'x'",
    "1 + 1",
    "[nope]",
    "[/top/@h]",
    "IsNull(Now())",
    "If(",
    "SetInstances('n9', {1})",
    "$g = 1",
    "[..]",
)


def compiler_of(source: Schema, target: Schema) -> Compiler:
    """A compiler between two schemas."""
    return Compiler(source, target, Tree(source.root("")), Tree(target.root("")))


def map_of(rules: list[Rule]) -> Transformation:
    """A transformation of these rules."""
    return Transformation("test", SchemaUse("source"), SchemaUse("target"), Mapping(tuple(rules)))


def edited(draw: random.Random, rules: list[Rule], all: list[Rule]) -> list[Rule]:
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
