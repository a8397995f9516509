"""Versions in words: what differs is marked and nothing else, rules as lines, what is written by hand read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, NotAllowed, NotReachable
from studio.network.hops import read_hop
from studio.network.refusals import password_refused, target_refused
from ui.bridge.why import address_in, asking_proxy, is_of_the_way
from ui.dialogs.conflicts import wording
from ui.dialogs.conflicts.matters import Matter
from ui.dialogs.network.advice_part import bold


def matter(
    keys: tuple[str, ...] = ("map", "a/b"), mine: Any = "x", base: Any = "y", theirs: Any = "z"
) -> Matter:
    return Matter(1, "transformations/t", "transformations/t.yaml", keys, base, mine, theirs)


def marked(base: str, text: str) -> list[str]:
    return [text[start:end] for start, end in wording.differing(base, text)]


@pytest.mark.parametrize(
    ("base", "text", "found"),
    [
        ("DateAdd('dd', 30, [placed])", "DateAdd('dd', [customer/terms], [placed])", ["[customer/terms]"]),
        ("[a] == 'open'", "[a] != 'open'", ["!="]),
        ("[a] == 'open'", "[a] != 'cancelled'", ["!= 'cancelled'"]),
        ("same", "same", []),
        ("all of it", "", []),
        ("", "all of it", ["all of it"]),
        ("loop a\nwhen b", "loop a\nwhen b\nsort c", ["sort c"]),
    ],
)
def test_only_what_differs_is_marked(base: str, text: str, found: list[str]) -> None:
    assert marked(base, text) == found


@pytest.mark.parametrize(
    ("base", "side", "found"),
    [
        ({"script": "a", "note": "why"}, "b", ["note why"]),
        ({"script": "a", "note": "why"}, {"script": "b", "note": "why"}, []),
        ({"loop": "a", "when": "[b]", "sort": ["c"]}, {"loop": "a"}, ["when [b]\nsort c"]),
        ("Round([a], 2)", {"loop": "a"}, ["Round([a], 2)"]),
        ("Trim([a]) + [b]", "Trim([a])", ["+ [b]"]),
        ("[a]", "[b]", []),
        ("[a]", "[a]", []),
    ],
)
def test_what_one_side_took_out_is_told(base: Any, side: Any, found: list[str]) -> None:
    assert [part.strip() for _at, part in wording.gone(matter(base=base), side)] == found


@given(st.text(), st.text())
def test_marks_lie_in_the_text_in_order_and_hold_more_than_blanks(base: str, text: str) -> None:
    end = 0
    for start, stop in wording.differing(base, text):
        assert end <= start < stop <= len(text)
        assert text[start:stop].strip()
        end = stop
    assert wording.differing(text, text) == []


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=5), max_size=4))
def test_bold_names_change_no_word(text: str, names: list[str]) -> None:
    made = bold(text, sorted(names, key=len, reverse=True))
    plain = made.replace("<b>", "").replace("</b>", "")
    assert plain == bold(text, [])


def test_what_is_written_by_hand_is_read_as_it_was_shown() -> None:
    rule = {"loop": "orders/order", "when": "[@status] == 'open'", "sort": ["[placed]"]}
    for one, value in (
        (matter(mine=rule), rule),
        (matter(), "Round([a], 2)"),
        (matter(keys=("activities",), mine=[{"read": {"path": "x"}}]), [{"read": {"path": "y"}}]),
        (matter(keys=(), mine={"name": "a"}, base=None), {"name": "b", "map": {"x": "1"}}),
    ):
        assert wording.own_value(one, wording.own_text(one, value)) == value
    assert wording.own_value(matter(), "  \n") is None
    # A rule with options may become a plain script, and the other way round.
    assert wording.own_value(matter(mine=rule), "[placed]") == "[placed]"
    with pytest.raises(BadInput):
        wording.own_value(matter(mine=rule), "loop: [")
    with pytest.raises(BadInput, match="Only activities"):
        wording.own_value(matter(keys=("activities",), mine=[1]), "other: 1")


def test_what_a_side_did_is_said_by_its_parts() -> None:
    base = {"loop": "a", "when": "b", "note": "n"}
    assert wording.changes(base, {"loop": "a", "when": "c"}) == "changes the condition, removes the note"
    assert wording.changes(base, {**base, "sort": ["x"]}) == "adds an order"
    assert wording.changes("script", base) == ""


def test_errors_of_the_way_out_are_told_from_others(tmp_path: Path) -> None:
    hop = read_hop("proxy.example:8080")
    wrong = password_refused(hop, 407, ("basic",), "basic", "ana")
    assert asking_proxy(wrong) == "proxy.example:8080"
    assert asking_proxy(wrong.again()) == "proxy.example:8080"
    assert asking_proxy(target_refused(hop, "x.example:443", 403, "Forbidden")) == ""
    assert is_of_the_way(NotReachable("x"))
    assert not is_of_the_way(NotAllowed("x"))
    assert not is_of_the_way(ValueError("x"))
    assert address_in("login.salesforce.com cannot be reached: refused.") == "login.salesforce.com"
    assert address_in("Nobody answers at 127.0.0.1:8443: no.") == "127.0.0.1:8443"
    assert address_in("https://weft.example:9 did not answer.") == "https://weft.example:9"
    assert address_in("Nothing of that kind.") == ""
    assert address_in(f"{tmp_path}: no.") == ""
