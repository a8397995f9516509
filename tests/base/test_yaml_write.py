"""Writing YAML: any data comes back, and the text reads well."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from studio.base.yaml_read import parse
from studio.base.yaml_write import scalar, write

WORDS = st.sampled_from(
    [
        "", "a", "[@id]", "'Weft Ltd'", "[a] == 'b'", 'x "y"', "a\\b", "a: b", "a #b", "#a", "-", "- a", "--- x",
        "...", "? a", "?a", ":a", "a:", "{a}", "a, b", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a`", "null", "true",
        "007", "1.5", "2026-03-01", " a", "a ", "\ta", "a\tb", "a\nb", "a\n", "\n", "\na", " a\nb", "a\n\n", "a\n b\n",
        "a\r\nb", "a\x85b", "\u2028", "\ufeffa", "a\ufeff", "\x00", "\x7f", "é", "日本", "😀", "~", "<<", "=", "yes",
        "a\n \nb", "a\n  ", "  \n a", "a b  c", "'", '"', "''", "\\", "[", "]", "a\n\tb", "\t\nx",
    ]
)  # fmt: skip
TEXTS = WORDS | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
DATA = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(TEXTS, DATA, max_size=5)


@given(DOCUMENTS, st.booleans())
@example({"a": {"b": ["x\ny", {"c": "d\n e"}]}}, True)
@example({"k" * 2000: "v", "m": {"n" * 1500: "a\nb"}}, True)
def test_any_data_comes_back(data: dict[str, Any], block: bool) -> None:
    text = write(data, blocks=tuple(data) if block else ())
    assert parse(text).plain() == data
    # An independent reader understands the same.
    assert yaml.load(text, yaml.CBaseLoader) == data
    assert "\r" not in text
    assert text.endswith("\n")


@given(TEXTS)
def test_a_scalar_takes_one_line_and_comes_back_in_any_place(text: str) -> None:
    for flow in (False, True):
        written = scalar(text, flow=flow)
        assert "\n" not in written
        document = f"a: [{written}, x]\n" if flow else f"a: {written}\n"
        assert parse(document).plain() == {"a": [text, "x"] if flow else text}


def test_quotes_only_where_needed() -> None:
    assert scalar("Orders to invoices") == "Orders to invoices"
    assert scalar('FormatDate([placed], "yyyy-mm-dd")') == 'FormatDate([placed], "yyyy-mm-dd")'
    assert scalar("Round([qty] * [price], 2)") == "Round([qty] * [price], 2)"
    assert scalar("[@id]") == '"[@id]"'
    assert scalar("'Weft Ltd'") == "\"'Weft Ltd'\""
    assert scalar('"x"') == "'\"x\"'"
    assert scalar("'a\\b'") == "'''a\\b'''"
    assert scalar("[status] == 'open'", flow=True) == "\"[status] == 'open'\""
    assert scalar("schemas/orders.xsd", flow=True) == "schemas/orders.xsd"
    assert scalar("https://login.salesforce.com", flow=True) == '"https://login.salesforce.com"'
    assert scalar("") == '""'
    assert scalar("a\r\nb") == '"a\\r\\nb"'


def test_several_lines_stand_as_they_are() -> None:
    text = write({"a": "one\ntwo", "b": "one\n  two\n", "c": "  one\ntwo", "d": "one\n\n"})
    assert text == 'a: |-\n  one\n  two\nb: |\n  one\n    two\nc: |2-\n    one\n  two\nd: "one\\n\\n"\n'


def test_half_a_character_is_replaced() -> None:
    assert parse(write({"a": "x\ud83d"})).plain() == {"a": "x\ufffd"}


def test_numbers_and_booleans_are_plain() -> None:
    assert (
        write({"a": 1, "b": True, "c": [2, False], "d": 1.5, "e": None})
        == 'a: 1\nb: true\nc: [2, false]\nd: 1.5\ne: ""\n'
    )
