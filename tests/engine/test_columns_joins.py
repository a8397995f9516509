"""Joins by the column: the judge's bytes, failures and counts, whatever the keys are; or the run says why it is not done."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.engine import choosing, columns_file
from studio.engine.explain import explain
from studio.engine.run import transform
from tests.engine import build
from tests.engine.column_join_maker import JoinMaker
from tests.engine.column_maker import outcome, seeds

ROWS = {"id": "integer", "sku": "text", "qty": "integer"}
PRICES = {"sku": "text", "price": "decimal", "note": "text"}
DATA = "id,sku,qty\n1,b,2\n2,a,3\n3,none,1\n4,,5\n5,b,x\n"


def made(kind: str = "inner", match: dict[str, str] | None = None, **loop: Any) -> build.Plan:
    """Rows with their prices."""
    join = {"price": {"loop": "prices::row", "match": match or {"sku": "[sku]"}, "kind": kind}}
    rules = {
        "row": {"loop": "row", "join": join, **loop},
        "row/id": "[id]",
        "row/sum": "Round([qty] * [price::price], 2)",
        "row/note": "[price::note]",
    }
    target = build.rows({"id": "text", "sum": "text", "note": "text"})
    return build.plan(rules, build.rows(ROWS), target, sources={"prices": build.rows(PRICES)})


def both(plan: build.Plan, data: str, prices: str) -> tuple[tuple[object, ...], str]:
    """What the columns give, which is what the judge gives, and the engine that ran."""
    found = [
        outcome(plan, data, engine, further={"prices": io.BytesIO(prices.encode())})
        for engine in ("columns", "interpret")
    ]
    assert found[0][0] == found[1][0]
    return found[0]


def test_random_joins_agree_with_the_judge(share: Callable[[int], int]) -> None:
    # S52, S53, S54: one row, several and none; keys that are odd on either side.
    ended: Counter[str] = Counter()
    cases = seeds(share, 2_000, (*range(8), 10, 11, 17, 25))
    for seed in cases:
        maker = JoinMaker(seed)
        plan = maker.plan()
        assert not plan.errors
        data, further = maker.documents()
        by_column, engine = outcome(plan, data, "columns", further=further)
        for stream in further.values():
            stream.seek(0)
        if str(by_column[0]).startswith("The engine columns cannot run this map"):
            ended["declined"] += 1
            continue
        assert by_column == outcome(plan, data, "interpret", further=further)[0], seed
        ended[engine] += 1
        ended["failures"] += len(by_column) == 3 and bool(by_column[1])
    assert ended["columns"] > 0.6 * len(cases)
    assert ended["failures"] > 0
    assert ended["declined"] < 0.1 * len(cases)


def test_a_key_with_one_row_and_with_several() -> None:
    one = both(made(), DATA, "sku,price,note\na,1.255,x\nb,2,y\n")
    assert one[1] == "columns"
    assert one[0][0] == b"id,sum,note\n1,4.00,y\n2,3.77,x\n"
    assert one[0][2] == (5, 2, 1, 2)
    several = both(made(), DATA, 'sku,price,note\na,1,x\nb,2,y\nb,3,"z,"\n,9,w\n')
    assert several[1] == "columns"
    assert several[0][0] == b'id,sum,note\n1,4.00,y\n1,6.00,"z,"\n2,3.00,x\n'
    assert several[0][2] == (5, 2, 1, 2)
    kept = both(made("left"), DATA, "sku,price,note\na,1,x\n")
    assert kept[0][0] == b"id,sum,note\n1,0.00,\n2,3.00,x\n3,0.00,\n4,0.00,\n"
    assert kept[0][2] == (5, 4, 1, 0)


def test_numbers_are_joined_by_value_and_texts_by_their_letters() -> None:
    plan = made(match={"price": "[qty]"})
    found, engine = both(
        plan, "id,sku,qty\n1,b,2\n2,a,02\n3,c,2.50\n4,c,-0\n", "sku,price,note\na,2.0,x\nb,2.5,y\nc,0,z\n"
    )
    assert engine == "columns"
    assert found[0] == b"id,sum,note\n1,4.00,x\n2,4.00,x\n3,6.25,y\n4,0.00,z\n"
    text = both(
        made(match={"sku": "[qty]"}), "id,sku,qty\n1,b,2\n2,a,02\n", "sku,price,note\n02,1,x\n2,3,y\n"
    )
    assert text[0][0] == b"id,sum,note\n1,6.00,y\n2,2.00,x\n"


@pytest.mark.parametrize(
    "prices",
    ["", "sku,price,note\n", "sku,price,note\na,1\n", "price,note\n1,2\n", 'sku,price,note\na,1,"x\n'],
)
def test_empty_and_broken_lookup_tables_end_as_with_the_judge(prices: str) -> None:
    both(made(), DATA, prices)


def test_a_lookup_table_whose_keys_are_of_mixed_kinds_is_left_to_the_rows() -> None:
    found, engine = both(made(match={"price": "[qty]"}), DATA, "sku,price,note\na,2,x\nb,two,y\n")
    assert engine == "rows"
    assert found[2] == (5, 1, 0, 4)


@pytest.mark.parametrize(
    ("match", "loop", "reason"),
    [
        ({"price": "[qty] + 1"}, {}, "a key is no cell"),
        ({"sku": "[sku]"}, {"sort": [{"by": "[id]"}]}, "not mapped one by one"),
    ],
)
def test_joins_that_are_not_sure_are_declined(
    match: dict[str, str], loop: dict[str, Any], reason: str
) -> None:
    plan = made(match=match, **loop)
    assert reason in explain(plan)
    with pytest.raises(BadInput, match=reason):
        build.run(plan, DATA, "columns", further={"prices": "sku,price,note\n"})


def test_explain_says_that_joins_are_done_by_column() -> None:
    assert "By column (--engine columns): yes, in DuckDB" in explain(made())


def test_a_lookup_table_beyond_memory_is_joined_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: Callable[[int], int]
) -> None:
    count = share(1_000_000)
    main, prices = tmp_path / "main.csv", tmp_path / "prices.csv"
    prices.write_text("sku,price,note\n" + "".join(f"s{at},{at % 97}.5,note {at}\n" for at in range(count)))
    main.write_text(
        "id,sku,qty\n" + "".join(f"{at},s{at * 7919 % (count * 2)},{at % 9}\n" for at in range(count))
    )
    monkeypatch.setattr(columns_file, "_MEMORY_MB", 48 if share(10) < 10 else 128)
    made_of = {}
    for engine in ("columns", "rows"):
        out = tmp_path / f"{engine}.csv"
        assert transform(made(), main, out, engine=engine, further={"prices": prices}).engine == engine
        made_of[engine] = out.read_bytes()
    assert made_of["columns"] == made_of["rows"]


def test_big_whole_inputs_are_done_by_column_without_being_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "BIG", 100)
    main, prices = tmp_path / "main.csv", tmp_path / "prices.csv"
    main.write_text(DATA)
    prices.write_text("sku,price,note\na,1,x\n" + "".join(f"s{at},1,x\n" for at in range(20)))
    further = {"prices": prices}
    assert "Without --engine it is done so from" in explain(made())
    found = transform(made(), main, tmp_path / "a.csv", further=further)
    asked = transform(made(), main, tmp_path / "b.csv", further=further, engine="rows")
    assert (found.engine, asked.engine) == ("columns", "rows")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert [found.records_out, found.filtered] == [asked.records_out, asked.filtered]
    monkeypatch.setattr(choosing, "BIG", 1_000_000)
    assert transform(made(), main, tmp_path / "c.csv", further=further).engine == "rows"
