"""The target tree of a plan: the map's rules put into schema order, each with its context."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Protocol

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.engine.plan import Expr, Join, Loop, Order, Target
from studio.engine.resolve import DOCUMENT, Frame, Frames, Resolver, base_of
from studio.engine.steering import node_name, steering_of, unknown_nodes
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Tree
from studio.schema.model import TEXT, Kind, Place
from studio.schema.path import Step, format_steps, parse_path


@dataclass
class _Wanted:
    """A target node under construction: its place, its rule, that of its own text, those below by step."""

    place: Place
    path: str
    rule: Rule | None = None
    text: Rule | None = None
    below: dict[str, _Wanted] = field(default_factory=dict)


class Joins(Protocol):
    """What resolves the joins of loops."""

    def joins(self, rule: Rule, outer: Frames, frame: Frame) -> tuple[tuple[Join, ...], Frame]:
        """The joins of a rule's loop and the frame with their rows."""


class TargetBuilder:
    """Builds the Target tree of one mapping; problems go to the resolver's list."""

    def __init__(
        self, mapping: Mapping, tree: Tree, resolver: Resolver, format: str, known: MappingOf[str, str],
        joining: Joins,
    ) -> None:  # fmt: skip
        self.mapping = mapping
        self.tree = tree
        self.resolver = resolver
        self.joining = joining
        self.format = format
        self._known = known
        self.prefixes = Prefixes({}, "", xml=False)
        self._steering = steering_of(mapping)

    def build(self) -> Target:
        """The virtual document whose only child is the root; `prefixes` then holds what to declare."""
        wanted = self._wanted()
        if wanted is None:
            return Target("", "", holds_text=False)
        if self._steering.named:
            self.resolver.problems += unknown_nodes(self._steering, frozenset(_paths(wanted)))
        root = wanted.place.node.namespace
        default = "" if root and _any_without_namespace(wanted) else root
        self.prefixes = Prefixes(self._known, default, xml=self.format == "xml")
        frames: Frames = (DOCUMENT,)
        return Target("", "", holds_text=False, children=(self._target(wanted, frames),))

    def _problem(self, path: str, message: str, mend: str, severity: Severity = Severity.ERROR) -> None:
        self.resolver.problems.append(Problem(severity, message, None, None, None, None, path, mend))

    def _wanted(self) -> _Wanted | None:
        if self.tree.root is None:
            return None
        top = _Wanted(self.tree.root, self.tree.root.path)
        for rule in self.mapping.rules:
            found = self._reach(top, rule)
            if found is None:
                self._problem(
                    rule.path,
                    _("The target schema has no node {path}.").format(path=rule.path),
                    _("Park the rule, or drag it to another node."),
                )
            else:
                self._put(found, rule)
        return top

    def _put(self, wanted: _Wanted, rule: Rule) -> None:
        """Give a node its rule, or the rule of its own text."""
        text = _is_text(rule)
        scripts = [
            each for each in (wanted.rule, wanted.text) if each is not None and each.script is not None
        ]
        if (wanted.text if text else wanted.rule) is not None or (rule.script is not None and scripts):
            self._problem(
                rule.path,
                _("{path} has two rules.").format(path=rule.path),
                _("Number the second one: name[2]."),
            )
        elif text and (rule.loops or rule.when is not None):
            self._problem(
                rule.path,
                _("{path} takes a value only, no loop and no condition.").format(path=rule.path),
                _("Give the loop or the condition to the element."),
            )
        elif text:
            wanted.text = rule
        else:
            wanted.rule = rule

    def _reach(self, top: _Wanted, rule: Rule) -> _Wanted | None:
        """The node of a rule's path, made with those above it; None where the schema has none."""
        try:
            steps = list(parse_path(rule.path))
        except BadInput:
            return None
        if steps and steps[0].document and not steps[0].name:
            steps.pop(0)
        if top.place.node.name:
            if not steps or steps[0].name != top.place.node.name:
                return None
            if steps.pop(0).index not in (None, 1):
                return None
        if _is_text(rule):
            if self.tree.find(rule.path) is None:
                return None
            steps.pop()
        here = top
        for step in steps:
            shown, key = _names_of(step)
            path = f"{here.path}/{shown}"
            if key not in here.below:
                place = self.tree.find(path)
                if place is None or place.node.kind is Kind.ANY:
                    return None
                here.below[key] = _Wanted(place, path)
            elif step.index and "[" not in here.below[key].path[len(here.path) :]:
                here.below[key].path = path
            here = here.below[key]
        return here

    def _target(self, wanted: _Wanted, outer: Frames) -> Target:
        place, rule = wanted.place, wanted.rule or Rule(wanted.path)
        node = place.node
        loop, frames = self._loop(rule, place, outer)
        above = sorted(wanted.below.values(), key=lambda each: self._position(each))
        children = tuple(self._target(each, frames) for each in above)
        children = self._with_fixed(place, children, wanted)
        value = node.value
        return Target(
            path=wanted.path,
            tag=self.prefixes.tag(node.namespace, node.name, node.attribute),
            attribute=node.attribute,
            field=node.kind is Kind.FIELD,
            entry=self.format in ("json", "lines") and is_entry(place),
            required=place.required,
            repeats=place.repeats,
            nillable=node.nillable,
            mixed=node.type.mixed,
            value=value if value and base_of(value) is value.base else TEXT,
            holds_text=value is not None or node.type.mixed,
            loose=self.format == "delimited" and value is not None and value.format is not None,
            xsi_type=self._xsi_type(wanted),
            when=self._expr(rule.when, frames, rule) if loop is None else None,
            script=self._script(wanted.text or rule, place, frames),
            loop=loop,
            children=children,
        )

    def _position(self, wanted: _Wanted) -> tuple[bool, object]:
        return not wanted.place.node.attribute, self.tree.order(wanted.path)

    def _expr(self, text: str | None, frames: Frames, rule: Rule) -> Expr | None:
        return self.resolver.expr(text, frames, rule.path) if text is not None else None

    def _script(self, rule: Rule, place: Place, frames: Frames) -> Expr | None:
        if rule.script is None:
            return None
        node = place.node
        if node.value is None and not node.type.mixed:
            self._problem(
                rule.path,
                _("{path} holds other nodes and cannot take a value.").format(path=rule.path),
                _("Map the nodes inside it."),
            )
            return None
        found = self._expr(rule.script, frames, rule)
        read = found.carried if found else None
        if read is not None and read.array and not place.repeats:
            self._problem(
                rule.path,
                _("{source} gives several values, and {path} takes one: every record will fail.").format(
                    source=read.address, path=rule.path
                ),
                _("Loop on the repeating node, or join the values with a function such as Sum or Max."),
                Severity.WARNING,
            )
        return found

    def _loop(self, rule: Rule, place: Place, outer: Frames) -> tuple[Loop | None, Frames]:
        steers, name = self._steering.steers, node_name(rule.path)
        given = "" if rule.loops or not steers("setinstances", rule.path, name) else name
        if not rule.loops and not given:
            return None, outer
        if not place.repeats and rule.first != 1 and rule.last != 1:
            self._problem(
                rule.path,
                _("{path} may occur once, but its loop can give several.").format(path=rule.path),
                _("Loop on a node above it, or keep the first one only."),
                Severity.WARNING,
            )
        chain, source, wrong, origin = outer[-1].chain, None, None, outer[-1].origin
        outside = outer[-1].outside or len(outer) == 1
        if rule.loop is not None:
            found = self.resolver.loop_source(rule.loop, outer, rule.path)
            if isinstance(found, Problem):
                wrong, outside = found, False
            else:
                source, chain = found
                outside, origin = source.outside, source.origin
        lost = wrong is not None or outer[-1].lost
        frame = Frame(
            chain,
            loop=rule.loop is not None,
            outside=outside,
            lost=lost,
            origin=origin,
            joins=outer[source.level].joins if source is not None and source.members else (),
        )
        joins, frame = self._joins(rule, outer, frame)
        candidate = (*outer, frame)
        inner = (*outer, replace(frame, grouped=rule.group is not None))
        by = rule.group.by if rule.group else ()
        return Loop(
            level=len(outer),
            source=source,
            each=self._expr(rule.each, outer, rule) if rule.loop is None else None,
            when=self._expr(rule.when, candidate, rule),
            group=tuple(self.resolver.expr(text, candidate, rule.path) for text in by) or None,
            adjacent=rule.group.adjacent if rule.group else False,
            sort=tuple(
                Order(self.resolver.expr(key.by, inner, rule.path), key.descending) for key in rule.sort
            ),
            first=rule.first,
            last=rule.last,
            wrong=wrong,
            given=given,
            ordered=name if source is not None and steers("sortinstances", rule.path, name) else "",
            counted=self._steering.counts,
            joins=joins,
        ), inner

    def _joins(self, rule: Rule, outer: Frames, frame: Frame) -> tuple[tuple[Join, ...], Frame]:
        if not rule.join:
            return (), frame
        if rule.loop is None:
            self._problem(
                rule.path,
                _("A loop over an array cannot join rows."),
                _("Loop over a source node, or remove the join."),
            )
            return (), frame
        return self.joining.joins(rule, outer, frame)

    def _with_fixed(self, place: Place, children: tuple[Target, ...], wanted: _Wanted) -> tuple[Target, ...]:
        """Add what the schema fixes and demands, so that nobody need map it."""
        if not wanted.below or self.format != "xml":
            return children
        mapped = {each.place.node for each in wanted.below.values()}
        added = [
            Target(
                path=f"{wanted.path}/{format_steps((Step(each.node.name, each.node.attribute),))}",
                tag=self.prefixes.tag(each.node.namespace, each.node.name, each.node.attribute),
                attribute=each.node.attribute,
                required=True,
                value=each.node.value or TEXT,
                fixed=each.node.fixed,
            )
            for each in place.flat_children()
            if each.required and each.node.fixed is not None and each.node not in mapped
        ]
        if not added:
            return children
        order = self.tree.order
        return tuple(sorted((*children, *added), key=lambda each: (not each.attribute, order(each.path))))

    def _xsi_type(self, wanted: _Wanted) -> str | None:
        steps = parse_path(wanted.path)
        picked = steps[-1].type if steps else None
        node = wanted.place.node
        if picked is None or node.name != steps[-1].name or self.format != "xml":
            return None
        return self.prefixes.tag(node.type.namespace, node.type.name, attribute=False)


def _paths(wanted: _Wanted) -> Iterator[str]:
    """The target paths of a node and all below."""
    yield wanted.path
    for each in wanted.below.values():
        yield from _paths(each)


@lru_cache(maxsize=20_000)
def _names_of(step: Step) -> tuple[str, str]:
    """The step as written, and with its number even where it is the first."""
    return str(step), str(replace(step, index=step.index or 1))


def _is_text(rule: Rule) -> bool:
    """It is the rule of an element's own text."""
    return rule.path.endswith("/text()")


def is_entry(place: Place) -> bool:
    """In a JSON schema: the node stands for the entries of an array, its parent (or the document)."""
    node = place.node
    return node.name == "item" and node.kind is Kind.ELEMENT and place.repeats


def _any_without_namespace(wanted: _Wanted) -> bool:
    node = wanted.place.node
    if node.kind is Kind.ELEMENT and not node.namespace:
        return True
    return any(_any_without_namespace(each) for each in wanted.below.values())


class Prefixes:
    """Names as written in the output; `default` is the namespace written without a prefix."""

    def __init__(self, known: MappingOf[str, str], default: str, *, xml: bool) -> None:
        self._xml = xml
        self._known = {address: prefix for prefix, address in known.items() if prefix}
        self._by_address: dict[str, str] = {"http://www.w3.org/XML/1998/namespace": "xml"}
        self._default = default if xml else ""
        self.declared: dict[str, str] = {"": default} if self._default else {}

    def tag(self, address: str, name: str, attribute: bool) -> str:
        """The name with its prefix, which is declared from now on."""
        if not self._xml or not address or (address == self._default and not attribute):
            return name
        prefix = self._by_address.get(address)
        if prefix is None:
            prefix = self._free(self._known.get(address, "ns"))
            self._by_address[address] = prefix
            self.declared[prefix] = address
        return f"{prefix}:{name}"

    def _free(self, wanted: str) -> str:
        prefix, number = wanted, 1
        while prefix in self.declared or prefix in ("xml", "xmlns", "xsi"):
            number += 1
            prefix = f"{wanted}{number}"
        return prefix
