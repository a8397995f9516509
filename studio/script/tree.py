"""The syntax tree of a script: frozen nodes with the offsets of the text they were read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import TypeAlias, Union

from studio.base.records import dataclass

Value: TypeAlias = Union[
    bool, int, float, Decimal, str, datetime, bytes, "list[Value]", "dict[str, Value]", None
]
"""What a script computes with. Arrays are lists, dictionaries have text keys; both are shared, not copied."""


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of script text from `start` up to, not including, `end` (offsets from 0)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant: text, a number (int or float) or true/false."""

    value: bool | int | float | str


@dataclass(frozen=True, slots=True)
class Local(Node):
    """A variable of this script."""

    name: str

    @property
    def argument(self) -> bool:
        """It is one of `_1`, `_2` …, the values another script runs this one with: null where there are fewer."""
        return self.name[0] == "_" and self.name[1:].isdecimal()


@dataclass(frozen=True, slots=True)
class Global(Node):
    """A variable of the run; `name` is without its `$`."""

    name: str


@dataclass(frozen=True, slots=True)
class Array(Node):
    """`{a, b}`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`target[key]` of an array or dictionary."""

    target: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`-operand` or `!operand`."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Increment(Node):
    """`++target`, `--target`, or with `postfix` `target++`, `target--`."""

    operator: str
    target: Local | Global | Index
    postfix: bool


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`left operator right`; `&` and `|` are written `&&` and `||` here."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """`target = value`, also `+=` and `-=`."""

    operator: str
    target: Local | Global | Index
    value: Expression


@dataclass(frozen=True, slots=True)
class Block(Node):
    """Several statements as one argument; its value is the last one's."""

    statements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function call; `name` as written (function names ignore case), `name_end` ends the name."""

    name: str
    arguments: tuple[Expression, ...]
    name_end: int


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step of a path.

    `filter` is a condition over the candidate, `index` counts from 1, `every` is `[*]`; `call` is `text` for
    `text()` and `members` for `members()` (`name` is empty then).
    """

    name: str
    attribute: bool = False
    prefix: str | None = None
    type: str | None = None
    filter: Script | None = None
    index: int | None = None
    every: bool = False
    call: str = ""
    start: int = 0
    end: int = 0

    @property
    def plain(self) -> bool:
        """The step has no filter, number or star."""
        return self.filter is None and self.index is None and not self.every


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A reference to the source document: `[../lines/line[*]/@no]`.

    `absolute` starts at the document (a leading slash, or the vendor's notation); `up` counts the leading `..`;
    `source` names another document (`prices::…`); `whole` is `[.]`, the context's own value. `vendor` says that it
    was written `a$b.c$`.
    """

    absolute: bool
    up: int
    source: str | None
    steps: tuple[PathStep, ...]
    whole: bool = False
    vendor: bool = False

    @property
    def plain(self) -> bool:
        """No step has a filter, number or star."""
        return all(step.plain for step in self.steps)


Expression: TypeAlias = (
    Literal | Local | Global | Array | Index | Unary | Increment | Binary | Assign | Block | Call | Path
)


@dataclass(frozen=True, slots=True)
class Script(Node):
    """A whole script, or a path's filter. `text` is the file or rule it stands in, for lines and columns."""

    text: str
    statements: tuple[Expression, ...]
    file: str | None = None

    @property
    def only(self) -> Expression | None:
        """The expression, when the script is a single one."""
        return self.statements[0] if len(self.statements) == 1 else None

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an offset."""
        return line_column(self.text, offset)

    def source(self, node: Node | PathStep) -> str:
        """The text a node was read from."""
        return self.text[node.start : node.end]


def hole(start: int, end: int, *parts: Expression) -> Call:
    """What could not be read, with the parts that could: a call without a name. No script that runs holds one."""
    return Call(start, end, "", parts, start)


def is_hole(node: Expression | Script) -> bool:
    """The node stands for what could not be read."""
    return isinstance(node, Call) and not node.name


def line_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of an offset into `text`."""
    offset = max(0, min(offset, len(text)))
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _nothing(_node: Node) -> tuple[()]:
    return ()


def _filters(node: Path) -> tuple[Script, ...]:
    return tuple(step.filter for step in node.steps if step.filter is not None)


_INSIDE: dict[type[Node], Callable[..., tuple[Expression | Script, ...]]] = {
    Literal: _nothing,
    Local: _nothing,
    Global: _nothing,
    Array: attrgetter("items"),
    Index: attrgetter("target", "key"),
    Unary: lambda node: (node.operand,),
    Increment: lambda node: (node.target,),
    Binary: attrgetter("left", "right"),
    Assign: attrgetter("target", "value"),
    Block: attrgetter("statements"),
    Call: attrgetter("arguments"),
    Script: attrgetter("statements"),
    Path: _filters,
}


def children(node: Expression | Script) -> tuple[Expression | Script, ...]:
    """The nodes directly inside, in the order they are written; a path's filters are scripts."""
    return _INSIDE[type(node)](node)


def walk(node: Expression | Script) -> Iterator[Expression | Script]:
    """The node and everything inside it, depth first, without recursion (chains may be long)."""
    waiting: list[Expression | Script] = [node]
    while waiting:
        here = waiting.pop()
        yield here
        inner = _INSIDE[type(here)](here)
        if inner:
            waiting += inner[::-1]


def without_filters(script: Script) -> list[Expression | Script]:
    """The script and everything inside it in order of writing, without what is inside filters."""
    found: list[Expression | Script] = []
    waiting: list[Expression | Script] = [script]
    while waiting:
        here = waiting.pop()
        found.append(here)
        kind = type(here)
        if kind is not Path:
            inner = _INSIDE[kind](here)
            if inner:
                waiting += inner[::-1]
    return found


def paths(script: Script) -> tuple[Path, ...]:
    """Every path of a script in order of writing, without those inside filters."""
    return tuple(node for node in without_filters(script) if isinstance(node, Path))
