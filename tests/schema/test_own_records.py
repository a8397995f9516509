"""Schemas of our own with records: fixed width, several kinds, nesting; written and read back; real files placed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, Severity
from studio.schema.flat.layout import columns, record_width
from studio.schema.flat.records import Found, find_records
from studio.schema.own import own_text, read_own
from studio.schema.read import read_schema, recognise
from studio.schema.source import decode
from tests.schema.trees import Reads, lines

_NACHA = Path(__file__).parent / "nacha.yaml"


def _ach(shared: Path, name: str) -> Found:
    file = shared / "corpora" / "fixed-width" / "nacha-ach" / name
    text, _encoding = decode(file.read_bytes(), None)
    return find_records(text, read_own(_NACHA), name)


def test_every_kind_of_payment_record_is_as_wide_as_the_standard_says() -> None:
    schema = read_own(_NACHA)
    assert schema.problems == ()
    waiting = list(schema.roots)
    seen = 0
    while waiting:
        node = waiting.pop()
        assert record_width(node) == 94, node.name
        waiting += [child for child in node.type.children if child.kind == "segment"]
        seen += 1
    assert seen == 6
    amount = schema.find("batch/entry/amount")
    assert amount is not None
    assert amount.node.facts == {"width": "10", "align": "right", "pad": "0", "decimals": "2"}


def test_every_payment_file_is_placed_in_the_definition(shared: Path) -> None:
    folder = shared / "corpora" / "fixed-width" / "nacha-ach"
    files = sorted(folder.rglob("*.ach"))
    assert len(files) > 60
    for file in files:
        found = _ach(shared, str(file.relative_to(folder)))
        total = len(found.records)
        unknown = [one for one in found.records if one.node is None]
        # What is of no known kind, out of order or missing is said, with its line.
        assert bool(unknown) <= bool(found.problems)
        assert all(
            1 <= (problem.line or 0) <= max(one.record.line for one in found.records)
            for problem in found.problems
        )
        assert total > len(unknown) or file.name == "return-no-batch-header.ach"


def test_sound_files_have_their_records_and_no_problems(shared: Path) -> None:
    found = _ach(shared, "20110805A.ach")
    assert found.problems == ()
    assert Counter(one.path for one in found.records) == {
        "fileHeader": 1,
        "batch": 4,
        "batch/entry": 48,
        "batch/entry/addenda": 35,
        "batch/batchControl": 4,
        "fileControl": 1,
    }
    # No line breaks at all: the records are told by their length.
    found = _ach(shared, "ppd-debit-fixedLength.ach")
    assert [one.path for one in found.records] == [
        "fileHeader",
        "batch",
        "batch/entry",
        "batch/batchControl",
        "fileControl",
    ]
    entry = found.records[2]
    assert entry.node is not None
    values = {column.path: entry.record.value(column.node, entry.node) for column in columns(entry.node)}
    assert values["account"] == "12345"
    assert values["amount"] == "10500"


@pytest.mark.parametrize(
    ("name", "line", "path", "message"),
    [
        ("short-line.ach", 5, "fileControl", "74 characters, 20 less"),
        ("long-line.ach", 3, "batch/entry", "98 characters, 4 more than its 94"),
        ("adv-noFileControl.ach", 5, "fileControl", "is missing"),
        ("return-no-batch-controls.ach", 4, "batch/batchControl", "is missing in batch"),
        ("return-no-batch-header.ach", 1, None, "of no kind"),
        ("ppd-debit-fixedLengthInvalid.ach", 2, None, "of no kind"),
        ("crashers/4.ach", 30, "batch/batchControl", "more often"),
    ],
)
def test_broken_payment_files_are_located(
    shared: Path, name: str, line: int, path: str | None, message: str
) -> None:
    problems = _ach(shared, name).problems
    assert any(
        problem.line == line and problem.path == path and message in problem.message for problem in problems
    ), problems


_SEVERAL = """weft: schema/1
kind: delimited
delimiter: ";"
header: false
records:
  header:
    occurs: 1
    tell: H
    fields: {kind: text, created: {type: date, format: yyyymmdd}}
  order:
    tell: {field: kind, text: [D, X]}
    fields: {kind: text, number: integer, total: decimal}
    records:
      line:
        occurs: 1..n
        fields: {kind: {value: L}, sku: text, qty: decimal}
  trailer:
    occurs: 1
    tell: last
    fields: {kind: text, count: integer}
"""


def test_several_kinds_of_delimited_records_are_told_apart(reads: Reads) -> None:
    schema = reads(("a.yaml", _SEVERAL))
    assert schema.problems == ()
    assert [node.name for node in schema.roots] == ["header", "order", "trailer"]
    text = 'H;20260301\nD;1;2.50\nL;"a;b";1\nL;c;2\nX;2;1\nL;d;1\nT;2\n'
    found = find_records(text, schema)
    assert found.problems == ()
    assert [(one.record.line, one.path) for one in found.records] == [
        (1, "header"),
        (2, "order"),
        (3, "order/line"),
        (4, "order/line"),
        (5, "order"),
        (6, "order/line"),
        (7, "trailer"),
    ]
    found = find_records("H;1\nD;1;2\nT;2\n", schema)
    assert [(one.line, one.path) for one in found.problems] == [(3, "order/line")]


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (("width: 2}", "width: two}"), 7, "whole number"),
        (("width: 2}", "start: 0}"), 7, "at 1"),
        (("align: right", "align: middle"), 8, "one of: left, right"),
        (("newline: none", "unit: bit"), 3, "character or byte"),
        (("length: 10", "encoding: latin-99"), 4, "no encoding called"),
        (("length: 10\n", ""), 3, "length of a record"),
        (("occurs: 1..n", "occurs: many"), 13, "a number or a range"),
        (("occurs: 1..n", "occurs: 5..2"), 13, "not below its start"),
        (("tell: B", "tell: {at: 1}"), 14, "names the text"),
    ],
)
def test_a_wrong_fixed_description_names_its_line(
    reads: Reads, change: tuple[str, str], line: int, message: str
) -> None:
    assert reads(("a.yaml", _FIXED)).problems == ()
    with pytest.raises(BadInput, match=message) as caught:
        reads(("a.yaml", _FIXED.replace(*change, 1)))
    assert caught.value.line == line


_FIXED = """weft: schema/1
kind: fixed
newline: none
length: 10
records:
  a:
    fields: {kind: {value: "A1", width: 2},
      amount: {type: decimal, width: 6, align: right, pad: "0", decimals: 2, sign: trailing},
      filler: {width: 2}}
    records:
      b:
        description: what follows
        occurs: 1..n
        tell: B
        fields:
          mark: {width: 1}
          parts:
            occurs: 3
            fields: {one: {width: 2}, two: {width: 1}}
"""


def test_fields_repeat_and_nest_in_a_fixed_record(reads: Reads) -> None:
    schema = reads(("a.yaml", _FIXED))
    assert lines(schema)[4:] == [
        "a/b 1..n b",
        "a/b/mark 0..1 string",
        "a/b/parts 3 parts",
        "a/b/parts/one 0..1 string",
        "a/b/parts/two 0..1 string",
    ]
    inner = schema.find("a/b")
    assert inner is not None
    assert [(column.path, column.start, column.width) for column in columns(inner.node)] == [
        ("mark", 0, 1),
        ("parts[1]/one", 1, 2),
        ("parts[1]/two", 3, 1),
        ("parts[2]/one", 4, 2),
        ("parts[2]/two", 6, 1),
        ("parts[3]/one", 7, 2),
        ("parts[3]/two", 9, 1),
    ]


def test_widths_that_do_not_fit_are_located_problems(reads: Reads) -> None:
    schema = reads(
        (
            "a.yaml",
            _FIXED.replace('"A1", width: 2', '"A1"').replace("filler: {width: 2}", "x: {start: 3, width: 9}"),
        )
    )
    assert [(one.severity, one.line, one.path, one.message) for one in schema.problems] == [
        (Severity.ERROR, 7, "a/kind", "The field kind has no width."),
        (Severity.WARNING, 9, "a/x", "The field x starts inside amount."),
        (Severity.ERROR, 6, "a", "The fields of a take 11 characters, but a record has 10."),
    ]


_NAMES = st.text("abcdefgh XYZé-", min_size=1, max_size=6).map(str.strip).filter(bool)
_TYPES = st.sampled_from(["text", "integer", "decimal", "date", "dateTime", "boolean"])
_TEXTS = st.text("ab01 :#'\"é,{}[]-", min_size=1, max_size=4)


@st.composite
def _fields(draw: st.DrawFn) -> list[str]:
    made = []
    for name in draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True)):
        parts = [f"type: {draw(_TYPES)}", f"width: {draw(st.integers(1, 30))}"]
        for key, values in (
            ("value", _TEXTS),
            ("default", _TEXTS),
            ("format", st.just("yyyymmdd")),
            ("pad", st.sampled_from("0 *")),
            ("occurs", st.sampled_from(["2", "0..3", "1..n"])),
            ("sign", st.sampled_from(["leading", "overpunch"])),
            ("description", _TEXTS),
        ):
            if draw(st.booleans()):
                parts.append(f"{key}: {_quoted(draw(values))}")
        made.append(f"{_quoted(name)}: {{{', '.join(parts)}}}")
    return made


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@st.composite
def _records(draw: st.DrawFn, depth: int = 0) -> list[str]:
    rows: list[str] = []
    lead = "  " + "    " * depth
    for name in draw(st.lists(_NAMES, min_size=1, max_size=3, unique=True)):
        rows.append(f"{lead}{_quoted(name)}:")
        if draw(st.booleans()):
            rows.append(f"{lead}  occurs: {draw(st.sampled_from(['1', '0..1', '1..5', '2..n']))}")
        if draw(st.booleans()):
            told = [
                f"tell: {_quoted(draw(_TEXTS))}",
                "tell: first",
                "tell: {at: 2, text: [A, B]}",
                "tell: {field: x, text: '1'}",
            ]
            rows.append(f"{lead}  {draw(st.sampled_from(told))}")
        rows.append(f"{lead}  fields:")
        rows += [f"{lead}    {field}" for field in draw(_fields())]
        if depth < 2 and draw(st.booleans()):
            rows.append(f"{lead}  records:")
            rows += draw(_records(depth + 1))
    return rows


@given(_records(), st.sampled_from(["fixed", "delimited", "edi"]))
def test_what_is_written_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], kind: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "own.yaml"
    file.write_text("\n".join(["weft: schema/1", f"kind: {kind}", "records:", *rows]) + "\n", "utf-8")
    schema = read_own(file)
    text = own_text(schema)
    file.write_text(text, "utf-8")
    back = read_own(file)
    assert own_text(back) == text
    assert dict(back.facts) == dict(schema.facts)
    for one, other in zip(schema.roots, back.roots, strict=True):
        assert lines(schema, one.name) == lines(back, other.name)
        assert [_told(node) for node in one.type.children] == [_told(node) for node in other.type.children]


def _told(node: object) -> tuple[object, ...]:
    return tuple(
        getattr(node, name)
        for name in ("name", "kind", "occurs", "fixed", "default", "facts", "documentation")
    )


@given(st.text(max_size=400), st.sampled_from([_FIXED, _SEVERAL]))
def test_any_text_is_placed_without_a_crash_and_problems_lie_inside(
    tmp_path_factory: pytest.TempPathFactory, text: str, description: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "placed.yaml"
    if not file.exists() or file.read_text("utf-8") != description:
        file.write_text(description, "utf-8")
    found = find_records(text, read_own(file))
    end = text.count("\n") + text.count("\r") + len(text) // 10 + 1
    assert all(1 <= (problem.line or 0) <= end for problem in found.problems)


_SAMPLE = """0001Ada Lovelace     London      18151210   12.50
0002Alan Turing      Wilmslow    19120623  -71.00
0003Grace Hopper     New York    19061209 1234.99
0004Barbara Liskov   Los Angeles 19391107    0.10
"""


def test_columns_of_a_sample_are_proposed_by_position(reads: Reads) -> None:
    schema = reads(("people.txt", _SAMPLE))
    assert schema.kind == "fixed"
    assert schema.facts["length"] == "49"
    assert [(c.start, c.width) for c in columns(schema.roots[0])] == [
        (0, 4),
        (4, 17),
        (21, 12),
        (33, 8),
        (41, 8),
    ]
    assert lines(schema)[1:] == [
        "row/column1 0..1 string",
        "row/column2 0..1 string",
        "row/column3 0..1 string",
        "row/column4 0..1 integer",
        "row/column5 0..1 decimal",
    ]
    assert schema.roots[0].type.children[4].facts["align"] == "right"


@pytest.mark.parametrize(
    "text",
    [
        "Id\n0015g00000ABCDEFGH\n0015g00000ABCDEFGI\n0015g00000ABCDEFGJ\n0015g00000ABCDEFGK\n",
        "A1234567\nB2345678\nC3456789\nA4567890\nD5678901\n",
        "one line\n",
        "a b\nc d\ne f\n",
    ],
)
def test_a_single_column_is_no_fixed_width(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    assert recognise(tmp_path / "a.txt") == "delimited"


def test_a_header_and_a_trailer_of_a_sample_are_kinds_of_their_own(reads: Reads, shared: Path) -> None:
    schema = reads(("a.txt", "H2026030100001\nDAda     00012\nDBob     00034\nT0000200000046\n"))
    assert [(node.name, str(node.occurs)) for node in schema.roots] == [
        ("recordH", "1"),
        ("recordD", "0..n"),
        ("recordT", "1"),
    ]
    assert schema.roots[1].facts["tell_text"] == "D"
    ach = read_schema(shared / "corpora" / "fixed-width" / "nacha-ach" / "20110805A.ach")
    assert [node.name for node in ach.roots] == [
        "record1",
        "record5",
        "record6",
        "record8",
        "record7",
        "record9",
    ]
