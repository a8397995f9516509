"""Random flat maps over delimited text and JSON lines, with quotes, line ends, odd numbers and broken rows in them."""

from __future__ import annotations

import json

from tests.engine.differ import BAD, GOOD, Maker

ODD = (
    *BAD, 'say "hi", then', "two\nlines", "cr\rhere", "semi;colon", "straße", "ŉ", "İ", "1_0", "1e2", "-0.00", "0.005",
    "2.675", "-1.005", "1.", ".5", "-", "--1", "2024-02-30", "2026-03-01T23:59:60", "2026-03-01T10:00:00", "٣٤",
)  # fmt: skip


class FlatMaker(Maker):
    """Like Maker, with delimited rows (or JSON lines) on the way in and, as a rule, out."""

    def __init__(self, seed: int, sources: tuple[str, ...] = ("csv",), targets: tuple[str, ...] = ()) -> None:
        super().__init__(seed)
        self.source = self.draw.choice(sources)
        self.target = self.draw.choice(targets or ("csv", "csv", "csv", "lines", "xml", "json"))
        self._bases = (
            "text",
            "text",
            "integer",
            "decimal",
            "decimal",
            "float",
            "boolean",
            "date",
            "datetime",
        )
        self.record = self._node(0, True, False)
        self._bases = ("text",) * 12 + self._bases
        self.out = self._node(0, True, False)
        self._few = {each.name: self.maybe(0.5) for each in self.record.inside}

    def text(self, base: str) -> str:
        """A value, sometimes an odd one."""
        if self.maybe(0.06):
            return self.draw.choice(ODD)
        if base in ("integer", "decimal") and self.maybe(0.6):
            number = self.draw.randint(-300, 3000)
            return str(number) if base == "integer" else f"{number / 100:.2f}"
        return self.draw.choice(GOOD[base])

    def document(self) -> str:
        """The input: up to sixty rows."""
        records = self.draw.choice((0, 1, 5, 30, 60))
        if self.source == "lines":
            values = [
                {each.name: self._value(each.base) for each in self.record.inside} for _n in range(records)
            ]
            return "".join(self._line(value) for value in values)
        known = {
            each.name: [self.text(each.base) for _n in range(3)]
            for each in self.record.inside
            if self._few[each.name]
        }
        rows = [",".join(each.name for each in self.record.inside)]
        for _record in range(records):
            cells = [
                self.draw.choice(known[each.name]) if each.name in known else self.text(each.base)
                for each in self.record.inside
            ]
            rows.append(self._row(cells))
        return self.draw.choice(("\n", "\r\n")).join(rows) + self.draw.choice(("\n", ""))

    def _row(self, cells: list[str]) -> str:
        if self.maybe(0.03):
            cells = self.draw.choice((cells[:-1], [*cells, "more"], [*cells, ""], []))
        if self.maybe(0.02):
            return ",".join(cells).replace("\n", "") + self.draw.choice(('"', 'x"y', ""))
        quoted = [
            '"' + cell.replace('"', '""') + '"'
            if any(mark in cell for mark in ',"\r\n') or self.maybe(0.1)
            else cell
            for cell in cells
        ]
        row = ",".join(quoted)
        return row.replace('",', '"x,', 1) if self.maybe(0.02) else row

    def _value(self, base: str) -> object:
        if self.maybe(0.05):
            return self.draw.choice((None, True, [], {}, "\x01", 1.50, 12345678901234567890, 1e300))
        text = self.text(base)
        if base in ("integer", "decimal", "float") and self.maybe(0.7):
            try:
                return json.loads(text)
            except ValueError:
                return text
        return text

    def _line(self, value: dict[str, object]) -> str:
        if self.maybe(0.03):
            return self.draw.choice(("{", "[]", "1", "", '{"n1": }')) + "\n"
        kept = {name: each for name, each in value.items() if not self.maybe(0.05)}
        return json.dumps(kept, ensure_ascii=self.maybe(0.5)) + "\n"
