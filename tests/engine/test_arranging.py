"""Outermost loops that group, sort or take the last records: on disk as in memory, byte by byte."""

from __future__ import annotations

import errno
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.engine import arranging, spill
from studio.engine.explain import explain
from studio.engine.ordering import in_order
from studio.engine.plan import Expr, Order
from studio.engine.spill import Sorter
from studio.schema.model import Base
from studio.script.values import typed
from tests.engine.build import json_items, plan, rows, run
from tests.engine.differ_order import OrderMaker, in_memory, on_disk
from tests.engine.differential import outcome

COLUMNS = {"id": "text", "kind": "text", "n": "decimal"}
OUT = json_items({"id": "text", "n?": "text"}, "lines")


def test_disk_gives_what_memory_gives(share: Callable[[int], int], monkeypatch: pytest.MonkeyPatch) -> None:
    """S71: random maps over random documents, with next to nothing in memory."""
    told: Counter[str] = Counter()
    for seed in range(share(6000)):
        maker = OrderMaker(seed)
        made, data = maker.made(), maker.document()
        assert made.errors == (), seed
        if not any(top.arranges for top in made.tops) or made.passes == "whole":
            told["in memory"] += 1
            continue
        wanted = in_memory(made, data)
        if len(wanted) == 2:
            # A record that cannot be read is set aside where it is one of a stream, and errors come in another order.
            wanted = outcome(made, data, "interpret")
            assert len(wanted) == 2 or maker.source in ("csv", "lines"), seed
            told["broken"] += 1
        for engine in ("interpret", "auto"):
            assert on_disk(made, data, engine, monkeypatch) == wanted, (seed, engine)
        told["compared"] += 1
        told["grouped"] += bool(made.tops[0].target.loop and made.tops[0].target.loop.group)
        told["failures"] += len(wanted) == 4 and bool(wanted[1])
    assert told["compared"] > told.total() / 5
    assert min(told["grouped"], told["failures"], told["broken"]) > 0


def _sorted(rules: dict[str, Any], data: str) -> tuple[list[str], Any, Any]:
    made = plan({"item": {"loop": "row", **rules}, "item/id": "[id]"}, rows(COLUMNS), OUT)
    text, failures, counts = run(made, "id,kind,n\n" + data)
    return [line[7:-2] for line in text.splitlines()], failures, counts


@pytest.mark.parametrize("limit", [0, 50_000_000])
def test_sorts_groups_and_takes_the_last(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """S31, S32, S33 and S71: nothing first, stable, by first appearance, counted as ever."""
    monkeypatch.setattr(arranging, "IN_MEMORY", limit)
    data = "a,x,2\nb,y,10\nc,x,\nd,z,2.0\ne,y,-1\n"
    assert _sorted({"sort": [{"by": "[n]"}]}, data)[0] == ["c", "e", "a", "d", "b"]
    down = {"by": "[n]", "order": "desc"}
    assert _sorted({"sort": [down]}, data)[0] == ["c", "b", "a", "d", "e"]
    assert _sorted({"sort": [{"by": "[kind]", "order": "desc"}, down]}, data)[0] == ["d", "b", "e", "c", "a"]
    assert _sorted({"group": {"by": ["[n]"]}}, data)[0] == ["a", "b", "c", "e"]
    assert _sorted({"group": {"by": ["[kind]"]}, "sort": [{"by": "Sum([members()/n])"}]}, data)[0] == [
        "a",
        "d",
        "b",
    ]
    last = _sorted({"sort": [down], "first": 4, "last": 2}, data)
    assert last[0] == ["a", "d"]
    assert last[2] == (5, 2, 0, 3)
    assert _sorted({"last": 2}, data)[0] == ["d", "e"]


@pytest.mark.parametrize("limit", [0, 50_000_000])
def test_failures_are_told_with_their_numbers(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """S39 and S71: a key that fails, a row that cannot be read and a rule that fails, each once."""
    monkeypatch.setattr(arranging, "IN_MEMORY", limit)
    rules = {
        "item": {"loop": "row", "sort": [{"by": "If([kind] == 'bad', RaiseError('no key'), [n])", "order": "desc"}]},
        "item/id": "If([n] == 3, RaiseError('three'), [id])",
    }  # fmt: skip
    data = "id,kind,n\na,x,3\nb,bad,1\nc,x,7,9\nd,x,5\ne,x,4\n"
    text, failures, counts = run(plan(rules, rows(COLUMNS), OUT), data)
    assert text == '{"id":"d"}\n{"id":"e"}\n'
    assert [(record, path) for record, path, _reason in failures] == [(2, "item"), (3, "row"), (1, "item/id")]
    assert counts == (5, 2, 3, 0)


def test_keys_of_several_kinds_are_compared_as_the_language_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """S33 and S71: numbers and texts have no order that a merge could keep, so their keys are compared in memory."""
    data = "".join(f"{n},x,{value}\n" for n, value in enumerate("10 9 abc 7x 8 '' 07 -1 7x abd 100".split()))
    made = plan({"item": {"loop": "row", "sort": [{"by": "[n]"}]}, "item/id": "[id]"}, rows(COLUMNS), OUT)
    for given in ("id,kind,n\n" + data, "id,kind,n\n" + data.replace("abc", "1").replace("abd", "2")):
        assert on_disk(made, given, "auto", monkeypatch) == in_memory(made, given)


VALUES: dict[Base, tuple[str, ...]] = {
    Base.TEXT: ("", "a", "B", "é", "\ud800", "aa", "10", "9"),
    Base.DECIMAL: ("0", "-0", "1.50", "1.5", "-2", "1e3", "0.1", "99999999999999999999.1"),
    Base.FLOAT: ("0", "-0", "INF", "-INF", "0.1", "1e300", "-7"),
    Base.DATE: ("2026-01-02", "1999-12-31", "2026-01-02Z", "0001-01-01"),
}


@pytest.mark.parametrize("base", VALUES)
@pytest.mark.parametrize("down", [False, True])
def test_keys_have_the_order_of_the_language(base: Base, down: bool) -> None:
    """S33: a key is above another where the language says so."""
    values = [typed(text, base) for text in VALUES[base]] + [None]
    draw = random.Random(5)
    keys = arranging.SortKeys((Order(Expr("", None), down),))
    for _turn in range(20):
        draw.shuffle(values)
        pairs = [(value, number) for number, value in enumerate(values)]
        made = sorted((keys.key([value]), number) for value, number in pairs)
        assert [number for _key, number in made] == in_order(pairs, descending=down)
        assert [keys.values(key)[0] for key, _number in made] == in_order(
            [(v, v) for v in values], descending=down
        )
    assert keys.comparable


@pytest.mark.parametrize(
    "values", [["a", Decimal(1)], [Decimal(1), 1.5], [True, False], [float("nan")], [["a"]]]
)
def test_what_has_no_order_is_known(values: list[Any]) -> None:
    keys = arranging.SortKeys((Order(Expr("", None)),))
    for value in values:
        keys.key([value])
    assert not keys.comparable


def test_a_sorter_merges_its_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many runs, more than are kept open at once, and blocks of a few records."""
    monkeypatch.setattr(spill, "_BLOCK", 1000)
    draw = random.Random(3)
    sorter = Sorter(5000)
    given = [(draw.randrange(50), str(number).encode()) for number in range(3000)]
    for key, data in given:
        sorter.add((key,), data)
    assert sorter.spilled
    assert [data for _key, _number, data in sorter.records()] == [
        d for _k, d in sorted(given, key=lambda each: each[0])
    ]
    assert sorted(data for _key, _number, data in sorter.stored()) == sorted(data for _key, data in given)
    sorter.close()


def test_a_full_disk_is_told_with_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The output is not there, nor anything beside it."""

    class Full:
        def __init__(self, **_how: object) -> None:
            pass

        def write(self, _data: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(arranging, "IN_MEMORY", 0)
    monkeypatch.setattr(spill.tempfile, "TemporaryFile", Full)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(BadInput) as told:
        _sorted({"sort": [{"by": "[n]"}]}, "a,x,2\n")
    assert "No space left" in told.value.message
    assert told.value.file == str(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="files without a name are for other systems")
def test_what_is_on_disk_has_no_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """S71: a run that is killed leaves nothing in the folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sorter = Sorter(0)
    for number in range(10):
        sorter.add((number,), b"x")
    assert sorter.spilled
    assert list(tmp_path.iterdir()) == []
    sorter.close()


def test_the_plan_says_it() -> None:
    """The input is read as it comes; the order is made on disk."""
    made = plan({"item": {"loop": "row", "sort": [{"by": "[n]"}]}, "item/id": "[id]"}, rows(COLUMNS), OUT)
    assert made.passes == "stream"
    assert "on disk beyond 48 MB" in explain(made)
    assert "Engine: rows" in explain(made)
    counted = {"item": {"loop": "row", "last": 2}, "item/id": "[id] + CountSourceRecords()"}
    assert plan(counted, rows(COLUMNS), OUT).passes == "whole"
