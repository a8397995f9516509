"""Alternatives of which a document holds one, where a map writes several of them and nothing says which."""

from __future__ import annotations

from collections.abc import Iterator

from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.context import Contexts, parsed
from studio.mapping.instances import node_of
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Tree
from studio.schema.model import Kind, Place
from studio.script import tree as script_tree

# So many rules are looked at in one go.
_SOME = 300
# Functions that may well give nothing.
_DECIDE = frozenset({"if", "case", "null"})


def exclusive(mapping: Mapping, target: Tree, contexts: Contexts) -> Iterator[tuple[str, str, str] | None]:
    """The alternatives that are written beside another without a condition: address, what is wrong, what mends it.

    None now and then, for a window that must not wait for a large map.
    """
    inside: dict[str, list[str]] = {}
    seen: set[str] = set()
    for number, rule in enumerate(mapping.rules):
        if number % _SOME == 0:
            yield None
        for path in (rule.path, *address.ancestors(rule.path)):
            if path in seen:
                break
            seen.add(path)
            up = address.parent(path)
            if up is not None:
                inside.setdefault(up, []).append(path)
    sure = _Sure(mapping, inside, contexts)
    for number, (up, paths) in enumerate(inside.items()):
        if number % _SOME == 0:
            yield None
        if len(paths) > 1:
            yield from _kinds(paths, target, sure)
            above = target.find(up)
            if above is not None and any(node.kind is Kind.CHOICE for node in above.node.type.children):
                yield from _choices(above, paths, sure)


def mixed(mapping: Mapping) -> Iterator[tuple[str, str, str]]:
    """The loops on a node without a number that has numbered instances too: address, what is wrong, what mends it."""
    numbered: dict[str, str] = {}
    for rule in _bracketed(mapping):
        for path in (rule.path, *address.ancestors(rule.path)):
            base, number = node_of(path)
            if number > 1:
                numbered.setdefault(base, path)
    for rule in mapping.rules if numbered else ():
        base, number = node_of(rule.path)
        if rule.loops and not number and base in numbered:
            names = {"name": _name(rule.path), "other": _name(numbered[base])}
            yield (
                rule.path,
                _(
                    "{name} has a loop and no number, and {other} stands beside it: what the loop gives comes first."
                ).format(**names),
                _("Give the loop the number 1 if that is meant, or move the others into it."),
            )


def too_many(mapping: Mapping, target: Tree) -> Iterator[tuple[str, str, str]]:
    """The numbered instances beyond those that the schema admits: address, what is wrong, what mends it."""
    numbered: dict[str, dict[str, None]] = {}
    for rule in _bracketed(mapping):
        for path in (rule.path, *address.ancestors(rule.path)):
            base, number = node_of(path)
            if number:
                numbered.setdefault(base, {})[path] = None
    for base, paths in numbered.items():
        place = target.find(base)
        most = place.node.occurs.max if place is not None else None
        if (
            most is None
            or most < 2
            or (place is not None and place.parent is not None and _repeated_choice(place))
        ):
            continue
        for path in sorted(paths, key=lambda each: node_of(each)[1])[most:]:
            yield (
                path,
                _("{name} is one too many: there may be at most {n}.").format(name=_name(path), n=most),
                _("Remove it, or move its rules to another instance."),
            )


def _bracketed(mapping: Mapping) -> Iterator[Rule]:
    """The rules on a way to which there may be a number."""
    return (rule for rule in mapping.rules if "[" in rule.path)


def _repeated_choice(place: Place) -> bool:
    """It stands in a choice that repeats, so that there may be more of it."""
    above = place.parent
    while above is not None and above.node.kind is Kind.CHOICE:
        if above.node.occurs.repeats:
            return True
        above = above.parent
    return False


def _kinds(paths: list[str], target: Tree, sure: _Sure) -> Iterator[tuple[str, str, str]]:
    """Several types or members for one node that occurs once."""
    picked: dict[str, list[str]] = {}
    for path in paths:
        if "~" in path.rpartition("/")[2] and not address.instance(path)[1]:
            picked.setdefault(node_of(path)[0], []).append(path)
    for base, found in picked.items():
        place = target.find(base)
        if place is not None and not place.repeats and len(found) > 1:
            yield from _told([[path] for path in found], sure)


def _choices(above: Place, paths: list[str], sure: _Sure) -> Iterator[tuple[str, str, str]]:
    by_node: dict[str, list[str]] = {}
    for path in paths:
        by_node.setdefault(node_of(path)[0], []).append(path)
    for place in above.children():
        if place.node.kind is Kind.CHOICE and not place.node.occurs.repeats:
            yield from _told(_alternatives(place, by_node), sure)


def _alternatives(choice: Place, by_node: dict[str, list[str]]) -> list[list[str]]:
    """The mapped addresses of each alternative; what several alternatives share decides nothing."""
    found: dict[str, list[str]] = {}
    for at, place in enumerate(choice.children()):
        numbers = place.node.facts.get("alternative", "").split() or [f"alone {at}"]
        if len(numbers) > 1:
            continue
        within = place.flat_children() if place.node.kind is Kind.CHOICE else (place,)
        for each in within:
            found.setdefault(numbers[0], []).extend(by_node.get(each.path, ()))
    return [paths for paths in found.values() if paths]


def _told(groups: list[list[str]], sure: _Sure) -> Iterator[tuple[str, str, str]]:
    certain = [group[0] for group in groups if any(map(sure.written, group))]
    for path in certain[1:]:
        names = {"one": _name(certain[0]), "other": _name(path)}
        yield (
            path,
            _("{one} and {other} exclude each other, and both are always written.").format(**names),
            _("Give each a condition that says when it is meant, or remove one of them."),
        )


def _name(path: str) -> str:
    return address.split(path)[-1]


class _Sure:
    """Whether a node is written whatever the record holds."""

    def __init__(self, mapping: Mapping, inside: dict[str, list[str]], contexts: Contexts) -> None:
        self._mapping = mapping
        self._inside = inside
        self._contexts = contexts

    def written(self, path: str) -> bool:
        """No condition, no loop, and a value that cannot be nothing, here or below."""
        rule = self._mapping.get(path)
        if rule is not None and (rule.when is not None or rule.loops):
            return False
        if rule is not None and rule.script is not None and self._gives(rule):
            return True
        return any(map(self.written, self._inside.get(path, ())))

    def _gives(self, rule: Rule) -> bool:
        script = parsed(rule.script or "")
        if script is None:
            return False
        for path in script_tree.paths(script):
            source = self._contexts.address(path, self._contexts.of(rule.path))
            place = self._contexts.source_tree.find(source) if source is not None else None
            if place is None or not self._always(place, self._contexts.of(rule.path)):
                return False
        calls = (each.name.lower() for each in script_tree.walk(script) if isinstance(each, script_tree.Call))
        return not _DECIDE.intersection(calls)

    def _always(self, place: Place, context: str) -> bool:
        """Every node down from the context must be there."""
        here: Place | None = place
        while here is not None and not address.within(context, here.path):
            if not here.required and here.node.kind is not Kind.CHOICE:
                return False
            here = here.parent
        return True
