"""Pairs mapped before come first the next time, say where they come from, and stay on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.mapping import remembered
from studio.mapping.lines import draw
from studio.mapping.remembered import Remembered, key_of
from studio.mapping.suggest import Suggester, automap
from studio.schema.model import Place, Schema
from tests.mapping.orders import invoices_map, orders_and_invoices, tree_of

KUNDEN = """
row 0..n
  KUNNR
  NAME1
  ORT01
  STRAS
"""
ACCOUNTS = """
row 0..n
  AccountNumber
  Name
  City
  Street
"""


def _place(text: str, path: str) -> Place:
    root = tree_of(text).root
    assert root is not None
    found = Schema("xml", (root.node,)).find(path)
    assert found is not None
    return found


def test_a_pair_of_an_earlier_project_comes_first_and_says_so(tmp_path: Path) -> None:
    source, target = tree_of(KUNDEN).root, _place(ACCOUNTS, "row/City")
    assert source is not None
    assert Suggester(source).suggest(target) == ()
    known = Remembered(tmp_path / remembered.FILE)
    assert known.learn_pairs([("row/ORT01", "row/City")], "Kunden") == 1
    known.save()
    again = Remembered(tmp_path / remembered.FILE)
    found = Suggester(source, remembered=again).suggest(target)
    assert [one.source for one in found] == ["row/ORT01"]
    assert "Mapped so in Kunden." in found[0].reason
    assert found[0].score > 0.8


def test_what_is_learnt_of_a_map_is_what_carries_values() -> None:
    trees = orders_and_invoices()
    known = Remembered()
    new = known.learn(draw(invoices_map(), trees), "Orders")
    assert new == len(known) > 3
    assert known.learn(draw(invoices_map(), trees), "Orders") == 0
    assert known.projects(key_of("orders/order/customer/name"), key_of("invoices/invoice/buyer/name")) == (
        "Orders",
    )
    assert "customer/name" in known.sources("buyer/name")


def test_the_latest_project_is_told_and_all_can_be_forgotten(tmp_path: Path) -> None:
    known = Remembered(tmp_path / "m.json")
    for project in ("one", "two", "three", "four"):
        known.learn_pairs([("a/b", "c/d")], project)
    assert known.projects("a/b", "c/d") == ("four", "three", "two")
    known.save()
    known.forget()
    known.save()
    assert len(Remembered(tmp_path / "m.json")) == 0


def test_no_more_than_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_PAIRS", 10)
    known = Remembered()
    known.learn_pairs(((f"a/s{n}", f"a/t{n}") for n in range(25)), "p")
    assert len(known) == 10
    assert known.sources("a/t24") == {"a/s24"}
    assert known.sources("a/t0") == frozenset()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', '{"format": 9, "pairs": [["a", "b"]]}',
                                  '{"format": 1, "pairs": [1]}', '{"format": 1, "pairs": [["a", 2, "p"]]}',
                                  "[" * 100_000])  # fmt: skip
def test_a_file_that_is_none_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "m.json"
    file.write_text(text, "utf-8")
    known = Remembered(file)
    assert len(known) == 0
    known.learn_pairs([("a/b", "c/d")], "p")
    known.save()
    assert json.loads(file.read_text("utf-8"))["pairs"] == [["a/b", "c/d", "p"]]


def test_a_folder_that_cannot_be_written_loses_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    known = Remembered(tmp_path / "taken" / "m.json")
    known.learn_pairs([("a/b", "c/d")], "p")
    known.save()
    assert known.projects("a/b", "c/d") == ("p",)


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=12))
def test_names_of_every_kind_are_kept(pairs: list[tuple[str, str]]) -> None:
    known = Remembered()
    known.learn_pairs(pairs, "p")
    assert len(known) <= len(pairs)
    assert all(
        known.projects(key_of(one), key_of(other)) == ("p",)
        for one, other in pairs
        if key_of(one) and key_of(other)
    )


def test_automap_takes_what_was_mapped_before() -> None:
    source, target = tree_of(KUNDEN).root, tree_of(ACCOUNTS).root
    assert source is not None
    assert target is not None
    known = Remembered()
    known.learn_pairs([("row/KUNNR", "row/AccountNumber"), ("row/ORT01", "row/City")], "Kunden")
    assert "row/City" not in {one.target for one in automap(source, target)}
    found = Suggester(source, target=target, remembered=known).automap(target)
    assert {(one.source, one.target) for one in found if not one.loop} >= {
        ("row/KUNNR", "row/AccountNumber"), ("row/ORT01", "row/City"),
    }  # fmt: skip
