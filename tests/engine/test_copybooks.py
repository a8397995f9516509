"""Data of a mainframe by its copybook, both directions: the supplied files, tables, views, what cannot be held."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.formats.copybook_values import bytes_writer
from studio.engine.forms import Form
from studio.schema.copybook.picture import read_picture
from studio.schema.copybook.values import decode
from studio.schema.model import Base, Kind, Node, Schema, ValueType
from studio.schema.read import read_schema
from tests.engine.build import both, plan, run, xml
from tests.engine.test_typed_formats import same

_FOLDER = Path("corpora") / "fixed-width" / "cobrix-copybooks"


def _copying(root: Node, view: int = 0) -> dict[str, Any]:
    """The rules that carry a record to one of the same copybook; of views, the one of that number."""
    rules: dict[str, Any] = {root.name: {"loop": root.name}}

    def inside(node: Node, path: str, lead: str) -> None:
        for child in node.type.children:
            views = child.type.children
            one = views[min(view, len(views) - 1)] if child.kind is Kind.CHOICE else child
            here, read = f"{path}/{one.name}", lead + one.name
            if one.facts.get("level") == "66":
                continue
            if one.kind is Kind.FIELD:
                rules[here] = f"[{read}]"
            elif one.occurs.repeats:
                rules[here] = {"loop": read}
                inside(one, here, "")
            else:
                inside(one, here, read + "/")

    inside(root, root.name, "")
    return rules


def _supplied(shared: Path, number: int) -> tuple[Schema, bytes]:
    schema = read_schema(shared / _FOLDER / f"test{number}_copybook.cob")
    return schema, next((shared / _FOLDER / f"test{number}_data").iterdir()).read_bytes()


def test_a_file_with_tables_of_varying_size_is_written_byte_by_byte_the_same(shared: Path) -> None:
    schema, data = _supplied(shared, 1)
    assert same(plan(_copying(schema.roots[0]), schema, schema), data) == data


def test_every_way_of_writing_numbers_is_written_as_it_is_read(shared: Path) -> None:
    schema, data = _supplied(shared, 6)
    made = same(plan(_copying(schema.roots[0]), schema, schema), data)
    assert len(made) == len(data)
    # Texts end with blanks instead of zero bytes; the values are the same, and so is what is made of what was made.
    again = same(plan(_copying(schema.roots[0]), schema, schema), made)
    assert again == made
    target = xml({"out": {"r*": {f"{name}?": "text" for name in _leaves(schema)}}})
    rules: dict[str, Any] = {"out/r": {"loop": schema.roots[0].name}}
    rules |= {f"out/r/{name}": f"[{name}]" for name in _leaves(schema)}
    shown = plan(rules, schema, target)
    assert both(shown, data)[0] == both(shown, made)[0]


def _leaves(schema: Schema) -> list[str]:
    return [node.name for node in schema.roots[0].type.children if node.kind is Kind.FIELD]


@pytest.mark.parametrize("view", [0, 1])
def test_records_with_descriptors_are_read_by_either_view(shared: Path, view: int) -> None:
    schema, data = _supplied(shared, 5)
    rules: dict[str, Any] = {
        "out/r": {"loop": "COMPANY-DETAILS", "when": f"[SEGMENT-ID] == '{'CP'[view]}'"},
        "out/r/id": "[COMPANY-ID]",
        "out/r/a": "[STATIC-DETAILS/COMPANY-NAME]" if not view else "[CONTACTS/CONTACT-PERSON]",
        "out/r/n": "[STATIC-DETAILS/TAXPAYER/TAXPAYER-NUM]" if not view else "[CONTACTS/PHONE-NUMBER]",
    }
    target = xml({"out": {"r*": {"id?": "text", "a?": "text", "n?": "text"}}})
    text, failures, counts = both(plan(rules, schema, target), data)
    assert (failures, counts[0]) == ([], 1000)
    assert counts[1] + counts[3] == 1000
    assert min(counts[1], counts[3]) > 100
    assert "<a>" in text


_COPYBOOK = """       01  ROW.
           05  ID        PIC 9(4).
           05  COUNTED   PIC 9(2) COMP.
           05  AMOUNT    PIC S9(5)V99 COMP-3.
           05  NAME      PIC X(6).
           05  EDITED    PIC ZZ9.99-.
           05  LINES     OCCURS 0 TO 3 DEPENDING ON COUNTED.
               10  SKU   PIC X(3).
               10  QTY   PIC S9(3).
"""


def _own(folder: Path) -> Schema:
    (folder / "own.cob").write_text(_COPYBOOK)
    return read_schema(folder / "own.cob")


_RULES = {
    "ROW": {"loop": "top/r"},
    "ROW/ID": "[@id]",
    "ROW/AMOUNT": "[@amount]",
    "ROW/NAME": "[@name]",
    "ROW/EDITED": "[@edited]",
    "ROW/LINES": {"loop": "l"},
    "ROW/LINES/SKU": "[@sku]",
    "ROW/LINES/QTY": "[@qty]",
}
_SOURCE = {
    "top": {
        "r*": {
            "@id?": "text", "@amount?": "text", "@name?": "text", "@edited?": "text", "@count?": "text",
            "l*": {"@sku?": "text", "@qty?": "text"},
        }
    }
}  # fmt: skip


def test_items_are_written_at_their_places_and_counts_filled_in(tmp_path: Path) -> None:
    """S62"""
    schema = _own(tmp_path)
    made = same(
        plan(_RULES, xml(_SOURCE), schema),
        b"<top><r id='7' amount='-12.5' name='ab' edited='-3.5'><l sku='x' qty='-1'/><l sku='y' qty='20'/></r><r/></top>",
    )
    size = len(made) // 2
    assert made[:size] == (
        "0007".encode("cp037")
        + b"\x00\x02\x00\x01\x25\x0d"
        + "ab      3.50-x  00Jy  02{      ".encode("cp037")
    )
    # What nothing fills is zero or blank.
    assert made[size:] == "0000".encode("cp037") + b"\x00\x00\x00\x00\x00\x0c" + b"\x40" * 31
    back = {"out/r": {"loop": "ROW"}, "out/r/n": "[NAME]", "out/r/c": "[COUNTED]", "out/r/q": "[LINES/QTY]"}
    target = xml({"out": {"r*": {"n?": "text", "c?": "text", "q*": "text"}}})
    text, failures, _counts = both(plan(back, schema, target), made)
    assert failures == []
    assert "<q>-1</q>" in text
    assert "<q>20</q>" in text
    assert "<c>0</c>" in text


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("id='12345'", "'12345' does not fit the field ID (9(4))."),
        ("id='-1'", "-1 is below zero, and the field has no sign."),
        ("amount='1.005'", "1.005 has more than 2 decimals."),
        ("amount='100000'", "'100000' does not fit the field AMOUNT (S9(5)V99)."),
        ("name='seven 7'", "'seven 7' does not fit the field NAME (X(6))."),
        ("name='&#8364;'", "The character '€' does not exist in cp037."),
        ("edited='1000'", "'1000' does not fit the field EDITED (ZZ9.99-)."),
        ("id='one'", "'one' (string) is not a whole number."),
        ("count='2'", "COUNTED is not the number of instances, 1."),
    ],
)
def test_what_an_item_cannot_hold_fails_the_record(tmp_path: Path, given: str, reason: str) -> None:
    rules = {**_RULES, "ROW/COUNTED": "[@count]"} if "count" in given else _RULES
    made = plan(rules, xml(_SOURCE), _own(tmp_path))
    document = f"<top><r {given}><l sku='x'/></r></top>".encode()
    for engine in ("interpret", "rows"):
        text, failures, counts = run(made, document, engine)
        assert (text, counts[2]) == ("", 1)
        assert failures[0][2] == reason


def test_a_table_takes_no_more_than_it_has_room_for(tmp_path: Path) -> None:
    made = plan(_RULES, xml(_SOURCE), _own(tmp_path))
    four = "".join(f"<l sku='{n}' qty='{n}'/>" for n in range(4))
    for engine in ("interpret", "rows"):
        text, failures, _counts = run(made, f"<top><r id='7'>{four}</r></top>", engine)
        assert text == ""
        assert failures == [(1, "ROW", "LINES holds more instances than the 3 the record has room for.")]


def test_bad_bytes_fail_their_record_and_a_cut_file_its_last(tmp_path: Path) -> None:
    schema = _own(tmp_path)
    good = same(plan(_RULES, xml(_SOURCE), schema), b"<top><r id='1' amount='1'/></top>")
    bad = good[:6] + b"\xaa\xbb\xcc\xdd" + good[10:]
    target = xml({"out": {"r*": {"a?": "text", "n?": "text"}}})
    made = plan({"out/r": {"loop": "ROW"}, "out/r/a": "[AMOUNT]", "out/r/n": "[NAME]"}, schema, target)
    _text, failures, counts = both(made, good + bad + good)
    assert counts == (3, 2, 1, 0)
    assert failures == [(2, "ROW", "Line 2: Field AMOUNT, byte 7: aa bb cc dd is no decimal.")]
    _text, failures, counts = both(made, good * 3 + good[:-21])
    assert counts[:3] == (4, 3, 1)
    assert "less than" in failures[0][2]


_PICTURES = (
    "S9(7)V99",
    "9(6)",
    "S9(3).99",
    "-(6)9.99",
    "ZZ,ZZ9.99-",
    "+9(5)",
    "Z(4)9.9CR",
    "SV9(5)",
    "S9(4)P(2)",
)
_USAGES = ("display", "comp-3", "binary", "comp-2")


@given(st.sampled_from(_PICTURES), st.sampled_from(_USAGES), st.integers(-99_999, 99_999))
@settings(max_examples=300, deadline=None)
def test_numbers_come_back_as_they_were_written(text: str, usage: str, number: int) -> None:
    picture = read_picture(text)
    assert picture is not None
    edited = picture.kind == "edited"
    usage = "display" if edited else usage
    width = {"comp-3": picture.digits // 2 + 1, "binary": 8, "comp-2": 8}.get(usage, picture.characters)
    facts = {"picture": text, "usage": usage, "width": str(width)}
    if not edited:
        facts["decimals"] = str(picture.scale)
        facts |= {"sign": "trailing"} if picture.signed and usage == "display" else {}
    digits = picture.digits
    number = number % 10 ** min(digits, 5) * (-1 if number < 0 and picture.signed else 1)
    value = Decimal(number).scaleb(-picture.scale)
    form = Form(
        "X",
        Kind.FIELD,
        ValueType("decimal", Base.DECIMAL, total_digits=max(digits, picture.scale)),
        facts=facts,
    )
    if usage != "comp-2" and picture.scale < 0:
        form = Form("X", Kind.FIELD, ValueType("integer", Base.INTEGER, total_digits=digits + 2), facts=facts)
    data = bytes_writer(form, "cp037")(format(value, "f"))
    assert len(data) == width
    back = decode(data, facts, Base.DECIMAL)
    assert float(back or 0) == pytest.approx(float(value), rel=1e-12)
