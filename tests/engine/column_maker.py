"""Random maps of the kind that is done by the column: cells of SQL's own, rows sorted, grouped and cut, odd values among them."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from typing import Any

from studio.base.errors import BadInput
from studio.engine.failures import Failure
from studio.engine.plan import Plan
from studio.engine.run import transform
from studio.schema.model import Schema
from tests.engine import build

BASES = {"n": "integer", "p": "decimal", "q": "decimal", "k": "text", "t": "text", "u": "text", "d": "date", "m": "datetime"}  # fmt: skip
USUAL = {
    "n": ("1", "2", "30", "-4", "0", "12", "7"),
    "p": ("1.50", "2.25", "-0.75", "100", "0.1", "19.99"),
    "q": ("0.005", "1", "3.333", "12.5"),
    "k": ("a", "b", "ab", "B", "z", "é", ""),
    "t": ("Anna", "O'Neil", "Zoé", "x y", "straße", "Ωmega"),
    "u": ("  pad", "plain", "1", "02", "note"),
    "d": ("2024-02-29", "1999-12-31", "2023-01-01", "0999-05-05"),
    "m": ("2024-02-29T10:00:00", "1999-12-31T23:59:59", "2023-01-01T00:00:00"),
}
ODD = {
    "n": ("", " ", "x", "007", "+5", "1e2", "99999999999999999999", "1.5", "-0"),
    "p": ("", "x", "1.23456", "-1.005", ".5", "1.", "1_0"),
    "q": ("", " 1", "٣", "2.675"),
    "k": ("a,b", 'say "x"', " ", "ŉ", "日本", "#", "\x02"),
    "t": ("İ", "", "ß,", "ΟΔΟΣ", "a;b"),
    "u": ("", "\t", "x\ty"),
    "d": ("", "2023-02-29", "0000-01-01", "2024-1-05", "2024-01-01Z", "x"),
    "m": ("", "2024-02-29T24:00:00", "2024-02-29 10:00:00", "2024-02-29T10:00:00Z"),
}
CELLS = (
    "[k]", "[t]", "[n]", "[d]", "ToUpper([t])", "ToLower([k]) + '-' + [t]", "Trim([u])", "Left([t], 2)",
    "Round([n] * [p], 2)", "Round([p] - [q] * 0.5, 1)", "Round([q], 0)", "If([p] > 1.5, 'more', 'less')",
    "IfNull([k], 'none')", "FormatDate([d], 'dd/mm/yyyy')", "FormatDate([m], 'yyyymmdd HHMM')", "[k] + ', ' + [t]",
    "If([n] >= 2 && [p] < 50, 'x', 'y')", "Length([k])",
)  # fmt: skip
TOTALS = (
    "Count([members()/k])", "Count([members()/t]) + ' of them'", "Sum([members()/n])", "Round(Sum([members()/p]), 2)",
    "Round(Max([members()/q]) - Min([members()/q]), 3)", "If(Sum([members()/p]) > 10, 'big', 'small')", "Count([members()/n])",
    "Round(Min([members()/p]) * 2, 1)",
)  # fmt: skip
KEYS = (
    "[k]",
    "[k]",
    "[t]",
    "[n]",
    "[p]",
    "[d]",
    "[m]",
    "ToLower([k])",
    "FormatDate([d], 'mm/yyyy')",
    "Left([t], 2) + [k]",
)


GROUPS = (
    "[k]",
    "[t]",
    "[n]",
    "[d]",
    "Left([t], 1)",
    "ToUpper([k])",
    "If([n] > 2, 'many', 'few')",
    "Trim([u]) + '-' + [k]",
)


class ColumnMaker:
    """A map and a document from a seed; `kind` is what its loop does."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.kind = self.draw.choice(("each", "sort", "group", "cut"))
        self.odd = self.draw.choice((0.0, 0.0, 0.0, 0.01, 0.1))

    def plan(
        self, source: Schema | None = None, target: Callable[[dict[str, str]], Schema] | None = None
    ) -> Plan:
        """The plan; `source` has the columns in another format, `target` makes what takes the cells of its scripts."""
        draw = self.draw
        loop: dict[str, Any] = {"loop": source.roots[0].name if source is not None else "row"}
        cells = [draw.choice(CELLS) for _cell in range(draw.randint(2, 5))]
        if self.kind == "group":
            loop["group"] = {"by": draw.sample(GROUPS, draw.choice((1, 1, 2)))}
            cells = [draw.choice(TOTALS) if draw.random() < 0.6 else draw.choice(CELLS) for _cell in range(4)]
            loop["group"]["adjacent"] = draw.random() < 0.3
        if draw.random() < 0.4:
            loop["when"] = draw.choice(("[n] > 1", "[p] <= 19.99", "[k] == 'a'", "[n] != 2 || [p] > 1"))
        if self.kind == "sort" or (self.kind == "group" and draw.random() < 0.5):
            loop["sort"] = [
                {"by": draw.choice(KEYS), "order": draw.choice(("asc", "desc"))}
                for _key in range(draw.choice((1, 1, 2)))
            ]
        if self.kind == "cut" or (self.kind != "each" and draw.random() < 0.3):
            loop["last"] = draw.randint(0, 9)
        if self.kind not in ("each", "cut") and draw.random() < 0.3:
            loop["first"] = draw.randint(0, 9)
        rules: dict[str, Any] = {"row": loop}
        rules |= {f"row/c{number}": script for number, script in enumerate(cells)}
        out = {f"c{number}": "text" for number in range(len(cells) + 1)}
        facts = {"newline": "\r\n"} if draw.random() < 0.1 else {}
        if target is not None:
            made = {f"c{number}": script for number, script in enumerate(cells)}
            return build.plan(rules, source or build.rows(BASES), target(made))
        return build.plan(rules, source or build.rows(BASES), build.rows(out, **facts))

    def typed_rows(self) -> list[tuple[str | None, ...]]:
        """Rows whose values fit their columns, null among them; now and then with texts that are no part of a line."""
        draw, rows = self.draw, list[tuple[str | None, ...]]()
        strange = draw.random() < 0.1
        for _row in range(draw.choice((0, 1, 20, 60))):
            row = []
            for name in BASES:
                odd = draw.random() < self.odd
                text: str | None = draw.choice(USUAL[name])
                if BASES[name] == "text" and odd and draw.random() < 0.7:
                    text = draw.choice(("a,b", 'say "x"', " ", "日本", "x\ty", "#", "İ"))
                    text = draw.choice(("", "a\nb", "\x01", "\r")) if strange else text
                elif odd:
                    text = {"n": "99999999999", "p": "123456.789", "d": "0001-01-01"}.get(name)
                row.append((text or None) if not strange else text)
            rows.append(tuple(row))
        return rows

    def document(self) -> str:
        """The rows."""
        rows = [",".join(BASES)]
        for _row in range(self.draw.choice((0, 1, 20, 60))):
            cells = [self._cell(name) for name in BASES]
            rows.append(",".join(cells))
        if self.odd and self.draw.random() < 0.1:
            rows.insert(
                self.draw.randint(1, len(rows)), self.draw.choice(("1,2", 'a"b,,,,,,,', '"', ",,,,,,,,,"))
            )
        return "\n".join(rows) + self.draw.choice(("\n", "\n", ""))

    def _cell(self, name: str) -> str:
        text = self.draw.choice((ODD if self.draw.random() < self.odd else USUAL)[name])
        quoted = any(mark in text for mark in ',"') or self.draw.random() < 0.05
        return '"' + text.replace('"', '""') + '"' if quoted else text


def seeds(share: Callable[[int], int], whole: int, few: Sequence[int]) -> Sequence[int]:
    """All of `whole` in the full run; otherwise a few that are known to cover what is counted."""
    return range(whole) if share(whole) == whole else few


def outcome(plan: Plan, data: str | bytes, engine: str, **more: Any) -> tuple[tuple[object, ...], str]:
    """Output, failures and counts, or the error; and the engine that ran."""
    out, failures = io.BytesIO(), list[Failure]()
    try:
        given = io.BytesIO(data.encode() if isinstance(data, str) else data)
        stats = transform(plan, given, out, engine=engine, failures=failures.append, **more)
    except BadInput as error:
        return (error.message, error.path), ""
    counts = stats.records_in, stats.records_out, stats.failed, stats.filtered
    told = [(each.record, each.path, each.reason, each.nodes) for each in failures]
    return (out.getvalue(), told, counts), stats.engine
