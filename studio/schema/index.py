"""Names, types and documentation of a whole schema as flat tables: what a search looks through without any tree.

An *entry* is a declaration in one type, a member of a substitution group, or a derived type that may be picked. A
*state* is where one can be below the roots: inside a type, or at a choice of type or member.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import msgspec

from studio.base.records import dataclass
from studio.schema.model import Kind, Node, Schema, Type
from studio.schema.path import Step, quote

# The state above the roots.
TOP = 0
# What a schema of any size met so far stays far below; a larger one is searched in part.
MOST_ENTRIES = 600_000
# Types looked at between two pauses of `index_in_steps`: a few milliseconds.
_STEP = 10

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


@dataclass(frozen=True, eq=False)
class Index:
    """The tables. `names`, `types` and `said` hold one line for each different text; all but types in small letters.

    Per entry: `owner` its state, `steps` its part of a path, `name_of`, `type_of`, `said_of` its lines (-1: none).
    `ways` are the entries that lead further, each followed by the state it leads to, those of one state from
    `first[state]` to `first[state + 1]`; `depth` and `by` say how deep below the roots a state is and which entry
    leads there first, for those states that can be reached from the roots alone. The first `roots` entries are roots; `whole` is False for a part of a schema.
    """

    names: str
    types: str
    said: str
    steps: tuple[str, ...]
    owner: array[int]
    name_of: array[int]
    type_of: array[int]
    said_of: array[int]
    first: array[int]
    ways: array[int]
    depth: array[int]
    by: array[int]
    roots: int
    whole: bool

    @staticmethod
    def of(schema: Schema) -> Index:
        """The index of a schema, made by a look at every declaration."""
        builder = _Builder(schema)
        for _pause in builder.run():
            pass
        return builder.index()

    @staticmethod
    def in_steps(schema: Schema) -> Iterator[Index | None]:
        """`of` in slices of a few milliseconds; the last one is the index."""
        builder = _Builder(schema)
        yield from builder.run()
        yield builder.index()

    def to_bytes(self) -> bytes:
        """For a file."""
        tables = [
            self.owner,
            self.name_of,
            self.type_of,
            self.said_of,
            self.first,
            self.ways,
            self.depth,
            self.by,
        ]
        parts = (self.names, self.types, self.said, "\n".join(self.steps), *map(bytes, tables))
        return _encode([*parts, self.roots, self.whole])

    @staticmethod
    def from_bytes(data: bytes) -> Index:
        """What `to_bytes` wrote; raises ValueError or DecodeError for anything else."""
        names, types, said, steps, *tables, roots, whole = _decode(data)
        owner, name_of, type_of, said_of, first, ways, depth, by = (array("i", table) for table in tables)
        texts = (names, types, said, tuple(steps.split("\n")))
        return Index(*texts, owner, name_of, type_of, said_of, first, ways, depth, by, roots, whole)

    @cached_property
    def name_lines(self) -> list[str]:
        """Each different name, with what people call it after a tab."""
        return self.names.split("\n")

    @cached_property
    def type_lines(self) -> list[str]:
        """Each different name of a type, as it is written."""
        return self.types.split("\n")

    @cached_property
    def into(self) -> dict[int, list[int]]:
        """The entries that lead into each state."""
        found: dict[int, list[int]] = {}
        for entry, target in zip(self.ways[::2], self.ways[1::2], strict=True):
            found.setdefault(target, []).append(entry)
        return found

    @cached_property
    def _folded_types(self) -> str:
        return self.types.casefold()

    def named(self, word: str) -> set[int]:
        """Lines of names that hold a folded word."""
        return _lines(self.names, word)

    def typed(self, word: str) -> set[int]:
        """Lines of type names that hold it."""
        return _lines(self._folded_types, word)

    def about(self, word: str) -> set[int]:
        """Lines of documentation that hold it."""
        return _lines(self.said, word)


def folded(text: str) -> str:
    """The text as the index keeps it: small letters, on one line."""
    return _one_line(text.casefold())


def _one_line(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ")


def _structured(kind: Type) -> bool:
    return not kind.leaf and kind.name != "anyType"


def _lines(text: str, word: str) -> set[int]:
    """The numbers of the lines holding `word`."""
    found: set[int] = set()
    line, counted = 0, 0
    at = text.find(word)
    while at >= 0:
        line += text.count("\n", counted, at)
        found.add(line)
        counted = text.find("\n", at)
        if counted < 0:
            break
        at = text.find(word, counted + 1)
    return found


class _Lines:
    """Different texts, numbered."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        known = self._numbers.get(text)
        if known is None:
            known = self._numbers[text] = len(self._numbers)
        return known

    def joined(self, *, fold: bool = True) -> str:
        change = folded if fold else _one_line
        return "\n".join(change(text).replace("\0", "\t") for text in self._numbers)


class _Builder:
    """Numbers states as they are met: types, their derived types as a choice, lists of substitutes."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._names, self._types, self._said = _Lines(), _Lines(), _Lines()
        self._steps: list[str] = []
        self._tables = tuple(array("i") for _table in range(4))
        self._states: dict[object, int] = {"top": TOP}
        self._ways: list[list[int]] = [[]]
        self._waiting: deque[tuple[int, Callable[[], Iterable[Node | Type]]]] = deque()
        self._texts: dict[tuple[str, bool, str], str] = {}
        self._picks: set[int] = set()
        self._depth, self._by = array("i", [0]), array("i", [-1])
        self._roots = self._reached = 0

    def run(self) -> Iterator[None]:
        """Take in everything below the roots, then below the other roots; pauses now and then."""
        for node in self._schema.roots:
            self._node(TOP, node)
        self._roots = len(self._steps)
        yield from self._drain()
        self._reached = len(self._ways)
        for node in self._schema.others() if self._schema.others else ():
            self._node(TOP, node)
        yield from self._drain()

    def _drain(self) -> Iterator[None]:
        done = 0
        while self._waiting and len(self._steps) < MOST_ENTRIES:
            state, inside = self._waiting.popleft()
            for one in inside():
                if isinstance(one, Type):
                    self._derived(state, one)
                else:
                    self._inside(state, one)
            done += 1
            if done % _STEP == 0:
                yield

    def index(self) -> Index:
        owner, name_of, type_of, said_of = self._tables
        first, ways = array("i", [0]), array("i")
        for going in self._ways:
            ways.extend(going)
            first.append(len(ways))
        return Index(
            self._names.joined(),
            self._types.joined(fold=False),
            self._said.joined(),
            tuple(self._steps),
            owner,
            name_of,
            type_of,
            said_of,
            first,
            ways,
            self._depth[: self._reached],
            self._by[: self._reached],
            self._roots,
            not self._waiting,
        )

    def _inside(self, state: int, node: Node) -> None:
        """A node of a type; choices are looked through."""
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one.kind is Kind.CHOICE:
                waiting.extend(reversed(one.type.children))
            else:
                self._node(state, one)

    def _node(self, state: int, node: Node) -> None:
        label = node.facts.get("label", "")
        entry = self._entry(
            state,
            f"~{quote(node.name)}" if state in self._picks else self._step(node),
            self._names.number(f"{node.name}\0{label}" if label else node.name),
            self._types.number(node.type.name or (node.type.value.name if node.type.value else "")),
            self._said.number(node.documentation) if node.documentation else -1,
        )
        kind = node.type
        if not kind.leaf:
            self._way(state, entry, kind, lambda: kind.children)
        if node.kind is not Kind.ELEMENT or state in self._picks:
            # What was picked offers no further picks: they stand beside it.
            return
        if node.substitutes:
            members = node.substitutes()
            self._way(state, entry, ("members", members), lambda: members)
        if _structured(kind) and kind.derived:
            self._way(state, entry, ("derived", kind), lambda: kind.derived)

    def _derived(self, state: int, kind: Type) -> None:
        number = self._types.number(kind.name)
        said = self._said.number(kind.documentation) if kind.documentation else -1
        entry = self._entry(state, f"~{quote(kind.name)}", -1, number, said)
        if not kind.leaf:
            self._way(state, entry, kind, lambda: kind.children)

    def _entry(self, state: int, step: str, name: int, kind: int, said: int) -> int:
        for table, number in zip(self._tables, (state, name, kind, said), strict=True):
            table.append(number)
        self._steps.append(step.replace("\n", " "))
        return len(self._steps) - 1

    def _way(self, state: int, entry: int, key: object, inside: Callable[[], Iterable[Node | Type]]) -> None:
        target = self._states.get(key)
        if target is None:
            target = self._states[key] = len(self._ways)
            self._ways.append([])
            self._depth.append(self._depth[state] + 1)
            self._by.append(entry)
            self._waiting.append((target, inside))
            if not isinstance(key, Type):
                self._picks.add(target)
        self._ways[state] += (entry, target)

    def _step(self, node: Node) -> str:
        key = (node.name, node.attribute, node.prefix)
        known = self._texts.get(key)
        if known is None:
            known = str(Step(node.name, node.attribute, node.prefix or None)) if node.name else ""
            self._texts[key] = known
        return known
