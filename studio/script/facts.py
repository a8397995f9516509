"""What the checks of a script share: its tree, the kinds of its values, sure types, and problems with their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.model import Base
from studio.script import tree
from studio.script.infer import Inference
from studio.script.kinds import (
    ANY,
    ARRAY,
    BINARY,
    BOOL,
    DATE,
    DICTIONARY,
    NULL,
    NUMBER,
    TEXT,
    Kinds,
    kinds_of_base,
)
from studio.script.scope import Scope
from studio.script.tree import Value

# The nodes that may give a variable a value.
_SETTING = frozenset({tree.Assign, tree.Increment, tree.Call})

Found = tuple[int, Problem]
"""A problem and the offset of its place."""
Problems = Iterator[Found]

GROUPS = (TEXT, NUMBER, BOOL, DATE, BINARY, ARRAY, DICTIONARY)
"""The types a person tells apart."""
# What typed fields give: the text in them only where the value does not fit the type.
_FIELDS = {kinds_of_base(base): kinds_of_base(base) & ~(TEXT | NULL) for base in Base}
_NUMERIC = re.compile(r"\s*-?(?:\d+\.?\d*|\.\d+)\s*")


class Facts:
    """One script being checked. `damaged` are the places of its mistakes."""

    def __init__(self, script: tree.Script, scope: Scope, damaged: Sequence[int]) -> None:
        self.script = script
        self.scope = scope
        self.damaged = damaged
        self.nodes = tuple(tree.walk(script))
        self.types = set(map(type, self.nodes))
        self.inference = Inference(script, scope)
        self._known = self.inference.known
        self.calls = tuple(
            node for node in self.nodes if isinstance(node, tree.Call) and node.name
        ) if tree.Call in self.types else ()  # fmt: skip
        self.setting = self.nodes if self.types & _SETTING else ()

    def kinds(self, node: tree.Expression) -> Kinds:
        """What an expression may give."""
        return self._known.get(id(node), ANY)

    def sure(self, node: tree.Expression) -> Kinds | None:
        """The one type of an expression's values beside null: TEXT, NUMBER, …; None where there are several."""
        return sure(self.kinds(node))

    def is_damaged(self, node: tree.Node) -> bool:
        """A mistake lies inside."""
        return any(node.start <= place <= node.end for place in self.damaged)

    def problem(self, severity: Severity, place: tree.Node | int, message: str, mend: str = "") -> Found:
        """A problem at a node or an offset."""
        offset = place if isinstance(place, int) else place.start
        line, column = self.script.place(offset)
        return offset, Problem(
            severity, message, self.script.file, line, column, self.scope.object, self.scope.path, mend
        )

    def warning(self, place: tree.Node | int, message: str, mend: str = "") -> Found:
        """A warning at a node or an offset."""
        return self.problem(Severity.WARNING, place, message, mend)

    def note(self, place: tree.Node | int, message: str, mend: str = "") -> Found:
        """A note at a node or an offset."""
        return self.problem(Severity.NOTE, place, message, mend)

    def error(self, place: tree.Node | int, message: str, mend: str = "") -> Found:
        """An error at a node or an offset."""
        return self.problem(Severity.ERROR, place, message, mend)


@lru_cache(maxsize=1024)
def sure(kinds: Kinds) -> Kinds | None:
    """The one type that kinds allow beside null."""
    if kinds == ANY:
        return None
    rest = _FIELDS.get(kinds) or kinds & ~NULL
    return next((group for group in GROUPS if rest and rest.only(group)), None)


def samples(kinds: Kinds) -> tuple[Value, ...]:
    """One value of each kind."""
    return tuple(value for kind, value in _SAMPLES if kind & kinds)


_SAMPLES: tuple[tuple[Kinds, Value], ...] = (
    (Kinds.BOOL, True),
    (Kinds.INT, 1),
    (Kinds.FLOAT, 1.5),
    (Kinds.DECIMAL, Decimal("1.5")),
    (Kinds.TEXT, "1"),
    (Kinds.DATE, datetime(2026, 3, 1)),
    (Kinds.BINARY, b"\0"),
    (Kinds.ARRAY, ["1"]),
    (Kinds.DICTIONARY, {}),
)


def type_name(kinds: Kinds) -> str:
    """A type in the user's language."""
    return {
        TEXT: _("text"),
        NUMBER: _("a number"),
        BOOL: _("true or false"),
        DATE: _("a date"),
        BINARY: _("binary data"),
        ARRAY: _("an array"),
        DICTIONARY: _("a dictionary"),
    }[kinds]


def literal(node: tree.Expression) -> Value:
    """A constant's value, a negative number too; None where the node is none."""
    if isinstance(node, tree.Unary) and node.operator == "-":
        value = literal(node.operand)
        return -value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    return node.value if isinstance(node, tree.Literal) else None


def numeric(node: tree.Expression) -> bool:
    """A text constant that is a number from beginning to end."""
    value = literal(node)
    return isinstance(value, str) and _NUMERIC.fullmatch(value) is not None
