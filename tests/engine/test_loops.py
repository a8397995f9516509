"""Rules S31 to S43 of docs/semantics.md: loops, order, records that fail, input that is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.engine.run import transform
from studio.schema.model import Schema
from tests.engine.build import both, json_items, node, plan, rows, run, xml

SOURCE = xml(
    {
        "r": {
            "@day?": "text",
            "head?": {"who": "text", "p*": {"@k": "text", "v": "text"}},
            "i*": {"@k?": "text", "n?": "integer", "t?": "text", "sub*": {"n?": "integer"}},
            "other*": {"@k": "text", "v?": "text"},
            "tail?": "text",
        }
    }
)
TARGET = xml(
    {
        "out": {
            "first?": "text",
            "row*": {"a?": "text", "b?": "text", "c?": "text", "in*": {"d?": "text", "e?": "integer"}},
            "second*": {"a?": "text"},
            "last?": "text",
        }
    }
)
DATA = """<r day="d"><head><who>me</who><p k="x"><v>1</v></p><p k="y"><v>2</v></p></head>
<i k="b"><n>3</n><t>x</t><sub><n>1</n></sub><sub><n>2</n></sub></i>
<i k="a"><n>1</n></i>
<i k="b"><n>2</n><t>y</t><sub><n>9</n></sub></i>
<i><t>z</t></i>
<i k="a"><n>5</n><t>w</t></i>
<other k="b"><v>B</v></other><other k="a"/><tail>end</tail></r>"""


def cells(text: str, name: str = "a") -> list[str]:
    """The texts of the elements called so."""
    return [part.partition(f"</{name}>")[0] for part in text.split(f"<{name}>")[1:]]


def looped(
    options: dict[str, Any], script: str, *, fast: bool = True, data: str = DATA
) -> tuple[list[str], tuple[int, ...]]:
    """What a script gives for each turn of a loop over r/i, and the counts."""
    made = plan({"out/row": {"loop": "r/i", **options}, "out/row/a": f"String({script})"}, SOURCE, TARGET)
    text, _failures, counts = both(made, data, fast=fast)
    return cells(text), counts


def test_rules_of_the_same_text_read_each_in_its_own_loop() -> None:
    script, source = "String([n]) + '!'", "sub[[n] > 1]"
    made = plan(
        {
            "out/row": {"loop": "r/i"},
            "out/row/a": script,
            "out/row/b": f"String(Count([{source}/n]))",
            "out/row/in": {"loop": source},
            "out/row/in/d": script,
        },
        SOURCE,
        TARGET,
    )
    text, failures, _counts = both(made, DATA)
    assert not failures
    assert cells(text, "a") == ["3!", "1!", "2!", "null!", "5!"]
    assert cells(text, "b") == ["1", "0", "1", "0", "0"]
    assert cells(text, "d") == ["2!", "9!"]


def test_options_in_their_order() -> None:
    """S31 S40"""
    assert looped({"when": "[n] > 1"}, "[n]") == (["3", "2", "5"], (5, 3, 0, 2))
    assert looped({"when": "[n] > 1", "first": 2}, "[n]") == (["3", "2"], (5, 2, 0, 3))
    assert looped({"first": 0}, "[n]") == ([], (5, 0, 0, 5))
    assert looped({"last": 2}, "[n]", fast=False) == (["null", "5"], (5, 2, 0, 3))
    assert looped({"when": "[n] > 1", "sort": [{"by": "[n]"}], "last": 2}, "[n]", fast=False) == (
        ["3", "5"], (5, 2, 0, 3),
    )  # fmt: skip


def test_options_inside_a_record() -> None:
    """S31"""
    for options, expected in (
        ({"first": 1}, ["1", "9"]),
        ({"last": 1}, ["2", "9"]),
        ({"when": "[n] > 1"}, ["2", "9"]),
        ({"when": "[n] > 1", "first": 1}, ["2", "9"]),
    ):
        rules = {"out/row": {"loop": "r/i"}, "out/row/in": {"loop": "sub", **options}, "out/row/in/d": "[n]"}
        assert cells(both(plan(rules, SOURCE, TARGET), DATA)[0], "d") == expected
    rules = {
        "out/row": {"loop": "r/i"},
        "out/row/in": {"loop": "sub", "sort": [{"by": "[n]", "order": "desc"}]},
        "out/row/in/d": "[n]",
    }
    assert cells(both(plan(rules, SOURCE, TARGET), DATA, fast=False)[0], "d") == ["2", "1", "9"]


def test_groups() -> None:
    """S32 S40"""
    rules = {
        "out/row": {"loop": "r/i", "group": {"by": ["[@k]"]}},
        "out/row/a": "String([@k]) + ':' + Count([members()]) + ':' + Sum([members()/n])",
        "out/row/in": {"loop": "members()"},
        "out/row/in/d": "[t] + [../@day]",
    }
    text, _failures, counts = both(plan(rules, SOURCE, TARGET), DATA, fast=False)
    assert cells(text) == ["b:2:5", "a:2:6", "null:1:0"]
    assert cells(text, "d") == ["xd", "yd", "d", "wd", "zd"]
    assert counts == (3, 3, 0, 0)


def test_adjacent_groups() -> None:
    """S32"""
    rules = {
        "out/row": {"loop": "row", "group": {"by": ["[k]"], "adjacent": True}, "when": "[n] != 0"},
        "out/row/a": "[k]",
        "out/row/b": "Sum([members()/n])",
    }
    made = plan(rules, rows({"k": "text", "n": "integer"}), TARGET)
    text, _failures, counts = both(made, "k,n\na,1\na,2\nb,0\nb,3\na,4\n", fast=False)
    assert (cells(text), cells(text, "b"), counts) == (["a", "b", "a"], ["3", "3", "4"], (4, 3, 0, 1))


def test_groups_inside_a_record() -> None:
    """S32"""
    rules = {
        "out/row": {"loop": "r"},
        "out/row/in": {"loop": "i", "group": {"by": ["[@k]"]}, "sort": [{"by": "[@k]"}]},
        "out/row/in/d": "[@k]",
        "out/row/in/e": "Count([members()/n])",
    }
    text = both(plan(rules, SOURCE, TARGET), DATA, fast=False)[0]
    assert (cells(text, "d"), cells(text, "e")) == (["a", "b"], ["0", "2", "2"])


def test_sorting() -> None:
    """S33"""
    assert looped({"sort": [{"by": "[n]"}]}, "[n]", fast=False)[0] == ["null", "1", "2", "3", "5"]
    assert looped({"sort": [{"by": "[n]", "order": "desc"}]}, "[n]", fast=False)[0] == [
        "null",
        "5",
        "3",
        "2",
        "1",
    ]
    by_two = {"sort": [{"by": "[@k]", "order": "desc"}, {"by": "[t]"}]}
    assert looped(by_two, "[t]", fast=False)[0] == ["z", "x", "y", "null", "w"]
    assert looped({"sort": [{"by": "1"}]}, "[n]", fast=False)[0] == ["3", "1", "2", "null", "5"]


def test_each() -> None:
    """S34"""
    rules = {
        "out/row": {"loop": "r/i"},
        "out/row/in": {"each": "{[n], 7}", "when": "GetInstance() > 1"},
        "out/row/in/d": "GetInstance() + ':' + [@k]",
    }
    text, _failures, counts = both(plan(rules, SOURCE, TARGET), DATA, fast=False)
    assert cells(text, "d") == ["3:b", "7:b", "7:a", "2:b", "7:b", "7:", "5:a", "7:a"]
    assert counts == (5, 5, 0, 0)
    made = plan({"out/row": {"each": "Split('a,b,c', ',')"}, "out/row/a": "GetInstance()"}, SOURCE, TARGET)
    text, _failures, counts = both(made, DATA, fast=False)
    assert (cells(text), counts) == (["a", "b", "c"], (3, 3, 0, 0))


def test_unrelated_loops() -> None:
    """S35 S38"""
    rules = {
        "out/row": {"loop": "r/i"},
        "out/row/a": "[n]",
        "out/row/in": {"loop": "/r/other", "when": "[@k] == 'b'"},
        "out/row/in/d": "[v]",
    }
    text = both(plan(rules, SOURCE, TARGET), DATA, fast=False)[0]
    assert cells(text, "d") == ["B"] * 5


def test_a_condition_outside_may_depend_on_the_record() -> None:
    """S35 S38"""
    made = plan(
        {"out/row": {"loop": "r/i"}, "out/row/a": "[/r/other[[@k] == [/r/i/@k]][1]/v]"}, SOURCE, TARGET
    )
    assert made.passes == "twice"
    assert cells(both(made, DATA, fast=False)[0]) == ["B", "B"]


def test_order_and_globals() -> None:
    """S36"""
    rules = {
        "out/row": {"loop": "r/i"},
        "out/row/b": "$n",
        "out/row/a": "$n = $n + 1",
        "out/row/c": "n = 5; n + $n",
    }
    text = both(plan(rules, SOURCE, TARGET), DATA, fast=False, variables={"n": 10})[0]
    assert (cells(text), cells(text, "b"), cells(text, "c")) == (
        ["11", "12", "13", "14", "15"], ["11", "12", "13", "14", "15"], ["16", "17", "18", "19", "20"],
    )  # fmt: skip
    made = plan({"out/row": {"loop": "r/i"}, "out/row/a": "n = [n] + 1; n * 2"}, SOURCE, TARGET)
    assert cells(both(made, DATA)[0]) == ["8", "4", "6", "2", "12"]


def test_rules_around_the_records() -> None:
    """S36 S37"""
    rules = {
        "out/first": "$n = 1; 'first'",
        "out/row": {"loop": "r/i"},
        "out/row/a": "$n = $n + 1",
        "out/second": {"loop": "r/other"},
        "out/second/a": "$n = $n + 1",
        "out/last": "$n",
    }
    text, _failures, counts = both(plan(rules, SOURCE, TARGET), DATA, fast=False)
    assert (cells(text), cells(text, "last"), counts) == (
        ["2", "3", "4", "5", "6", "7", "8"],
        ["8"],
        (7, 7, 0, 0),
    )


def test_values_outside_the_records() -> None:
    """S37 S38"""
    for rules, passes, expected in (
        ({"out/row/a": "[/r/@day]"}, "head", ["d"] * 5),
        ({"out/row/a": "[../head/who]"}, "head", ["me"] * 5),
        ({"out/row/a": "[/r/head/p[[@k] == 'y'][1]/v]"}, "head", ["2"] * 5),
        ({"out/row/a": "Count([/r/head/p])"}, "head", ["2"] * 5),
        ({"out/row/a": "[/r/tail]"}, "twice", ["end"] * 5),
        ({"out/row/a": "'x'", "out/last": "Sum([r/i/n])"}, "twice", ["x"] * 5),
    ):
        made = plan({"out/row": {"loop": "r/i"}, **rules}, SOURCE, TARGET)
        assert made.passes == passes
        text = both(made, DATA)[0]
        assert cells(text) == expected
    assert cells(text, "last") == ["11"]


def test_a_head_that_comes_late(tmp_path: Path) -> None:
    """S38"""
    made = plan({"out/row": {"loop": "r/i"}, "out/row/a": "[/r/head/who]"}, SOURCE, TARGET)
    data = "<r><i/><i/><head><who>late</who></head></r>"
    assert cells(both(made, data)[0]) == ["late"] * 2
    (tmp_path / "in.xml").write_text(data)
    for engine in ("interpret", "rows"):
        transform(made, tmp_path / "in.xml", tmp_path / "out.xml", engine=engine)
        assert cells((tmp_path / "out.xml").read_text()) == ["late"] * 2


def test_parents_of_records_that_repeat() -> None:
    """S10 S38"""
    source = xml({"r": {"b*": {"@id": "text", "who?": "text", "i*": {"n": "integer"}}}})
    data = '<r><b id="1"><who>A</who><i><n>1</n></i><i><n>2</n></i></b><b id="2"><i><n>3</n></i></b></r>'
    made = plan({"out/row": {"loop": "r/b/i"}, "out/row/a": "[../@id] + [n]"}, source, TARGET)
    assert (made.passes, cells(both(made, data)[0])) == ("head", ["11", "12", "23"])
    made = plan({"out/row": {"loop": "r/b/i"}, "out/row/a": "[../who] + [n]"}, source, TARGET)
    assert (made.passes, cells(both(made, data)[0])) == ("stream", ["A1", "A2", "3"])


FAILING = {"out/row": {"loop": "r/i", "when": "[n] != 5"}, "out/row/a": "10 / ([n] - 2)", "out/row/b": "[t]"}


def test_failing_records() -> None:
    """S39 S40"""
    text, failures, counts = both(plan(FAILING, SOURCE, TARGET), DATA)
    # A null n is unequal to 5, and 10 / (null - 2) is -5.
    assert cells(text) == ["10", "-10", "-5"]
    assert failures == [(3, "out/row/a", "Division by 0.")]
    assert counts == (5, 3, 1, 1)


def test_a_failing_condition_fails_its_record() -> None:
    """S39"""
    rules = {"out/row": {"loop": "r/i", "when": "1 / ([n] - 1) > 0"}, "out/row/a": "[n]"}
    _text, failures, counts = both(plan(rules, SOURCE, TARGET), DATA)
    assert failures == [(2, "out/row", "Division by 0.")]
    assert counts[2] == 1
    rules = {"out/row": {"loop": "r/i", "sort": [{"by": "1 / ([n] - 1)"}]}, "out/row/a": "[n]"}
    _text, failures, counts = both(plan(rules, SOURCE, TARGET), DATA, fast=False)
    assert (failures, counts) == ([(2, "out/row", "Division by 0.")], (5, 4, 1, 0))


def test_a_failure_deep_inside_fails_the_record() -> None:
    """S39"""
    rules = {
        "out/row": {"loop": "r/i"},
        "out/row/in": {"loop": "sub"},
        "out/row/in/e": "[n] / ([n] - 9)",
        "out/row/a": "'a'",
    }
    _text, failures, counts = both(plan(rules, SOURCE, TARGET), DATA)
    assert failures == [
        (1, "out/row/in/e", "-0.125 (number) is not a whole number."),
        (3, "out/row/in/e", "Division by 0."),
    ]
    assert counts == (5, 3, 2, 0)


def test_a_filter_in_the_loops_path_makes_no_turns() -> None:
    """S40"""
    rules = {"out/row": {"loop": "r/i[[@k] == 'a']", "when": "[n] > 1"}, "out/row/a": "[n]"}
    text, _failures, counts = both(plan(rules, SOURCE, TARGET), DATA)
    assert (cells(text), counts) == (["5"], (2, 1, 0, 1))


def test_strict_ends_the_run(tmp_path: Path) -> None:
    """S41"""
    (tmp_path / "in.xml").write_text(DATA)
    with pytest.raises(BadInput, match="Record 3 failed: Division by 0") as caught:
        transform(plan(FAILING, SOURCE, TARGET), tmp_path / "in.xml", tmp_path / "out.xml", strict=True)
    assert caught.value.path == "out/row/a"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["in.xml"]


def test_a_rule_outside_the_records_that_fails(tmp_path: Path) -> None:
    """S41"""
    (tmp_path / "in.xml").write_text(DATA)
    made = plan({"out/row": {"loop": "r/i"}, "out/row/a": "'a'", "out/last": "1 / 0"}, SOURCE, TARGET)
    (tmp_path / "out.xml").write_text("old")
    with pytest.raises(BadInput, match="Division by 0") as caught:
        transform(made, tmp_path / "in.xml", tmp_path / "out.xml")
    assert caught.value.path == "out/last"
    assert (tmp_path / "out.xml").read_text() == "old"


def test_the_failures_file(tmp_path: Path) -> None:
    """S39"""
    (tmp_path / "in.xml").write_text(DATA)
    made = plan(FAILING, SOURCE, TARGET)
    transform(made, tmp_path / "in.xml", tmp_path / "out.xml")
    beside = tmp_path / "out.xml.failures.csv"
    assert beside.read_text().splitlines()[1].startswith("3,out/row/a,Division by 0.,set-aside,")
    transform(made, tmp_path / "in.xml", tmp_path / "out.xml", failures=tmp_path / "f.jsonl")
    told = json.loads((tmp_path / "f.jsonl").read_text())
    assert (told["record"], told["path"], told["reason"]) == (3, "out/row/a", "Division by 0.")
    (tmp_path / "in.xml").write_text("<r/>")
    transform(made, tmp_path / "in.xml", tmp_path / "out.xml")
    assert not beside.exists()
    assert (tmp_path / "out.xml").read_text().endswith("<out/>\n")


def test_rows_and_lines_that_cannot_be_read() -> None:
    """S42"""
    made = plan(
        {"out/row": {"loop": "row"}, "out/row/a": "[k]", "out/row/b": "[n]"},
        rows({"k": "text", "n": "integer"}),
        TARGET,
    )
    data = 'k,n\na,1\n"b" x,2\nc,3,4\nd\ne,5,\n"f\nf",6\n'
    text, failures, counts = both(made, data)
    assert cells(text) == ["a", "d", "e", "f\nf"]
    assert [(number, path) for number, path, _reason in failures] == [(2, "row"), (3, "row")]
    assert ["Line 3" in failures[0][2], "Line 4" in failures[1][2], counts] == [True, True, (6, 4, 2, 0)]
    made = plan({"out/row": {"loop": "item"}, "out/row/a": "[k]"}, json_items({"k": "text"}, "lines"), TARGET)
    text, failures, counts = both(made, '{"k":"a"}\n\n{"k":\n[1]\n{"k":"b"}\n{"k": NaN}\n')
    assert (cells(text), [f[0] for f in failures], counts) == (["a", "b"], [2, 3, 5], (5, 2, 3, 0))


def test_lines_that_hold_no_object() -> None:
    """S42"""
    lines = '{"k":"a"}\n5\n"x"\n[1]\n\nnull\ntrue\n{"k":"b"}\n'
    made = plan({"out/row": {"loop": "item"}, "out/row/a": "[k]"}, json_items({"k": "text"}, "lines"), TARGET)
    text, failures, counts = both(made, lines)
    assert (cells(text), counts) == (["a", "b"], (7, 2, 5, 0))
    assert failures == [
        (2, "item", "Line 2: The line holds the number 5, not an object."),
        (3, "item", 'Line 3: The line holds the text "x", not an object.'),
        (4, "item", "Line 4: The line holds an array, not an object."),
        (5, "item", "Line 6: The line holds null, not an object."),
        (6, "item", "Line 7: The line holds true, not an object."),
    ]
    rules = {"out/row": {"loop": "item", "sort": [{"by": "[k]"}]}, "out/row/a": "[k]"}
    assert both(plan(rules, json_items({"k": "text"}, "lines"), TARGET), lines)[2] == (7, 2, 5, 0)
    rules["out/row/a"] = "[k] + CountSourceRecords()"
    with pytest.raises(BadInput, match="The line holds the number 5") as caught:
        run(plan(rules, json_items({"k": "text"}, "lines"), TARGET), lines)
    assert caught.value.line == 2
    arrays = Schema("json-sample", (node("item*", {"item*": {"k": "text"}}),), facts={"form": "lines"})
    made = plan({"out/row": {"loop": "item/item"}, "out/row/a": "[k]"}, arrays, TARGET)
    assert cells(both(made, '[{"k": "a"}, {"k": "b"}]\n')[0]) == ["a", "b"]


def test_without_a_loop_the_document_is_the_record() -> None:
    """S39 S41"""
    text, _failures, counts = both(plan({"out/first": "[r/head/who]"}, SOURCE, TARGET), DATA, fast=False)
    assert ("<first>me</first>" in text, counts) == (True, (1, 1, 0, 0))
    with pytest.raises(BadInput, match="Division by 0"):
        run(plan({"out/first": "1 / 0"}, SOURCE, TARGET), DATA)
