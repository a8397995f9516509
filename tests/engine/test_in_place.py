"""What generated code writes, and keeps by itself: JSON literals, what a value table gives, decimals in several rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.build import both, json_items, plan, xml

SOURCE = xml({"r": {"i*": {"t?": "text", "q?": "decimal", "p?": "decimal", "w?": "integer", "k?": "text"}}})
TABLES = {
    "rates": {
        "A": {"key": "A", "rate": "0.20"},
        "B": {"key": "B", "rate": "none"},
        "": {"key": "", "rate": "7"},
    }
}


def lines(record: str, rules: dict[str, str], spec: dict[str, str], form: str = "lines") -> list[Any]:
    """The objects that records become, by both engines."""
    made = plan(
        {"item": {"loop": "r/i"}} | {f"item/{name}": script for name, script in rules.items()},
        SOURCE,
        json_items(spec, form),
        tables=TABLES,
    )
    text, failures, _counts = both(made, f"<r>{record}</r>")
    assert failures == []
    return [json.loads(line) for line in text.split("\n")[:-1]] if form == "lines" else json.loads(text)


@pytest.mark.parametrize("form", ["lines", "array"])
@pytest.mark.parametrize(
    "text", ["plain", 'a "b" \\ c', "tab\tline\nend", "it's {braces} %s", "\u2028 é \U0001f600"]
)
def test_a_text_is_quoted_as_json_writes_it(text: str, form: str) -> None:
    given = text.replace("&", "&amp;")
    rules = {"t": "[t]", "u": "'<' + [t] + '>'", "k": "[k]"}
    spec = {"t": "text", "u": "text", "k?": "text"}
    found = lines(f"<i><t>{given}</t></i><i><k/></i><i/>", rules, spec, form)
    assert found[0] == {"t": text, "u": f"<{text}>"}
    assert found[1] == {"t": None, "u": "<>", "k": ""}


def test_names_that_python_would_read_as_code_stay_names() -> None:
    found = lines("<i><t>x</t></i>", {"t": "[t]", "k": "[k]"}, {"t": "text", "k?": "text"})
    assert found == [{"t": "x"}]
    source = xml({"r": {"i*": {"t?": "text"}}})
    made = plan(
        {"item": {"loop": "r/i"}, "item/o/it's": "[t]", "item/o/d%s": "'z'"},
        source,
        json_items({"o": {"it's": "text", "d%s": "text"}}, "lines"),
    )
    assert json.loads(both(made, "<r><i><t>y</t></i></r>")[0]) == {"o": {"it's": "y", "d%s": "z"}}


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("1.50", "1.50"),
        ("-0.5", "-0.5"),
        ("+1.5", "1.5"),
        ("007", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        (" 2 ", "2"),
        ("-0", "-0"),
    ],
)
def test_a_number_is_carried_as_json_may_write_it(number: str, shown: str) -> None:
    made = plan({"item": {"loop": "r/i"}, "item/q": "[q]"}, SOURCE, json_items({"q": "decimal"}, "lines"))
    assert both(made, f"<r><i><q>{number}</q></i></r>")[0] == f'{{"q":{shown}}}\n'


def test_what_a_table_gives_is_the_same_for_every_key() -> None:
    rules = {
        "a": "TableLookup('rates', [k])",
        "b": "Round([q] * Double(TableLookup('rates', [k])), 2)",
        "c": "IfNull(TableLookup('rates', [k]), '-')",
    }
    records = [
        ("A", "10"),
        ("A", "5"),
        ("B", "1"),
        ("", "2"),
        ("Z", "3"),
        (None, "4"),
        ("Z" * 200, "3"),
        ("A", "x"),
    ]
    given = "".join(f"<i><q>{q}</q>{'' if k is None else f'<k>{k}</k>'}</i>" for k, q in records[:-1])
    found = lines(given, rules, {"a": "text", "b": "decimal", "c": "text"})
    assert [each["a"] for each in found] == ["0.20", "0.20", "none", "7", None, None, None]
    assert [each["c"] for each in found] == ["0.20", "0.20", "none", "7", "-", "-", "-"]
    assert [each["b"] for each in found][:2] == [2.0, 1.0]


def test_decimals_that_several_rules_reckon_are_the_same_where_one_is_none() -> None:
    rules = {
        "a": "Round([q] * [p] * (1 - [w]), 2)",
        "b": "Round([q] * [p] * (1 - [w]) * [q], 3)",
        "c": "If([q] * [p] > 5, 'more', 'less')",
    }
    made = plan(
        {"item": {"loop": "r/i"}} | {f"item/{name}": script for name, script in rules.items()},
        SOURCE,
        json_items({"a": "decimal", "b": "decimal", "c": "text"}, "lines"),
    )
    given = "".join(
        f"<i>{''.join(f'<{name}>{value}</{name}>' for name, value in zip('qpw', values, strict=True) if value is not None)}</i>"
        for values in [
            ("2", "3.125", "0"), ("2.5", "-1.005", "3"), (None, "2", "1"), ("2", None, None), ("", " ", ""),
            ("x", "2", "0"), ("1", "y", "z"), ("9" * 60, "1." + "7" * 60, "0"),
        ]
    )  # fmt: skip
    text, _failures, counts = both(made, f"<r>{given}</r>")
    assert counts[0] == 8
    assert text.splitlines()[0] == '{"a":6.25,"b":12.500,"c":"more"}'
