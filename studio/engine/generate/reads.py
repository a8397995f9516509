"""Code for a plan's reads: a slot's variable, a pick out of a list, or a list of values."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import field

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.engine.generate.conditions import cannot_fail
from studio.engine.generate.layout import Chain, Ref, Row, indexed, numbered
from studio.engine.generate.lines import Declined, Lines
from studio.engine.plan import Expr, Hop, Read
from studio.schema.model import Base


@dataclass
class Frame:
    """A context in generated code: the rows at hand, by the chain of their node, and those of joins by their names."""

    rows: dict[Chain, Ref]
    joined: dict[str, Ref] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """A cell of a row: the variable with its text, where the empty text is null, and the one with its number.

    `few` says that the rows looked at had few different texts in it.
    """

    text: str
    number: str | None
    few: bool


@dataclass(frozen=True)
class Members:
    """The rows of a group: the variable of the list, what takes one apart, and the places of columns in a row."""

    rows: str
    one: Callable[[str], tuple[Ref, dict[str, Cell]]]
    place: Callable[[str], int]


@dataclass(frozen=True)
class _Way:
    """How far a path has come: the row at hand (None: a pick that may be nothing, in `guard`) and the chain."""

    ref: Ref
    chain: Chain
    guards: tuple[str, ...] = ()


class Reads:
    """Emits what a read needs and gives the expression of its value: text, or a list of texts.

    `frames` are the contexts, the document's first; `condition` emits a script and gives its truth; `outside` gives
    the expression of a value that is not at hand: what is, stands in the node at `unit`.
    """

    def __init__(
        self,
        lines: Lines,
        frames: list[Frame],
        condition: Callable[[Expr], str],
        outside: Callable[[Read], str],
        unit: Chain,
    ) -> None:
        self._lines = lines
        self._frames = frames
        self._condition = condition
        self._outside = outside
        self._unit = unit
        self.cells: dict[str, Cell] = {}
        self.members: Members | None = None
        self._bare: dict[str, Cell] = {}

    def _is_outside(self, read: Read) -> bool:
        """Not in what was read at once with the record."""
        return read.outside and not read.beside(self._unit)

    def value(self, read: Read) -> str:
        """A variable with the text (None for nothing), or with the list of texts of an array."""
        if read.members:
            rows, place = self._member_column(read)
            return self._lines.let("l", f"[g_y[{place}] or None for g_y in {rows}]")
        if self._is_outside(read):
            return self._outside(read)
        key = ("value", signature(read))
        known = self._lines.known(key)
        if known is None:
            known = self._lines.remember(key, self._array(read) if read.array else self._single(read))
        return known

    def cell(self, value: str) -> Cell | None:
        """The cell that an expression which value() gave reads."""
        return self._bare.get(value)

    def column(self, read: Read) -> tuple[str, int] | None:
        """An array that is one place of a list of rows: the list's variable and the place."""
        if read.members and read.array and read.base is not Base.TEXT:
            return self._member_column(read)
        if not read.array or self._is_outside(read) or read.members or len(read.hops) == 0:
            return None
        source, row = self._spread(read, read.spread)
        chain = read.chain
        place = row.index.get(("text" if read.holds_text else "present", chain))
        rest = read.hops[read.spread :]
        plain = not any(hop.filter or hop.index or hop.type or hop.every for hop in rest)
        return (source, place) if place is not None and plain else None

    def rows(self, read: Read) -> tuple[str, Ref]:
        """A variable with the list of rows a loop visits, and how to take each apart."""
        if self._is_of_group(read) and not read.hops:
            assert self.members is not None
            ref, cells = self.members.one(self._lines.fresh("q") + "_")
            self.cells.update(cells)
            return self.members.rows, ref
        if self._is_outside(read) or read.members:
            raise Declined(_("a loop visits nodes outside the record"))
        hops = len(read.hops)
        while hops and not read.hops[hops - 1].every:
            hops -= 1
        if not hops or hops != len(read.hops):
            raise Declined(_("a loop visits a node that does not repeat"))
        name, row = self._spread(read, hops)
        return name, numbered(row, self._lines.fresh("q") + "_")

    def _is_of_group(self, read: Read) -> bool:
        """It begins at all members of the group that the record is made of."""
        return read.members and read.member is None and self.members is not None and read.level == 1

    def _member_column(self, read: Read) -> tuple[str, int]:
        """The values of one column of the group's rows: the list of rows and the place in each."""
        plain = len(read.hops) == 1 and not (read.hops[0].filter or read.hops[0].index or read.hops[0].type)
        if not (self._is_of_group(read) and plain and read.holds_text):
            raise Declined(_("members of a group are read"))
        assert self.members is not None
        return self.members.rows, self.members.place(read.hops[0].key)

    # One value

    def _single(self, read: Read) -> str:
        way = self._start(read)
        for hop in read.hops:
            way = self._step(way, hop)
        return self._leaf(way, read)

    def _leaf(self, way: _Way, read: Read) -> str:
        index = way.ref.row.index
        place = index.get(("text" if read.holds_text else "present", way.chain))
        if place is None:
            raise Declined(_("a value is not where it was planned"))
        name = way.ref.name(place)
        if name in self.cells:
            shown = f"({name} or None)"
            self._bare[shown] = self.cells[name]
            name = shown
        if not way.guards:
            return name
        return self._lines.let("x", f"{name} if {' and '.join(way.guards)} else None")

    def _start(self, read: Read) -> _Way:
        frame = self._frames[read.level]
        anchor = read.chain[: len(read.chain) - len(read.hops)]
        if read.joined:
            return _Way(frame.joined[read.joined], anchor)
        return _Way(_nearest(frame, anchor), anchor)

    def _step(self, way: _Way, hop: Hop) -> _Way:
        chain = (*way.chain, hop.key)
        if ("list", chain) in way.ref.row.index:
            return self._pick(way, chain, hop)
        if hop.every:
            raise Declined(_("all of a node that does not repeat"))
        guards = way.guards
        if hop.type is not None:
            guards = (*guards, _is_of_type(way.ref, chain, hop.type))
        if hop.filter is not None:
            self._frames.append(Frame({**self._frames[-1].rows, way.ref.row.chain: way.ref}))
            with _popped(self._frames):
                guards = (*guards, self._condition(hop.filter))
        if (hop.index or 1) > 1:
            guards = (*guards, "False")
        return _Way(way.ref, chain, guards)

    def _pick(self, way: _Way, chain: Chain, hop: Hop) -> _Way:
        """One of a list: the first, or the n-th, that a filter lets through."""
        lines = self._lines
        row = way.ref.row.rows[chain]
        key = ("pick", way.ref.name(way.ref.row.index["list", chain]), hop_signature(hop), way.guards)
        name = lines.known(key)
        if name is None:
            name = lines.remember(key, self._picked(way, chain, hop))
        return _Way(indexed(row, name), chain, (f"{name} is not None",))

    def _picked(self, way: _Way, chain: Chain, hop: Hop) -> str:
        lines = self._lines
        source = self._list(way, chain)
        name = lines.let("p", "None")
        place = (hop.index or 1) - 1
        if hop.filter is None and hop.type is None:
            with lines.block(f"if len({source}) > {place}:"):
                lines.emit(f"{name} = {source}[{place}]")
            return name
        left = lines.let("n", str(place)) if place else None
        candidate = lines.fresh("y")
        with lines.block(f"for {candidate} in {source}:"):
            holds = self._lets(hop, way, chain, candidate)
            with lines.block(f"if {holds}:"):
                if left is not None:
                    with lines.block(f"if {left}:"):
                        lines.emit(f"{left} -= 1")
                        lines.emit("continue")
                if hop.filter is None or cannot_fail(hop.filter):
                    lines.emit(f"{name} = {candidate}")
                    lines.emit("break")
                else:
                    lines.emit(f"if {name} is None: {name} = {candidate}")
        return name

    def _lets(self, hop: Hop, way: _Way, chain: Chain, candidate: str) -> str:
        """Whether a step takes a candidate row in a variable; one of another type is passed over at once."""
        if hop.type is not None:
            ref = indexed(way.ref.row.rows[chain], candidate)
            self._lines.emit(f"if not {_is_of_type(ref, chain, hop.type)}: continue")
        return self._holds(hop.filter, way, chain, candidate) if hop.filter is not None else "True"

    def _holds(self, condition: Expr, way: _Way, chain: Chain, candidate: str) -> str:
        """The truth of a filter for a candidate row in a variable."""
        ref = indexed(way.ref.row.rows[chain], candidate)
        self._frames.append(Frame({**self._frames[-1].rows, way.ref.row.chain: way.ref, chain: ref}))
        with _popped(self._frames):
            return self._condition(condition)

    def _list(self, way: _Way, chain: Chain) -> str:
        name = way.ref.name(way.ref.row.index["list", chain])
        if not way.guards:
            return name
        return self._lines.let("l", f"{name} if {' and '.join(way.guards)} else ()")

    # Many values

    def _spread(self, read: Read, hops: int) -> tuple[str, Row]:
        """A variable with the rows that the first hops lead to, the last of them repeating; what the rows hold."""
        signed = tuple(hop_signature(hop) for hop in read.hops[:hops])
        key = ("rows", read.level, read.joined, read.chain[: len(read.chain) - len(read.hops) + hops], signed)
        way = self._start(read)
        last = (*way.chain, *(hop.key for hop in read.hops[:hops]))
        known = self._lines.known(key)
        if known is None:
            known = self._lines.remember(key, self._collected(way, read.hops[:hops]))
        return known, self._row_at(way.ref.row, last)

    def _row_at(self, row: Row, chain: Chain) -> Row:
        while row.chain != chain:
            below = [inner for place, inner in row.rows.items() if chain[: len(place)] == place]
            if not below:
                raise Declined(_("a list is not where it was planned"))
            row = below[0]
        return row

    def _collected(self, way: _Way, hops: tuple[Hop, ...]) -> str:
        """The rows at the end of the hops, in a list."""
        repeating = [number for number, hop in enumerate(hops) if hop.every]
        if len(repeating) == 1 and hops[-1].filter is None and hops[-1].type is None:
            for hop in hops[:-1]:
                way = self._step(way, hop)
            chain = (*way.chain, hops[-1].key)
            if ("list", chain) not in way.ref.row.index:
                raise Declined(_("all of a node that does not repeat"))
            return self._list(way, chain)
        name = self._lines.let("l", "[]")
        self._walk(way, hops, name)
        return name

    def _walk(self, way: _Way, hops: tuple[Hop, ...], into: str) -> None:
        lines = self._lines
        while hops and not hops[0].every:
            way, hops = self._step(way, hops[0]), hops[1:]
        hop, rest = hops[0], hops[1:]
        chain = (*way.chain, hop.key)
        if ("list", chain) not in way.ref.row.index:
            raise Declined(_("all of a node that does not repeat"))
        source = self._list(way, chain)
        candidate = lines.fresh("y")
        with lines.block(f"for {candidate} in {source}:"):
            if hop.filter is not None or hop.type is not None:
                lines.emit(f"if not {self._lets(hop, way, chain, candidate)}: continue")
            if not rest:
                lines.emit(f"{into}.append({candidate})")
                return
            self._walk(_Way(indexed(way.ref.row.rows[chain], candidate), chain), rest, into)

    def _array(self, read: Read) -> str:
        lines = self._lines
        source, row = self._spread(read, read.spread)
        rest = read.hops[read.spread :]
        chain = read.chain[: len(read.chain) - len(rest)]
        entry = lines.fresh("y")
        way = _Way(indexed(row, entry), chain)
        if not any(hop.filter or hop.index or hop.type for hop in rest) and not self._picks(way, rest):
            for hop in rest:
                way = self._step(way, hop)
            return lines.let("l", f"[{self._leaf(way, read)} for {entry} in {source}]")
        name = lines.let("l", "[]")
        with lines.block(f"for {entry} in {source}:"):
            for hop in rest:
                way = self._step(way, hop)
            lines.emit(f"{name}.append({self._leaf(way, read)})")
        return name

    def _picks(self, way: _Way, hops: tuple[Hop, ...]) -> bool:
        chain = way.chain
        for hop in hops:
            chain = (*chain, hop.key)
            if ("list", chain) in way.ref.row.index:
                return True
        return False


def signature(read: Read) -> Hashable:
    """What two reads have in common that mean the same, wherever they are written."""
    hops = tuple(hop_signature(hop) for hop in read.hops)
    return read.level, read.up, read.joined, read.chain, hops, read.holds_text, read.base


def hop_signature(hop: Hop) -> Hashable:
    """The same for one step; its filter is known by its text and what its paths lead to."""
    condition = hop.filter
    inside = None
    if condition is not None:
        inside = (condition.text, tuple(signature(read) for _path, read in condition.reads))
    return hop.key, hop.every, hop.index, hop.type, inside


def _is_of_type(ref: Ref, chain: Chain, name: str) -> str:
    """The expression that tells whether a node of a row has an xsi:type."""
    place = ref.row.index.get(("type", chain))
    if place is None:
        raise Declined(_("a type is not where it was planned"))
    return f"({ref.name(place)} == {name!r})"


def _nearest(frame: Frame, anchor: Chain) -> Ref:
    found = [chain for chain in frame.rows if anchor[: len(chain)] == chain]
    if not found:
        raise Declined(_("a value lies above the record"))
    return frame.rows[max(found, key=len)]


@contextlib.contextmanager
def _popped(frames: list[Frame]) -> Iterator[None]:
    """Take the last frame away again."""
    yield
    frames.pop()
