"""Keys that rows are sorted and grouped by, and totals of groups, as SQL that orders and adds as the language does."""

from __future__ import annotations

from studio.base.i18n import _
from studio.engine.columns_sql import FORMS, NUMERIC, Column, Number, Translator, may_be_blank, quoted
from studio.engine.generate.lines import Declined
from studio.engine.plan import Expr, Order
from studio.schema.model import Base
from studio.script import tree
from studio.script.tree import Value

_TOTAL_DIGITS = 18  # of a sum before the point; one that has more ends the query


class Keys:
    """Translates keys and totals.

    `members` translates what is asked of rows before they are grouped, the other translator what is asked of turns.
    `bad` are conditions under which a row's place is not known; `totals` the SQL of what is reckoned of a group's
    members by its name, `member_bad` what spoils it.
    """

    def __init__(self, translator: Translator, members: Translator) -> None:
        self.bad: dict[str, None] = {}
        self.member_bad: dict[str, None] = {}
        self.totals: dict[str, str] = {}
        self._translator = translator
        self._members = members
        translator.totals = self.total

    def key(self, expr: Expr) -> str:
        """The SQL of a key by which rows are grouped, null for nothing; it stands where the rows are read."""
        sql, bad = self._key(expr, self._members)
        for each in bad:
            self._spoils(each)
        return sql

    def order(self, order: Order) -> str:
        """The SQL of a sort key."""
        sql, bad = self._key(order.by, self._translator)
        self.bad |= bad
        return f"{sql} {'desc' if order.descending else 'asc'} nulls first"

    def _key(self, expr: Expr, translator: Translator) -> tuple[str, dict[str, None]]:
        """A key, and what must not be."""
        only = expr.script.only if expr.script is not None and expr.wrong is None else None
        if expr.carried is None and only is not None and gives_text(only):
            before, translator.odd = translator.odd, {}
            cell = translator.cell(expr, _text)
            bad, translator.odd = translator.odd, before | translator.odd
            return cell.pieces[0] if len(cell.pieces) == 1 else f"concat({', '.join(cell.pieces)})", bad
        column = self._carried(expr)
        if column.base in NUMERIC:
            translator.number(column)
        sql, wrong = _of(column, f"n_{column.name}")
        return sql, {wrong: None} if wrong else {}

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
        number = self._members.number(column)
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


def gives_text(node: tree.Expression) -> bool:
    """An expression gives text, never null, where SQL gives the same."""
    if isinstance(node, tree.Call):
        name, given = node.name.lower(), node.arguments
        if name in ("toupper", "tolower", "trim", "left", "formatdate"):
            return True
        return name == "if" and len(given) == 3 and gives_text(given[1]) and gives_text(given[2])
    if isinstance(node, tree.Binary) and node.operator == "+":
        return gives_text(node.left) or gives_text(node.right)
    return isinstance(node, tree.Literal) and isinstance(node.value, str)


def _text(value: Value) -> str:
    """A key that is text; other values are the judge's."""
    if type(value) is not str:
        raise Declined(_("a key is no text"))
    return value


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
