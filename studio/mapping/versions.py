"""Versions of one rule, as a file holds them: a map with each of them in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.base import yaml_write
from studio.mapping.model import Mapping, Rule, Transformation
from studio.mapping.text import rules_from_text


def rule_of(path: str, value: Any) -> Rule | None:
    """The rule at a target path that a file writes as `value` (a script, or options by name); None for none.

    Raises BadInput where it is no rule.
    """
    return None if value is None else rules_from_text(yaml_write.write({path: value}))[0]


def with_rule(transformation: Transformation, path: str, rule: Rule | None) -> Transformation:
    """The transformation with another rule at a target path, or with none."""
    rules = transformation.mapping.rules
    if rule is None:
        kept = tuple(each for each in rules if each.path != path)
    elif transformation.mapping.get(path) is None:
        kept = (*rules, rule)
    else:
        kept = tuple(rule if each.path == path else each for each in rules)
    return replace(transformation, mapping=Mapping(kept, transformation.mapping.parked))
