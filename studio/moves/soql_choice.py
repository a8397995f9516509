"""A query as it is ticked together, and as SOQL: from the one to the other and, where it is plain enough, back."""

from __future__ import annotations

import re
from collections.abc import Callable

from studio.base.records import dataclass
from studio.connectors.salesforce.query import quoted

_NAME = r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*"
_QUERY = re.compile(
    rf"\s*SELECT\s+(?P<fields>{_NAME}(?:\s*,\s*{_NAME})*)\s+FROM\s+(?P<object>\w+)"
    r"(?:\s+WHERE\s+(?P<where>.+?))?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_TEXT = r"'(?:[^'\\]|\\.)*'"
_PART = re.compile(
    rf"\s*(?P<field>{_NAME})\s*(?P<op>=|!=|<>|<=|>=|<|>|LIKE\b)\s*(?P<value>{_TEXT}|[^\s'()]+)\s*(?:(?P<and>AND)\b|$)",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# Types whose values stand without quotes.
BARE = frozenset({"boolean", "int", "long", "double", "currency", "percent", "date", "datetime"})
_LITERAL = re.compile(r"(?:null|true|false|[-+]?\d[\w.:+-]*|[A-Za-z_]+(?::\d+)?)", re.IGNORECASE)


@dataclass(frozen=True)
class Condition:
    """`field op value`; the value as a person writes it. `op` is = != < <= > >= or one of contains, begins."""

    field: str
    op: str = "="
    value: str = ""


@dataclass(frozen=True)
class Choice:
    """What is ticked: an object, its fields, conditions that must all hold, and how many records at most (0: all)."""

    object: str
    fields: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    limit: int = 0


def to_soql(choice: Choice, type_of: Callable[[str], str] = lambda _field: "string") -> str:
    """The query of a choice; `type_of` tells a field's type, which decides whether a value is quoted."""
    text = f"SELECT {', '.join(choice.fields) or 'Id'} FROM {choice.object}"
    if choice.conditions:
        text += " WHERE " + " AND ".join(_condition(c, type_of(c.field)) for c in choice.conditions)
    return f"{text} LIMIT {choice.limit}" if choice.limit else text


def _condition(condition: Condition, kind: str) -> str:
    value = condition.value.strip()
    if condition.op in ("contains", "begins"):
        plain = re.sub(r"([%_\\])", r"\\\1", condition.value)
        start = "%" if condition.op == "contains" else ""
        return f"{condition.field} LIKE {_like(start + plain + '%')}"
    if not value or value.lower() == "null":
        return f"{condition.field} {condition.op} null"
    bare = kind in BARE and _LITERAL.fullmatch(value)
    return f"{condition.field} {condition.op} {value if bare else quoted(condition.value)}"


def _like(pattern: str) -> str:
    """A pattern as a literal: its own backslashes stay single, for they hide % and _ from the org."""
    return "'" + pattern.replace("'", "\\'") + "'"


def from_soql(text: str) -> Choice | None:
    """The choice a query says; None where it is more than can be ticked (OR, brackets, functions, subqueries, ORDER BY)."""
    found = _QUERY.fullmatch(text)
    if found is None:
        return None
    conditions = _conditions(found["where"] or "")
    if conditions is None:
        return None
    fields = tuple(name.strip() for name in found["fields"].split(","))
    return Choice(found["object"], fields, conditions, int(found["limit"] or 0))


def _conditions(text: str) -> tuple[Condition, ...] | None:
    found, at = list[Condition](), 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None or (part["and"] is None) != (part.end() == len(text)):
            return None
        made = _made(part["field"], part["op"].lower(), part["value"])
        if made is None:
            return None
        found.append(made)
        at = part.end()
        if part["and"] is not None and at == len(text):
            return None
    return tuple(found)


def _made(field: str, op: str, value: str) -> Condition | None:
    op = "!=" if op == "<>" else op
    text = value[1:-1] if value.startswith("'") else value
    if op == "like":
        inner = text.removeprefix("%").removesuffix("%")
        if not value.startswith("'") or not text.endswith("%") or re.search(r"(?<!\\)[%_]", inner):
            return None
        return Condition(field, "contains" if text.startswith("%") else "begins", _ESCAPED.sub(r"\1", inner))
    plain = _ESCAPED.sub(_unescaped, text) if value.startswith("'") else text
    return Condition(field, op, "" if value.lower() == "null" else plain)


def _unescaped(found: re.Match[str]) -> str:
    return {"n": "\n", "r": "\r"}.get(found[1], found[1])
