"""The target tree of a plan: the map's rules put into schema order, each with its context."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import replace
from typing import Protocol

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.engine.forms import Form, form_of
from studio.engine.nested import FORMATS
from studio.engine.plan import Expr, Join, Loop, Order, Target
from studio.engine.prefixes import Prefixes
from studio.engine.resolve import (
    DOCUMENT,
    Frame,
    Frames,
    Resolver,
    Use,
    base_of,
    frame_key,
    in_further,
    is_entry,
)
from studio.engine.shapes import Shapes
from studio.engine.steering import Steering, node_name, steering_of, unknown_nodes
from studio.engine.wanted import (
    Anew,
    Made,
    Wanted,
    any_without_namespace,
    check_numbers,
    difference,
    is_text,
    names_of,
    namespaces,
    paths,
    put,
)
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Tree
from studio.schema.model import TEXT, Kind, Place
from studio.schema.path import Step, format_steps, parse_path


class Joins(Protocol):
    """What resolves the joins of loops."""

    def joins(self, rule: Rule, outer: Frames, frame: Frame) -> tuple[tuple[Join, ...], Frame]:
        """The joins of a rule's loop and the frame with their rows."""


class TargetBuilder:
    """Builds the Target tree of a mapping, and builds it again after edits: nodes that no edit has touched are kept.

    `problems` are those of the last build; `leads` its uses that tell how the input is read, `shapes` all of them.
    """

    def __init__(
        self, tree: Tree, resolver: Resolver, format: str, source_format: str, known: MappingOf[str, str],
        joining: Joins,
    ) -> None:  # fmt: skip
        self.tree = tree
        self.resolver = resolver
        self.joining = joining
        self.format = format
        self._known = known
        self._source_format = source_format
        self.prefixes = Prefixes({}, "", xml=False)
        self.problems: tuple[Problem, ...] = ()
        self.leads: tuple[Use, ...] = ()
        self.shapes = Shapes(source_format)
        self._begin()

    def _begin(self) -> None:
        self._top = Wanted(self.tree.root, self.tree.root.path) if self.tree.root is not None else None
        self._rules: tuple[Rule, ...] = ()
        self._lost: dict[str, Problem] = {}
        self._twice: list[Problem] = []
        self._steering = Steering()
        self._namespaces: frozenset[str] = frozenset()
        self._structure = True
        self.shapes = Shapes(self._source_format)

    def build(self, mapping: Mapping) -> Target:
        """The virtual document whose only child is the root; `prefixes` then holds what to declare."""
        if self._top is None:
            self.problems, self.leads = (), ()
            return Target("", "", holds_text=False)
        try:
            self._edit(mapping.rules)
        except Anew:
            self._begin()
            self._steering = steering_of(mapping.rules)
            self._edit(mapping.rules, anew=True)
        except BaseException:
            self._begin()
            raise
        return self._built()

    def _built(self) -> Target:
        assert self._top is not None
        made = self._made(self._top, (DOCUMENT,), ())
        lost = {rule.path: None for rule in self._rules if rule.path in self._lost} if self._lost else {}
        problems = [*(self._lost[path] for path in lost), *self._twice]
        if self._steering.named:
            problems += unknown_nodes(self._steering, frozenset(paths(self._top)))
        self.problems = (*problems, *made.problems)
        self.leads = made.leads
        return Target("", "", holds_text=False, children=(made.target,))

    def uses(self) -> Iterator[Use]:
        """Every use of the last build."""
        waiting = [self._top] if self._top is not None else []
        while waiting:
            here = waiting.pop()
            yield from here.uses
            waiting.extend(here.below.values())

    def _problem(self, path: str, message: str, mend: str, severity: Severity = Severity.ERROR) -> Problem:
        found = Problem(severity, message, None, None, None, None, path, mend)
        self.resolver.problems.append(found)
        return found

    def _edit(self, rules: tuple[Rule, ...], *, anew: bool = False) -> None:
        """Bring the wanted nodes from the rules of the last build to these; raises Anew where that is not all."""
        before, self._rules = self._rules, rules
        gone, come = difference(before, rules)
        if not anew:
            if not before or self._steering != Steering() or self._twice or steering_of(come) != Steering():
                raise Anew
            check_numbers(gone, come)
        left = [self._take_out(rule) for rule in gone]
        for rule in come:
            self._put_in(rule, anew)
        for wanted in left:
            if wanted is not None:
                self._prune(wanted)
        if self._structure:
            self._structure = False
            self._name(anew)

    def _take_out(self, rule: Rule) -> Wanted | None:
        """Forget a rule; the node that may now be without any."""
        if self._lost.pop(rule.path, None) is not None:
            return None
        wanted = self._reach(rule)
        if wanted is None:
            raise Anew
        if is_text(rule):
            wanted.text = None
        else:
            wanted.rule = None
        wanted.changed()
        return wanted

    def _prune(self, wanted: Wanted) -> None:
        """Forget a node, and those above it, that no rule reaches any more."""
        while wanted.above is not None and not (wanted.rule or wanted.text or wanted.below):
            if wanted.above.below.get(wanted.key) is not wanted:
                return  # forgotten already
            for use in wanted.uses:
                self._forget(use)
            del wanted.above.below[wanted.key]
            wanted.above.sorted, self._structure = None, True
            wanted = wanted.above

    def _put_in(self, rule: Rule, anew: bool) -> None:
        found = self._reach(rule)
        if found is None:
            if rule.path in self._lost and not anew:
                raise Anew
            message = _("The target schema has no node {path}.").format(path=rule.path)
            mend = _("Park the rule, or drag it to another node.")
            wrong = Problem(Severity.ERROR, message, None, None, None, None, rule.path, mend)
            if rule.path in self._lost:
                self._twice.append(wrong)
            self._lost[rule.path] = wrong
            return
        found.changed()
        twice = put(found, rule)
        if twice is not None and not anew:
            raise Anew
        if twice is not None:
            self._twice.append(twice)

    def _name(self, anew: bool) -> None:
        """Find the prefixes of the namespaces in use; what was named otherwise before is made anew."""
        assert self._top is not None
        root = self._top.place.node.namespace
        default = "" if root and any_without_namespace(self._top) else root
        found = frozenset((default, *namespaces(self._top))) if self.format == "xml" else frozenset("")
        if anew:
            self._namespaces = found
            self.prefixes = Prefixes(self._known, default, xml=self.format == "xml")
        elif found != self._namespaces or len(found - set(self._known.values())) > 2:
            raise Anew

    def _reach(self, rule: Rule) -> Wanted | None:
        """The node of a rule's path, made with those above it; None where the schema has none."""
        assert self._top is not None
        try:
            steps = list(parse_path(rule.path))
        except BadInput:
            return None
        if steps and steps[0].document and not steps[0].name:
            steps.pop(0)
        if self._top.place.node.name:
            if not steps or steps[0].name != self._top.place.node.name:
                return None
            if steps.pop(0).index not in (None, 1):
                return None
        if is_text(rule):
            if self.tree.find(rule.path) is None:
                return None
            steps.pop()
        here = self._top
        for step in steps:
            shown, key = names_of(step)
            path = f"{here.path}/{shown}"
            if key not in here.below:
                place = self.tree.find(path) if step.index else self.tree.below(here.place, step)
                if place is None or place.node.kind is Kind.ANY:
                    self._prune(here)
                    return None
                here.below[key] = Wanted(place, path, here, key)
                here.sorted, self._structure = None, True
            elif step.index and "[" not in here.below[key].path[len(here.path) :]:
                here.below[key].path = path
            here = here.below[key]
        return here

    def _made(self, wanted: Wanted, outer: Frames, frames_key: tuple[Hashable, ...]) -> Made:
        """The node in its frames: as it was where nothing has changed, with all below it."""
        if wanted.made is None or wanted.made.frames != frames_key:
            wanted.made = self._make(wanted, outer, frames_key)
        return wanted.made

    def _make(self, wanted: Wanted, outer: Frames, frames_key: tuple[Hashable, ...]) -> Made:
        place, rule = wanted.place, wanted.rule or Rule(wanted.path)
        node, resolver = place.node, self.resolver
        resolver.problems, resolver.uses = [], []
        loop, frames = self._loop(rule, place, outer)
        when = self._expr(rule.when, frames, rule) if loop is None else None
        script = self._script(wanted.text or rule, place, frames)
        problems, uses = resolver.problems, tuple(resolver.uses)
        key = frames_key if frames is outer else (*frames_key, frame_key(frames[-1]))
        below = [self._made(each, frames, key) for each in self._sorted(wanted)]
        children = self._with_fixed(place, tuple(each.target for each in below), wanted)
        value = node.value
        target = Target(
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
            loose=self.format in ("delimited", "records") and value is not None and value.format is not None,
            xsi_type=self._xsi_type(wanted),
            form=self._form(place),
            when=when,
            script=script,
            loop=loop,
            children=children,
        )
        self._count(wanted, uses)
        leads = [use for use in uses if use.loop or use.read.outside or use.read.origin is not None]
        for each in below:
            problems += each.problems
            leads += each.leads
        return Made(frames_key, target, tuple(problems), uses, tuple(leads))

    def _form(self, place: Place) -> Form | None:
        """A record or a field of it, where the format needs to know more of it than its type."""
        wanted = self.format in FORMATS and place.node.kind in (Kind.SEGMENT, Kind.FIELD)
        # The Avro writer goes by the declaration, in which a record may hold itself.
        return form_of(place.node, alone=self.format == "avro") if wanted and place.node.name else None

    def _count(self, wanted: Wanted, uses: tuple[Use, ...]) -> None:
        """Keep the shape of what is read up to date."""
        for use in wanted.uses:
            self._forget(use)
        for use in uses:
            if not in_further(use.places):
                self.shapes.add(use)
        wanted.uses = uses

    def _forget(self, use: Use) -> None:
        if not in_further(use.places):
            self.shapes.remove(use)

    def _sorted(self, wanted: Wanted) -> list[Wanted]:
        if wanted.sorted is None:
            wanted.sorted = sorted(wanted.below.values(), key=self._position)
        return wanted.sorted

    def _position(self, wanted: Wanted) -> tuple[bool, object]:
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
        if not rule.loops and not self._steering.named:
            return None, outer
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

    def _with_fixed(self, place: Place, children: tuple[Target, ...], wanted: Wanted) -> tuple[Target, ...]:
        """Add what the schema fixes and demands, so that nobody need map it."""
        if not wanted.below or self.format != "xml":
            return children
        if wanted.fixed is None:
            wanted.fixed = [
                each for each in place.flat_children() if each.required and each.node.fixed is not None
            ]
        if not wanted.fixed:
            return children
        mapped = {id(each.place.node) for each in wanted.below.values()}
        added = [
            Target(
                path=f"{wanted.path}/{format_steps((Step(each.node.name, each.node.attribute),))}",
                tag=self.prefixes.tag(each.node.namespace, each.node.name, each.node.attribute),
                attribute=each.node.attribute,
                required=True,
                value=each.node.value or TEXT,
                fixed=each.node.fixed,
            )
            for each in wanted.fixed
            if id(each.node) not in mapped
        ]
        if not added:
            return children
        order = self.tree.order
        return tuple(sorted((*children, *added), key=lambda each: (not each.attribute, order(each.path))))

    def _xsi_type(self, wanted: Wanted) -> str | None:
        steps = parse_path(wanted.path)
        picked = steps[-1].type if steps else None
        node = wanted.place.node
        if picked is None or node.name != steps[-1].name or self.format != "xml":
            return None
        return self.prefixes.tag(node.type.namespace, node.type.name, attribute=False)
