"""What a connection does: a field onto a field, several in order, a node onto a node, a value as a constant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from studio.base.i18n import _
from studio.mapping import loops
from studio.mapping.context import Contexts, parsed, reference
from studio.mapping.edits import set_loop, set_script
from studio.mapping.model import Mapping
from studio.mapping.tree import Trees
from studio.schema.model import Base, Kind, Place
from studio.script import tree

# A subtree copied in one gesture stays readable; beyond this the window says that it stopped.
MOST_PAIRS = 2_000

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)\Z")
_NUMBERS = {Base.INTEGER, Base.DECIMAL, Base.FLOAT}
# Operators that bind no tighter than `+`: an expression of these needs parentheses before ` + …`.
_LOOSE = {"&&", "||", "<", ">", "<=", ">=", "==", "!="}


@dataclass(frozen=True)
class Pair:
    """A source address to be mapped onto a target path; `loop` makes the target repeat instead of giving it a value."""

    source: str
    target: str
    loop: bool = False


def map_field(
    mapping: Mapping, trees: Trees, source: str, target: str, *, without: Collection[str] = ()
) -> Mapping:
    """Carry the value of `source` to `target`, with the loops this implies; a script there is replaced.

    `without` are target paths that are not to be looped all the same.
    """
    for path, visited in loops.implied(mapping, trees, source, target):
        if path not in without:
            mapping = set_loop(mapping, path, visited, trees)
    text = reference(source, Contexts(mapping, trees.source).of(target))
    return set_script(mapping, target, text, trees.target)


def append_field(mapping: Mapping, trees: Trees, source: str, target: str) -> Mapping:
    """Add the value of `source` to what the script at `target` gives; texts are joined by a space."""
    rule = mapping.get(target)
    if rule is None or rule.script is None:
        return map_field(mapping, trees, source, target)
    for path, visited in loops.implied(mapping, trees, source, target):
        mapping = set_loop(mapping, path, visited, trees)
    rule = mapping.by_path[target]
    operand = reference(source, Contexts(mapping, trees.source).of(target))
    place = trees.target.find(target)
    value = place.node.value if place else None
    numeric = value is not None and value.base in _NUMBERS
    return set_script(mapping, target, appended(rule.script or "", operand, numeric=numeric), trees.target)


def appended(script: str, operand: str, *, numeric: bool) -> str:
    """The script with `+ operand` at the end of its last statement."""
    joined = f" + {operand}" if numeric else f' + " " + {operand}'
    found = parsed(script)
    if found is None or not found.statements:
        return f"{script.rstrip()}{joined}" if script.strip() else operand
    last = found.statements[-1]
    text, after = script[last.start : last.end], script[last.end :]
    loose = isinstance(last, tree.Assign) or (isinstance(last, tree.Binary) and last.operator in _LOOSE)
    loose = loose or (isinstance(last, tree.Unary) and last.operator == "!")
    return f"{script[: last.start]}{f'({text})' if loose else text}{joined}{after}"


def map_fields(mapping: Mapping, trees: Trees, sources: Iterable[str], targets: Iterable[str]) -> Mapping:
    """Map fields in order, the first onto the first; what is left over stays unmapped."""
    for source, target in zip(sources, targets, strict=False):
        mapping = map_field(mapping, trees, source, target)
    return mapping


def constant(mapping: Mapping, trees: Trees, target: str, text: str) -> Mapping:
    """Give a node this value in every record."""
    place = trees.target.find(target)
    value = place.node.value if place else None
    return set_script(mapping, target, literal(text, value.base if value else Base.TEXT), trees.target)


def literal(text: str, base: Base = Base.TEXT) -> str:
    """The script that gives `text` where a value of type `base` is wanted."""
    if base in _NUMBERS and _NUMBER.match(text):
        return text
    if base is Base.BOOLEAN and text in ("true", "false"):
        return text
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    if '"' in escaped and "'" not in escaped:
        return f"'{escaped}'"
    return '"' + escaped.replace('"', '\\"') + '"'


def loop_here(mapping: Mapping, trees: Trees, source: str, target: str) -> Mapping:
    """Repeat `target` per instance of `source`, with the loops this implies around it."""
    wanted = dict(loops.implied(mapping, trees, source, target))
    wanted[target] = source
    for path in sorted(wanted, key=trees.target.order):
        mapping = set_loop(mapping, path, wanted[path], trees)
    return mapping


def same_named(mapping: Mapping, trees: Trees, source: str, target: str) -> tuple[Pair, ...]:
    """What *map same-named children* would add: fields directly inside with equal names and no rule yet."""
    return _pairs(mapping, trees, source, target, deep=False)


def subtree(mapping: Mapping, trees: Trees, source: str, target: str) -> tuple[Pair, ...]:
    """What *copy subtree* would add: fields on every level with equal names on the way, and the loops between."""
    return _pairs(mapping, trees, source, target, deep=True)


def apply_pairs(
    mapping: Mapping, trees: Trees, pairs: Iterable[Pair], refused: Iterable[Pair] = ()
) -> Mapping:
    """Add the chosen pairs, outer loops first; a loop that was refused does not come with a field that needs it."""
    without = frozenset(pair.target for pair in refused if pair.loop)
    for pair in pairs:
        if pair.loop:
            mapping = loop_here(mapping, trees, pair.source, pair.target)
        else:
            mapping = map_field(mapping, trees, pair.source, pair.target, without=without)
    return mapping


def with_loops(mapping: Mapping, trees: Trees, pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """The pairs with every loop that adding them implies, each before what asks for it."""
    found: tuple[Pair, ...] = ()
    for found in looping(mapping, trees, pairs):  # noqa: B007
        pass
    return found


def looping(mapping: Mapping, trees: Trees, pairs: Iterable[Pair]) -> Iterator[tuple[Pair, ...]]:
    """`with_loops` in steps between which a window can breathe; what comes last is the result."""
    found: dict[Pair, None] = {}
    for pair in pairs:
        yield ()
        wanted = dict(loops.implied(mapping, trees, pair.source, pair.target))
        if pair.loop:
            wanted[pair.target] = pair.source
        for path in sorted(wanted, key=trees.target.order):
            mapping = set_loop(mapping, path, wanted[path], trees)
            found[Pair(wanted[path], path, loop=True)] = None
        found[pair] = None
    yield tuple(found)


def pair_names(pair: Pair) -> str:
    """The pair in words, for a preview."""
    if pair.loop:
        return _("{target} repeats per {source}").format(target=pair.target, source=pair.source)
    return _("{target} takes {source}").format(target=pair.target, source=pair.source)


def _pairs(mapping: Mapping, trees: Trees, source: str, target: str, *, deep: bool) -> tuple[Pair, ...]:
    top, goal = trees.source.find(source), trees.target.find(target)
    if top is None or goal is None:
        return ()
    numbering = mapping.numbering
    if numbering.clashes(target):
        return ()
    found: list[Pair] = []
    if goal.repeats and top.repeats and not _looped(mapping, target):
        found.append(Pair(source, target, loop=True))
    for pair in _inside(top, goal, deep=deep):
        rule = mapping.get(pair.target)
        taken = rule is not None and (rule.loops if pair.loop else rule.script is not None)
        if not taken and not numbering.clashes(pair.target):
            found.append(pair)
        if len(found) >= MOST_PAIRS:
            break
    # A loop alone, with nothing inside it, is not worth a suggestion.
    return tuple(found) if any(not pair.loop for pair in found) else ()


def _looped(mapping: Mapping, path: str) -> bool:
    rule = mapping.get(path)
    return rule is not None and rule.loops


def _inside(source: Place, target: Place, *, deep: bool) -> Iterator[Pair]:
    by_name: dict[str, Place] = {}
    for place in source.flat_children():
        by_name.setdefault(_folded(place), place)
    for goal in target.flat_children():
        match = by_name.get(_folded(goal))
        if match is None or goal.node.kind is Kind.ANY or match.node.kind is Kind.ANY:
            continue
        if goal.node.value is not None and match.node.value is not None:
            yield Pair(match.path, goal.path)
        if deep and not (goal.node.type.leaf or match.node.type.leaf or goal.recursive or match.recursive):
            if goal.repeats and match.repeats:
                yield Pair(match.path, goal.path, loop=True)
            yield from _inside(match, goal, deep=True)


def _folded(place: Place) -> str:
    return re.sub(r"[-_.\s]", "", place.node.name).casefold()
