"""Which conditions can never fail: those need not be asked for the candidates after the one that was wanted."""

from __future__ import annotations

from studio.engine.plan import Expr
from studio.schema.model import Base
from studio.script import tree

_COMPARABLE = frozenset({Base.TEXT, Base.INTEGER, Base.DECIMAL, Base.FLOAT})
_OPERATORS = frozenset({"==", "!=", "<", ">", "<=", ">=", "&&", "||"})


def cannot_fail(condition: Expr) -> bool:
    """It only compares single texts and numbers, or asks whether they are there."""
    if condition.script is None or condition.wrong is not None:
        return False
    for _path, read in condition.reads:
        if read.array or read.base not in _COMPARABLE or any(hop.filter for hop in read.hops):
            return False
    return all(_is_plain(node) for node in tree.walk(condition.script))


def _is_plain(node: tree.Expression | tree.Script) -> bool:
    if isinstance(node, tree.Binary):
        return node.operator in _OPERATORS
    if isinstance(node, tree.Unary):
        return node.operator == "!"
    if isinstance(node, tree.Call):
        return node.name.lower() == "isnull" and len(node.arguments) == 1
    return isinstance(node, (tree.Script, tree.Path, tree.Literal))
