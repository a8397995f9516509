"""Which kinds of value the parts of a script may have, and which operations can only fail."""

from __future__ import annotations

import decimal
import itertools
from datetime import datetime
from decimal import Decimal

from studio.script import tree
from studio.script.errors import RunError
from studio.script.functions import find
from studio.script.kinds import (
    ANY,
    ARRAY,
    BOOL,
    DATE,
    NULL,
    TEXT,
    Kinds,
    kinds_of_base,
    kinds_of_binary,
    kinds_of_call,
    kinds_of_value,
)
from studio.script.operators import binary
from studio.script.scope import Scope
from studio.script.tree import Value
from studio.script.values import EXACT

_SAMPLES: tuple[tuple[Kinds, Value], ...] = (
    (Kinds.BOOL, True),
    (Kinds.INT, 1),
    (Kinds.FLOAT, 1.5),
    (Kinds.DECIMAL, Decimal("1.5")),
    (Kinds.TEXT, "1"),
    (Kinds.DATE, datetime(2026, 3, 1)),
    (Kinds.BINARY, b"\0"),
    (Kinds.DICTIONARY, {}),
)


class Inference:
    """Kinds of expressions in a scope; a variable may hold anything."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._known: dict[int, tuple[tree.Expression, Kinds]] = {}

    def kinds(self, node: tree.Expression) -> Kinds:
        """What the expression may give."""
        if id(node) not in self._known:
            self._known[id(node)] = (node, self._found(node))
        return self._known[id(node)][1]

    def _found(self, node: tree.Expression) -> Kinds:
        match node:
            case tree.Literal():
                return kinds_of_value(node.value)
            case tree.Array():
                return ARRAY
            case tree.Path():
                return self._field(node)
            case tree.Call():
                return self._call(node)
            case tree.Unary(operator="!"):
                return BOOL | ARRAY
            case tree.Binary():
                return self._chain(node)
            case tree.Assign(operator="="):
                return self.kinds(node.value)
        return ANY

    def _field(self, node: tree.Path) -> Kinds:
        field = self._scope.field(node) if self._scope.field is not None else None
        if field is None:
            return ANY
        return ARRAY if field.many else kinds_of_base(field.base)

    def _call(self, node: tree.Call) -> Kinds:
        function = find(node.name)
        if function is None or function.lazy:
            return ANY
        return kinds_of_call(function, [ANY for _argument in node.arguments])

    def _chain(self, node: tree.Binary) -> Kinds:
        """The kinds of a chain of operators, down its left side without recursion."""
        chain = [node]
        while isinstance(chain[-1].left, tree.Binary) and id(chain[-1].left) not in self._known:
            chain.append(chain[-1].left)
        kinds = self.kinds(chain[-1].left)
        for here in reversed(chain):
            kinds = _kinds(here.operator, kinds, self.kinds(here.right))
            self._known[id(here)] = (here, kinds)
        return kinds

    def failure(self, node: tree.Binary) -> RunError | None:
        """The error that the operation ends in whatever its values are, None when it can succeed."""
        if node.operator in ("&&", "||"):
            return None
        left, right = self.kinds(node.left), self.kinds(node.right)
        if (left | right) & ARRAY or NULL in (left, right):
            return None
        error: RunError | None = None
        with decimal.localcontext(EXACT):
            for first, second in itertools.product(_samples(left), _samples(right)):
                try:
                    binary(node.operator, first, second)
                except RunError as caught:
                    error = caught
                else:
                    return None
        return error


def _samples(kinds: Kinds) -> list[Value]:
    """One value of each kind; text that does not fit a field's type is left out where the type has values."""
    wanted = kinds & ~(TEXT | NULL) if kinds & ~(TEXT | NULL) and kinds != ANY else kinds
    return [value for kind, value in _SAMPLES if kind & wanted]


def _kinds(operator: str, left: Kinds, right: Kinds) -> Kinds:
    if operator in ("&&", "||"):
        return BOOL
    if operator == "+" and TEXT in (left, right) and not (left | right) & ARRAY:
        return TEXT
    if operator == "+" and left.only(TEXT | NULL) and right.only(TEXT | NULL):
        return TEXT | NULL
    if operator == "+" and (left | right) & DATE:
        return ANY
    return kinds_of_binary(operator, left, right)
