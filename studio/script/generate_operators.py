"""Operators to Python: texts joined in place, decimals without a call, guards for values of unknown kind."""

from __future__ import annotations

import re

from studio.script.code import Code, Items, altered, as_fast
from studio.script.generate import Generator
from studio.script.guards import guarded
from studio.script.kinds import ARRAY, BOOL, DATE, NULL, NUMBER, TEXT, kinds_of_binary
from studio.script.operators import binary
from studio.script.runtime import OPERATORS

_JOINABLE = NULL | BOOL | NUMBER | TEXT | DATE
_ARITHMETIC = ("+", "-", "*", "/")


class Operators(Generator):
    """The generator with the binary operators."""

    def combined(self, operator: str, left: Code, right: Code) -> Code:
        """`left operator right`, each evaluated once, in this order."""
        folded = self.folded(lambda: binary(operator, left.constant, right.constant), (left, right))
        if folded is not None:
            return folded
        for rule in (self._joined, self._entries, self._decimals, self._texts):
            code = rule(operator, left, right)
            if code is not None:
                return code
        left, right = self.before([left], lambda: self.in_line(right))
        left = self.in_line(left)
        code = guarded(self.writer, operator, left, right)
        if code is not None:
            return code
        shown = f"{OPERATORS[operator]}({left.value}, {right.value})"
        kinds = kinds_of_binary(operator, left.kinds, right.kinds)
        depth = max(left.depth, right.depth) + 1
        return Code(shown, kinds, depth=depth, bounded=left.bounded and right.bounded)

    def _joined(self, operator: str, left: Code, right: Code) -> Code | None:
        """Text joined with anything that has a text."""
        if operator != "+" or TEXT not in (left.kinds, right.kinds):
            return None
        if not left.kinds.only(_JOINABLE) or not right.kinds.only(_JOINABLE):
            return None
        left, right = self.before([left], lambda: self.in_line(right))
        left = self.in_line(left)
        parts = (left.parts or (left.plain,)) + (right.parts or (right.plain,))
        bounded = left.bounded and right.bounded
        if not bounded:
            value = f"s_join(({', '.join(parts)},))"
        elif len(parts) > 12:
            value = f"''.join(({', '.join(parts)},))"
        else:
            value = f"({' + '.join(parts)})"
        depth = max(left.depth, right.depth) + (0 if left.parts else 1)
        return Code(value, TEXT, text=value, parts=parts, bounded=bounded, depth=depth)

    def _entries(self, operator: str, left: Code, right: Code) -> Code | None:
        """Arithmetic over numeric arrays, entry by entry."""
        if operator not in ("+", "-", "*") or (left.items is None and right.items is None):
            return None
        along = {
            source: variable for code in (left, right) if code.items for variable, source in code.items.along
        }
        elements = []
        for code in (left, right):
            if code.items is not None:
                elements.append(_renamed(code.items, along))
            elif code.fast is not None and not code.composite:
                elements.append(code.fast)
            else:
                return None
        items = Items(
            tuple((variable, source) for source, variable in along.items()),
            f"({elements[0]} {operator} {elements[1]})",
            leaf=False,
        )
        slow = f"{OPERATORS[operator]}({left.value}, {right.value})"
        return Code(slow, ARRAY, fast=items.loop(), composite=True, items=items)

    def _decimals(self, operator: str, left: Code, right: Code) -> Code | None:
        """Decimal arithmetic and comparison without a function call."""
        if not (left.sure or right.sure) or operator == "^" or (left.kinds | right.kinds) & BOOL:
            return None
        if operator in ("==", "!=") and (left.kinds | right.kinds) & TEXT:
            return None  # a number and a text would differ without an error that asks for the long way
        left, right = self._exactly(left), self._exactly(right)
        first, second = as_fast(left), as_fast(right)
        if first is None or second is None:
            return None
        slow = f"{OPERATORS[operator]}({left.value}, {right.value})"
        depth = max(left.depth, right.depth) + 1
        if operator in _ARITHMETIC:
            kinds = kinds_of_binary(operator, left.kinds, right.kinds)
            if operator == "/":
                fast = f"s_quotient({first}, {second})"
                return Code(slow, kinds, fast=fast, sure=True, composite=True, depth=depth)
            lenient = _lenient(operator, left, right)
            loose = f"({lenient[0] or first} {operator} {lenient[1] or second})" if any(lenient) else None
            decimal = left.decimal or right.decimal
            fast = f"({first} {operator} {second})"
            if loose is not None and _certain(operator, left, right):
                fast, loose = loose, None
            return Code(
                slow, kinds, fast=fast, sure=True, composite=True, decimal=decimal, loose=loose, depth=depth
            )
        fast = f"({first} {operator} {second})"
        if operator in ("==", "!=") and not left.composite and not right.composite and not right.known:
            other = f"{first} is not None" if operator == "==" else f"{first} is None"
            fast = f"({first} {operator} {second} {'and' if operator == '==' else 'or'} {other})"
        return Code(slow, BOOL, fast=fast, composite=True, depth=depth)

    def _exactly(self, code: Code) -> Code:
        """A number that may be a float, with a short way to its decimal."""
        if as_fast(code) is not None or code.known or code.composite or not code.kinds.only(NUMBER | NULL):
            return code
        steady = self.writer.steady(code)
        return altered(steady, fast=f"s_exact({steady.value})")

    def _texts(self, operator: str, left: Code, right: Code) -> Code | None:
        """Comparison of two texts, either of which may be null."""
        if operator in (*_ARITHMETIC, "^") or not (left.kinds | right.kinds).only(TEXT | NULL):
            return None
        if any(code.composite or (code.known and code.constant is None) for code in (left, right)):
            return None
        for code, other in ((left, right), (right, left)):
            if operator == "==" and code.blank and other.known and other.constant:
                shown = f"{code.blank} == {other.value}" if code is left else f"{other.value} == {code.blank}"
                return Code(f"({shown})", BOOL)
        if left.kinds.nullable or right.kinds.nullable:
            left, right = self.writer.steady(left), self.writer.steady(right)
        nullable = [code for code in (left, right) if code.kinds.nullable]
        test = f"{left.value} {operator} {right.value}"
        if operator == "!=" and len(nullable) == 2:
            return Code(f"({left.value} is None or {test})", BOOL)
        if operator == "==" and len(nullable) == 2:
            return Code(f"({left.value} is not None and {test})", BOOL)
        if operator not in ("==", "!="):
            guards = [f"{code.value} is not None" for code in nullable]
            return Code(f"({' and '.join([*guards, test])})", BOOL)
        return Code(f"({test})", BOOL)


def _lenient(operator: str, left: Code, right: Code) -> tuple[str | None, str | None]:
    """The operands' short ways in which null counts for nothing, where the other operand cannot be null as well."""
    return _leniently(operator, left, right), _leniently(operator, right, left)


def _leniently(operator: str, code: Code, other: Code) -> str | None:
    there = other.composite or (other.known and other.constant is not None)
    if code.loose is not None:
        return code.loose if there or other.decimal else None
    # A field and nothing is that field, with the text it had: that is no sum.
    return code.nulled if there and operator != "*" else None


def _certain(operator: str, left: Code, right: Code) -> bool:
    """With null left out the judge has a decimal all the same: a decimal stays one whatever is added."""
    for code, other in ((left, right), (right, left)):
        if _leniently(operator, code, other) is not None and not (other.decimal and other.loose is None):
            return False
    return True


def _renamed(items: Items, along: dict[str, str]) -> str:
    """The element, with each list's variable as the merged loop calls it."""
    element = items.element
    for variable, source in items.along:
        if along[source] != variable:
            element = re.sub(rf"\b{variable}\b", along[source], element)
    return element
