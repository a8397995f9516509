"""What a script's paths mean in their context: names looked up in the source schema, once, into Reads."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import field
from functools import lru_cache
from weakref import WeakKeyDictionary

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.engine.calls import wrong_calls
from studio.engine.plan import Expr, Hop, Read
from studio.mapping.tree import Tree
from studio.schema.model import Base, Kind, Node, Place, Type, ValueType
from studio.schema.path import Step, document_of
from studio.script import tree
from studio.script.functions.registry import find
from studio.script.parse import parse, parse_path


@dataclass(frozen=True)
class Frame:
    """A context at compile time: the places from the root down to its node (none for the document).

    `loop` is false for a filter's candidate, `grouped` says that members() may be asked for, `outside` that its node
    is not in the record at hand (see Read.origin too), `lost` that the loop's path leads nowhere: what is read from there is not known, and
    no problem of its own. `joins` are the names of its loop's joins, with
    the places down to their rows.
    """

    chain: tuple[Place, ...] = ()
    loop: bool = True
    grouped: bool = False
    outside: bool = False
    lost: bool = False
    origin: tuple[str, ...] | None = None
    joins: tuple[tuple[str, tuple[Place, ...]], ...] = ()


DOCUMENT = Frame()
Frames = tuple[Frame, ...]


class Unresolved(Exception):
    """A path that leads nowhere; `offset` is where in the script."""

    def __init__(self, message: str, offset: int, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.mend = mend


@dataclass(frozen=True)
class Use:
    """A read as compiled: the places from the root to its node, and whether it is a loop's own."""

    read: Read
    places: tuple[Place, ...]
    loop: bool


def frame_key(frame: Frame) -> Hashable:
    """What tells it from others when what was compiled is to be used again."""
    return (
        frame.chain[-1].path if frame.chain else "",
        frame.loop,
        frame.grouped,
        frame.outside,
        frame.lost,
        frame.origin,
        tuple((name, *(place.path for place in chain)) for name, chain in frame.joins),
    )


Resolved = tuple[Expr, tuple[Problem, ...], tuple[Use, ...]]
_RESOLVED: WeakKeyDictionary[Tree, dict[Hashable, Resolved]] = WeakKeyDictionary()
_MOST_RESOLVED = 20_000


@dataclass
class Resolver:
    """Resolves paths against the source schema; `xml` are the names of the documents whose keys carry namespaces, the
    main one's being empty.

    `problems` and `uses` collect what was met.
    """

    source: Tree
    xml: frozenset[str]
    problems: list[Problem] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    _keys: dict[int, tuple[Place, str]] = field(default_factory=dict)

    def expr(self, text: str, frames: Frames, path: str) -> Expr:
        """The script of the rule at target `path`; what is wrong with it is kept in `problems` and in the Expr.

        What was resolved is remembered with the schema tree, so that the next compile takes it from there.
        """
        known = _RESOLVED.setdefault(self.source, {})
        key = text, path, tuple(frame_key(frame) for frame in frames)
        found = known.get(key)
        if found is None:
            problems, uses = len(self.problems), len(self.uses)
            expr = self._new_expr(text, frames, path, key[2])
            if len(known) > _MOST_RESOLVED:
                known.clear()
            known[key] = expr, tuple(self.problems[problems:]), tuple(self.uses[uses:])
            return expr
        self.problems += found[1]
        self.uses += found[2]
        return found[0]

    def _new_expr(self, text: str, frames: Frames, path: str, where: Hashable) -> Expr:
        try:
            script = parsed_script(text, where)
        except BadInput as error:
            wrong = Problem(
                Severity.ERROR, error.message, None, error.line, error.column, None, path, error.next_step
            )
            self.problems.append(wrong)
            return Expr(text, None, (), wrong)
        if "(" in text:
            self.problems += wrong_calls(script, path)
        return self._of_script(text, script, frames, path)

    def loop_source(self, text: str, frames: Frames, path: str) -> tuple[Read, tuple[Place, ...]] | Problem:
        """The node set of a loop's path and the places down to it; the problem, kept as well, where there is none."""
        try:
            where = tuple(frame_key(frame) for frame in frames)
            return self.read(parsed_path(text, where), frames, path, loop=True)
        except BadInput as error:
            reason, line, column, mend = error.message, error.line, error.column, error.next_step
        except Unresolved as error:
            reason, line, column, mend = error.message, 1, error.offset + 1, error.mend
        message = _("The loop cannot read {path}: {reason}").format(path=text, reason=reason)
        problem = Problem(Severity.ERROR, message, None, line, column, None, path, mend)
        if not frames[-1].lost:
            self.problems.append(problem)
        return problem

    def _of_script(self, text: str, script: tree.Script, frames: Frames, path: str) -> Expr:
        try:
            return Expr(text, script, self._reads(script, frames, path))
        except Unresolved as error:
            line, column = script.place(error.offset)
            wrong = Problem(Severity.ERROR, error.message, None, line, column, None, path, error.mend)
            if not frames[-1].lost:
                self.problems.append(wrong)
            return Expr(text, script, (), wrong)

    def _reads(self, script: tree.Script, frames: Frames, path: str) -> tuple[tuple[tree.Path, Read], ...]:
        inside = tree.without_filters(script)
        whole = _taken_whole(inside)
        return tuple(
            (each, self.read(each, frames, path, whole=id(each) in whole)[0])
            for each in inside
            if isinstance(each, tree.Path)
        )

    def read(
        self, path: tree.Path, frames: Frames, rule: str, *, loop: bool = False, whole: bool = False
    ) -> tuple[Read, tuple[Place, ...]]:
        """The Read of a path, and the places from the root to its node. Raises Unresolved.

        `loop`: it is a loop's own path; that of an outermost loop leads to the record, not outside it. `whole`: the
        node itself is wanted.
        """
        steps = path.steps
        members = bool(steps) and steps[0].call == "members"
        joined, member = "", None
        if members:
            level, member, steps = self._grouped(frames, path), _member(steps[0]), steps[1:]
            base = frames[level].chain
        elif path.source is not None:
            level, base, joined = self._elsewhere(path, frames)
        else:
            level, base = self._base(path, frames)
        own_text = bool(steps) and steps[-1].call == "text"
        if own_text:
            steps = steps[:-1]
        places = self._down(base, steps)
        up = path.up if not (members or path.absolute) else 0
        # The way down from the document begins with the further document's own hop.
        taken = 0 if not in_further(base) or level or joined else -1
        if not (members or joined):
            anchor = _current(frames, places, len(base), steps)
            if anchor is not None:
                level, up, taken = anchor
        outside = not joined and _outside(frames, level, up) and not (loop and len(frames) == 1)
        origin = self._origin(frames[level], up) if outside and level else None
        hops = tuple(
            [
                self._hop(number, step, places, (frames, outside, origin), rule)
                for number, step in enumerate(steps, start=len(base))
            ]
        )
        hops = (Hop(places[0].path), *hops) if taken < 0 else hops[taken:]
        last = places[-1] if places else None
        kind = last.node.value if last else None
        spread = _spread(hops)
        read = Read(
            level,
            up,
            hops,
            tuple([self.key(place) for place in places]),
            last.path if last else "/",
            spread,
            array=spread > 0 or (members and member is None),
            members=members,
            member=member,
            base=base_of(kind) if kind else Base.TEXT,
            holds_text=last is not None and (kind is not None or last.node.type.mixed or own_text),
            mixed=last is not None and last.node.type.mixed,
            nillable=last is not None and last.node.nillable,
            outside=outside,
            origin=origin,
            whole=whole,
            joined=joined,
        )
        self.uses.append(Use(read, places, loop))
        return read, places

    def _origin(self, frame: Frame, up: int) -> tuple[str, ...] | None:
        """The node around the record that a way up from a frame's instance leads to, or came from before."""
        keys = tuple(self.key(place) for place in frame.chain[: len(frame.chain) - up])
        if not frame.outside or (frame.origin is not None and len(keys) < len(frame.origin)):
            return keys
        return frame.origin

    def _grouped(self, frames: Frames, path: tree.Path) -> int:
        for level in range(len(frames) - 1, -1, -1):
            if frames[level].grouped:
                return level
        raise Unresolved(
            _("members() means the members of a group, and no loop around this rule groups."),
            path.start,
            _("Add a group to the loop, or name the node."),
        )

    def _base(self, path: tree.Path, frames: Frames) -> tuple[int, tuple[Place, ...]]:
        if path.absolute:
            return 0, ()
        chain = frames[-1].chain
        if path.up > len(chain) - in_further(chain):
            raise Unresolved(
                _("This goes up further than the document."),
                path.start,
                _("Remove one ../, or begin with a slash."),
            )
        return len(frames) - 1, chain[: len(chain) - path.up]

    def _elsewhere(self, path: tree.Path, frames: Frames) -> tuple[int, tuple[Place, ...], str]:
        """Level, places and join of a path that names a document: the row of a join of that name, else a further source."""
        name = path.source or ""
        if path.up:
            raise Unresolved(
                _("../ cannot follow the name of a document."), path.start, _("Write the way from its root.")
            )
        for level in range(len(frames) - 1 if not path.absolute else 0, 0, -1):
            for joined, chain in frames[level].joins:
                if joined == name:
                    return level, chain, joined
        if name in self.source.further:
            return 0, (further_place(name),), ""
        known = [*self.source.further, *(joined for frame in frames for joined, _chain in frame.joins)]
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
        raise Unresolved(
            _("There is no further source or join called {name}.").format(name=name),
            path.start,
            _("Did you mean {name}?").format(name=near[0])
            if near
            else _("Name it under sources, with its schema."),
        )

    def _down(self, base: tuple[Place, ...], steps: Sequence[tree.PathStep]) -> tuple[Place, ...]:
        places = list(base)
        for step in steps:
            if step.call:
                raise Unresolved(
                    _("{call}() may not stand here.").format(call=step.call),
                    step.start,
                    _("text() ends a path, members() begins one."),
                )
            places.append(self._child(places[-1] if places else None, step))
        return tuple(places)

    def _child(self, parent: Place | None, step: tree.PathStep) -> Place:
        wanted = Step(step.name, step.attribute, step.prefix, step.type)
        top = self._top(parent)
        if top is not None:
            found = top.find(f"{top.lead}{wanted}")
        else:
            assert parent is not None
            found = self.source.below(parent, wanted)
        if found is None:
            raise self._missing(parent, step)
        return found

    def _top(self, parent: Place | None) -> Tree | None:
        """The tree that a step from here begins, the main one's or a further one's."""
        if parent is None:
            return self.source
        return self.source.further.get(document_of(parent.path)) if in_further((parent,)) else None

    def _missing(self, parent: Place | None, step: tree.PathStep) -> Unresolved:
        top = self._top(parent)
        root = top.root if top is not None else None
        if root is not None and root.node.name:
            siblings = [root]
        else:
            above = root or parent
            siblings = list(above.flat_children()) if above else []
        mark = "@" if step.attribute else ""
        names = [("@" if place.node.attribute else "") + place.node.name for place in siblings]
        near = difflib.get_close_matches(mark + step.name, names, n=1, cutoff=0.6)
        below = parent.path if parent is not None and parent.path else _("the document")
        mend = (
            _("Did you mean {name}?").format(name=near[0])
            if near
            else _("Choose the field in the source tree.")
        )
        return Unresolved(
            _("There is no {name} in {parent}.").format(name=mark + step.name, parent=below), step.start, mend
        )

    def _hop(
        self,
        number: int,
        step: tree.PathStep,
        places: tuple[Place, ...],
        here: tuple[Frames, bool, tuple[str, ...] | None],
        rule: str,
    ) -> Hop:
        place, condition = places[number], None
        if step.filter is not None:
            frames, outside, origin = here
            script, chain = step.filter, places[: number + 1]
            candidate = Frame(chain, loop=False, outside=outside, lost=frames[-1].lost, origin=origin)
            inner = (*frames, candidate)
            condition = Expr(script.source(script), script, self._reads(script, inner, rule))
        every = step.every or (place.repeats and step.index is None)
        return Hop(self.key(place), every, condition, step.index, _wanted_type(place, step))

    def key(self, place: Place) -> str:
        """The key instances of a place have in its document."""
        known = self._keys.get(id(place))
        if known is None:
            # The place is held, so that its id stays its own.
            known = self._keys[id(place)] = place, key_of(place, document_of(place.path) in self.xml)
        return known[1]


def _spread(hops: tuple[Hop, ...]) -> int:
    """The number of hops to the last repeating node, 0 where nothing repeats."""
    for number in range(len(hops), 0, -1):
        if hops[number - 1].every:
            return number
    return 0


def _taken_whole(inside: Iterable[tree.Expression | tree.Script]) -> set[int]:
    """The paths, by identity, that functions take for the node they lead to."""
    found: set[int] = set()
    for node in inside:
        function = find(node.name) if isinstance(node, tree.Call) else None
        if isinstance(node, tree.Call) and function is not None and function.takes_nodes:
            given = zip(node.arguments, function.each(), strict=False)
            found.update(id(argument) for argument, wanted in given if wanted.takes_node)
    return found


def further_place(name: str) -> Place:
    """The place of a further document itself, above its root."""
    return Place(Node(f"{name}::", Kind.ELEMENT, Type("")), None, f"{name}::")


def in_further(chain: tuple[Place, ...]) -> bool:
    """Whether places begin with a further document or a lookup of its rows."""
    return bool(chain) and chain[0].node.name.endswith("::")


def _current(
    frames: Frames, places: tuple[Place, ...], base: int, steps: Sequence[tree.PathStep]
) -> tuple[int, int, int] | None:
    """Level, parents up and steps used where the path passes through the current instance of a loop around it."""
    plain = base
    for step in steps:
        if not step.plain:
            break
        plain += 1
    best, found = base, None
    for level in range(len(frames) - 1, 0, -1):
        if not frames[level].loop:
            continue
        chain = frames[level].chain
        shared = _shared(chain, places[:plain])
        if shared > best:
            best, found = shared, (level, len(chain) - shared, shared - base)
    return found


def _shared(one: tuple[Place, ...], other: tuple[Place, ...]) -> int:
    count = 0
    for mine, its in zip(one, other, strict=False):
        if mine is not its and mine.path != its.path:
            break
        count += 1
    return count


def _outside(frames: Frames, level: int, up: int) -> bool:
    """Whether a read that begins there leaves the record, the instance of the outermost loop."""
    if level == 0 or frames[level].outside:
        return True
    return len(frames[level].chain) - up < len(frames[1].chain)


def base_of(kind: ValueType) -> Base:
    """The base scripts see: a list or a union is text."""
    return Base.TEXT if kind.item is not None or kind.members else kind.base


def key_of(place: Place, xml: bool) -> str:
    """The key instances of a place have (see plan.Hop)."""
    node = place.node
    name = f"{{{node.namespace}}}{node.name}" if xml and node.namespace else node.name
    return "@" + name if node.attribute else name


def is_entry(place: Place) -> bool:
    """In a JSON schema: the node stands for the entries of an array, its parent (or the document)."""
    node = place.node
    return node.name == "item" and node.kind is Kind.ELEMENT and place.repeats


def chain_of(place: Place) -> tuple[Place, ...]:
    """The places from the root down to this one, choices and an unnamed root left out."""
    found = [
        each for each in (place, *place.ancestors()) if each.node.kind is not Kind.CHOICE and each.node.name
    ]
    return tuple(reversed(found))


def _wanted_type(place: Place, step: tree.PathStep) -> str | None:
    """The xsi:type instances must have: a picked type, unless the pick was an element that stands instead."""
    return step.type if step.type and place.node.name == step.name else None


def _member(step: tree.PathStep) -> int | None:
    """The number of the member that members()[n] means; None for all of them."""
    if step.filter is not None:
        raise Unresolved(
            _("members() may have a number, but no condition."),
            step.start,
            _("Write the condition at a step below it, or as the when of a loop over members()."),
        )
    return step.index


@lru_cache(maxsize=20_000)
def parsed_script(text: str, _where: Hashable) -> tree.Script:
    """`parse`, remembered for the frames it stands in.

    What a path leads to is kept by the path's identity: rules of the same text in other loops must not share one.
    """
    return parse(text)


@lru_cache(maxsize=5_000)
def parsed_path(text: str, _where: Hashable) -> tree.Path:
    """`parse_path`, remembered likewise."""
    return parse_path(text)
