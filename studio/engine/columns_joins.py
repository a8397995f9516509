"""Joins by the column: the rows of further documents beside those of the loop, found by keys that are equal in SQL too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from studio.base.i18n import _
from studio.engine.columns_sql import FORMS, NUMERIC, Cell, Column, Translator, quoted
from studio.engine.generate.lines import Declined
from studio.engine.plan import Document, Expr, Join, Lookup, Loop, Plan
from studio.engine.world import World
from studio.schema.model import Base
from studio.script.values import plain_text

Columns = Mapping[tuple[str, str], Column]
"""Columns by the name of the join whose rows have them, empty for the main rows, and their own name."""

_NUMBER = r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,18})?"
_FORMED = re.compile(r"\bn_|\bm_|\bp_")


@dataclass(frozen=True)
class Joined:
    """The rows of a loop with those of its joins beside them, as SQL.

    `rows` has `rn` of the main row and `orders` of those that go with it, null where a join found none; `odd` holds
    where it is not known which go with it; `inner` are those of the orders without which it is no turn. `unique`
    are queries of how many rows each join has, and how many different keys.
    """

    rows: str
    orders: tuple[str, ...]
    inner: tuple[str, ...]
    odd: tuple[str, ...]
    unique: tuple[str, ...]


def check_joins(plan: Plan, loop: Loop, check_facts: Callable[[Document], None]) -> None:
    """Raise Declined, saying why, where joins are not of the kind that is done by the column."""
    if any(further.shape.children for further in plan.further):
        raise Declined(_("rules read a further source as a whole"))
    for join in loop.joins:
        lookup = lookup_of(plan, join)
        if not lookup.document:
            raise Declined(_("a join is with the source itself"))
        check_facts(document_of(plan, lookup))
        plain = all(len(read.hops) == 1 and not read.array for read in lookup.fields)
        if lookup.source.hops[-1].filter is not None or not plain or lookup.unit.shape.whole:
            raise Declined(_("a join is with some of the rows, or more than their cells"))


def lookup_of(plan: Plan, join: Join) -> Lookup:
    """What a join asks."""
    return next(lookup for lookup in plan.lookups if lookup.key == join.lookup)


def document_of(plan: Plan, lookup: Lookup) -> Document:
    """The further document that a lookup's rows are in."""
    return next(further.document for further in plan.further if further.name == lookup.document)


def mark(place: int) -> str:
    """What stands in a query for the rows of the join at a place."""
    return f"$JOINED{place}$"


def joined(plan: Plan, loop: Loop, columns: Columns, world: World, letters: str) -> Joined:
    """The rows with those of the joins; raises Declined."""
    rows = "(select *, row_number() over () as rn from $FILE)"
    orders, inner, odd, unique = [], [], [], []
    plain = {key: replace(column, few=False, kept=[]) for key, column in columns.items()}
    for place, join in enumerate(loop.joins):
        lookup = lookup_of(plan, join)
        own = [column for (name, _column), column in columns.items() if name == join.name]
        keys, given = [], []
        wrong: dict[str, None] = {}
        for read, expr in zip(lookup.fields, join.given, strict=True):
            field = columns[join.name, read.hops[0].key]
            key, bad = _key(f"c{field.name.rpartition('c')[2]}", field.base)
            keys.append(f"case when {bad} then error('odd') else {key} end" if bad else key)
            text = _given(expr, field.base, plain, world, letters, wrong)
            asked, bad = _key(text, field.base)
            if bad:
                wrong[bad] = None
            given.append(asked)
        shown = ", ".join(f"c{column.name.rpartition('c')[2]} as {column.name}" for column in own)
        made = ", ".join(f"{key} as j{place}_k{number}" for number, key in enumerate(keys))
        side = f"(select {shown}, row_number() over () as j{place}_rn, {made} from {mark(place)})"
        names = [f"j{place}_k{number}" for number in range(len(keys))]
        there = " and ".join(f"{name} is not null" for name in names)
        unique.append(
            f"select (select count(*) from {side} where {there}), "
            f"(select count(*) from (select 1 from {side} where {there} group by {', '.join(names)}))"
        )
        asked = ", ".join(f"{each} as g{place}_{number}" for number, each in enumerate(given))
        wanted = f"coalesce({' or '.join(wrong)}, true)" if wrong else "false"
        equal = " and ".join(f"l.g{place}_{number} = s.{name}" for number, name in enumerate(names))
        cells = "".join(f", coalesce(s.{column.name}, '') as {column.name}" for column in own)
        rows = (
            f"(select l.*{cells}, s.j{place}_rn as j{place}_rn from (select *, {asked}, {wanted} as o{place} "
            f"from {rows}) as l left join {side} as s on {equal})"
        )
        orders.append(f"j{place}_rn")
        odd.append(f"o{place}")
        if not join.left:
            inner.append(f"j{place}_rn")
    return Joined(rows, tuple(orders), tuple(inner), tuple(odd), tuple(unique))


def _given(
    expr: Expr, wanted: Base, columns: Columns, world: World, letters: str, odd: dict[str, None]
) -> str:
    """The text that a join is asked with, where nothing is empty."""
    translator = Translator(columns, world, letters)
    read = expr.carried
    if read is not None:
        column = translator.column_of(read)
        if (
            wanted is not Base.TEXT
            and column.base not in (Base.TEXT, wanted)
            and not _numbers(column.base, wanted)
        ):
            raise Declined(_("values of different kinds are joined"))
        if column.base is Base.BOOLEAN:
            raise Declined(_("a truth value is joined with text"))
    elif wanted is not Base.TEXT:
        raise Declined(_("a key is no cell of its row"))
    cell: Cell = translator.cell(expr, plain_text)
    text = cell.pieces[0] if len(cell.pieces) == 1 else f"concat({', '.join(cell.pieces)})"
    if translator.numbers or _FORMED.search(text):
        raise Declined(_("a key is no cell of its row"))
    odd.update(translator.odd)
    return text


def _numbers(one: Base, other: Base) -> bool:
    return one in NUMERIC and other in NUMERIC


def _key(text: str, base: Base) -> tuple[str, str]:
    """The SQL of a key for a field of the base, null for nothing, and that of what must not be; see match.match_part."""
    if base is Base.TEXT:
        return f"nullif({text}, '')", ""
    if base in NUMERIC:
        short = f"(case when contains({text}, '.') then rtrim(rtrim({text}, '0'), '.') else {text} end)"
        return (
            f"(case when {text} = '' then null when {short} = '-0' then '0' else {short} end)",
            f"({text} <> '' and not regexp_full_match({text}, {quoted(_NUMBER)}))",
        )
    if base in FORMS:
        kind, form, _length = FORMS[base]
        moment = f"strftime(try_cast({text} as {kind}), {quoted(form)})"
        return (
            f"nullif({text}, '')",
            f"({text} <> '' and ({moment} is distinct from {text} or {text} < '0001'))",
        )
    raise Declined(_("a join compares what is neither text, a decimal number nor a date"))
