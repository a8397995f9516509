"""Edits of a mapping: each function takes a mapping and gives a new one, its rules in schema order.

Where an edit gives a node another context (a loop set, moved or removed), the scripts below are rewritten so that
every path still leads where it led.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from studio.mapping import address
from studio.mapping.context import Contexts, rebased, rebased_path, relative
from studio.mapping.model import Group, Mapping, Rule, Sort
from studio.mapping.tree import Tree, Trees


def put(mapping: Mapping, rule: Rule, target: Tree) -> Mapping:
    """The mapping with this rule at its path; an empty rule takes the one there away."""
    before = mapping.get(rule.path)
    if before is None or rule.empty:
        return put_all(mapping, (rule,), target)
    if before == rule:
        return mapping
    at = mapping.rules.index(before)
    return replace(mapping, rules=(*mapping.rules[:at], rule, *mapping.rules[at + 1 :]))


def put_all(mapping: Mapping, rules: Iterable[Rule], target: Tree) -> Mapping:
    """`put` of several rules."""
    kept = dict(mapping.by_path)
    for rule in rules:
        if rule.empty:
            kept.pop(rule.path, None)
        else:
            kept[rule.path] = rule
    return with_rules(mapping, kept.values(), target)


def with_rules(mapping: Mapping, rules: Iterable[Rule], target: Tree) -> Mapping:
    """The mapping with these rules, put in schema order; itself when nothing differs."""
    ordered = tuple(sorted(rules, key=lambda rule: target.order(rule.path)))
    return mapping if ordered == mapping.rules else replace(mapping, rules=ordered)


def set_script(mapping: Mapping, path: str, script: str | None, target: Tree) -> Mapping:
    """Give a node this script; None or blank takes its value away and keeps loop and condition."""
    rule = mapping.get(path) or Rule(path)
    return put(mapping, replace(rule, script=script if script and script.strip() else None), target)


def set_when(mapping: Mapping, path: str, when: str | None, target: Tree) -> Mapping:
    """Give a node this condition; None or blank takes it away."""
    rule = mapping.get(path) or Rule(path)
    return put(mapping, replace(rule, when=when if when and when.strip() else None), target)


def set_note(mapping: Mapping, path: str, note: str, target: Tree) -> Mapping:
    """Give a rule a note for its readers."""
    return put(mapping, replace(mapping.get(path) or Rule(path), note=note.strip()), target)


def set_loop(mapping: Mapping, path: str, source: str | None, trees: Trees) -> Mapping:
    """Repeat a target node per instance of the source address `source`; None takes the loop away.

    A condition written for the old loop stays. Without a loop its sorting, grouping and limits go.
    """
    contexts = Contexts(mapping, trees.source)
    rule = mapping.get(path) or Rule(path)
    if source is None:
        changed = replace(
            rule, loop=None, each=None, sort=(), group=None, first=None, last=None, join={}
        )  # fmt: skip
    else:
        changed = replace(rule, loop=relative(source, contexts.outer(path)), each=None)
    return _recontexted(
        mapping, changed, contexts, trees.target, {path: source} if source is not None else {}
    )


def set_loop_text(mapping: Mapping, path: str, loop: str | None, trees: Trees) -> Mapping:
    """Give a node this loop as written (filters allowed), keeping what the scripts below lead to."""
    if loop is None or not loop.strip():
        return set_loop(mapping, path, None, trees)
    contexts = Contexts(mapping, trees.source)
    changed = replace(mapping.get(path) or Rule(path), loop=loop.strip(), each=None)
    return _recontexted(mapping, changed, contexts, trees.target, {})


def remove(mapping: Mapping, paths: Iterable[str], target: Tree) -> Mapping:
    """Take away the rules at these nodes and all below them; instances after a removed one move up."""
    gone = set(paths)
    rules = [
        rule
        for rule in mapping.rules
        if rule.path not in gone and gone.isdisjoint(address.ancestors(rule.path))
    ]
    result = with_rules(mapping, rules, target)
    for path in sorted(gone, key=target.order, reverse=True):
        base, number = address.instance(path)
        if number:
            result = _close_gap(result, base, number, target)
    return result


def unmap(mapping: Mapping, paths: Iterable[str], trees: Trees) -> Mapping:
    """Take away the rules at these nodes only; what stood below a loop keeps leading where it led."""
    for path in paths:
        rule = mapping.get(path)
        if rule is None:
            continue
        if rule.loops:
            mapping = set_loop(mapping, path, None, trees)
        mapping = put(mapping, Rule(path), trees.target)
    return mapping


def duplicate(mapping: Mapping, path: str, target: Tree) -> Mapping:
    """One more instance of a node, its rules copied, behind the last one; the first becomes number 1."""
    base, number = address.instance(path)
    taken = instances(mapping, base)
    if not number:
        mapping = _renamed(mapping, base, f"{base}[1]", target)
        number = 1
    new = max((*taken, number)) + 1
    source, goal = f"{base}[{number}]", f"{base}[{new}]"
    copies = [
        replace(rule, path=address.moved(rule.path, source, goal))
        for rule in mapping.rules
        if address.within(rule.path, source)
    ]
    return put_all(mapping, copies, target)


def reorder(mapping: Mapping, path: str, to: int, target: Tree) -> Mapping:
    """Give an instance of a repeated node the place of instance `to`; those between move by one."""
    base, number = address.instance(path)
    taken = list(instances(mapping, base))
    if number not in taken or to not in taken or number == to:
        return mapping
    moved = [each for each in taken if each != number]
    moved.insert(taken.index(to), number)
    places = {old: new for new, old in zip(taken, moved, strict=True) if old != new}
    lead = base + "["
    rules = []
    for rule in mapping.rules:
        old, bracket, rest = rule.path.removeprefix(lead).partition("]")
        if rule.path.startswith(lead) and bracket and old.isdigit() and int(old) in places:
            rule = replace(rule, path=f"{lead}{places[int(old)]}]{rest}")
        rules.append(rule)
    return with_rules(mapping, rules, target)


def instances(mapping: Mapping, base: str) -> tuple[int, ...]:
    """The instance numbers the rules give to the node at `base`, in order; empty where it has only one."""
    lead = base + "["
    found = set()
    for rule in mapping.rules:
        if rule.path.startswith(lead):
            number, bracket, _rest = rule.path[len(lead) :].partition("]")
            if bracket and number.isdigit():
                found.add(int(number))
    return tuple(sorted(found))


def copy_rules(mapping: Mapping, old: str, new: str, trees: Trees) -> Mapping:
    """Give another node the rules of a node and of all below it; the copies read what the originals read."""
    moved = move_rules(mapping, old, new, trees)
    return put_all(moved, [rule for rule in mapping.rules if address.within(rule.path, old)], trees.target)


def move_rules(mapping: Mapping, old: str, new: str, trees: Trees) -> Mapping:
    """Move the rules at a node and below it to another node; their paths still lead where they led."""
    moving = {rule.path: rule for rule in mapping.rules if address.within(rule.path, old)}
    before = Contexts(mapping, trees.source)
    sources = before.known_sources()
    stay = [rule for rule in mapping.rules if rule.path not in moving]
    goals = {address.moved(path, old, new): rule for path, rule in moving.items()}
    kept = [rule for rule in stay if rule.path not in goals]
    renamed = with_rules(mapping, [*kept, *(replace(r, path=p) for p, r in goals.items())], trees.target)
    known = {address.moved(path, old, new): source for path, source in sources.items()}
    after = Contexts(renamed, trees.source, known)
    fixed = [
        rebased_rule(replace(rule, path=path), Shift(before.outer(rule.path), after.outer(path)),
                      Shift(before.of(rule.path), after.of(path)))
        for path, rule in goals.items()
    ]  # fmt: skip
    return put_all(renamed, fixed, trees.target)


class Shift:
    """A context before and after an edit."""

    def __init__(self, old: str, new: str) -> None:
        self.old = old
        self.new = new

    def script(self, text: str) -> str:
        """The text after the edit."""
        return rebased(text, self.old, self.new)

    def optional(self, text: str | None) -> str | None:
        """The same, where there is one."""
        return None if text is None else self.script(text)


def _recontexted(
    mapping: Mapping, changed: Rule, before: Contexts, target: Tree, given: dict[str, str]
) -> Mapping:
    """Put a rule whose loop changed, and rewrite everything below that now starts elsewhere."""
    known = {path: source for path, source in before.known_sources().items() if path != changed.path}
    result = put(mapping, changed, target)
    after = Contexts(result, before.source_tree, known | given)
    fixed = []
    for rule in result.rules:
        if not address.within(rule.path, changed.path):
            continue
        inner = Shift(before.of(rule.path), after.of(rule.path))
        # The loop of the changed rule is new: only those below it are rewritten.
        outer = inner if rule.path == changed.path else Shift(before.outer(rule.path), after.outer(rule.path))
        fixed.append(rebased_rule(rule, outer if rule.path != changed.path else None, inner))
    return put_all(result, fixed, target)


def rebased_rule(rule: Rule, outer: Shift | None, inner: Shift) -> Rule:
    """A rule whose scripts, and whose loop, start elsewhere: every path leads where it led."""
    if outer is not None and rule.loop is not None:
        rule = replace(rule, loop=rebased_path(rule.loop, outer.old, outer.new))
    if inner.old == inner.new:
        return rule
    return replace(
        rule,
        script=inner.optional(rule.script),
        when=inner.optional(rule.when),
        each=inner.optional(rule.each),
        sort=tuple(Sort(inner.script(key.by), key.descending) for key in rule.sort),
        group=_rebased_group(rule.group, inner.script),
        join={
            name: replace(join, match={field: inner.script(by) for field, by in join.match.items()})
            for name, join in rule.join.items()
        },
    )


def _rebased_group(group: Group | None, script: Callable[[str], str]) -> Group | None:
    return None if group is None else replace(group, by=tuple(script(by) for by in group.by))


def _renamed(mapping: Mapping, old: str, new: str, target: Tree) -> Mapping:
    rules = [replace(rule, path=address.moved(rule.path, old, new)) for rule in mapping.rules]
    return with_rules(mapping, rules, target)


def _close_gap(mapping: Mapping, base: str, number: int, target: Tree) -> Mapping:
    left = instances(mapping, base)
    if number in left:
        return mapping
    for later in (each for each in left if each > number):
        mapping = _renamed(mapping, f"{base}[{later}]", f"{base}[{later - 1}]", target)
    if len(left) == 1 and not any(rule.path == base for rule in mapping.rules):
        mapping = _renamed(mapping, f"{base}[1]", base, target)
    return mapping
