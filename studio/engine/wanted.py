"""The target nodes that the rules of a map reach, and what an edit of the rules changes of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import field, replace
from functools import lru_cache

from studio.base.errors import Problem, Severity
from studio.base.records import dataclass
from studio.engine.plan import Target
from studio.engine.resolve import Use
from studio.mapping.instances import clash
from studio.mapping.model import Rule
from studio.schema.model import Kind, Place
from studio.schema.path import Step


@dataclass(frozen=True)
class Made:
    """A node as compiled in given frames, and what came of compiling it: with and without the nodes below.

    `own` are the node's own uses; `leads` the uses, here and below, that tell how the input is read: those of loops,
    and those that leave their record.
    """

    frames: tuple[Hashable, ...]
    target: Target
    problems: tuple[Problem, ...]
    own: tuple[Use, ...]
    leads: tuple[Use, ...]


@dataclass(eq=False)
class Wanted:
    """A target node under construction: its place, its rule, that of its own text, those below by step.

    `made` is kept for the next compile; it is None where the rule, or one below, has changed since.
    """

    place: Place
    path: str
    above: Wanted | None = None
    key: str = ""
    rule: Rule | None = None
    text: Rule | None = None
    below: dict[str, Wanted] = field(default_factory=dict)
    made: Made | None = None
    sorted: list[Wanted] | None = None
    fixed: list[Place] | None = None
    uses: tuple[Use, ...] = ()

    def changed(self) -> None:
        """It has to be made again, and so have those above it."""
        here: Wanted | None = self
        while here is not None:
            here.made = None
            here = here.above


class Anew(Exception):
    """The edit reaches further than its own nodes: everything is to be built from the beginning."""


def difference(
    before: tuple[Rule, ...], after: tuple[Rule, ...]
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules that have gone and those that have come, between what both begin and end with."""
    shorter, start = min(len(before), len(after)), 0
    while start < shorter and (before[start] is after[start] or before[start] == after[start]):
        start += 1
    end = 0
    while end < shorter - start and (
        before[-1 - end] is after[-1 - end] or before[-1 - end] == after[-1 - end]
    ):
        end += 1
    return before[start : len(before) - end], after[start : len(after) - end]


def check_numbers(gone: tuple[Rule, ...], come: tuple[Rule, ...]) -> None:
    """Numbered instances give their siblings' nodes a number too: only their scripts may change in place."""
    one, other = ({rule.path for rule in rules} for rules in (gone, come))
    if any("[" in path for path in one ^ other):
        raise Anew


def put(wanted: Wanted, rule: Rule) -> Problem | None:
    """Give a node its rule, or the rule of its own text; the problem where it cannot have it."""
    wrong = clash(rule, wanted.rule, wanted.text)
    if wrong is not None:
        message, mend = wrong
        return Problem(Severity.ERROR, message, None, None, None, None, rule.path, mend)
    if is_text(rule):
        wanted.text = rule
    else:
        wanted.rule = rule
    return None


def namespaces(wanted: Wanted) -> Iterator[str]:
    """Those of a node and all below."""
    yield wanted.place.node.namespace
    for each in wanted.below.values():
        yield from namespaces(each)


def paths(wanted: Wanted) -> Iterator[str]:
    """The target paths of a node and all below."""
    yield wanted.path
    for each in wanted.below.values():
        yield from paths(each)


@lru_cache(maxsize=20_000)
def names_of(step: Step) -> tuple[str, str]:
    """The step as written, and with its number even where it is the first."""
    return str(step), str(replace(step, index=step.index or 1))


def is_text(rule: Rule) -> bool:
    """It is the rule of an element's own text."""
    return rule.path.endswith("/text()")


def any_without_namespace(wanted: Wanted) -> bool:
    """Whether an element of it, or below, has no namespace."""
    node = wanted.place.node
    if node.kind is Kind.ELEMENT and not node.namespace:
        return True
    return any(any_without_namespace(each) for each in wanted.below.values())
