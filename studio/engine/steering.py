"""Loops that scripts steer while they run, found before a run: SetInstances, SortInstances, CountSourceRecords."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.mapping.model import Rule
from studio.script import tree
from studio.script.parse import parse

_NAMING = ("setinstances", "sortinstances")
_STEERING = re.compile("|".join((*_NAMING, "countsourcerecords")), re.IGNORECASE)
_MARKS = re.compile(r"[/.$#]+")


@dataclass(frozen=True)
class Steering:
    """What a map's scripts steer.

    `named` are the function (lower case), the target path of the rule that calls it, and the name of the node it
    steers; `counts` says that the number of source records is asked for.
    """

    named: tuple[tuple[str, str, str], ...] = ()
    counts: bool = False

    def steers(self, function: str, path: str, name: str) -> bool:
        """Whether a rule above the target node at `path` calls the function with its name."""
        return any(
            called == function and wanted == name and path.startswith(rule + "/")
            for called, rule, wanted in self.named
        )


def node_name(text: str) -> str:
    """The name of a target node as scripts give it: alone, as a path, or in the vendor's notation."""
    pieces = [piece for piece in _MARKS.split(text) if piece]
    return re.sub(r"\[\d+\]\Z", "", pieces[-1]) if pieces else ""


def steering_of(rules: Iterable[Rule]) -> Steering:
    """What rules steer."""
    named: list[tuple[str, str, str]] = []
    counts = False
    for rule in rules:
        for call in _calls(rule):
            name = call.name.lower()
            if name == "countsourcerecords":
                counts = True
            elif name in _NAMING and call.arguments:
                given = call.arguments[0]
                if isinstance(given, tree.Literal) and isinstance(given.value, str):
                    named.append((name, rule.path, node_name(given.value)))
    return Steering(tuple(named), counts)


def _calls(rule: Rule) -> Iterator[tree.Call]:
    for text in (rule.script, rule.when):
        if text is None or not _STEERING.search(text):
            continue
        try:
            script = parse(text)
        except BadInput:
            continue  # told where the rule is compiled
        yield from (node for node in tree.walk(script) if isinstance(node, tree.Call))


def unknown_nodes(steering: Steering, paths: frozenset[str]) -> Iterator[Problem]:
    """The names that no mapped node below the rule has."""
    for function, rule, name in steering.named:
        if not any(path.startswith(rule + "/") and node_name(path) == name for path in paths):
            shown = {"setinstances": "SetInstances", "sortinstances": "SortInstances"}[function]
            yield Problem(
                Severity.WARNING,
                _("{function} names {node}, and no mapped node below {path} is called so.").format(
                    function=shown, node=name or "—", path=rule
                ),
                path=rule,
                mend=_("Give the name of a node below, as a text in quotes."),
            )
