"""Instance numbers in a map: `name` and `name[1]` are the same node, so that a node has either numbers or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from studio.base.i18n import _
from studio.mapping import address
from studio.schema.path import Step, format_steps, parse_path

if TYPE_CHECKING:
    from studio.mapping.model import Rule


class Numbering:
    """Which target nodes the rules at `paths` give numbers to, and which they do not, on the nodes or below them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._numbered: set[str] = set()
        self._bare: set[str] = set()
        seen: set[str] = set()
        for path in paths:
            for each in (path, *address.ancestors(path)):
                if each in seen:
                    break  # and so were those above it
                seen.add(each)
                base, number = node_of(each)
                (self._numbered if number else self._bare).add(base)

    def with_more(self, paths: Iterable[str]) -> Numbering:
        """That of the rules at these paths besides."""
        made = Numbering(paths)
        made._numbered |= self._numbered
        made._bare |= self._bare
        return made

    def clashes(self, path: str) -> bool:
        """A rule at `path` would stand beside others that number a node on the way to it when it does not, or the other
        way round."""
        for each in (path, *address.ancestors(path)):
            base, number = node_of(each)
            if base in (self._bare if number else self._numbered):
                return True
        return False


def clash(rule: Rule, first: Rule | None, text: Rule | None) -> tuple[str, str] | None:
    """What is wrong with a rule, and what mends it, where its node has the rule `first` already, its own text `text`."""
    own_text = rule.path.endswith("/text()")
    valued = [each for each in (first, text) if each is not None and each.script is not None]
    same = text if own_text else first
    other = same if same is not None else valued[0] if valued and rule.script is not None else None
    if other is not None:
        return _twice(rule.path, other.path)
    if own_text and (rule.loops or rule.when is not None):
        return (
            _("{path} takes a value only, no loop and no condition.").format(path=rule.path),
            _("Give the loop or the condition to the element."),
        )
    return None


def clashing(rules: Iterable[Rule]) -> Iterator[tuple[Rule, str, str]]:
    """The rules that cannot stand beside those before them, each with what is wrong and what mends it."""
    rules = tuple(rules)
    paths = {rule.path for rule in rules}
    if len(paths) == len(rules) and not any("[1]" in path or path.endswith("/text()") for path in paths):
        return
    nodes: dict[str, Rule] = {}
    texts: dict[str, Rule] = {}
    for rule in rules:
        key = one_name(rule.path)
        node = key.removesuffix("/text()")
        wrong = clash(rule, nodes.get(node), texts.get(node))
        if wrong is not None:
            yield rule, *wrong
        else:
            (nodes if node == key else texts)[node] = rule


@lru_cache(maxsize=50_000)
def one_name(path: str) -> str:
    """The address without the number 1, which says no more than none."""
    if "[1]" not in path:
        return path
    return _written(path, tuple(replace(s, index=None) if s.index == 1 else s for s in parse_path(path)))


def _twice(path: str, other: str) -> tuple[str, str]:
    steps, others = parse_path(path), parse_path(other)
    for at, (one, two) in enumerate(zip(steps, others, strict=False), 1):
        if one.index != two.index:
            numbered = _written(path, steps[:at] if one.index else others[:at])
            plain = address.instance(numbered)[0]
            return (
                _("{path} has two rules: {plain} without a number is the same node as {numbered}.").format(
                    path=path, plain=plain, numbered=numbered
                ),
                _("Take the rules of {plain} away, or give them a number that is free.").format(plain=plain),
            )
    if len(steps) != len(others):
        node = min(path, other, key=len)
        message = _("{path} has two rules for its value: its own and that of text().").format(path=node)
    else:
        message = _("{path} has two rules.").format(path=path)
    return message, _("Keep one of them.")


def node_of(path: str) -> tuple[str, int]:
    """The address without the last step's number and type, and that number: picked types are instances of one node."""
    base, number = address.instance(path)
    if "~" in base:
        steps = parse_path(base)
        if steps and steps[-1].type:
            base = _written(base, (*steps[:-1], replace(steps[-1], type=None)))
    return base, number


def _written(like: str, steps: tuple[Step, ...]) -> str:
    return ("/" if like.startswith("/") else "") + format_steps(steps)
