"""The columnar back end gives the judge's bytes and failures, or says why it does not do a map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.engine import columns_file
from studio.engine.explain import explain
from studio.engine.run import transform
from tests.engine import build
from tests.engine.differential import outcome
from tests.engine.flat_maker import FlatMaker

COLUMNS = {
    "id": "integer", "name": "text", "kind": "text", "qty": "integer", "price": "decimal", "off": "decimal",
    "day": "date", "at": "datetime", "phone": "integer",
}  # fmt: skip
RULES = {
    "row": {"loop": "row", "when": "[qty] > 0"},
    "row/id": "[id]",
    "row/name": "ToUpper([name]) + ', ' + ToLower([kind])",
    "row/net": "Round([qty] * [price] * (1 - [off]), 2)",
    "row/day": "FormatDate([day], 'dd.mm.yyyy')",
    "row/at": "FormatDate([at], 'yyyymmdd HHMM')",
    "row/band": "If([price] >= 100, 'high', 'low')",
    "row/phone": "IfNull([phone], 'n/a')",
    "row/short": "Left(Trim([name]), 3)",
    "row/said": "If([price] > 2, 'a,\"b', 'c')",
    "row/told": "[name] + ' \"q\" ' + [kind]",
    "row/list": "ToLower([kind]) + ',' + [name]",
}
TEXTS = (
    "Zoé",
    "straße",
    "Ωmega Σ",
    "ΟΔΟΣ",
    "ŉ",
    "İ",
    "a,b",
    'say "x"',
    " pad ",
    "",
    "\u0130x",
    "日本",
    "ǅ",
    "it's",
)
NUMBERS = (
    "1",
    "2",
    "0",
    "-3",
    "1.5",
    "007",
    "",
    " ",
    "x",
    "1e2",
    "+5",
    "1_0",
    "٣",
    "12345678901234567890",
    "0.005",
    "-0.005",
)
DAYS = ("2024-02-29", "2023-02-29", "1999-12-31", "", "2024-2-9", "0001-01-01", "2024-01-01Z", "10000-01-01")
MOMENTS = ("2024-02-29T10:00:00", "2024-02-29T24:00:00", "2024-02-29T10:00:60", "2024-02-29 10:00:00", "", "x",
           "2024-02-29T10:00:00Z", "2024-02-29T10:00:00.5")  # fmt: skip


def cell(text: str) -> str:
    """A cell, quoted where it must be."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"') else text


def made() -> build.Plan:
    """A map with everything the back end does."""
    target = build.rows({path.partition("/")[2]: "text" for path in RULES if "/" in path})
    return build.plan(RULES, build.rows(COLUMNS), target)


def test_odd_values_are_left_to_the_judge(share: Callable[[int], int]) -> None:
    import random

    ended: Counter[str] = Counter()
    plan = made()
    for seed in range(share(600)):
        draw = random.Random(seed)
        odd = draw.choice((0.0, 0.02, 0.3))
        pools = (NUMBERS, TEXTS, TEXTS, NUMBERS, NUMBERS, NUMBERS, DAYS, MOMENTS, NUMBERS)
        usual = ("7", "Anna", "b", "3", "12.50", "0.1", "2024-05-06", "2024-05-06T07:08:09", "4912345")
        rows = [
            [
                draw.choice(pool) if draw.random() < odd else each
                for pool, each in zip(pools, usual, strict=True)
            ]
            for _row in range(draw.choice((1, 40, 300)))
        ]
        for number, row in enumerate(rows):
            row[0] = str(number) if draw.random() > odd else row[0]
            row[4] = f"{draw.randrange(100_000) / 100:.2f}" if draw.random() > odd else row[4]
        data = "\n".join([",".join(COLUMNS), *(",".join(map(cell, row)) for row in rows)]) + "\n"
        if draw.random() < 0.1:
            data = data.replace(
                "Anna", draw.choice(('An"na', '"Anna"x', "An\rna", "An\n\nna", '"An\nna"', "a,b,c,d")), 2
            )
        judged = outcome(plan, data, "interpret")
        assert outcome(plan, data, "columns") == judged, seed
        ended["failures"] += len(judged) == 4 and bool(judged[1])
        ended["ran"] += len(judged) == 4
    assert ended["ran"] > share(600) * 0.7
    assert ended["failures"] > 2


def test_random_flat_maps_agree_or_are_declined(share: Callable[[int], int]) -> None:
    ended: Counter[str] = Counter()
    for seed in range(share(2_000)):
        maker = FlatMaker(seed, targets=("csv",))
        plan, data = maker.made(), maker.document()
        by_column = outcome(plan, data, "columns")
        if str(by_column[0]).startswith("The engine columns cannot run this map"):
            ended["declined"] += 1
            continue
        assert by_column == outcome(plan, data, "interpret"), seed
        ended["agreed"] += 1
    assert ended["agreed"] > 5
    assert ended["declined"] > 5


def test_a_plain_file_is_mapped_by_column_and_a_broken_one_row_by_row(tmp_path: Path) -> None:
    good = "1,Zoé,b,3,12.50,0.1,2024-05-06,2024-05-06T07:08:09,49\n"
    file, out = tmp_path / "it's [1].csv", tmp_path / "out.csv"
    file.write_text(",".join(COLUMNS) + "\n" + good * 3, encoding="utf-8")
    found = transform(made(), file, out, engine="columns")
    assert (found.engine, found.records_out) == ("columns", 3)
    assert (
        out.read_text(encoding="utf-8").splitlines()[1:]
        == ['1,"ZOÉ, b",33.75,06.05.2024,20240506 0708,low,49,Zoé,"a,""b","Zoé ""q"" b","b,Zoé"'] * 3
    )
    file.write_text(",".join(COLUMNS) + "\n" + good + "1,2\n" + good, encoding="utf-8")
    found = transform(made(), file, out, engine="columns")
    assert (found.engine, found.records_out, found.filtered) == ("rows", 2, 1)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"row/a": "Length([name] + [kind])"}, "no SQL that is known to be the same"),
        ({"row/a": "[id] + [name]"}, "a sum that may be of texts or numbers"),
        ({"row": {"loop": "row", "first": 3}, "row/a": "[id]"}, "more than visit the rows"),
        ({"row/a": {"script": "[id]", "when": "[id] > 1"}}, "a cell has a condition"),
    ],
)
def test_other_maps_are_declined_with_the_reason(rules: dict[str, object], reason: str) -> None:
    plan = build.plan(
        {"row": {"loop": "row"}, **rules, "row/b": "[name]"},
        build.rows(COLUMNS),
        build.rows({"a": "text", "b": "text"}),
    )
    with pytest.raises(BadInput, match=reason):
        build.run(plan, "", "columns")


def test_explain_says_whether_a_map_is_done_by_column() -> None:
    assert "By column (--engine columns): yes, in DuckDB" in explain(made())
    target = build.rows({"a": "text", "b": "text"})
    sums = {"row": {"loop": "row"}, "row/a": "[id] + [name]", "row/b": "[name]"}
    page = explain(build.plan(sums, build.rows(COLUMNS), target))
    assert "By column (--engine columns): not, because a sum that may be of texts or numbers." in page


def test_the_database_reads_nothing_but_its_file(tmp_path: Path) -> None:
    file, other, folder = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "own"
    for each in (file, other):
        each.write_text("a\n1\n")
    folder.mkdir()
    with columns_file.connected([file], folder) as connection:
        assert connection.execute("select * from read_csv(?)", [str(file)]).fetchall() == [(1,)]
        for wrong in ("select * from read_csv(?)", "copy (select 1) to '" + str(other) + "'; select ?"):
            with pytest.raises(columns_file.duckdb.Error):
                connection.execute(wrong, [str(other)])
        with pytest.raises(columns_file.duckdb.Error):
            connection.execute("install httpfs")
