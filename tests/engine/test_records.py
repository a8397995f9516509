"""Fixed-width and delimited records of several kinds, both directions: values, nesting, records that fail."""

from __future__ import annotations

import io
import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput, TooLarge
from studio.engine.run import transform
from studio.schema.model import Kind, Node, Schema
from studio.schema.own import read_own
from tests.engine.build import both, plan, run, xml
from tests.engine.differ_records import RecordMaker
from tests.engine.differential import compared

_NACHA = Path(__file__).parents[1] / "schema" / "nacha.yaml"
_HEAD = "weft: schema/1\nkind: fixed\n"


def own(folder: Path, text: str) -> Schema:
    """The schema of a description."""
    (folder / "own.yaml").write_text(text)
    return read_own(folder / "own.yaml")


def copying(schema: Schema) -> dict[str, Any]:
    """The rules that carry every record and field of a file to one of the same schema."""
    rules: dict[str, Any] = {}
    for root in schema.roots:
        lead = f"/{root.name}" if len(schema.roots) > 1 else root.name
        if root.occurs.repeats:
            rules[lead] = {"loop": lead}
            _copy(root, lead, "", rules)
        else:
            _copy(root, lead, lead + "/", rules)
    return rules


def _copy(node: Node, path: str, read: str, rules: dict[str, Any]) -> None:
    for child in node.type.children:
        here = f"{path}/{child.name}"
        if child.kind is Kind.FIELD:
            rules[here] = f"[{read}{child.name}]"
        elif child.occurs.repeats:
            rules[here] = {"loop": read + child.name}
            _copy(child, here, "", rules)
        else:
            _copy(child, here, f"{read}{child.name}/", rules)


def test_payment_files_are_written_as_they_were_read(shared: Path) -> None:
    schema = read_own(_NACHA)
    made = pickle.loads(pickle.dumps(plan(copying(schema), schema, schema)))
    assert made.errors == ()
    folder = shared / "corpora" / "fixed-width" / "nacha-ach"
    same = 0
    for name in ("20110805A.ach", "ppd-debit.ach", "web-debit.ach", "ccd-debit.ach", "return-WEB.ach"):
        if not (folder / name).is_file():
            continue
        given = (folder / name).read_bytes()
        text, failures, _counts = both(made, given)
        assert failures == []
        lines = [line for line in given.decode().splitlines() if line.strip("9 ")]
        assert text.splitlines() == [line.ljust(94) for line in lines]
        same += 1
    assert same > 1


def test_a_blank_date_is_nothing_where_types_do_not_bind() -> None:
    assert not compared(2936, RecordMaker).wrong


def test_back_ends_agree_on_records(share: Callable[[int], int]) -> None:
    told: Counter[str] = Counter()
    cases = share(4_000)
    for seed in range(cases):
        found = compared(seed, RecordMaker)
        assert not found.wrong, f"seed {seed}: {found.wrong}"
        told += found.told
    assert told["rows declined"] < cases * 0.35
    assert told["nested"] > cases * 0.2
    assert told["failures"] > cases * 0.2
    assert told["records"] > cases * 0.7


_FIXED = (
    _HEAD
    + """records:
  row:
    fields:
      id: {type: integer, width: 5, align: right, pad: "0"}
      amount: {type: decimal, width: 8, align: right, pad: "0", decimals: 2, sign: overpunch}
      day: {type: date, width: 8, format: ddmmyyyy}
      name: {width: 6}
      tag: {width: 2, occurs: 0..2}
"""
)
_OUT = {"out": {"r*": {f"{name}?": "text" for name in ("id", "amount", "day", "name")} | {"tag*": "text"}}}
_BACK = {"out/r": {"loop": "row"}} | {
    f"out/r/{name}": f"[{name}]" for name in ("id", "amount", "day", "name", "tag")
}


def test_fixed_fields_are_values_and_values_fixed_fields(tmp_path: Path) -> None:
    """S59, S60"""
    schema = own(tmp_path, _FIXED)
    lines = (
        "00007"
        + "0001234E"
        + "01032026"
        + "abc   "
        + "xxyy\n"
        + "00000"
        + "0000001J"
        + "00000000"
        + " " * 10
        + "\n"
    )
    text, failures, _counts = both(plan(_BACK, schema, xml(_OUT)), lines)
    assert failures == []
    assert [each.strip() for each in text.splitlines() if "<r" not in each][2:] == [
        "<id>7</id>", "<amount>123.45</amount>", "<day>2026-03-01</day>", "<name>abc</name>",
        "<tag>xx</tag>", "<tag>yy</tag>", "</r>", "<id>0</id>", "<amount>-0.11</amount>", "</r>", "</out>",
    ]  # fmt: skip
    again, failures, _counts = both(plan(copying(schema), schema, schema), lines)
    assert failures == []
    assert again == lines.replace("J00000000", "J" + " " * 8)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0000x", "Line 1: Field id: '0000x' is no integer."),
        ("00001000123?5", "Line 1: Field amount: '000123?5' is no decimal."),
        ("000010001234E31022026", "Line 1: Field day: '31022026' is no date."),
        ("0" * 40, "Line 1: The record has 40 characters, 9 more than its 31."),
        ("x" * 10_000_000, "Line 1: The record has 10000000 characters, 9999969 more than its 31."),
    ],
)
def test_a_broken_record_fails_with_its_line_and_field(tmp_path: Path, line: str, reason: str) -> None:
    """S61"""
    made = plan(_BACK, own(tmp_path, _FIXED), xml(_OUT))
    _text, failures, counts = both(made, f"{line}\n00001\n")
    assert counts == (2, 1, 1, 0)
    assert failures == [(1, "row", reason)]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ("id='123456'", "'123456' has 6 characters; the field id takes 5."),
        ("amount='1.234'", "1.234 has more than 2 decimals."),
        ("name='seventy'", "'seventy' has 7 characters; the field name takes 6."),
        ("name='a&#10;b'", "The text holds a line end, which ends the record."),
        ("day='soon'", "'soon' (string) is not a date."),
        ("tag='1' more='2'", ""),
    ],
)
def test_what_a_field_cannot_hold_fails_the_record(tmp_path: Path, values: str, reason: str) -> None:
    """S60"""
    names = ("id", "amount", "day", "name", "tag")
    source = xml({"top": {"r*": {f"@{name}?": "text" for name in (*names, "more")}}})
    rules: dict[str, Any] = {"row": {"loop": "top/r"}, "row/tag[2]": "[@more]"}
    rules |= {f"row/{name}": f"[@{name}]" for name in names}
    made = plan(rules, source, own(tmp_path, _FIXED))
    text, failures, _counts = both(made, f"<top><r {values}/></top>", fast=False)
    assert [each[2] for each in failures] == ([reason] if reason else [])
    assert text == ("" if reason else "0" * 13 + " " * 14 + "1 2 \n")


def test_text_of_another_encoding_or_by_bytes(tmp_path: Path) -> None:
    """S60"""
    latin = own(tmp_path, _HEAD + "encoding: latin-1\nrecords:\n  row:\n    fields:\n      a: {width: 3}\n")
    copied = plan(copying(latin), latin, latin)
    out_of = plan({"row": {"loop": "top/r"}, "row/a": "[.]"}, xml({"top": {"r*": "text"}}), latin)
    out = io.BytesIO()
    transform(copied, io.BytesIO("é\n".encode("latin-1")), out)
    assert out.getvalue() == b"\xe9  \n"
    _text, failures, _counts = both(out_of, "<top><r>€</r></top>")
    assert failures == [(1, "row/a", "The character '€' does not exist in latin-1.")]
    wide = own(
        tmp_path,
        _HEAD + "unit: byte\nrecords:\n  row:\n    fields:\n      a: {width: 4}\n      b: {width: 1}\n",
    )
    text, failures, _counts = both(plan(copying(wide), wide, wide), "é  x\n€ux\n")
    assert failures == []
    # Four bytes for the first field, whatever the number of characters, and one for the second.
    assert text == "é  x\n€ux\n"


_SEVERAL = """weft: schema/1
kind: delimited
delimiter: ";"
records:
  header: {occurs: 1, tell: H, fields: {kind: text, day: text}}
  order:
    tell: O
    fields: {kind: text, id: text}
    records:
      line: {tell: L, fields: {kind: text, sku: text, qty: integer}}
  trailer: {occurs: 1, tell: last, fields: {kind: text, count: text}}
"""


def test_several_kinds_of_records_are_read_and_written(tmp_path: Path) -> None:
    """S59"""
    schema = own(tmp_path, _SEVERAL)
    given = 'H;2026\nO;1\nL;"a;b";2\nL;c;3\nO;2\nT;2\n'
    made = plan(copying(schema), schema, schema)
    text, failures, counts = both(made, given)
    assert (text, failures, counts) == (given, [], (2, 2, 0, 0))
    sums = {"out/r": {"loop": "/order"}, "out/r/id": "[id] + ':' + [/header/day] + ':' + [/trailer/count]"}
    sums["out/r/amount"] = "Sum([line/qty])"
    text, _failures, _counts = both(plan(sums, schema, xml(_OUT)), given)
    assert "<id>1:2026:2</id>" in text
    assert "<amount>5</amount>" in text
    # The kinds are told by what the description says, and that is written without a rule.
    fresh = {"/order": {"loop": "top/r"}, "/order/id": "[@a]", "/header/day": "'d'", "/order/line/sku": "'s'"}
    fresh["/order/line"] = {"loop": "l"}
    source = xml({"top": {"r*": {"@a?": "text", "l*": {"@q?": "text"}}}})
    assert both(plan(fresh, source, schema), "<top><r a='1'><l/></r></top>")[0] == "H;d\nO;1\nL;s;\n"


@pytest.mark.parametrize(
    ("lines", "counts", "reasons"),
    [
        (
            "H;d\nO;1\nX;?\nL;a;1\nO;2\nT;2",
            (2, 1, 1, 0),
            ["Line 3: This record is of no kind the schema knows: X;?"],
        ),
        ("H;d\nX;?\nO;1\nT;2", (2, 1, 1, 0), ["Line 2: This record is of no kind the schema knows: X;?"]),
        ("H;d\nO;1\nH;e\nO;2\nT;2", (3, 2, 1, 0), ["Line 3: header occurs more often here than it may: 2."]),
        ("H;d\nO;1\nL;a;1;2;3\nO;2\nT;2", (2, 1, 1, 0), ["Line 3: The row has 5 cells instead of 3."]),
        ('H;d\nO;1\nL;"a"b;1\nO;2\nT;2', (2, 1, 1, 0), ["Line 3: The quotes of this row are wrong."]),
        ("O;1\nO;2", (2, 2, 0, 0), []),
        ("", (0, 0, 0, 0), []),
    ],
)
def test_records_out_of_order_spoil_what_they_stand_in(
    tmp_path: Path, lines: str, counts: tuple[int, ...], reasons: list[str]
) -> None:
    """S61"""
    schema = own(tmp_path, _SEVERAL)
    rules = {"out/r": {"loop": "/order"}, "out/r/id": "[id]", "out/r/tag": "[line/sku]"}
    _text, failures, found = both(plan(rules, schema, xml(_OUT)), lines)
    assert [each[2] for each in failures] == reasons
    assert found == counts


@pytest.mark.parametrize("data", [b"\xff\x00garbage\n", b"00001\n\xc3\x28\n", bytes(range(256)) * 40])
def test_bytes_that_are_no_text_end_the_run(tmp_path: Path, data: bytes) -> None:
    """S61"""
    made = plan(_BACK, own(tmp_path, _FIXED), xml(_OUT))
    for engine in ("interpret", "rows"):
        with pytest.raises(BadInput, match="The text is not"):
            run(made, data, engine)


def test_records_without_line_breaks_and_endless_lines(tmp_path: Path) -> None:
    """S61"""
    schema = own(tmp_path, _FIXED.replace("records:", "newline: none\nlength: 31\nrecords:", 1))
    made = plan(copying(schema), schema, schema)
    record = "00001" + "0000000{" + " " * 18
    text, failures, _counts = both(made, record * 3 + record[:9])
    assert text == record * 3
    assert [each[2] for each in failures] == ["Line 4: The record has 9 characters, 22 less than its 31."]
    endless = plan(_BACK, own(tmp_path, _FIXED), xml(_OUT))
    with pytest.raises(TooLarge, match="One line is longer than 16 MB"):
        run(endless, b"x" * (17 << 20), "rows")
