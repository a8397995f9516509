"""Rules S17 to S30 of docs/semantics.md: nothing, types, which target nodes exist and what they hold."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from studio.schema.model import Kind, Node, Occurs, Schema, Type, ValueType
from studio.schema.read import read_schema
from tests.engine.build import body, both, json_items, json_object, plan, rows, xml

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
SOURCE = xml(
    {
        "r": {
            "i*": {
                "t?": "text", "n?": "decimal", "w?": "integer", "f?": "float", "d?": "date", "m?": "datetime",
                "b?": "boolean", "z?!": "text", "many*": "text",
            }
        }
    }
)  # fmt: skip
TARGET = xml(
    {
        "out": {
            "row*": {
                "@q": "text", "@o?": "text", "must": "text", "may?": "text", "dec?": "decimal", "int?": "integer",
                "flo?": "float", "boo?": "boolean", "day?": "date", "mom?": "datetime", "nil!": "decimal",
                "many*": "text",
            }
        }
    }
)  # fmt: skip


def one(rules: dict[str, Any], record: str, source: Schema = SOURCE, target: Schema = TARGET) -> str:
    """What one record gives, by rules relative to the row; a failure gives its reason."""
    made = plan(
        {"out/row": {"loop": "r/i"}} | {f"out/row/{key}": value for key, value in rules.items()},
        source,
        target,
    )
    text, failures, _counts = both(made, f"<r {XSI}><i>{record}</i></r>")
    if failures:
        return failures[0][1] + ": " + failures[0][2]
    found = etree.fromstring(text.encode()).find("row")
    return "" if found is None else etree.tostring(found).decode().replace(f" {XSI}", "").replace("\n", "")


def flat(text: str) -> str:
    """Without the blanks between elements."""
    return re.sub(r">\s+<", "><", text)


@pytest.mark.parametrize(
    ("record", "script", "expected"),
    [
        ("", "[t]", "null"),
        ("<t/>", "[t]", ""),
        ("<t></t>", "[t]", ""),
        ("<t>  </t>", "'<' + [t] + '>'", "<  >"),
        ("<n> </n>", "[n]", "null"),
        ("<n/>", "[n]", "null"),
        ('<z xsi:nil="true"/>', "[z]", "null"),
        ('<t xsi:nil="true"/>', "[t]", ""),
    ],
)
def test_nothing_and_empty(record: str, script: str, expected: str) -> None:
    """S17"""
    shown = expected.replace("<", "&lt;").replace(">", "&gt;")
    found = one({"must": f"String({script})"}, record)
    assert f"<must>{shown}</must>" in found if shown else "<must/>" in found


def test_nothing_elsewhere() -> None:
    """S17"""
    made = plan(
        {"out/row": {"loop": "row"}, "out/row/must": "String([a])"}, rows({"a": "text"}, header="no"), TARGET
    )
    assert "<must>null</must>" in both(made, '""\n')[0]
    source = json_items({"a?": "text"})
    made = plan({"out/row": {"loop": "item"}, "out/row/must": "String([a])"}, source, TARGET)
    text = both(made, '[{"a": null}, {}, {"a": ""}]')[0]
    assert (text.count("<must>null</must>"), text.count("<must/>")) == (2, 1)


@pytest.mark.parametrize(
    ("record", "script", "expected"),
    [
        ("<n>0.1</n>", "[n] + 0.2", "0.3"),
        ("<n>12345678901234567890.1</n>", "[n] * 10", "123456789012345678901"),
        ("<w>7</w>", "[w] / 2", "3.5"),
        ("<f>1e3</f>", "[f] + 1", "1001"),
        ("<b>false</b>", "If([b], 'yes', 'no')", "no"),
        ("<b>0</b>", "If([b], 'yes', 'no')", "no"),
        ("<d>2026-03-01</d>", "FormatDate([d], 'dd.mm.yyyy')", "01.03.2026"),
        ("<m>2026-03-01T23:30:00+05:00</m>", "FormatDate([m], 'dd HH:MM')", "01 18:30"),
        ("<n>1_000</n>", "[n] + 'x'", "1_000x"),
        ("<t>0042</t>", "[t] + 1", "00421"),
    ],
)
def test_types(record: str, script: str, expected: str) -> None:
    """S18"""
    assert f"<must>{expected}</must>" in one({"must": script}, record)


def test_a_number_that_is_none_fails_where_it_is_reckoned_with() -> None:
    """S18 S39"""
    assert one({"must": "[n] * 2"}, "<n>1_000</n>").startswith("out/row/must: ")


@pytest.mark.parametrize(
    ("record", "name", "target", "expected"),
    [
        ("<n>1.50</n>", "n", "dec", "1.50"),
        ("<n> +01.50 </n>", "n", "must", " +01.50 "),
        ("<w>007</w>", "w", "int", "007"),
        ("<b>1</b>", "b", "boo", "1"),
        ("<b>1</b>", "b", "must", "1"),
        ("<d>2026-03-01Z</d>", "d", "day", "2026-03-01Z"),
        ("<m>2026-03-01T10:00:00.50Z</m>", "m", "mom", "2026-03-01T10:00:00.50Z"),
        ("<f>1E2</f>", "f", "flo", "1E2"),
    ],
)
def test_carried_values_keep_their_text(record: str, name: str, target: str, expected: str) -> None:
    """S19"""
    assert f"<{target}>{expected}</{target}>" in one({target: f"[{name}]"}, record)


def test_null_results() -> None:
    """S20"""
    found = one({"must": "[t]", "may": "[t]", "@q": "[t]", "@o": "[t]", "nil": "[n]"}, "")
    assert flat(found) == '<row q=""><must/><nil xsi:nil="true"/></row>'
    found = one({"must": "[t]", "may": "[t]", "@q": "[t]", "@o": "[t]"}, "<t/>")
    assert flat(found) == '<row q="" o=""><must/><may/></row>'


def test_null_results_in_other_formats() -> None:
    """S20"""
    target = json_items({"must": "text", "may?": "text"})
    made = plan(
        {"item": {"loop": "row"}, "item/must": "[a]", "item/may": "[a]"},
        rows({"a": "text", "b": "text"}),
        target,
    )
    assert both(made, "a,b\n,x\n")[0].split() == ["[", "{", '"must":', "null", "}", "]"]
    made = plan(
        {"row": {"loop": "row"}, "row/p": "[a]", "row/q": "'1'"},
        rows({"a": "text", "b": "text"}),
        rows({"p": "text", "q": "text"}),
    )
    assert both(made, "a,b\n,x\n")[0] == "p,q\n,1\n"


PARENTS = xml(
    {
        "out": {
            "row*": {
                "need": {"x": "text", "y?": "text"},
                "may?": {"x": "text", "y?": "text"},
                "deep?": {"er?": {"x": "text", "@v=1": "text", "est?": {"y?": "text"}}},
                "list?": {"e*": {"y?": "text"}},
            }
        }
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "record", "expected"),
    [
        ({"need/x": "[t]"}, "", "<row><need><x/></need></row>"),
        ({"need/y": "[t]"}, "", "<row><need/></row>"),
        ({"may/x": "[t]"}, "", "<row/>"),
        ({"may/x": "[t]", "may/y": "[n]"}, "<n>1</n>", "<row><may><x/><y>1</y></may></row>"),
        ({"deep/er/est/y": "[t]", "deep/er/x": "[n]"}, "", "<row/>"),
        ({"deep/er/est/y": "[t]"}, "<t>a</t>", "<row><deep><er><est><y>a</y></est></er></deep></row>"),
        ({"deep/er/est/y": "[t]"}, "<t/>", "<row><deep><er><est><y/></est></er></deep></row>"),
        (
            {"list/e": {"loop": "many"}, "list/e/y": "[../t]"},
            "<many>1</many>",
            "<row><list><e/></list></row>",
        ),
        ({"list/e": {"loop": "many"}, "list/e/y": "[../t]"}, "", "<row/>"),
        ({"list/e": {"loop": "many"}}, "<many/><many/>", "<row><list><e/><e/></list></row>"),
        ({"may": {"when": "[w] > 1"}, "may/x": "[t]"}, "<w>2</w>", "<row><may><x/></may></row>"),
        ({"may": {"when": "[w] > 1"}, "may/x": "[t]"}, "<w>1</w><t>a</t>", "<row/>"),
    ],
)
def test_which_parents_exist(rules: dict[str, Any], record: str, expected: str) -> None:
    """S21 S22"""
    assert flat(one(rules, record, target=PARENTS)) == expected


def test_a_condition_decides_even_on_a_required_leaf() -> None:
    """S22"""
    rules = {"must": {"when": "[w] > 1", "script": "'x'"}, "may": {"when": "[w] > 1", "script": "[t]"}}
    assert flat(one(rules, "<w>1</w>")) == "<row/>"
    assert flat(one(rules, "<w>2</w>")) == "<row><must>x</must></row>"


def test_fixed_values_are_written_and_make_no_parent() -> None:
    """S21 S23"""
    target = xml(
        {
            "out": {
                "row*": {
                    "@version": "text=2.0",
                    "kind": "text=A",
                    "p?": {"@v": "text=1", "x?": "text"},
                    "un": "text",
                }
            }
        }
    )
    assert flat(one({"p/x": "[t]"}, "", target=target)) == '<row version="2.0"><kind>A</kind></row>'
    assert flat(one({"p/x": "[t]"}, "<t>b</t>", target=target)) == (
        '<row version="2.0"><kind>A</kind><p v="1"><x>b</x></p></row>'
    )


def test_arrays_on_leaves() -> None:
    """S24"""
    record = "<many>a</many><many/><many>b</many>"
    assert "2" not in one({"many": "[many]"}, "")
    assert flat(one({"many": "[many]"}, record)).count("<many") == 3
    assert one({"may": "[many]"}, record) == (
        "out/row/may: The rule gives an array of 3 values where one is expected."
    )
    assert one({"may": "[many]"}, "").endswith("an array of 0 values where one is expected.")
    assert flat(one({"many": "{'x', Null(), 'y'}"}, "")) == "<row><many>x</many><many>y</many></row>"


@pytest.mark.parametrize(
    ("leaf", "script", "expected"),
    [
        ("dec", "Round(2.345, 2)", "2.35"),
        ("dec", "'1E3'", "1000"),
        ("dec", "' 5 '", "5"),
        ("dec", "''", None),
        ("dec", "'abc'", "'abc' (string) is not a decimal number."),
        ("dec", "true", "1"),
        ("int", "12.0", "12"),
        ("int", "'12.00'", "12"),
        ("int", "12.5", "12.5 (number) is not a whole number."),
        ("flo", "1 / 3", "0.3333333333333333"),
        ("boo", "1 == 1", "true"),
        ("boo", "0", "false"),
        ("boo", "'maybe'", "'maybe' (string) is not true or false."),
        ("day", "Date('2026-03-01 10:00:00')", "2026-03-01"),
        ("day", "'2026-03-01T10:00:00'", "2026-03-01"),
        ("day", "'2026-02-30'", "'2026-02-30' (string) is not a date."),
        ("day", "'01/03/2026'", "'01/03/2026' (string) is not a date."),
        ("mom", "Date('2026-03-01 10:00:00')", "2026-03-01T10:00:00"),
        ("mom", "'2026-03-01 10:00:00'", "2026-03-01T10:00:00"),
        ("may", "Date('2026-03-01 10:00:00')", "2026-03-01 10:00:00"),
        ("may", "1 == 1", "1"),
        ("may", "Dict()", "The rule gives a dictionary where a value is expected."),
    ],
)  # fmt: skip
def test_typed_targets(leaf: str, script: str, expected: str | None) -> None:
    """S25"""
    found = one({leaf: script}, "")
    if expected is None:
        assert f"<{leaf}" not in found
    elif expected.endswith("."):
        assert found == f"out/row/{leaf}: {expected}"
    else:
        assert f"<{leaf}>{expected}</{leaf}>" in found


def test_a_delimited_schema_binds_and_a_sample_does_not(tmp_path: Path) -> None:
    """S25 S39"""
    (tmp_path / "out.yaml").write_text(
        "weft: schema/1\nkind: delimited\nrecords:\n  row:\n    fields:\n      n: {type: integer}\n"
        "      more: {type: text}\n      d: {type: date, format: dd.mm.yyyy}\n      t: {type: text}\n"
    )
    (tmp_path / "out.csv").write_text("n,more,d,t\n1,x,2026-01-31,x\n")
    rules = {"row": {"loop": "row"}, "row/n": "[a]", "row/d": "[b]", "row/t": "[a]"}
    source = rows({"a": "text", "b": "text"})
    data = "a,b\n007,31.12.2026\nx1,\n +5 ,never\n12.0,\n1.5,\n,\n"
    text, failures, counts = both(plan(rules, source, read_schema(tmp_path / "out.yaml")), data)
    assert text == "n,more,d,t\n007,,31.12.2026,007\n+5,,never, +5 \n12,,,12.0\n,,,\n"
    assert failures == [
        (2, "row/n", "'x1' (string) is not a whole number."),
        (5, "row/n", "'1.5' (string) is not a whole number."),
    ]
    assert counts == (6, 4, 2, 0)
    text, failures, _counts = both(plan(rules, source, read_schema(tmp_path / "out.csv")), data)
    assert (text.splitlines()[2], failures) == ("x1,,,x1", [])


def test_guessed_types_bind_nobody() -> None:
    """S25"""
    target = json_items({"n?": "integer", "b?": "boolean", "t?": "text"}, kind="json")
    made = plan(
        {"item": {"loop": "row"}, "item/n": "[a]", "item/b": "[b]", "item/t": "[a]"},
        rows({"a": "text", "b": "text"}),
        target,
    )
    assert both(made, "a,b\n007,maybe\n12,true\nx,1\n")[0].split() == [
        "[",
        "{",
        '"n":',
        "7,",
        '"b":',
        '"maybe",',
        '"t":',
        '"007"',
        "},",
        "{",
        '"n":',
        "12,",
        '"b":',
        "true,",
        '"t":',
        '"12"',
        "},",
        "{",
        '"n":',
        '"x",',
        '"b":',
        '"1",',
        '"t":',
        '"x"',
        "}",
        "]",
    ]


def test_schema_order() -> None:
    """S26"""
    found = one({"many": "'3'", "may": "'2'", "@o": "'b'", "must": "'1'", "@q": "'a'"}, "")
    assert flat(found) == '<row q="a" o="b"><must>1</must><may>2</may><many>3</many></row>'


def test_mapped_instances() -> None:
    """S27"""
    target = xml({"out": {"row*": {"party*": {"@role": "text", "name?": "text"}}}})
    rules = {
        "party[2]/name": "'Weft'", "party[2]/@role": "'seller'", "party/@role": "'buyer'", "party[1]/name": "[t]",
        "party[3]": {"loop": "many"}, "party[3]/@role": "'other'", "party[3]/name": "[.]",
    }  # fmt: skip
    found = flat(one(rules, "<t>Ann</t><many>x</many><many>y</many>", target=target))
    assert found == (
        '<row><party role="buyer"><name>Ann</name></party><party role="seller"><name>Weft</name></party>'
        '<party role="other"><name>x</name></party><party role="other"><name>y</name></party></row>'
    )


def test_choices() -> None:
    """S28"""
    target = xml(
        {"out": {"row*": {"|": {"cash": "text", "card": {"no": "text"}}, "|*": {"a": "text", "b": "text"}}}}
    )
    assert flat(one({"card/no": "[t]"}, "<t>1</t>", target=target)) == "<row><card><no>1</no></card></row>"
    assert flat(
        one({"cash": "[t]", "a": "[many]", "b": "'z'"}, "<many>1</many><many>2</many>", target=target)
    ) == ("<row><a>1</a><a>2</a><b>z</b></row>")


def test_picked_types_and_substitutes() -> None:
    """S28"""
    text = Type(value=ValueType())
    company = Type(
        "Company",
        children=lambda: (Node("name", Kind.ELEMENT, text), Node("vat", Kind.ELEMENT, text)),
        namespace="urn:t",
    )
    party = Type("Party", children=lambda: (Node("name", Kind.ELEMENT, text),), derived=lambda: (company,))
    heir = Node("shop", Kind.ELEMENT, party, Occurs(0, None))
    node = Node("party", Kind.ELEMENT, party, Occurs(0, None), substitutes=lambda: (heir,))
    row = Node("row", Kind.ELEMENT, Type(children=lambda: (node,)), Occurs(0, None))
    target = Schema(
        "xsd", (Node("out", Kind.ELEMENT, Type(children=lambda: (row,))),), namespaces={"t": "urn:t"}
    )
    made = plan({"out/row": {"loop": "r/i"}, "out/row/party~Company/vat": "'7'"}, SOURCE, target)
    text_out = both(made, "<r><i/></r>")[0]
    assert '<party xsi:type="t:Company">' in text_out
    assert 'xmlns:t="urn:t"' in text_out
    made = plan({"out/row": {"loop": "r/i"}, "out/row/party~shop/name": "'S'"}, SOURCE, target)
    assert "<shop>" in both(made, "<r><i/></r>")[0]


def test_namespaces() -> None:
    """S29"""
    target = xml(
        {"out": {"row*": {"a": "text", "@p{urn:p}": "text", "b?{urn:b}": "text"}}},
        "urn:o",
        namespaces={"bee": "urn:b"},
    )
    made = plan(
        {"out/row": {"loop": "r/i"}, "out/row/a": "'1'", "out/row/@p": "'2'", "out/row/b": "'3'"},
        SOURCE,
        target,
    )
    assert body(both(made, "<r><i/></r>")[0]) == (
        '<out xmlns="urn:o" xmlns:ns="urn:p" xmlns:bee="urn:b">\n'
        '  <row ns:p="2">\n    <a>1</a>\n    <bee:b>3</bee:b>\n  </row>\n</out>\n'
    )
    target = xml({"out": {"row*{}": {"a{}": "text"}}}, "urn:o", namespaces={"o": "urn:o"})
    made = plan({"out/row": {"loop": "r/i"}, "out/row/a": "'1'"}, SOURCE, target)
    assert both(made, "<r><i/></r>")[0].splitlines()[1:3] == ['<o:out xmlns:o="urn:o">', "  <row>"]


def test_escaping() -> None:
    """S30"""
    source = json_items({"t": "text"})
    nasty = "a & b < c > d \"e\" 'f' \t \n é 😀 ]]>"
    made = plan(
        {"out/row": {"loop": "item"}, "out/row/@q": "[t]", "out/row/must": "[t] + '\r'"}, source, TARGET
    )
    text = both(made, json.dumps([{"t": nasty}]))[0]
    found = etree.fromstring(text.encode())[0]
    assert (found.get("q"), found[0].text) == (nasty, nasty + " ")
    made = plan(
        {"row": {"loop": "item"}, "row/a": "[t]", "row/b": "'x'"}, source, rows({"a": "text", "b": "text"})
    )
    assert both(made, json.dumps([{"t": 'say "hi", you\n'}]))[0] == 'a,b\n"say ""hi"", you\n",x\n'


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\ud800", "\ufffe"])
def test_characters_the_target_cannot_hold(bad: str) -> None:
    """S30 S39"""
    source = json_items({"t": "text"})
    made = plan({"out/row": {"loop": "item"}, "out/row/@q": "'x'", "out/row/must": "[t]"}, source, TARGET)
    _text, failures, counts = both(made, json.dumps([{"t": "a"}, {"t": bad}]))
    assert counts == (2, 1, 1, 0)
    assert failures[0][:2] == (2, "out/row/must")
    assert f"U+{ord(bad):04X}" in failures[0][2]


def test_a_json_object_as_target() -> None:
    """S20 S23"""
    target = json_object(
        {"head": {"day": "text", "n?": "integer"}, "lines[]": {"a": "text"}, "tags*": "text"}
    )
    made = plan(
        {"/head/day": "'d'", "/lines/item": {"loop": "r/i"}, "/lines/item/a": "[t]", "/tags": "{'x', 'y'}"},
        SOURCE,
        target,
    )
    assert both(made, "<r><i><t>1</t></i><i/></r>")[0] == (
        '{\n  "head": {\n    "day": "d"\n  },\n  "lines": [\n    {\n      "a": "1"\n    },\n    {\n      "a": null\n'
        '    }\n  ],\n  "tags": [\n    "x",\n    "y"\n  ]\n}\n'
    )


@pytest.mark.parametrize(("number", "expected"), [("0", "true"), ("0.50", "true"), ("0.25", "false")])
def test_a_number_equals_what_round_gives(number: str, expected: str) -> None:
    """`Round` gives a text, and a text is compared with a number as a number."""
    record = f"<n>{number}</n>"
    assert f"<boo>{expected}</boo>" in one({"boo": "[n] == Round([n] * 1, 1)"}, record)
    opposite = "true" if expected == "false" else "false"
    assert f"<boo>{opposite}</boo>" in one({"boo": "[n] != Round([n] * 1, 1)"}, record)


@pytest.mark.parametrize("operator", ["<", ">", "<=", ">=", "=="])
def test_nothing_compares_with_what_is_no_number(operator: str) -> None:
    """A float may be NaN by its type; a decimal beside it is neither more, less nor the same."""
    record = "<n>1.5</n><f>NaN</f>"
    assert "<boo>false</boo>" in one({"boo": f"[n] {operator} [f]"}, record)
    assert "<boo>false</boo>" in one({"boo": f"[f] {operator} [n]"}, record)
