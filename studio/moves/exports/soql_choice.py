"""A query as it is ticked together, and as SOQL: from the one to the other and, where it is plain enough, back."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date

from studio.base.errors import BadInput
from studio.base.i18n import _
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
# A day, a moment, or a word such as TODAY and LAST_N_DAYS:30.
_LITERAL = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[-+]\d\d:?\d\d)?)?|[A-Za-z_]+(?::\d+)?", re.IGNORECASE)
_MONTHS = 12


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
    if kind in BARE:
        return f"{condition.field} {condition.op} {_bare(condition.field, value, kind)}"
    return f"{condition.field} {condition.op} {quoted(condition.value)}"


def _bare(field: str, value: str, kind: str) -> str:
    """A value without quotes as the org takes it, from how people write it. Raises BadInput for what is none of its kind."""
    if kind == "boolean":
        known = {
            **dict.fromkeys(("true", "1", "yes", "y"), "true"),
            **dict.fromkeys(("false", "0", "no", "n"), "false"),
        }
        known |= {_("yes").lower(): "true", _("no").lower(): "false"}
        found = known.get(value.lower(), "")
    elif kind in ("date", "datetime"):
        found = value if _LITERAL.fullmatch(value) else _day(value)
        if found and kind == "datetime" and re.fullmatch(r"\d{4}-\d\d-\d\d", found):
            # Compared with a moment, a day is its beginning.
            found += "T00:00:00Z"
    else:
        found = _number(value)
    if not found:
        shown = {"boolean": "true", "date": "2026-12-31", "datetime": "2026-12-31T18:00:00Z"}.get(
            kind, "1234.50"
        )
        raise BadInput(
            _("{value} is no value of {field}.").format(value=value, field=field),
            next_step=_("Write it like {example}.").format(example=shown),
        )
    return found


def _number(value: str) -> str:
    """`500.000,50`, `500,000.50` and `500000.5` as `500000.5…`; "" for what is no number, or may be two."""
    text = value.replace(" ", "").replace("\u00a0", "")
    if re.fullmatch(r"[-+]?\d+(?:\.\d+)?", text):
        return text
    if re.fullmatch(
        r"[-+]?\d{1,3}(?:\.\d{3})+,\d+|[-+]?\d{1,3}(?:\.\d{3}){2,}|[-+]?\d+,(?:\d{1,2}|\d{4,})", text
    ):
        return text.replace(".", "").replace(",", ".")
    if re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+\.\d+|[-+]?\d{1,3}(?:,\d{3}){2,}", text):
        return text.replace(",", "")
    return ""


def _day(value: str) -> str:
    """`31/12/2026` as `2026-12-31`; "" where day and month cannot be told apart."""
    found = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", value)
    if found is None:
        return ""
    first, second = int(found[1]), int(found[2])
    for day, month in ((first, second), (second, first)):
        if day > _MONTHS >= month >= 1 or (first == second and 1 <= month <= _MONTHS):
            with suppress(ValueError):
                return date(int(found[3]), month, day).isoformat()
    return ""


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
