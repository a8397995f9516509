"""Which scripts make no character that their fields do not have: their results need no looking at."""

from __future__ import annotations

import re

from studio.engine.formats.delimited_write import DelimitedWriter
from studio.engine.plan import Expr, Plan
from studio.script import tree

# Functions that make no character their arguments do not have, beyond printable ones.
_CLEAN = frozenset(
    [
        "if",
        "case",
        "ifnull",
        "ifempty",
        "isnull",
        "equal",
        "tablelookup",
        "toupper",
        "tolower",
        "toproper",
        "trim",
        "ltrim",
        "rtrim",
        "left",
        "right",
        "mid",
        "replace",
        "round",
        "roundtoint",
        "ceiling",
        "floor",
        "mod",
        "sum",
        "count",
        "max",
        "min",
        "length",
        "stringlength",
        "double",
        "float",
        "int",
        "long",
        "string",
        "formatdate",
        "cvtdate",
        "dateadd",
        "dayofmonth",
        "monthofyear",
        "dayofweek",
        "lastdayofmonth",
        "now",
        "index",
        "lpad",
        "rpad",
        "truncate",
        "inlist",
        "exist",
        "findvalue",
        "findbypos",
        "resolveoneof",
        "date",
        "bool",
        "null",
        "raiseerror",
        "writetooperationlog",
    ]
)
_MARKS = frozenset(",;|\t\"'^~#!$%&*")


def makes_characters(expr: Expr, plan: Plan, odd: re.Pattern[str]) -> bool:
    """The script may give one of the `odd` characters though no field that it reads holds any."""
    for node in tree.walk(expr.script) if expr.script else ():
        if isinstance(node, tree.Call) and node.name.lower() == "tablelookup" and _odd_table(node, plan, odd):
            return True
        if isinstance(node, tree.Global):
            return True
        if isinstance(node, tree.Literal) and isinstance(node.value, str) and odd.search(node.value):
            return True
        if isinstance(node, tree.Call) and node.name.lower() not in _CLEAN:
            return True
    return False


def _odd_table(call: tree.Call, plan: Plan, odd: re.Pattern[str]) -> bool:
    """The table a lookup reads is not known, or holds such a character."""
    name = call.arguments[0] if call.arguments else None
    if not isinstance(name, tree.Literal) or not isinstance(name.value, str):
        return True
    table = plan.tables.get(name.value, {})
    return any(odd.search(text) for row in table.values() for text in row.values())


class Clean:
    """What is known of the cells of a target, where the line that a row stands in holds none of `marks`.

    Such a line has no quotes, so that its cells hold neither the source's delimiter nor line ends.
    """

    def __init__(self, plan: Plan) -> None:
        given, made = DelimitedWriter(plan.source), DelimitedWriter(plan.target)
        used = {given.delimiter, given.quote, made.delimiter, made.quote} - {""}
        self.holds = bool(made.quote) and bool(given.quote) and used <= _MARKS
        self.marks = sorted({given.quote, made.quote, made.delimiter} - {given.delimiter})
        self._odd = re.compile("[" + re.escape("".join(used)) + "\r\n]")
        self._quote = made.quote
        self._delimiter = made.delimiter
        self._plan = plan

    def of(self, expr: Expr) -> bool:
        """The rule's result needs no quotes in a row whose line holds no mark."""
        read = any(read.outside or read.array or read.members for _path, read in expr.reads)
        return self.holds and not read and not makes_characters(expr, self._plan, self._odd)

    def always(self, expr: Expr, parts: tuple[str, ...]) -> bool:
        """It needs quotes in every row, and none inside doubled in a row whose line holds no mark."""
        if not self.holds or any(read.outside or read.array or read.members for _path, read in expr.reads):
            return False
        sure = any(part[:1] in "'\"" and self._delimiter in part for part in parts)
        return sure and not makes_characters(expr, self._plan, re.compile(re.escape(self._quote)))
