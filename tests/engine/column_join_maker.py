"""Random maps that join rows of further sources by the column: keys of several kinds, odd ones, several rows for one."""

from __future__ import annotations

import io
import random
from typing import Any

from studio.engine.plan import Plan
from tests.engine import build

BASES = {"n": "integer", "p": "decimal", "k": "text", "t": "text", "d": "date"}
PRICES = {"sku": "text", "no": "integer", "cost": "decimal", "day": "date", "say": "text"}
KINDS = {"kind": "text", "no": "integer", "word": "text"}
USUAL = {
    "n": ("1", "2", "3", "40", "-5"),
    "p": ("1.50", "2.5", "0.05", "3"),
    "k": ("a", "b", "c", "é", "zz"),
    "t": ("a1", "b2", "a", "2"),
    "d": ("2024-02-29", "1999-12-31", ""),
    "no": ("1", "2", "3", "40", "7"),
    "cost": ("1.5", "2.50", "0.05", "3.00", "9.99"),
    "sku": ("a", "b", "c", "é", "q"),
    "day": ("2024-02-29", "1999-12-31"),
    "say": ("x", "y z", "ü"),
    "kind": ("a", "b", "x", "y z"),
    "word": ("one", "two", "ßx"),
}
ODD = {
    "n": ("", " ", "x", "01", "+2", "1.0", "-0", "1e0"),
    "p": ("", "2.500", "x", ".5", "-0.0"),
    "k": ("", "a,b", 'q"', " a", "A"),
    "t": ("", " ", "\t"),
    "d": ("2024-2-29", "x", "2024-02-30"),
    "no": ("", "", "2.0"),
    "cost": ("", "1.234567", "-0.0"),
    "sku": ("", 'q"', "a,b"),
    "day": ("",),
    "say": ("", 'a"b', ","),
    "kind": ("", "a,b"),
    "word": ("", "x;y"),
}
WRONG = {"no": ("x", "01", " 1"), "cost": ("x", "1e1"), "day": ("2024-13-01", "soon")}
MATCHES = (
    {"sku": "[k]"}, {"no": "[n]"}, {"no": "[t]"}, {"cost": "[p]"}, {"day": "[d]"}, {"sku": "[k]", "no": "[n]"},
    {"sku": "Left([t], 1)"}, {"no": "[p]"}, {"sku": "[t]", "cost": "[p]"}, {"sku": "[n]"},
)  # fmt: skip
SECOND = (
    {"kind": "[price::sku]"},
    {"kind": "[k]"},
    {"no": "[price::no]"},
    {"kind": "[price::say]"},
    {"no": "[n]"},
)
CELLS = (
    "[price::say]", "[price::cost]", "[k]", "[n]", "Round([price::cost] * [n], 2)", "ToUpper([price::say]) + [t]",
    "IfNull([price::say], 'none')", "FormatDate([price::day], 'dd.mm.yyyy')", "Trim([t])", "[price::sku] + ', ' + [k]",
    "If([price::cost] > 2, 'dear', 'cheap')", "Round([p] * 1.5, 1)",
)  # fmt: skip
MORE = ("[kind::word]", "ToUpper([kind::word])", "[kind::word] + '-' + [price::say]")
CONDITIONS = ("[n] > 1", "[price::cost] <= 3", "[price::say] == 'x'", "[k] == 'a' || [price::no] > 2")


class JoinMaker:
    """A map, its documents and how odd they are, from a seed."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.odd = self.draw.choice((0.0, 0.0, 0.02, 0.1))
        self.wrong = self.draw.random() < 0.1
        self.unique = self.draw.random() < 0.5

    def plan(self) -> Plan:
        """The plan."""
        draw = self.draw
        joins = {"price": {"loop": "prices::row", "match": draw.choice(MATCHES), "kind": self._kind()}}
        cells = list(CELLS)
        if draw.random() < 0.3:
            joins["kind"] = {"loop": "kinds::row", "match": draw.choice(SECOND), "kind": self._kind()}
            cells += MORE * 3
        loop: dict[str, Any] = {"loop": "row", "join": joins}
        if draw.random() < 0.3:
            loop["when"] = draw.choice(CONDITIONS)
        count = draw.randint(2, 4)
        rules: dict[str, Any] = {"row": loop} | {f"row/c{at}": draw.choice(cells) for at in range(count)}
        out = build.rows({f"c{at}": "text" for at in range(count)})
        sources = {"prices": build.rows(PRICES), "kinds": build.rows(KINDS)}
        return build.plan(rules, build.rows(BASES), out, sources=sources)

    def documents(self) -> tuple[str, dict[str, io.BytesIO]]:
        """The rows, and those of the further sources."""
        count = self.draw.choice((0, 1, 20, 60))
        main = self._rows(BASES, count)
        prices = self._rows(PRICES, self.draw.choice((0, 3, 8)), unique=self.unique)
        kinds = self._rows(KINDS, self.draw.choice((0, 3, 6)), unique=self.unique)
        if self.odd and self.draw.random() < 0.05:
            prices += "1,2\n"
        return main, {"prices": io.BytesIO(prices.encode()), "kinds": io.BytesIO(kinds.encode())}

    def _kind(self) -> str:
        return self.draw.choice(("left", "inner"))

    def _rows(self, columns: dict[str, str], count: int, *, unique: bool = False) -> str:
        rows, seen = [",".join(columns)], set[str]()
        for _row in range(count):
            cells = [self._cell(name) for name in columns]
            if unique and any(cell in seen for cell in cells):
                continue
            seen.update(cells if unique else ())
            rows.append(",".join(cells))
        return "\n".join(rows) + "\n"

    def _cell(self, name: str) -> str:
        pool = USUAL[name]
        if self.draw.random() < self.odd:
            pool = WRONG[name] if self.wrong and name in WRONG else ODD[name]
        text = self.draw.choice(pool)
        return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"') else text
