"""An outermost loop's turns grouped, sorted and cut as it says, on disk where they are many: the order is the judge's."""

from __future__ import annotations

import marshal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import groupby, islice
from typing import Any, NamedTuple

from studio.engine.interpret import Judge
from studio.engine.items import Item
from studio.engine.live import Live, RuleFailed, group_key
from studio.engine.ordering import in_order
from studio.engine.packed import pack, unpack
from studio.engine.plan import Expr, Loop, Order, Plan, Target, Top
from studio.engine.runs import plain_cells
from studio.engine.sources import Source
from studio.engine.spill import IN_MEMORY, Key, Record, Sorter, size_of
from studio.script.errors import ScriptError
from studio.script.tree import Value
from studio.script.values import plain_date, typed

_RING = 10_000  # as many last records are kept beside each other in memory


class Node(NamedTuple):
    """A record kept: what is left of it, its number, and that of its source node."""

    packed: Any
    record: int
    node: int


class Packing:
    """What is kept of a loop's records, of any format: the cells of a row, else what the plan uses of the node."""

    def __init__(self, plan: Plan, top: Top, source: Source, document: Item) -> None:
        self._rows = plan.source.format == "delimited"
        self._top = top
        self._shape = top.unit.shape
        self._source = source
        self._document = document
        self._parent: Item | None = None
        loop = top.target.loop
        assert loop is not None
        assert loop.source is not None
        plain = loop.when is None and loop.source.hops[-1].filter is None
        self._cells = plain_cells(plan, keys_of(loop)) if plain else None

    def quick(self, unit: Any) -> list[Value] | None:
        """The keys of a row that are cells of it, where every row is a turn; None where the judge has to say."""
        if self._cells is None:
            return None
        return [typed(unit[place] or None, base) for place, base in self._cells]

    def packed(self, unit: Any) -> tuple[Item, Any]:
        """A record as the judge reads it, and as it is kept."""
        item = self._source.item(unit, self._top, self._document)
        self._parent = item.parent  # nothing is read of what is another one for other records
        return item, unit if self._rows else pack(item, self._shape)

    def item(self, packed: Any) -> Item:
        """The record again."""
        if self._rows:
            return self._source.item(packed, self._top, self._document)
        return unpack(packed, self._shape, self._parent)


class Arranging:
    """Takes the turns that a loop's condition lets through, then gives them as the loop says.

    `item` makes the judge's node of what is left of a record. `limit` is what may be in memory, in bytes. A group is
    in memory at a time. Close it at the end.
    """

    def __init__(
        self, target: Target, judge: Judge, item: Callable[[Any], Item], limit: int | None = None
    ) -> None:
        assert target.loop is not None
        self._path = target.path
        self._loop: Loop = target.loop
        self._exprs = keys_of(target.loop)
        self._judge = judge
        self._item = item
        self._limit = (IN_MEMORY if limit is None else limit) // 2
        self._sorter = Sorter(self._limit)
        self._keys = SortKeys(self._loop.sort)
        self._groups = _Groups(self._limit) if self._loop.group else None
        ring = self._loop.last if not (self._loop.group or self._loop.sort or self._loop.first) else None
        self._ring: deque[bytes] | None = deque(maxlen=ring) if ring is not None and ring <= _RING else None
        self._open = [self._sorter]
        self.taken = 0
        self.total = 0
        """How many turns were given, when turns() is through; of groups, groups."""

    @property
    def groups(self) -> bool:
        """Its turns are groups."""
        return self._groups is not None

    @property
    def spilled(self) -> bool:
        """Something is on disk."""
        return any(sorter.spilled for sorter in self._open)

    def close(self) -> None:
        """Throw away what is on disk."""
        for sorter in self._open:
            sorter.close()
        if self._groups is not None:
            self._groups.others.close()

    def take(self, live: Live, node: Node) -> None:
        """One more turn. Raises ScriptError where its keys cannot be told."""
        self.put([self._judge.of(expr, live) for expr in self._exprs], node)

    def put(self, values: list[Value], node: Node) -> None:
        """The same where its keys are known."""
        data = marshal.dumps(tuple(node))
        self.taken += 1
        if self._ring is not None:
            self._ring.append(data)
        elif self._groups is None:
            self._put(self._sorter, values, data)
        else:
            try:
                key = tuple(part for value in values for part in _same(group_key(value), node.record))
            except ScriptError as error:
                raise self._failed(error) from error
            self._groups.put(self._sorter, key, node.record, data, adjacent=self._loop.adjacent)

    def turns(self) -> Iterator[list[Node]]:
        """The nodes of each turn, those of a group together. Raises RuleFailed where there is no order."""
        found: Iterator[list[Node]]
        if self._ring is not None:
            count, found = len(self._ring), iter([[_node(data)] for data in self._ring])
        elif self._groups is None:
            sorter = self._arranged(self._sorter)
            count, found = sorter.count, ([_node(data)] for _key, _number, data in sorter.records())
        else:
            count, found = self._grouped(self._groups)
        stop = count if self._loop.first is None else min(count, self._loop.first)
        start = 0 if self._loop.last is None else max(0, stop - self._loop.last)
        self.total = stop - start
        yield from islice(found, start, stop)

    def live(self, nodes: list[Node]) -> Live:
        """The turn of nodes as the judge has it."""
        live = Live(self._item(nodes[0].packed))
        if self._groups is not None:
            first = Live(live.item)
            live.members = [first, *(Live(self._item(node.packed)) for node in nodes[1:])]
        return live

    def _put(self, sorter: Sorter, values: list[Value], data: bytes) -> None:
        key = self._keys.key(values)
        sorter.sorts = self._keys.comparable
        sorter.add(key, data)

    def _grouped(self, groups: _Groups) -> tuple[int, Iterator[list[Node]]]:
        groups.finish(self._sorter)
        found = (
            [_node(data) for _key, _number, data in members]
            for _first, members in groupby(self._sorter.records(), key=_first_of)
        )
        if not self._loop.sort:
            return groups.count, found
        again = Sorter(self._limit)
        self._open.append(again)
        wrong: dict[int, ScriptError] = {}
        for nodes in found:
            values = self._values(self.live(nodes), wrong)
            self._put(again, values, marshal.dumps([tuple(node) for node in nodes]))
        if wrong:
            raise self._failed(wrong[max(wrong)])
        sorter = self._arranged(again)
        return sorter.count, (_nodes(data) for _key, _number, data in sorter.records())

    def _values(self, live: Live, wrong: dict[int, ScriptError]) -> list[Value]:
        """The values of the sort keys, the last first as the judge takes them; of each the first error is kept."""
        values: list[Value] = []
        for place, order in enumerate(self._loop.sort):
            try:
                values.append(self._judge.of(order.by, live))
            except ScriptError as error:
                wrong.setdefault(place, error)
                values.append(None)
        return values

    def _arranged(self, sorter: Sorter) -> Sorter:
        """Records that can be given in order; keys of several kinds are compared as the judge does, in memory."""
        if self._keys.comparable:
            return sorter
        values = [self._keys.values(key) for _n, key in sorted((n, key) for key, n, _data in _keyed(sorter))]
        numbers = list(range(len(values)))
        try:
            for place, order in reversed(list(enumerate(self._loop.sort))):
                pairs = [(values[number][place], number) for number in numbers]
                numbers = in_order(pairs, descending=order.descending)
        except ScriptError as error:
            raise self._failed(error) from error
        ranks = dict(zip(numbers, range(len(numbers)), strict=True))
        again = Sorter(self._limit)
        self._open.append(again)
        for _key, number, data in sorter.stored():
            again.add((ranks[number],), data)
        sorter.close()
        return again

    def _failed(self, error: ScriptError) -> RuleFailed:
        return RuleFailed(self._path, error.message, error.line, error.column)


class _Groups:
    """Gives every group a number: that of its first record. Keys beyond `limit` bytes are sorted to be told apart."""

    def __init__(self, limit: int) -> None:
        self.count = 0
        self.others = Sorter(limit)
        self._limit = limit
        self._size = 0
        self._known: dict[Key, int] = {}
        self._last: tuple[Key, int] | None = None

    def put(self, sorter: Sorter, key: Key, record: int, data: bytes, *, adjacent: bool) -> None:
        """Put a record among those of its group."""
        if adjacent:
            if self._last is None or self._last[0] != key:
                self.count += 1
                self._last = key, record
            sorter.add((self._last[1],), data)
            return
        first = self._known.get(key)
        if first is None and self._size > self._limit:
            self.others.add((*key, record), data)
            return
        if first is None:
            first = self._known[key] = record
            self.count += 1
            self._size += 160 + size_of(key)
        sorter.add((first,), data)

    def finish(self, sorter: Sorter) -> None:
        """Put those among them whose groups are told apart at the end."""
        self._known = {}
        for _key, members in groupby(self.others.records(), key=_all_but_last):
            first = None
            self.count += 1
            for key, _number, data in members:
                first = key[-1] if first is None else first
                sorter.add((first,), data)
        self.others.close()


class SortKeys:
    """Makes keys that Python orders as the language orders the values.

    `comparable` is False as soon as values of several kinds, or of kinds that the language orders otherwise, were seen.
    """

    def __init__(self, orders: tuple[Order, ...]) -> None:
        self._down = tuple(order.descending for order in orders)
        self._kinds: list[set[type]] = [set() for _order in orders]
        self._fine: list[type | None] = [None for _order in orders]
        self.comparable = True

    def key(self, values: Iterable[Value]) -> Key:
        """The key of a record."""
        key: list[Any] = []
        for place, value in enumerate(values):
            if value is None:
                key += (0, 0)
                continue
            plain, kind = _plain(value)
            if kind is not self._fine[place]:
                self._seen(place, kind)
            key += (1, _turned(plain) if self._down[place] else plain)
        return tuple(key)

    def values(self, key: Key) -> list[Value]:
        """The values that a key was made of."""
        found: list[Value] = []
        for place, down in enumerate(self._down):
            value = key[2 * place + 1]
            known = key[2 * place]
            found.append(None if not known else _turned(value) if down else value)
        return found

    def _seen(self, place: int, kind: type) -> None:
        kinds = self._kinds[place]
        kinds.add(kind)
        self._fine[place] = kind
        if not any(kinds <= fine for fine in _TOGETHER):
            self.comparable = False


# A float meets a decimal by its shortest text, else by its value: that is no order for the three of them.
_TOGETHER: tuple[frozenset[type], ...] = (
    frozenset({int, Decimal}), frozenset({int, float}), frozenset({str}), frozenset({datetime}),
)  # fmt: skip


def _plain(value: Value) -> tuple[Value, type]:
    """A value without what it remembers, and its kind; `object` is one without an order of its own."""
    if isinstance(value, str):
        return value, str
    if isinstance(value, bool) or value != value:
        return value, object
    if isinstance(value, Decimal):
        return Decimal(value), Decimal
    if isinstance(value, float):
        return float(value), float
    if isinstance(value, int):
        return value, int
    if isinstance(value, datetime):
        return plain_date(value), datetime
    return value, object


class _Down:
    """What comes in the order from high to low."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Down) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash(self.value)


def _turned(value: Any) -> Any:
    """A value that is lower the higher the given one is; turned twice it is the same again."""
    if isinstance(value, _Down):
        return value.value
    if isinstance(value, Decimal) and value:
        return value.copy_negate()
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value:
        return -value
    return value if isinstance(value, (int, float, Decimal)) else _Down(value)


def _same(key: Any, record: int) -> tuple[str, str]:
    """Two texts that are the same where group keys are equal."""
    kind, value = key
    if kind != "number":
        return str(kind), value
    number = Decimal(value)
    if number.is_nan():
        return "number", f"nan {record}"  # equal to nothing, not even to itself
    if not number:
        return "number", "0"
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return "number", str(number)
    text = "".join(map(str, digits))
    short = text.rstrip("0")
    return "number", f"{sign} {short} {exponent + len(text) - len(short)}"


def keys_of(loop: Loop) -> tuple[Expr, ...]:
    """What is told of every record: the keys of its group, else those it is sorted by."""
    return loop.group or tuple(order.by for order in loop.sort)


def _keyed(sorter: Sorter) -> Iterator[tuple[Key, int, None]]:
    return ((key, number, None) for key, number, _data in sorter.stored())


def _first_of(record: Record) -> Any:
    return record[0][0]


def _all_but_last(record: Record) -> Key:
    return record[0][:-1]


def _node(data: bytes) -> Node:
    return Node(*marshal.loads(data))  # written above, by this process


def _nodes(data: bytes) -> list[Node]:
    return [Node(*each) for each in marshal.loads(data)]
