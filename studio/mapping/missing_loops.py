"""Rules that read a field which comes several times where one value is wanted, and the loops that would mend them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studio.mapping import loops
from studio.mapping.context import Contexts, parsed
from studio.mapping.edits import set_loop
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Tree, Trees
from studio.script import tree
from studio.script.functions import find

# Functions that give one of their arguments: what is wanted of them is wanted of it.
_THROUGH = frozenset({"if", "case", "ifnull", "ifempty"})
# What takes all values of a field at once, or its node.
_ALL = frozenset({"array", "node", "type", "dictionary"})
_LOGICAL = ("&&", "||")


@dataclass(frozen=True)
class Several:
    """A path in a script that gives several values where one is wanted, and the source address it leads to."""

    path: tree.Path
    source: str


def several(contexts: Contexts, source: Tree, rule: Rule, *, repeats: bool) -> Iterator[Several]:
    """What a rule's script and condition read of nodes that no loop visits, where one value is wanted of it.

    A rule whose target node `repeats` may give an array. A script that is a field and nothing else is told of by
    `check` itself.
    """
    for text, whole in ((rule.script, not repeats), (rule.when, True)):
        script = parsed(text) if text else None
        if script is None or isinstance(script.only, tree.Path):
            continue
        for path in _wanted_single(script, whole):
            found = _read(contexts, source, rule.path, path)
            if found:
                yield Several(path, found)


def missing(mapping: Mapping, trees: Trees, target: str) -> tuple[tuple[str, str], ...]:
    """The loops that give the rule at a target path one value at a time: target path and source address, outermost first."""
    rule = mapping.get(target)
    place = trees.target.find(target)
    if rule is None or rule.script is None or place is None:
        return ()
    contexts = Contexts(mapping, trees.source)
    only = getattr(parsed(rule.script), "only", None)
    if isinstance(only, tree.Path):
        read = _read(contexts, trees.source, target, only)
        sources = [] if place.repeats or not read else [read]
    else:
        sources = [each.source for each in several(contexts, trees.source, rule, repeats=place.repeats)]
    found: dict[str, str] = {}
    for source in sources:
        for path, visited in loops.implied(mapping, trees, source, target):
            found.setdefault(path, visited)
    return tuple(sorted(found.items(), key=lambda pair: trees.target.order(pair[0])))


def add(mapping: Mapping, trees: Trees, target: str) -> Mapping:
    """The mapping with the loops that the rule at a target path misses."""
    for path, source in missing(mapping, trees, target):
        mapping = set_loop(mapping, path, source, trees)
    return mapping


def _read(contexts: Contexts, source: Tree, target: str, path: tree.Path) -> str:
    """The address of what a path reads where it is several values, else ""."""
    if path.source is not None or not path.plain or any(step.call for step in path.steps):
        return ""
    found = contexts.address(path, contexts.of(target))
    if found is None or source.find(found) is None:
        return ""
    return found if loops.unvisited(contexts, source, found, target) else ""


def _wanted_single(script: tree.Script, whole: bool) -> Iterator[tree.Path]:
    for number, statement in enumerate(script.statements, start=1):
        yield from _inside(statement, whole and number == len(script.statements))


def _inside(node: tree.Expression, single: bool) -> Iterator[tree.Path]:
    """The paths in an expression of which one value is wanted; `single` where that is wanted of the expression."""
    if isinstance(node, tree.Path):
        if single:
            yield node
    elif isinstance(node, tree.Call):
        yield from _arguments(node, single)
    elif isinstance(node, tree.Binary):
        # An operation with an array gives an array, which is well where one is wanted; truth is of one value.
        wanted = single or node.operator in _LOGICAL
        yield from _inside(node.left, wanted)
        yield from _inside(node.right, wanted)
    elif isinstance(node, tree.Unary):
        yield from _inside(node.operand, single)
    elif isinstance(node, tree.Assign):
        yield from _inside(node.value, False)
    elif isinstance(node, tree.Array):
        for item in node.items:
            yield from _inside(item, False)
    elif isinstance(node, tree.Index):
        yield from _inside(node.key, True)
    elif isinstance(node, tree.Block):
        for number, statement in enumerate(node.statements, start=1):
            yield from _inside(statement, single and number == len(node.statements))


def _arguments(call: tree.Call, single: bool) -> Iterator[tree.Path]:
    name = call.name.lower()
    function = find(call.name) if call.name else None
    for number, argument in enumerate(call.arguments):
        if name in _THROUGH:
            decides = number == 0 if name == "if" else name == "case" and number % 2 == 0
            yield from _inside(argument, decides or single)
        elif function is None or not function.arguments:
            yield from _inside(argument, False)
        else:
            declared = function.arguments[min(number, len(function.arguments) - 1)]
            yield from _inside(argument, _ALL.isdisjoint(declared.type.split("|")))
