"""Conditions into SQL with parameters: comparisons by the field's type, as the vendor compares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from studio.practice.catalog import ID_TYPES, NUMBER_TYPES, Field
from studio.practice.clock import stored
from studio.practice.failures import ApiError
from studio.practice.ids import full_id
from studio.practice.lookups import folded
from studio.practice.soql.dates import span
from studio.practice.soql.lex import malformed, string_value
from studio.practice.soql.names import Names, Place
from studio.practice.soql.tree import Aggregate, Both, Comparison, Condition, Literal, Not, Query
from studio.practice.store import listed, quoted

Sql = tuple[str, list[Any]]
# Compiles a query inside a condition to the SQL of its one column.
Inner = Callable[[Query], Sql]
# Gives the SQL of an aggregate in HAVING, and the field it is over.
Total = Callable[[Aggregate], tuple[str, Field | None]]

_NEGATED = {"!=": "=", "not in": "in", "excludes": "includes"}


class Conditions:
    """Compiles the conditions of one query."""

    def __init__(self, names: Names, text: str, today: date, inner: Inner, total: Total) -> None:
        self._names = names
        self._text = text
        self._today = today
        self._inner = inner
        self._total = total

    def sql(self, condition: Condition) -> Sql:
        """SQL that is true where the condition holds, null or 0 where it does not."""
        if isinstance(condition, Not):
            text, values = self.sql(condition.condition)
            return f"NOT ifnull({text}, 0)", values
        if isinstance(condition, Both):
            parts = [self.sql(part) for part in condition.conditions]
            joined = f" {condition.word.upper()} ".join(text for text, _values in parts)
            return f"({joined})", [value for _text, values in parts for value in values]
        if condition.operator in _NEGATED:
            # What is null is unlike any value, so a negated comparison holds for it.
            positive = Comparison(
                condition.path, _NEGATED[condition.operator], condition.values, condition.query
            )
            text, values = self._compare(positive)
            return f"NOT ifnull({text}, 0)", values
        return self._compare(condition)

    def _compare(self, comparison: Comparison) -> Sql:
        if isinstance(comparison.path, Aggregate):
            column, _field = self._total(comparison.path)
            value = comparison.values[0]
            if comparison.operator not in ("=", "<", "<=", ">", ">=") or value.kind not in ("number", "null"):
                raise malformed(self._text, value.at, "invalid operator in HAVING")
            return f"({column} {comparison.operator} ?)", [
                None if value.kind == "null" else float(value.text)
            ]
        place = self._names.find(comparison.path)
        self._check_filterable(place.field, comparison)
        if comparison.query is not None:
            text, values = self._inner(comparison.query)
            return f"({place.sql} IN ({text}))", values
        if comparison.operator == "in":
            return self._any(place, comparison.values)
        if comparison.operator == "includes":
            return self._includes(place, comparison.values)
        if comparison.operator == "like":
            return self._like(place, comparison.values[0])
        return self._single(place, comparison.operator, comparison.values[0])

    def _check_filterable(self, field: Field, comparison: Comparison) -> None:
        if field.filterable and not field.long and field.type != "address":
            return
        path = comparison.path
        at = path.at
        message = f"field '{field.name}' can not be filtered in a query call"
        raise malformed(self._text, at, message, "INVALID_FIELD")

    def _any(self, place: Place, literals: tuple[Literal, ...]) -> Sql:
        simple = [
            literal for literal in literals if literal.kind == "string" and place.field.type in ID_TYPES
        ]
        if len(simple) == len(literals):
            return f"({place.sql} IN (SELECT value FROM json_each(?)))", [
                listed([self._value(place.field, literal) for literal in literals])
            ]
        if place.field.is_key and place.field.is_text and all(one.kind == "string" for one in literals):
            # Many keys at once are how loaders look for records: by the index, and not each against every record.
            keys = [folded(place.field, self._value(place.field, literal)) for literal in literals]
            column = f"{place.alias}.{quoted(place.field.key_column)}"
            return f"({column} IN (SELECT value FROM json_each(?)) AND {column} IS NOT NULL)", [listed(keys)]
        parts = [self._single(place, "=", literal) for literal in literals]
        return "(" + " OR ".join(text for text, _values in parts) + ")", [v for _t, vs in parts for v in vs]

    def _includes(self, place: Place, literals: tuple[Literal, ...]) -> Sql:
        options, values = [], []
        for literal in literals:
            wanted = [part for part in string_value(literal.text).split(";") if part]
            options.append(
                "(" + " AND ".join([f"instr(';' || {place.sql} || ';', ?) > 0"] * len(wanted)) + ")"
            )
            values += [f";{part};" for part in wanted]
        return "(" + " OR ".join(options) + ")", values

    def _like(self, place: Place, literal: Literal) -> Sql:
        if literal.kind != "string" or not place.field.is_text:
            raise self._wrong(place.field, literal)
        pattern = string_value(literal.text)
        column, value = self._folded(place, pattern)
        return f"({column} LIKE ? ESCAPE '\\')", [value]

    def _folded(self, place: Place, text: str) -> tuple[str, str]:
        """SQL folds the case of ASCII letters by itself; other letters need a function."""
        if text.isascii() or place.field.case_sensitive:
            return place.sql, text
        return f"fold({place.sql})", text.lower()

    def _single(self, place: Place, operator: str, literal: Literal) -> Sql:
        if literal.kind == "null":
            return f"({place.sql} IS NULL)" if operator == "=" else "(0)", []
        if place.field.type in ("date", "datetime"):
            return self._moment(place, operator, literal)
        value = self._value(place.field, literal)
        if isinstance(value, str) and place.field.is_text:
            column, value = self._folded(place, value)
            return f"({column} {operator} ?)", [value]
        return f"({place.sql} {operator} ?)", [value]

    def _value(self, field: Field, literal: Literal) -> Any:
        kind = literal.kind
        if field.type in ID_TYPES and kind == "string":
            text = string_value(literal.text)
            full = full_id(text)
            if full is None and text:
                message = f"invalid ID field: {text}"
                raise malformed(self._text, literal.at, message, "INVALID_QUERY_FILTER_OPERATOR")
            return full
        if field.type in NUMBER_TYPES and kind == "number":
            return float(literal.text)
        if field.type == "boolean" and kind == "boolean":
            return int(literal.text == "true")
        if (field.is_text or field.type == "time") and kind == "string":
            return string_value(literal.text).replace("\\%", "%").replace("\\_", "_")
        raise self._wrong(field, literal)

    def _moment(self, place: Place, operator: str, literal: Literal) -> Sql:
        whole = place.field.type == "date"
        if literal.kind == "period":
            try:
                start, end = span(literal.text, literal.count, self._today)
            except (OverflowError, ValueError) as error:
                raise malformed(self._text, literal.at, "date literal out of range") from error
            first, after = _edge(start, whole=whole), _edge(end, whole=whole)
            column = place.sql
            spans: dict[str, Sql] = {
                "=": (f"({column} >= ? AND {column} < ?)", [first, after]),
                "<": (f"({column} < ?)", [first]),
                "<=": (f"({column} < ?)", [after]),
                ">": (f"({column} >= ?)", [after]),
                ">=": (f"({column} >= ?)", [first]),
            }
            return spans[operator]
        if literal.kind != place.field.type:
            raise self._wrong(place.field, literal)
        try:
            if whole:
                value = date.fromisoformat(literal.text).isoformat()
            else:
                value = stored(datetime.fromisoformat(literal.text).astimezone(UTC))
        except (ValueError, OverflowError) as error:
            raise malformed(self._text, literal.at, f"Invalid date: {literal.text}") from error
        return f"({place.sql} {operator} ?)", [value]

    def _wrong(self, field: Field, literal: Literal) -> ApiError:
        kinds = {"datetime": "dateTime", "currency": "double", "percent": "double", "reference": "string"}
        wanted = "string" if field.is_text else kinds.get(field.type, field.type)
        quotes = "be enclosed in quotes" if wanted == "string" else "not be enclosed in quotes"
        message = (
            f"value of filter criterion for field '{field.name}' must be of type {wanted} and should {quotes}"
        )
        return malformed(self._text, literal.at, message, "INVALID_FIELD")


def _edge(day: date, *, whole: bool) -> str:
    return day.isoformat() if whole else f"{day.isoformat()}T00:00:00.000Z"
