"""Rules taken from one place to another, also to another map: a fragment stands by itself, its paths start at the document."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.mapping import address
from studio.mapping.context import Contexts, absolute, parsed, reference
from studio.mapping.edits import Shift, put_all, rebased_rule, with_rules
from studio.mapping.model import Mapping, Rule
from studio.mapping.text import rules_from_text, rules_text
from studio.mapping.tree import Tree, Trees
from studio.script import tree as script_tree


@dataclass(frozen=True)
class Pasted:
    """A map with a fragment in it: `paths` are where its rules went, `lost` those for which there is no node."""

    mapping: Mapping
    paths: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def copy(mapping: Mapping, tops: Sequence[str], source: Tree) -> Mapping:
    """The rules at these nodes and below them, readable without those around them."""
    rules = [rule for rule in mapping.rules if any(address.within(rule.path, top) for top in tops)]
    before = Contexts(mapping, source)
    known = before.known_sources()
    inside = {rule.path: known[rule.path] for rule in rules if rule.loops}
    after = Contexts(Mapping(tuple(rules)), source, inside)
    return Mapping(tuple(_shifted(rule, rule.path, before, after) for rule in rules))


def tops_of(fragment: Mapping) -> tuple[str, ...]:
    """The paths of a fragment that stand below no other."""
    paths = [rule.path for rule in fragment.rules]
    return tuple(p for p in paths if not any(other != p and address.within(p, other) for other in paths))


def as_text(fragment: Mapping) -> str:
    """A fragment as the text of a map's file, for the clipboard."""
    return rules_text(fragment.rules)


def from_text(text: str) -> Mapping:
    """The fragment of such a text; raises BadInput with the line."""
    return Mapping(rules_from_text(text))


def paste(mapping: Mapping, fragment: Mapping, places: MappingOf[str, str], trees: Trees) -> Pasted:
    """Put the rules of a fragment on other nodes: `places` are the target paths by the fragment's tops.

    What stood there is replaced. Paths lead where they led; where this source has no such node but the loop around has
    one of the same name, they lead there.
    """
    goals: dict[str, Rule] = {}
    lost: list[str] = []
    for rule in fragment.rules:
        top = next((top for top in places if address.within(rule.path, top)), None)
        goal = address.moved(rule.path, top, places[top]) if top is not None else rule.path
        if top is None or trees.target.find(goal) is None:
            lost.append(rule.path)
        else:
            goals[goal] = rule
    before = Contexts(fragment, trees.source)
    sources = {goal: before.source(rule) for goal, rule in goals.items() if rule.loops}
    kept = [rule for rule in mapping.rules if rule.path not in goals]
    renamed = with_rules(
        mapping, [*kept, *(replace(rule, path=path) for path, rule in goals.items())], trees.target
    )
    after = Contexts(renamed, trees.source, Contexts(mapping, trees.source).known_sources() | sources)
    fixed = []
    for path, rule in goals.items():
        fitted = _fitted(rule, before, after.of(path), after.outer(path), trees.source)
        fixed.append(_shifted(replace(fitted, path=path), rule.path, before, after))
    return Pasted(put_all(renamed, fixed, trees.target), tuple(goals), tuple(lost))


def places_for(fragment: Mapping, goals: Sequence[str], trees: Trees) -> dict[str, str]:
    """Where the tops of a fragment go: in order onto several goals; one onto one; several into the node that has them."""
    tops = tops_of(fragment)
    if len(goals) == 1 and len(tops) > 1:
        into = {top: f"{goals[0]}/{_last(top)}" for top in tops}
        found = {top: path for top, path in into.items() if trees.target.find(path) is not None}
        if found:
            return found
        beside = address.parent(goals[0])
        into = {top: f"{beside}/{_last(top)}" for top in tops} if beside else {}
        return {top: path for top, path in into.items() if trees.target.find(path) is not None}
    return dict(zip(tops, goals, strict=False))


def _last(path: str) -> str:
    return address.split(path)[-1]


def _shifted(rule: Rule, old: str, before: Contexts, after: Contexts) -> Rule:
    outer = Shift(before.outer(old), after.outer(rule.path))
    return rebased_rule(rule, outer, Shift(before.of(old), after.of(rule.path)))


def _fitted(rule: Rule, before: Contexts, inner: str, outer: str, source: Tree) -> Rule:
    """The rule with paths that lead nowhere here leading to the same name in the loop around, as far as there is one."""
    context = before.of(rule.path)

    def fit(text: str | None) -> str | None:
        return None if text is None else _led_home(text, context, inner, source)

    loop = rule.loop
    if loop is not None:
        moved = _led_home(f"[{loop}]", before.outer(rule.path), outer, source)
        loop = moved[1:-1]
    return replace(rule, loop=loop, script=fit(rule.script), when=fit(rule.when), each=fit(rule.each))


def _led_home(text: str, context: str, home: str, source: Tree) -> str:
    found = parsed(text)
    if found is None or not home:
        return text
    for path in reversed(script_tree.paths(found)):
        if any(step.call or not step.plain for step in path.steps):
            continue
        leads = absolute(path, context, source.lead)
        if leads is None or source.find(leads) is not None:
            continue
        steps = address.split(leads)
        ways = (address.join("", (*address.split(home), *steps[at:])) for at in range(len(steps)))
        near = next((way for way in ways if source.find(source.lead + way) is not None), None)
        if near is not None:
            text = f"{text[: path.start]}{reference(near, context)}{text[path.end :]}"
    return text


def without(mapping: Mapping, tops: Sequence[str], target: Tree) -> Mapping:
    """The map without the rules at these nodes and below them: they are being moved."""
    rules = [rule for rule in mapping.rules if not any(address.within(rule.path, top) for top in tops)]
    return with_rules(mapping, rules, target)
