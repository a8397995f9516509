"""Keys that rows are sorted and grouped by, and totals of groups, as SQL that orders and adds as the language does."""

from __future__ import annotations

from collections.abc import Mapping

from studio.base.i18n import _
from studio.engine.columns_sql import FORMS, NUMERIC, Column, Number, Translator, may_be_blank, quoted
from studio.engine.generate.lines import Declined
from studio.engine.plan import Expr, Order
from studio.schema.model import Base
from studio.script import tree

_TOTAL_DIGITS = 18  # of a sum before the point; one that has more ends the query


class Keys:
    """Translates keys and totals.

    `bad` are conditions under which a row's place is not known; `totals` the SQL of what is reckoned of a group's
    members by its name, `reckoned` the columns whose numbers that needs, `member_bad` what spoils it.
    """

    def __init__(self, columns: Mapping[tuple[str, str], Column], translator: Translator) -> None:
        self.bad: dict[str, None] = {}
        self.member_bad: dict[str, None] = {}
        self.totals: dict[str, str] = {}
        self.reckoned: set[str] = set()
        self._columns = columns
        self._translator = translator
        translator.totals = self.total

    def key(self, expr: Expr) -> str:
        """The SQL of a key by which rows are grouped, null for nothing; it stands where the rows are read."""
        column = self._carried(expr)
        number = self._translator.number(column).sql if column.base in NUMERIC else ""
        sql, bad = _of(column, number)
        if bad:
            self.member_bad[bad] = None
            self.bad["bad_member"] = None
        return sql

    def order(self, order: Order) -> str:
        """The SQL of a sort key."""
        column = self._carried(order.by)
        if column.base in NUMERIC:
            self._translator.number(column)
        sql, bad = _of(column, f"n_{column.name}")
        if bad:
            self.bad[bad] = None
        return f"{sql} {'desc' if order.descending else 'asc'} nulls first"

    def _carried(self, expr: Expr) -> Column:
        read = expr.carried
        if read is None or read.members:
            raise Declined(_("a key is no cell of its row"))
        return self._translator.column_of(read)

    def total(self, node: tree.Call) -> Number | None:
        """The number that a function gives for a group's members; None where it is none of these."""
        name = node.name.lower()
        if name not in ("sum", "count", "min", "max") or len(node.arguments) != 1:
            return None
        column = self._translator.member(node.arguments[0])
        if column is None:
            return None
        if name == "count":
            if column.base is not Base.TEXT:
                self._spoils(may_be_blank(column.name))
            return Number(self._kept(f"count(nullif({column.name}, ''))"), 18, 0, exact=True)
        if column.base not in NUMERIC:
            raise Declined(_("a total is of what is no decimal number"))
        number = self._translator.number(column)
        self.reckoned.add(column.name)
        self._spoils(f"({column.name} <> '' and n_{column.name} is null)")
        whole = _TOTAL_DIGITS if name == "sum" else number.whole
        sql = f"cast({name}(n_{column.name}) as DECIMAL({whole + number.places}, {number.places}))"
        found = self._kept(sql)
        # Of no numbers at all it is null, or 0: the judge knows.
        self.bad[f"{found} is null"] = None
        return Number(found, whole, number.places, exact=True)

    def _spoils(self, condition: str) -> None:
        self.member_bad[condition] = None
        self.bad["bad_member"] = None

    def _kept(self, sql: str) -> str:
        for name, known in self.totals.items():
            if known == sql:
                return name
        name = f"t{len(self.totals)}"
        self.totals[name] = sql
        return name


def _of(column: Column, number: str) -> tuple[str, str]:
    """The SQL of a column's value that has the language's order, and what must not be; `number` is it as a number."""
    name = column.name
    if column.base is Base.TEXT:
        return f"nullif({name}, '')", ""
    if column.base in NUMERIC:
        return number, f"({name} <> '' and {number} is null)"
    if column.base in FORMS:
        kind, form, _length = FORMS[column.base]
        moment = f"strftime(try_cast({name} as {kind}), {quoted(form)})"
        # As text they have the order of time.
        return (
            f"nullif({name}, '')",
            f"({name} <> '' and ({moment} is distinct from {name} or {name} < '0001'))",
        )
    raise Declined(_("a key is neither text, a decimal number nor a date"))
