"""A failing operator's reason says what field held what text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import build

SOURCE = build.rows({"id": "text", "qty": "integer", "price": "decimal"})
TARGET = build.xml({"bills": {"bill*": {"no?": "text", "sum?": "decimal"}}})
BETWEEN = "* cannot be used between string and number."


@pytest.mark.parametrize(
    ("rules", "row", "reason"),
    [
        ({"bills/bill/sum": "[qty] * [price]"}, "1,two,3.5", f"{BETWEEN} [qty] is “two”, which is no integer."),
        ({"bills/bill/sum": "1 + 2 * [price]"}, "1,2,x", "* cannot be used between number and string. [price] is “x”, which is no number."),
        ({"bills/bill/sum": "[id] * 2"}, "a,1,2", f"{BETWEEN} [id] is “a”."),
        ({"bills/bill/sum": "'x' * 2"}, "a,1,2", BETWEEN),
        ({"bills/bill/sum": "[qty] * 2"}, f"1,{'n' * 90},2", f"{BETWEEN} [qty] is “{'n' * 59}…”, which is no integer."),
        ({"bills/bill/sum": {"when": "[price] - 1 > 0", "script": "1"}}, "1,2,y",
         "- cannot be used between string and number. [price] is “y”, which is no number."),
        ({"bills/bill": {"loop": "row", "when": "[qty] * 2 > 3"}}, "1,z,2",
         f"{BETWEEN} [qty] is “z”, which is no integer."),
    ],
)  # fmt: skip
def test_the_reason_names_field_and_text(rules: dict[str, Any], row: str, reason: str) -> None:
    """By the judge and by generated code; the operator's own sentence stays before it."""
    made = build.plan({"bills/bill": {"loop": "row"}, "bills/bill/no": "[id]", **rules}, SOURCE, TARGET)
    assert made.errors == ()
    _text, failures, _counts = build.both(made, f"id,qty,price\n{row}\n")
    assert [told for _record, _path, told in failures] == [reason]


NESTED = build.xml({"bills": {"bill*": {"line*": {"qty?": "integer", "price?": "decimal", "sku?": "text"}}}})


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("Sum([line/qty] * [line/price])", f"{BETWEEN} Entry 2 of [line/qty] is “six”, which is no integer."),
        ("Sum([line/price] * [line/qty])",
         "* cannot be used between number and string. Entry 2 of [line/qty] is “six”, which is no integer."),
        ("Max([line/qty] * 2)", f"{BETWEEN} Entry 2 of [line/qty] is “six”, which is no integer."),
        ("Max(2 - [line/price])",
         "- cannot be used between number and string. Entry 3 of [line/price] is “low”, which is no number."),
        ("Max([line[1]/sku] * [line/qty])", "* cannot be used between string and number. [line[1]/sku] is “a”."),
        ("Max([line/sku] * [line/qty])", "* cannot be used between string and number. Entry 1 of [line/sku] is “a”."),
        ("Sum([line/qty] * {1, 2})", "* needs arrays of the same size, not 3 and 2 entries."),
    ],
)  # fmt: skip
def test_the_first_entry_of_an_array_is_named(script: str, reason: str) -> None:
    """S50: by the judge and by generated code; of entries that are no numbers only the first."""
    made = build.plan({"bills/bill": {"loop": "bills/bill"}, "bills/bill/sum": script}, NESTED, TARGET)
    assert made.errors == ()
    lines = (
        "<line><qty>1</qty><price>2.5</price><sku>a</sku></line><line><qty>six</qty><price>1</price></line>"
        "<line><qty>x</qty><price>low</price><sku>b</sku></line>"
    )
    _text, failures, _counts = build.both(made, f"<bills><bill>{lines}</bill></bills>")
    assert [told for _record, _path, told in failures] == [reason]
