"""Delimited rows read by the hundred give what the judge gives row by row, broken rows and odd texts included (S42)."""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Callable

import pytest

from studio.base.errors import BadInput
from studio.engine import batches
from studio.engine.formats import delimited_read
from studio.engine.formats.delimited_read import RowUnits
from studio.engine.formats.units import Broken
from studio.engine.plan import Plan
from tests.engine import build
from tests.engine.differential import outcome
from tests.engine.flat_maker import FlatMaker


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of a few rows, looked at for columns with few texts from the eighth row on."""
    monkeypatch.setattr(delimited_read, "BATCH", 11)
    monkeypatch.setattr(delimited_read, "STEP", 3)
    monkeypatch.setattr(batches, "SAMPLE", 8)


def test_rows_read_together_agree_with_the_judge(share: Callable[[int], int]) -> None:
    ended: Counter[str] = Counter()
    cases = share(8_000)
    for seed in range(cases):
        maker = FlatMaker(seed)
        made = maker.made()
        data = maker.document()
        judged = outcome(made, data, "interpret")
        generated = outcome(made, data, "auto")
        assert generated == judged, f"seed {seed} to {maker.target}"
        ended["ran" if len(judged) == 4 else "ended"] += 1
        if len(judged) == 4:
            ended["failures"] += bool(judged[1])
            ended["records"] += judged[2][1]  # type: ignore[index]
    assert ended["ran"] > cases * 0.8
    assert ended["failures"] > cases * 0.2
    assert ended["records"] > cases * 5


def cells(text: str, columns: int = 2, **facts: str) -> list[object]:
    """What the reader gives for a text."""
    names = tuple(f"c{number}" for number in range(columns))
    units = RowUnits(io.BytesIO(text.encode()), "test", names, {"header": "no", **facts}, frozenset())
    return [(unit.reason, unit.line) if isinstance(unit, Broken) else list(unit) for unit in units]


def test_rows_over_several_lines_cross_batches() -> None:
    text = "".join(f'{n},"one\ntwo\n{n}"\n' if n % 5 == 0 else f"{n},x\n" for n in range(40))
    assert cells(text) == [[str(n), f"one\ntwo\n{n}" if n % 5 == 0 else "x"] for n in range(40)]


def test_broken_rows_keep_their_lines() -> None:
    assert cells('a,b\n\n1,"x"y\n2,3,4\n5\n"6\n7",8\n9,10') == [
        ["a", "b"],
        ("The quotes of this row are wrong.", 3),
        ("The row has 3 cells instead of 2.", 4),
        ["5", ""],
        ["6\n7", "8"],
        ["9", "10"],
    ]


def test_wrong_bytes_are_told_with_their_line_after_whole_batches() -> None:
    data = b"a,b\n" * 100_000 + b"\xff,b\n"
    made = build.plan(
        {"row": {"loop": "row"}, "row/x": "[a]"},
        build.rows({"a": "text", "b": "text"}),
        build.rows({"x": "text"}),
    )
    with pytest.raises(BadInput, match="not utf-8") as caught:
        build.run(made, data)
    assert caught.value.line == 100_001


def test_a_few_long_lines_are_not_read_ahead_by_the_hundred() -> None:
    long = "x" * 300_000
    units = RowUnits(
        io.BytesIO(f"{long},b\n".encode() * 30), "test", ("a", "b"), {"header": "no"}, frozenset()
    )
    sizes = [len(batch.rows) for batch in units.batches(400) if not isinstance(batch, Broken)]
    assert sum(sizes) == 30
    assert max(sizes) == 3


def test_lines_without_quotes_are_taken_apart_as_the_csv_module_does(share: Callable[[int], int]) -> None:
    """Line ends of all kinds, odd characters, other marks and rows that are too wide or too narrow."""
    draw, quick = random.Random(7), 0
    facts = [
        {},
        {"quote": "none"},
        {"quote": "'"},
        {"delimiter": ";"},
        {"delimiter": "\t"},
        {"delimiter": " "},
    ]
    for _case in range(share(60_000)):
        width, end = draw.randint(1, 4), draw.choice(["\n", "\r\n", "\n", "\r"])
        letters = draw.choice(['ab;" ', "ab", "abc\x00\x0b\x1c\u2028\x85 ", "ab;\t'"])
        rows = [
            draw.choice([",", ",", ",", ";", '",'] if draw.random() < 0.2 else ",").join(
                "".join(draw.choices(letters, k=draw.randint(0, 3))) for _cell in range(width)
            )
            for _row in range(draw.randint(1, 6))
        ]
        whole = end.join(rows) + draw.choice(["", end])
        lines = list(io.TextIOWrapper(io.BytesIO(whole.encode()), "utf-8", newline=""))
        given = delimited_read.dialect(draw.choice(facts))
        try:
            wanted = list(csv.reader(lines, **given))
        except csv.Error:
            wanted = []
        fits = bool(lines) and len(wanted) == len(lines) and {len(row) for row in wanted} == {width}
        assert delimited_read._one_each(lines, given, width) == (wanted if fits else None), (lines, given)
        quick += fits and width > 1 and delimited_read._without_quotes(lines, given) is not None
    assert quick > share(60_000) / 20


GROUPED = {
    "out/row": {"loop": "row", "group": {"by": ["[k]", "[n]"], "adjacent": True}},
    "out/row/k": "[k]",
    "out/row/t": "Round(Sum([members()/v] * 2), 2)",
    "out/row/in": {"loop": "members()", "when": "[v] > 0"},
    "out/row/in/v": "[v]",
    "out/row/in/c": "ToUpper([c])",
}


def grouped() -> Plan:
    """A map that groups neighbouring rows by a text and a number."""
    inside = {"v?": "decimal", "c?": "text"}
    target = build.xml({"out": {"row*": {"k": "text", "t?": "text", "in*": inside}}})
    return build.plan(GROUPED, build.rows({"k": "text", "n": "integer", "v": "decimal", "c": "text"}), target)


def test_neighbours_are_grouped_as_they_are_read() -> None:
    """S32: a group ends with the first row of other keys; keys compare by value, broken rows belong to none."""
    made = grouped()
    assert made.passes == "stream"
    data = 'k,n,v,c\na,1,2.5,x\na,1.0,0,y\na,2,1,z\nb,2\nb,2,3,w\n"b"x,2,3,w\nb,2,4,q\na,1,7,<\n,,,\n,,,\n'
    text, failures, counts = build.both(made, data)
    assert counts == (6, 5, 1, 0)
    assert [(number, reason) for number, _path, reason in failures] == [
        (6, "Line 7: The quotes of this row are wrong.")
    ]
    assert re.findall("<k>(.*?)</k>|<k/>", text) == ["a", "a", "b", "a", ""]
    assert re.findall("<t>(.*?)</t>", text) == ["5.00", "2.00", "14.00", "14.00", "0.00"]
    assert re.findall("<c>(.*?)</c>", text) == ["X", "Z", "W", "Q", "&lt;"]


def test_groups_of_random_rows_agree_with_the_judge(share: Callable[[int], int]) -> None:
    """S32, also where all rows are in memory: groups by any key are the same where equal keys stand together."""
    made = grouped()
    cases, failed = share(3_000), 0
    anyhow = build.plan(
        {**GROUPED, "out/row": {"loop": "row", "group": {"by": ["[k]", "[n]"]}}},
        build.rows({"k": "text", "n": "integer", "v": "decimal", "c": "text"}),
        build.xml({"out": {"row*": {"k": "text", "t?": "text", "in*": {"v?": "decimal", "c?": "text"}}}}),
    )
    for seed in range(cases):
        draw = random.Random(seed)
        rows = [
            f"{draw.choice('aab ')},{draw.choice(('1', '1.0', '', 'x', '2'))},{draw.choice(('1', '-2', '', 'odd', '0.005'))},"
            f"{draw.choice(('s', '<', chr(1), ''))}"
            for _row in range(draw.randrange(300))
        ]
        judged = outcome(made, "k,n,v,c\n" + "\n".join(rows), "interpret")
        assert outcome(made, "k,n,v,c\n" + "\n".join(rows), "rows") == judged, seed
        failed += bool(judged[1])
        together = "k,n,v,c\n" + "\n".join(
            sorted(rows, key=lambda row: [row.split(",")[0], row.split(",")[1][:1]])
        )
        assert outcome(made, together, "rows")[0] == outcome(anyhow, together, "auto")[0], seed
    assert failed > cases / 2
