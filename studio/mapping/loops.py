"""Loops: which ones a connection implies, their order and colours, and each explained in a sentence with counts."""

from __future__ import annotations

from dataclasses import dataclass

from studio.base.i18n import _, ngettext
from studio.mapping import address
from studio.mapping.context import Contexts, parsed_path
from studio.mapping.evidence import LoopCount
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Tree, Trees
from studio.schema.model import Place
from studio.script.tree import Path


@dataclass(frozen=True)
class Loop:
    """A looping rule as the window marks it: `index` (from 0, in order of appearance) gives letter and colour.

    `source` is the address it visits, None where it visits no node (`each`); `depth` counts the loops around it.
    """

    index: int
    target: str
    source: str | None
    depth: int


def loops(mapping: Mapping, contexts: Contexts) -> tuple[Loop, ...]:
    """Every loop of a mapping in the order of its rules."""
    found: dict[str, Loop] = {}
    for rule in mapping.rules:
        if not rule.loops:
            continue
        outer = contexts.loop_above(rule.path)
        depth = found[outer.path].depth + 1 if outer and outer.path in found else 0
        source = contexts.source(rule) if rule.loop is not None else None
        found[rule.path] = Loop(len(found), rule.path, source, depth)
    return tuple(found.values())


def implied(mapping: Mapping, trees: Trees, source: str, target: str) -> tuple[tuple[str, str], ...]:
    """The loops that mapping `source` onto `target` wants: target path and source address of each, outermost first.

    Repeating source nodes that no loop visits yet are paired with repeating target nodes that have no loop yet, from
    the inside out; what remains of the source outside the outermost pair is visited by that pair's loop.
    """
    contexts = Contexts(mapping, trees.source)
    repeating = unvisited(contexts, trees.source, source, target)
    free = _free(contexts, trees.target, target)
    place = trees.target.find(target)
    if place is not None and place.repeats and place.node.type.leaf and repeating:
        # A repeating field takes one entry of an array per instance: the innermost repetition needs no loop.
        repeating = repeating[:-1]
    pairs = min(len(repeating), len(free))
    return tuple(zip(free[len(free) - pairs :], repeating[len(repeating) - pairs :], strict=True))


def unvisited(contexts: Contexts, tree: Tree, source: str, target: str) -> list[str]:
    """Repeating nodes on the way to `source` that have no current instance at `target`, outermost first."""
    visited = {contexts.source(rule) for rule in contexts.enclosing(target)}
    current = {path for each in visited for path in (each, *address.ancestors(each))}
    chain = (source, *address.ancestors(source))
    return [path for path in reversed(chain) if path not in current and _repeats(tree.find(path))]


def _free(contexts: Contexts, tree: Tree, target: str) -> list[str]:
    """Repeating nodes above `target` without a loop, below the nearest one that has one, outermost first."""
    found: list[str] = []
    place = tree.find(target)
    above = target if place is not None and not place.node.type.leaf else address.parent(target)
    while above is not None:
        rule = contexts.mapping.get(above)
        if rule is not None and rule.loops:
            break
        if _repeats(tree.find(above)) and not address.instance(above)[1]:
            found.append(above)
        above = address.parent(above)
    return found[::-1]


def _repeats(place: Place | None) -> bool:
    return place is not None and place.repeats


@dataclass(frozen=True)
class Explanation:
    """A loop in words: `sentence` with the nodes' plain names, `condition` as written, `counts` over the sample.

    `left_out` is how many candidates were not written, None without a sample; `warning` tells of a Cartesian product.
    """

    sentence: str
    target: str = ""
    source: str = ""
    condition: str = ""
    counts: str = ""
    left_out: int | None = None
    warning: str = ""

    @property
    def whole(self) -> str:
        """Everything in one line: `One invoice per order where [@status] == 'open': 830 × order → 512 × invoice`."""
        text = self.sentence
        if self.condition:
            text = _("{sentence} where {condition}").format(sentence=text, condition=self.condition)
        return _("{sentence}: {counts}").format(sentence=text, counts=self.counts) if self.counts else text


def explain(mapping: Mapping, trees: Trees, path: str, count: LoopCount | None = None) -> Explanation | None:
    """What the loop on a target node does; None where it has none."""
    rule = mapping.get(path)
    if rule is None or not rule.loops:
        return None
    contexts = Contexts(mapping, trees.source)
    written = address.name(path)
    met = address.name(contexts.source(rule)) if rule.loop is not None else ""
    sentence = _sentence(rule, written, met)
    return Explanation(
        sentence + _joins(rule) + _limits(rule),
        written,
        met,
        rule.when or "",
        _counts(count, met, written) if count else "",
        count.candidates - count.written if count else None,
        cartesian(mapping, trees, path, contexts),
    )


def _sentence(rule: Rule, target: str, source: str) -> str:
    if rule.each is not None:
        return _("One {target} per entry of the array").format(target=target)
    if rule.group is not None:
        return _("One {target} per group of {source}, by {keys}").format(
            target=target, source=source, keys=", ".join(rule.group.by)
        )
    if parsed_path(rule.loop or "") is None:
        return _("This loop cannot be read: {loop}").format(loop=rule.loop)
    return _("One {target} per {source}").format(target=target, source=source)


def _joins(rule: Rule) -> str:
    """The documents whose rows are joined, each with the fields that have to be equal."""
    text = ""
    for name, join in rule.join.items():
        match = ", ".join(f"{field} = {script}" for field, script in join.match.items())
        if join.kind == "left":
            text += _(", joined with {name} on {match} where there is such a row").format(
                name=name, match=match
            )
        else:
            text += _(", joined with {name} on {match}").format(name=name, match=match)
    return text


def _limits(rule: Rule) -> str:
    text = ""
    if rule.sort:
        text += _(", sorted by {keys}").format(keys=", ".join(key.by for key in rule.sort))
    if rule.first is not None:
        text += ngettext(", the first only", ", the first {n} only", rule.first).format(n=rule.first)
    if rule.last is not None:
        text += ngettext(", the last only", ", the last {n} only", rule.last).format(n=rule.last)
    return text


def _counts(count: LoopCount, source: str, target: str) -> str:
    return _("{candidates} × {source} → {written} × {target}").format(
        candidates=f"{count.candidates:n}", source=source or "·", written=f"{count.written:n}", target=target
    )


def cartesian(mapping: Mapping, trees: Trees, path: str, contexts: Contexts | None = None) -> str:
    """A warning when an inner loop visits the same nodes anew for each turn of an outer one; empty when it does not."""
    contexts = contexts or Contexts(mapping, trees.source)
    rule = mapping.get(path)
    outer = contexts.loop_above(path)
    if rule is None or rule.loop is None or outer is None or outer.loop is None:
        return ""
    visits, around = contexts.source(rule), contexts.source(outer)
    written = parsed_path(rule.loop)
    if written is None or _members(written) or address.within(visits, around):
        return ""
    if any(step.filter is not None for step in written.steps) or rule.when or rule.join:
        # Something ties the inner node to the outer one: a look-up, not a product.
        return ""
    return _("Every {inner} is visited again for each {outer}: a Cartesian product.").format(
        inner=address.name(visits), outer=address.name(around)
    )


def _members(path: Path) -> bool:
    return any(step.call == "members" for step in path.steps)


def alternatives(mapping: Mapping, trees: Trees, path: str) -> tuple[str, ...]:
    """Other source nodes the loop on a target node could visit: the repeating ones on the way to what it reads."""
    rule = mapping.get(path)
    if rule is None or rule.loop is None:
        return ()
    contexts = Contexts(mapping, trees.source)
    now = contexts.source(rule)
    found = [up for up in address.ancestors(now) if _repeats(trees.source.find(up))]
    below = repeating_below(trees.source.find(now))
    outer = {contexts.source(each) for each in contexts.enclosing(path) if each.path != path}
    return tuple(each for each in (*found, *below) if each not in outer and each != now)


def repeating_below(place: Place | None, depth: int = 4) -> list[str]:
    """The repeating nodes inside a place, a few levels deep: what a loop may visit."""
    if place is None or depth == 0 or place.recursive:
        return []
    found: list[str] = []
    for child in place.flat_children():
        if child.repeats and not child.node.type.leaf:
            found.append(child.path)
        if not child.node.type.leaf and len(found) < 8:
            found += repeating_below(child, depth - 1)
    return found[:8]
