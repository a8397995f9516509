"""A query compiled: which rows (by number), which columns of them, and how the answer is put together."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from studio.practice.catalog import Catalog, Field, SObject
from studio.practice.failures import ApiError
from studio.practice.soql.conditions import Conditions, Sql
from studio.practice.soql.lex import malformed
from studio.practice.soql.names import Names, Place
from studio.practice.soql.parse import parse
from studio.practice.soql.tree import Aggregate, AllFields, Order, Path, Query, SubQuery, TypeOf
from studio.practice.store import listed, quoted

_FIELDS_LIMIT = 200
_SQL_FUNCTIONS = {"count_distinct": "count(DISTINCT {})", "count": "count({})"}


@dataclass(frozen=True)
class Column:
    """A column of the answer: the field it is (None for a number), its name, and where it stands in a row."""

    name: str
    steps: tuple[str, ...]
    field: Field | None
    sql: str


@dataclass(frozen=True)
class ChildPlan:
    """A query over children: the relationship's name, the child's reference back, its plan."""

    name: str
    reference: str
    plan: Plan


@dataclass(frozen=True)
class KindsPlan:
    """TYPEOF over a lookup: its name, the column of the id, the place among the columns, and a plan by kind of record."""

    name: str
    sql: str
    before: int
    plans: tuple[Plan, ...]


@dataclass(frozen=True)
class Plan:
    """One compiled query. `grouped` answers are totals; others are records found by number, then read in pages."""

    sobject: SObject
    columns: tuple[Column, ...]
    children: tuple[ChildPlan, ...]
    tables: str
    where: str
    values: tuple[Any, ...]
    order: str
    tail: str
    grouped: bool
    group: str = ""
    count_only: bool = False
    # Where in a row the ids of the record and of each joined parent stand.
    ids: tuple[tuple[tuple[str, ...], int], ...] = ()
    parents: tuple[tuple[tuple[str, ...], SObject], ...] = ()
    kinds: tuple[KindsPlan, ...] = ()

    def numbers(self, connection: sqlite3.Connection) -> array[int]:
        """The record numbers of the answer, in order: eight bytes each, because they may be millions."""
        sql = f'SELECT t0."seq" FROM {self.tables} WHERE {self.where} ORDER BY {self.order} {self.tail}'
        return array("q", (row[0] for row in connection.execute(sql, self.values)))

    def rows(self, connection: sqlite3.Connection, numbers: Sequence[int]) -> list[tuple[Any, ...]]:
        """The rows of these records, in this order; one deleted for good since then is missing."""
        names = ", ".join(['t0."seq"', *(column.sql for column in self.columns), *self._id_columns()])
        sql = f'SELECT {names} FROM {self.tables} WHERE t0."seq" IN (SELECT value FROM json_each(?))'
        found = {row[0]: row[1:] for row in connection.execute(sql, (listed(numbers),))}
        return [found[number] for number in numbers if number in found]

    def totals(self, connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
        """The rows of a grouped query."""
        names = ", ".join(column.sql for column in self.columns)
        sql = f"SELECT {names} FROM {self.tables} WHERE {self.where}{self.group}"
        if self.order:
            sql += f" ORDER BY {self.order}"
        return connection.execute(f"{sql} {self.tail}", self.values).fetchall()

    def count(self, connection: sqlite3.Connection) -> int:
        """The number COUNT() asks for."""
        sql = f"SELECT 1 FROM {self.tables} WHERE {self.where} {self.tail}"
        return int(connection.execute(f"SELECT count(*) FROM ({sql})", self.values).fetchone()[0])

    def of_parents(
        self, connection: sqlite3.Connection, reference: str, ids: list[str]
    ) -> list[tuple[str, int]]:
        """Parent and record number of those whose reference is one of these ids, in order, without the limit."""
        column = f"t0.{quoted(reference)}"
        sql = (
            f'SELECT {column}, t0."seq" FROM {self.tables} WHERE {self.where} AND {column} '
            f"IN (SELECT value FROM json_each(?)) ORDER BY {self.order}"
        )
        return connection.execute(sql, (*self.values, listed(ids))).fetchall()

    def _id_columns(self) -> list[str]:
        aliases = {(): "t0"} | {steps: f"t{n}" for n, (steps, _parent) in enumerate(self.parents, 1)}
        return [*(f'{aliases[steps]}."Id"' for steps, _place in self.ids), *(one.sql for one in self.kinds)]


def compile_query(catalog: Catalog, text: str, today: date, *, deleted: bool = False) -> Plan:
    """The plan of a query; `deleted` includes the recycle bin. Raises ApiError pointing at what is wrong."""
    return _Compiler(catalog, text, today, deleted).plan(parse(text))


class _Compiler:
    def __init__(self, catalog: Catalog, text: str, today: date, deleted: bool) -> None:
        self._catalog = catalog
        self._text = text
        self._today = today
        self._deleted = deleted

    def plan(self, query: Query, sobject: SObject | None = None) -> Plan:
        sobject = sobject or self._source(query)
        names = Names(self._catalog, sobject, query, self._text)
        conditions = Conditions(names, self._text, self._today, self._inner, lambda item: _total(names, item))
        grouped = bool(query.group) or any(isinstance(item, Aggregate) for item in query.select)
        children = tuple(
            self._child(names, item.query) for item in query.select if isinstance(item, SubQuery)
        )
        columns = self._columns(names, query, grouped=grouped)
        where, values = conditions.sql(query.where) if query.where else ("1", [])
        if not self._deleted:
            where = f't0."IsDeleted" = 0 AND {where}'
        group, more = self._group(names, conditions, query)
        order = self._order(names, query.order, grouped=grouped)
        first = next(iter(query.select), None)
        count_only = isinstance(first, Aggregate) and first.path is None and not query.group
        if count_only and len(query.select) > 1:
            raise malformed(self._text, 0, "COUNT() must be the only element in the SELECT list")
        parents = tuple((steps, join.sobject) for steps, join in names.joins.items())
        places = [(), *(steps for steps, _parent in parents)]
        ids = tuple((steps, len(columns) + place) for place, steps in enumerate(places))
        return Plan(
            sobject, columns, children, names.tables, where, (*values, *more), order, _tail(query),
            grouped, group, count_only, ids, parents, self._kinds(names, query, grouped=grouped),
        )  # fmt: skip

    def _kinds(self, names: Names, query: Query, *, grouped: bool) -> tuple[KindsPlan, ...]:
        found: list[KindsPlan] = []
        before = 0
        for item in query.select:
            if not isinstance(item, TypeOf):
                before += 1
                continue
            if grouped:
                raise malformed(self._text, item.at, "TYPEOF is not allowed in a query with totals")
            field = names.lookup(item.relationship)
            fields = {kind.lower(): paths for kind, paths in item.whens}
            for kind, _paths in item.whens:
                if kind.lower() not in (name.lower() for name in field.references):
                    message = f"Invalid type '{kind}' specified in TYPEOF. Relationship field '{item.relationship.text}' does not support this type"
                    raise malformed(self._text, item.at, message, "INVALID_QUERY_FILTER_OPERATOR")
            plans = []
            for name in field.references:
                sobject = self._catalog.get(name)
                if sobject is None:
                    continue
                chosen = fields.get(name.lower())
                if chosen is None:
                    chosen = tuple(path for path in item.otherwise if sobject.field(path.steps[0]))
                plans.append(self.plan(Query(chosen, name, item.at), sobject))
            found.append(KindsPlan(str(field.relationship), f"t0.{quoted(field.name)}", before, tuple(plans)))
        return tuple(found)

    def _source(self, query: Query) -> SObject:
        found = self._catalog.get(query.source)
        if found is None:
            message = (
                f"sObject type '{query.source}' is not supported. If you are attempting to use a custom object, be "
                "sure to append the '__c' after the entity name. Please reference your WSDL or the describe call "
                "for the appropriate names."
            )
            raise malformed(self._text, query.source_at, message, "INVALID_TYPE")
        return found

    def _inner(self, query: Query) -> Sql:
        """A query inside a condition: one column of another object's records."""
        path = query.select[0]
        if len(query.select) != 1 or not isinstance(path, Path) or query.group:
            raise malformed(self._text, query.source_at, "a nested query must select exactly one field")
        plan = self.plan(query)
        sql = f"SELECT {plan.columns[0].sql} FROM {plan.tables} WHERE {plan.where} {plan.tail}"
        return sql, list(plan.values)

    def _child(self, names: Names, query: Query) -> ChildPlan:
        links = self._catalog.children(names.sobject)
        wanted = query.source.lower()
        link = next((one for one in links if (one.field.children or "").lower() == wanted), None)
        if link is None:
            message = (
                f"Didn't understand relationship '{query.source}' in FROM part of query call. If you are attempting "
                "to use a custom relationship, be sure to append the '__r' after the custom relationship name."
            )
            raise malformed(self._text, query.source_at, message, "INVALID_TYPE")
        plan = self.plan(query, link.child)
        if plan.grouped:
            raise malformed(
                self._text, query.source_at, "aggregate functions are not allowed in a nested query"
            )
        return ChildPlan(str(link.field.children), link.field.name, plan)

    def _columns(self, names: Names, query: Query, *, grouped: bool) -> tuple[Column, ...]:
        columns: list[Column] = []
        unnamed = 0
        for item in query.select:
            if isinstance(item, AllFields):
                columns += self._all(names, item, query)
            elif isinstance(item, Aggregate):
                sql, field = _total(names, item)
                name = item.alias or f"expr{unnamed}"
                unnamed += item.alias is None
                columns.append(Column(name, (), field if item.function in ("min", "max") else None, sql))
            elif isinstance(item, Path):
                columns.append(self._column(names, item, query, grouped=grouped))
        texts = [(*column.steps, column.name) for column in columns]
        for column, text in zip(columns, texts, strict=True):
            if texts.count(text) > 1:
                raise malformed(self._text, 0, f"duplicate field selected: {column.name}")
        return tuple(columns)

    def _column(self, names: Names, path: Path, query: Query, *, grouped: bool) -> Column:
        place = names.find(path)
        if not grouped:
            return _plain(place)
        if place.text not in [names.find(other).text for other in query.group]:
            message = f"Field must be grouped or aggregated: {path.text}"
            raise malformed(self._text, path.at, message)
        return Column(place.field.name, (), place.field, place.sql)

    def _all(self, names: Names, item: AllFields, query: Query) -> list[Column]:
        if item.which not in ("all", "standard", "custom"):
            raise malformed(self._text, item.at, f"unexpected token: '{item.which}'")
        if item.which != "standard" and (query.limit is None or query.limit > _FIELDS_LIMIT):
            message = f"The SOQL FIELDS function must have a LIMIT of at most {_FIELDS_LIMIT}"
            raise malformed(self._text, item.at, message)
        return [
            _plain(Place("t0", names.sobject, field, ()))
            for field in names.sobject.fields
            if item.which == "all" or field.custom == (item.which == "custom")
        ]

    def _group(self, names: Names, conditions: Conditions, query: Query) -> tuple[str, list[Any]]:
        sql = ""
        if query.group:
            places = [names.find(path) for path in query.group]
            for place, path in zip(places, query.group, strict=True):
                if place.field.long or place.field.type in ("double", "currency", "percent", "datetime"):
                    message = f"field '{place.field.name}' can not be grouped in a query call"
                    raise malformed(self._text, path.at, message)
            sql = " GROUP BY " + ", ".join(place.sql for place in places)
        if query.having is None:
            return sql, []
        text, values = conditions.sql(query.having)
        return f"{sql} HAVING {text}", values

    def _order(self, names: Names, orders: tuple[Order, ...], *, grouped: bool) -> str:
        parts = []
        for order in orders:
            if isinstance(order.path, Aggregate):
                sql, _field = _total(names, order.path)
            else:
                place = names.find(order.path)
                if place.field.long or not place.field.filterable:
                    message = f"field '{place.field.name}' can not be sorted in a query call"
                    raise malformed(self._text, order.path.at, message)
                sql = place.sql
            direction = "DESC" if order.descending else "ASC"
            parts.append(f"{sql} {direction} NULLS {'LAST' if order.nulls_last else 'FIRST'}")
        return ", ".join(parts if grouped else [*parts, 't0."seq"'])


def _plain(place: Place) -> Column:
    """A field of a record; a compound one carries its parts as JSON."""
    if place.field.type != "address":
        return Column(place.field.name, place.steps, place.field, place.sql)
    parts = [field for field in place.sobject.fields if field.compound == place.field.name]
    prefix = place.field.name.removesuffix("Address")
    pairs = ", ".join(
        f"'{_camel(field.name.removeprefix(prefix))}', {place.alias}.{quoted(field.name)}" for field in parts
    )
    return Column(place.field.name, place.steps, place.field, f"json_object({pairs})")


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _total(names: Names, item: Aggregate) -> tuple[str, Field | None]:
    if item.path is None:
        return "count(*)", None
    place = names.find(item.path)
    numeric = item.function in ("sum", "avg")
    if (numeric and place.field.type not in ("int", "double", "currency", "percent")) or place.field.long:
        message = f"field {place.field.name} does not support aggregate operator {item.function.upper()}"
        raise ApiError(400, "MALFORMED_QUERY", message)
    template = _SQL_FUNCTIONS.get(item.function, item.function + "({})")
    return template.format(place.sql), place.field


def _tail(query: Query) -> str:
    if query.limit is None and query.offset is None:
        return ""
    return f"LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset or 0}"
