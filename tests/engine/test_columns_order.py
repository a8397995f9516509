"""Whole inputs by the column: rows sorted, grouped and cut give the judge's bytes, or are done otherwise; all can be stopped."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput, Cancelled
from studio.base.progress import Progress, Step
from studio.engine import columns, columns_file
from studio.engine.explain import explain
from studio.engine.run import transform
from tests.engine import build
from tests.engine.column_maker import ColumnMaker, outcome, seeds

SOURCE = {"id": "integer", "kind": "text", "price": "decimal", "day": "date"}
OUT = {"a": "text", "b": "text", "c": "text"}


def made(loop: dict[str, Any], **cells: str) -> build.Plan:
    """A map of rows to rows."""
    rules: dict[str, Any] = {"row": {"loop": "row", **loop}}
    return build.plan(
        rules | {f"row/{name}": script for name, script in cells.items()},
        build.rows(SOURCE),
        build.rows(OUT),
    )


def test_random_orders_groups_and_cuts_agree_with_the_judge(share: Callable[[int], int]) -> None:
    # S31, S32, S33, S40: also where some values are odd.
    ended: Counter[str] = Counter()
    cases = seeds(share, 2_000, range(20))
    for seed in cases:
        maker = ColumnMaker(seed)
        plan, data = maker.plan(), maker.document()
        assert not plan.errors
        by_column, engine = outcome(plan, data, "columns")
        assert by_column == outcome(plan, data, "interpret")[0], seed
        ended[engine] += 1
        ended[maker.kind] += engine == "columns"
    assert ended["columns"] > 0.6 * len(cases)
    assert min(ended[kind] for kind in ("each", "sort", "group", "cut")) > 0.1 * len(cases)
    assert ended["rows"] > 0.05 * len(cases)


def test_rows_are_sorted_grouped_and_added_up(tmp_path: Path) -> None:
    data = "id,kind,price,day\n2,b,1.10,2024-01-02\n10,,2.205,2024-01-01\n1,b,0.005,\n3,a,7,2023-12-31\n"
    order = {"sort": [{"by": "[kind]", "order": "desc"}, {"by": "[id]"}]}
    plan = made(order, a="[id]", b="[day]", c="Round([price], 2)")
    judged, engine = outcome(plan, data, "columns")
    assert engine == "columns"
    assert judged[0] == b"a,b,c\n10,2024-01-01,2.21\n1,,0.01\n2,2024-01-02,1.10\n3,2023-12-31,7.00\n"
    groups = {"group": {"by": ["[kind]"]}}
    plan = made(groups, a="[kind]", b="Count([members()/day])", c="Round(Sum([members()/price]), 2)")
    judged, engine = outcome(plan, data, "columns")
    assert engine == "columns"
    assert judged == (b"a,b,c\nb,1,1.11\n,1,2.21\na,1,7.00\n", [], (3, 3, 0, 0))
    assert "By column (--engine columns): yes, in DuckDB" in explain(plan)


def test_groups_of_neighbours_of_some_rows_and_by_what_is_made_of_cells() -> None:
    data = "id,kind,price,day\n1,a,1,\n2,A,2,\n3,b,4,\n0,b,8,\n4,a,16,\n5,b,32,\n"
    cells = {"a": "[id]", "b": "Count([members()/id])", "c": "Sum([members()/id])"}
    near = made({"group": {"by": ["ToUpper([kind])"], "adjacent": True}}, **cells)
    judged, engine = outcome(near, data, "columns")
    assert engine == "columns"
    assert judged == (b"a,b,c\n1,2,3\n3,2,3\n4,1,4\n5,1,5\n", [], (4, 4, 0, 0))
    assert judged == outcome(near, data, "interpret")[0]
    some = made({"group": {"by": ["ToUpper([kind])"]}, "when": "[id] > 1", "last": 1}, **cells)
    judged, engine = outcome(some, data, "columns")
    assert engine == "columns"
    assert judged == (b"a,b,c\n3,2,8\n", [], (3, 1, 0, 2))
    assert judged == outcome(some, data, "interpret")[0]


def test_a_record_that_fails_has_its_own_number_where_rows_are_sorted() -> None:
    data = "id,kind,price,day\n3,x,1,2024-01-01\n1,y,1,2024-13-02\n2,z,1,2024-01-03\n"
    plan = made({"sort": [{"by": "[id]"}]}, a="[id]", b="FormatDate([day], 'dd.mm.yyyy')", c="[kind]")
    judged, engine = outcome(plan, data, "columns")
    assert engine == "columns"
    assert judged == outcome(plan, data, "interpret")[0]
    assert judged[0] == b"a,b,c\n2,03.01.2024,z\n3,01.01.2024,x\n"
    assert [number for number, *_rest in judged[1]] == [2]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("loop", "cells", "reason"),
    [
        ({"group": {"by": ["Round([price], 1)"]}}, {}, "a key is no cell"),
        ({"group": {"by": ["IfNull([kind], 'none')"]}}, {}, "a key is no cell"),
        ({"group": {"by": ["[kind]"]}}, {"b": "Max([members()/price]) + ' at most'"}, "as many decimals"),
        ({"first": 2}, {}, "more than visit"),
        ({"sort": [{"by": "Length([kind])"}]}, {}, "a key is no cell"),
    ],
)
def test_what_has_no_sure_order_is_declined(loop: dict[str, Any], cells: dict[str, str], reason: str) -> None:
    plan = made(loop, **({"a": "[kind]", "b": "[day]", "c": "[kind]"} | cells))
    assert reason in explain(plan)
    with pytest.raises(BadInput, match=reason):
        build.run(plan, "id,kind,price,day\n", "columns")


def _many(file: Path, count: int) -> None:
    draw = random.Random(5)
    with file.open("w") as out:
        out.write("id,kind,price,day\n")
        for number in range(count):
            out.write(f"{number},k{draw.random()},{draw.randrange(10_000) / 100:.2f},2024-05-06\n")


def test_it_stops_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, out, scratch = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "scratch"
    scratch.mkdir()
    _many(file, 20_000)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    plan = made({"sort": [{"by": "[kind]"}]}, a="[id]", b="[kind]", c="Round([price], 1)")
    seen: list[Step] = []

    def heard(step: Step) -> None:
        seen.append(step)
        if any(scratch.glob(".weft-parts-*/lines")):
            progress.stop()

    progress = Progress(heard)
    monkeypatch.setattr(columns, "_LOOKED", 0.0)
    with pytest.raises(Cancelled):
        transform(plan, file, out, engine="columns", progress=progress)
    assert seen
    assert not out.exists()
    assert list(scratch.iterdir()) == []


def test_more_than_may_be_in_memory_is_sorted_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: Callable[[int], int]
) -> None:
    file, ours, judged = tmp_path / "in.csv", tmp_path / "ours.csv", tmp_path / "judged.csv"
    _many(file, share(2_000_000))
    monkeypatch.setattr(columns_file, "_MEMORY_MB", 48 if share(10) < 10 else 128)
    plan = made({"sort": [{"by": "[kind]"}]}, a="[id]", b="[kind]", c="Round([price], 1)")
    assert transform(plan, file, ours, engine="columns").engine == "columns"
    assert transform(plan, file, judged, engine="rows").engine == "rows"
    assert ours.read_bytes() == judged.read_bytes()


def test_a_query_that_breaks_off_is_done_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, ours = tmp_path / "in.csv", tmp_path / "ours.csv"
    _many(file, 30)
    monkeypatch.setattr(columns_file, "_MEMORY_MB", 1)  # not enough for anything
    plan = made({"sort": [{"by": "[kind]"}]}, a="[id]", b="[kind]", c="Round([price], 1)")
    found = transform(plan, file, ours, engine="columns")
    assert (found.engine, found.records_out) == ("rows", 30)
