"""Records in the order they stand, placed in the structure a definition declares: groups, nesting, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import field

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.schema.flat.tell import Record, has_fields
from studio.schema.model import Kind, Node

# A definition that nests deeper cannot be meant; it may also hold itself.
_DEEPEST = 40
_MOST_PROBLEMS = 200

Told = Callable[[Record, Node], bool]


@dataclass(frozen=True)
class Placed:
    """A record, the node that describes it (None where none does) and its path with instance numbers left out.

    `opens` is how many nodes begin with it: itself, and the groups around it of which it is the first record; `way`
    are the names down to it.
    """

    record: Record
    node: Node | None
    path: str
    opens: int = 0
    way: tuple[str, ...] = ()


@dataclass
class _Open:
    """One open record or group: its children in order, at which of them it stands, how often each occurred."""

    node: Node | None
    path: str
    children: tuple[Node, ...]
    at: int = 0
    counts: dict[int, int] = field(default_factory=dict)

    def alike(self) -> int:
        """The first child that may still come: those of one position (`pos`) come in any order."""
        start = self.at
        pos = self.children[start].facts.get("pos") if self.children else None
        while pos and start and self.children[start - 1].facts.get("pos") == pos:
            start -= 1
        return start


class Walker:
    """Places records one after the other; `problems` are those found so far, at most 200.

    `misplaced` says why the record placed last does not stand where it may, empty where it does.
    """

    def __init__(self, roots: tuple[Node, ...], told: Told, file: str | None = None) -> None:
        self._told = told
        self._file = file
        self._stack = [_Open(None, "", roots)]
        self.problems: list[Problem] = []
        self.left_out = 0
        self.misplaced = ""

    def place(self, records: Iterable[Record]) -> Iterator[Placed]:
        """The place of each record; after the last one, what is still missing becomes a problem."""
        last = 1
        for record in records:
            last = record.line
            yield self._place(record)
        while len(self._stack) > 1:
            self._close(last)
        self._missing(self._stack[0], len(self._stack[0].children), last)

    def one(self, record: Record) -> Placed:
        """The place of the next record alone; what is missing at the end is not told."""
        return self._place(record)

    def _place(self, record: Record) -> Placed:
        self.misplaced = ""
        for strict in (True, False):
            for depth in range(len(self._stack) - 1, -1, -1):
                level = self._stack[depth]
                found = self._next(level, record, strict)
                if found is not None:
                    while len(self._stack) > depth + 1:
                        self._close(record.line)
                    return self._take(level, found, record, strict)
        self._problem(
            _("This record is of no kind the schema knows: {start}").format(start=record.text[:30]),
            record.line,
            "",
            _("Correct the record, or add its kind to the schema."),
        )
        return Placed(record, None, "")

    def _next(self, level: _Open, record: Record, strict: bool) -> tuple[int, tuple[Node, ...]] | None:
        """Which child the record is, from where the level stands on, and the groups it opens on the way."""
        order: Iterable[int] = range(level.alike(), len(level.children))
        if not strict:
            order = (*range(level.at, len(level.children)), *range(level.at))
        for at in order:
            node = level.children[at]
            if strict and node.occurs.max is not None and level.counts.get(at, 0) >= node.occurs.max:
                continue
            way = self._way_in(node, record, 0)
            if way is not None:
                return at, way
        return None

    def _way_in(self, node: Node, record: Record, depth: int) -> tuple[Node, ...] | None:
        """The nodes from a child down to the one that describes the record; groups are opened by their first record."""
        if has_fields(node) or depth > _DEEPEST:
            return (node,) if self._told(record, node) else None
        for child in _records(node):
            way = self._way_in(child, record, depth + 1)
            if way is not None:
                return (node, *way)
            if child.occurs.min > 0:
                return None
        return None

    def _take(
        self, level: _Open, found: tuple[int, tuple[Node, ...]], record: Record, strict: bool
    ) -> Placed:
        at, way = found
        if not strict:
            again = level.counts.get(at)
            self.misplaced = (
                _("{name} occurs more often here than it may: {count}.").format(
                    name=way[0].name, count=level.counts.get(at, 0) + 1
                )
                if again
                else _("{name} stands out of order here.").format(name=way[0].name)
            )
            self._problem(
                self.misplaced,
                record.line,
                _joined(level.path, way[0].name),
                _("Correct the record, or the order and occurs: of its kind in the schema."),
            )
        if at > level.at:
            # Those of the same position as this one may still come.
            pos = level.children[at].facts.get("pos")
            end = next((one for one in range(at) if pos and level.children[one].facts.get("pos") == pos), at)
            self._missing(level, end, record.line)
        level.counts[at] = level.counts.get(at, 0) + 1
        level.at = max(at, level.at)
        path = level.path
        for node in way:
            inner = self._stack[-1]
            if inner is not level:
                # A group just opened: it stands at the child by which it was entered.
                inner.at = inner.children.index(node)
                inner.counts[inner.at] = 1
            path = _joined(path, node.name)
            self._stack.append(_Open(node, path, _records(node)))
        return Placed(record, way[-1], path, len(way), self.way)

    @property
    def way(self) -> tuple[str, ...]:
        """The names of the nodes that are open."""
        return tuple(each.node.name for each in self._stack if each.node is not None)

    def _close(self, line: int) -> None:
        level = self._stack.pop()
        self._missing(level, len(level.children), line)

    def _missing(self, level: _Open, end: int, line: int) -> None:
        for at in range(level.alike(), end):
            node = level.children[at]
            if at not in level.counts and _needed(node):
                level.counts[at] = 0
                self._problem(
                    _("{name} is missing before this record or at the end.").format(name=node.name)
                    if level.path == ""
                    else _("{name} is missing in {parent}.").format(name=node.name, parent=level.path),
                    line,
                    _joined(level.path, node.name),
                    _("Add the record, or let it occur 0..1 in the schema."),
                )

    def _problem(self, message: str, line: int, path: str, mend: str) -> None:
        if len(self.problems) >= _MOST_PROBLEMS:
            self.left_out += 1
            return
        self.problems.append(Problem(Severity.ERROR, message, self._file, line, path=path or None, mend=mend))


def _needed(node: Node, depth: int = 0) -> bool:
    """It must be there: a group only where something inside it must be."""
    if node.occurs.min == 0 or depth > _DEEPEST:
        return False
    return has_fields(node) or any(_needed(child, depth + 1) for child in _records(node))


def _records(node: Node) -> tuple[Node, ...]:
    return tuple(child for child in node.type.children if child.kind is Kind.SEGMENT)


def _joined(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
