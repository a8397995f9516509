"""Many scripts, checked and compiled together; after an edit only those whose text has changed are done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from studio.base.errors import Problem
from studio.script.check import check, check_text
from studio.script.compile import compile_script
from studio.script.errors import ScriptError
from studio.script.host import Host
from studio.script.parse import parse
from studio.script.scope import NOTHING, Scope
from studio.script.tree import Value


@dataclass(frozen=True)
class Rule:
    """A script's text, its problems, and the function that runs it; None where it cannot be read."""

    text: str
    problems: tuple[Problem, ...]
    run: Callable[[Host], Value] | None


class Rules:
    """Scripts by name in one scope; one that another name has, too, is done once."""

    def __init__(self, scope: Scope = NOTHING) -> None:
        self._scope = scope
        self._rules: dict[str, Rule] = {}

    def update(self, texts: Mapping[str, str]) -> frozenset[str]:
        """Take these scripts in place of those before; the names of those that were checked and compiled now."""
        known = {rule.text: rule for rule in self._rules.values()}
        rules: dict[str, Rule] = {}
        done: set[str] = set()
        for name, text in texts.items():
            rule = known.get(text)
            if rule is None:
                rule = known[text] = _made(text, self._scope)
                done.add(name)
            rules[name] = rule
        self._rules = rules
        return frozenset(done)

    def __getitem__(self, name: str) -> Rule:
        """The rule of a name. Raises KeyError."""
        return self._rules[name]

    def problems(self) -> dict[str, tuple[Problem, ...]]:
        """The problems of the rules that have any, by name."""
        return {name: rule.problems for name, rule in self._rules.items() if rule.problems}


def _made(text: str, scope: Scope) -> Rule:
    try:
        script = parse(text)
    except ScriptError:
        return Rule(text, check_text(text, scope), None)
    return Rule(text, check(script, scope), compile_script(script))
