"""One member of a group by its number, in every back end and every place where members may stand."""

from __future__ import annotations

import pytest

from studio.base.errors import BadInput
from tests.engine.build import both, json_items, plan, rows, run, xml

SOURCE = rows({"g": "text", "n": "integer"})
GIVEN = "g,n\na,3\nb,1\na,5\na,7\n"
TARGET = json_items({"g": "text", "v?": "integer", "all?": "text", "list[]": {"n?": "integer"}}, "lines")
GROUPED = {"item": {"loop": "row", "group": {"by": ["[g]"]}}, "item/g": "[g]"}


@pytest.mark.parametrize("adjacent", [False, True])
def test_a_number_picks_one_member(adjacent: bool) -> None:
    """S32: a value, not an array; nothing where there are fewer."""
    rules = {
        "item": {"loop": "row", "group": {"by": ["[g]"], "adjacent": adjacent}},
        "item/g": "[g]",
        "item/v": "[members()[2]/n]",
        "item/all": "Count([members()/n]) + ':' + Count([members()[1]/n]) + ':' + [members()[2]/n]",
    }
    text, failures, _counts = both(plan(rules, SOURCE, TARGET), GIVEN, fast=False)
    assert failures == []
    if adjacent:
        assert text == '{"g":"a","all":"1:1:"}\n{"g":"b","all":"1:1:"}\n{"g":"a","v":7,"all":"2:1:7"}\n'
    else:
        assert text == '{"g":"a","v":5,"all":"3:1:5"}\n{"g":"b","all":"1:1:"}\n'


@pytest.mark.parametrize("script", ["[members()[2]/n]", "Sum([members()[2]/n])", "Count([members()[2]/n])"])
def test_no_engine_takes_the_first_for_it(script: str) -> None:
    """S32: the one that works column by column has the groups' first rows and totals only, and leaves it to others."""
    target = rows({"g": "text", "v": "text"}, form="sample")
    rules = {"row": GROUPED["item"], "row/g": "[g]"}
    assert run(plan({**rules, "row/v": "Sum([members()/n])"}, SOURCE, target), GIVEN, "columns")[0] == (
        "g,v\na,15\nb,1\n"
    )
    made = plan({**rules, "row/v": script}, SOURCE, target)
    text, _failures, _counts = both(made, GIVEN, fast=False)
    assert text.startswith("g,v\na,1\n" if "Count" in script else "g,v\na,5\n")
    with pytest.raises(BadInput, match="columns cannot run this map"):
        run(made, GIVEN, "columns")


def test_a_loop_visits_one_member_and_a_sort_asks_for_it() -> None:
    """S32, S33"""
    rules = {
        "item": {**GROUPED["item"], "sort": [{"by": "[members()[2]/n]", "order": "desc"}]},  # type: ignore[dict-item]
        "item/g": "[g]",
        "item/list/item": {"loop": "members()[2]"},
        "item/list/item/n": "[n]",
    }
    text, failures, _counts = both(plan(rules, SOURCE, TARGET), GIVEN, fast=False)
    assert (text, failures) == ('{"g":"b","list":[]}\n{"g":"a","list":[{"n":5}]}\n', [])


def test_what_repeats_in_a_member_is_an_array() -> None:
    """S6, S32"""
    source = xml({"o": {"r*": {"g": "text", "t*": "text"}}})
    target = xml({"out": {"r*": {"g": "text", "t*": "text", "u?": "text"}}})
    rules = {
        "out/r": {"loop": "o/r", "group": {"by": ["[g]"]}},
        "out/r/g": "[g]",
        "out/r/t": "[members()[2]/t]",
        "out/r/u": "[members()[1]/t[2]]",
    }
    given = "<o><r><g>a</g><t>1</t><t>2</t></r><r><g>b</g></r><r><g>a</g><t>3</t><t>4</t></r></o>"
    text, failures, _counts = both(plan(rules, source, target), given, fast=False)
    assert failures == []
    assert "".join(line.strip() for line in text.splitlines()[1:]) == (
        "<out><r><g>a</g><t>3</t><t>4</t><u>2</u></r><r><g>b</g></r></out>"
    )


def test_a_condition_at_members_is_an_error_of_the_map() -> None:
    """S32: it would have been passed over."""
    made = plan({**GROUPED, "item/v": "Sum([members()[[n] > 3]/n])"}, SOURCE, TARGET)
    assert [problem.message for problem in made.errors] == ["members() may have a number, but no condition."]
