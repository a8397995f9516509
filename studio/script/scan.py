"""What a script does with its variables, found before it is compiled."""

from __future__ import annotations

import re
from collections import Counter

from studio.base.records import dataclass
from studio.script import tree
from studio.script.functions import find

# What a script that sets a variable has in its text; most rules have not.
_GLOBAL = re.compile(r"\$([\w`~@#$%:.?]+)")
_SETS = re.compile(r"[^=!<>]=[^=]|\+\+|--|argumentlist|initcounter", re.IGNORECASE)


@dataclass(frozen=True)
class Names:
    """`straight` are the locals that are set only where every run passes, in the order of the text.

    `often` are the globals that stand in the text more than once.
    """

    straight: frozenset[str]
    often: frozenset[str] = frozenset()


def names_of(script: tree.Script) -> Names:
    """Look at every assignment of a script."""
    often = _often(script.text)
    if _SETS.search(script.text) is None:
        return Names(frozenset(), often)
    everywhere: set[str] = set()
    sometimes: set[str] = set()
    waiting: list[tuple[tree.Expression, bool]] = [(statement, False) for statement in script.statements]
    while waiting:
        node, lazy = waiting.pop()
        for name in _set_by(node):
            (sometimes if lazy else everywhere).add(name)
        for number, child in enumerate(tree.children(node)):
            if not isinstance(child, tree.Script):
                waiting.append((child, lazy or _maybe(node, number)))
    return Names(frozenset(everywhere - sometimes), often)


def _often(text: str) -> frozenset[str]:
    if text.count("$") < 2:
        return frozenset()
    counts = Counter(_GLOBAL.findall(text))
    return frozenset(name for name, count in counts.items() if count > 1)


def _set_by(node: tree.Expression) -> list[str]:
    if isinstance(node, (tree.Assign, tree.Increment)) and isinstance(node.target, tree.Local):
        return [node.target.name]
    if isinstance(node, tree.Call) and node.name.lower() in ("argumentlist", "initcounter"):
        return [argument.name for argument in node.arguments if isinstance(argument, tree.Local)]
    return []


def _maybe(node: tree.Expression, number: int) -> bool:
    """A child that is not evaluated exactly once whenever its parent is."""
    if isinstance(node, tree.Binary):
        return node.operator in ("&&", "||") and number == 1
    if isinstance(node, tree.Call):
        function = find(node.name)
        return function is not None and function.lazy
    return False
