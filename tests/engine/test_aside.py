"""Records set aside: the list that says where and why, and the document of the records, which runs again by itself."""

from __future__ import annotations

import codecs
import csv
import io
import json
from pathlib import Path
from typing import Any

import fastavro
import pytest

from studio.engine.plan import Plan
from studio.engine.run import Stats, transform
from studio.schema.own import read_own
from studio.schema.read import read_schema
from tests.engine.build import json_items, json_object, plan, rows, xml

TARGET = json_items({"k": "text", "h?": "text", "v?": "decimal"}, "lines")
ORDER = {"@k": "text", "v": "integer", "note?": "text"}


def done(
    made: Plan, given: bytes, folder: Path, suffix: str, **more: Any
) -> tuple[str, list[dict[str, str]], bytes | None, Stats]:
    """What a run writes: the output, the list and the document of failed records."""
    source, out = folder / f"in{suffix}", folder / "out.jsonl"
    source.write_bytes(given)
    stats = transform(made, source, out, **more)
    listed, records = folder / "out.jsonl.failures.csv", folder / f"out.jsonl.failures.records{suffix}"
    found: list[dict[str, str]] = []
    if listed.exists():
        with listed.open(encoding="utf-8", newline="") as lines:
            found = list(csv.DictReader(lines))
    return out.read_text(), found, records.read_bytes() if records.exists() else None, stats


def mended(rules: dict[str, Any]) -> dict[str, Any]:
    """The map after somebody has looked at what failed."""
    return {**rules, "item/v": "if([v] == 0, 0, 12 / [v])"}


def again(
    rules: dict[str, Any], source: Any, given: bytes, folder: Path, suffix: str
) -> list[dict[str, str]]:
    """First run, mended run over the failed records, and mended run over all: the first two give the third. The list."""
    made, better = plan(rules, source, TARGET), plan(mended(rules), source, TARGET)
    first, listed, records, stats = done(made, given, folder, suffix)
    assert stats.records_in == stats.records_out + stats.failed + stats.filtered
    assert records is not None
    rest, none, nothing, counted = done(better, records, folder, suffix)
    assert (none, nothing) == ([], None)
    assert counted.records_out == stats.failed > 0
    whole = done(better, given, folder, suffix)[0]
    assert sorted((first + rest).splitlines()) == sorted(whole.splitlines())
    return listed


def test_xml_keeps_what_stands_around_the_records(tmp_path: Path) -> None:
    """S39, S50: attributes of nodes around, header and trailer, comments and CDATA; the element is as it was."""
    source = xml({"o": {"head": "text", "shop*": {"@no": "text", "order*": ORDER}, "foot?": "text"}}, "urn:o")
    rules = {
        "item": {"loop": "o/shop/order"}, "item/k": "[../@no] + [@k]", "item/h": "[/o/head] + [/o/foot]", "item/v": "12 / [v]",
    }  # fmt: skip
    given = (
        b'<?xml version="1.0"?>\n<!-- all --><p:o xmlns:p="urn:o">\n <p:head>H</p:head>\n <p:shop no="a">\n'
        b'  <p:order k="1"><p:v>3</p:v></p:order>\n  <p:order k="2"><p:v>0</p:v><p:note><![CDATA[<order>]]></p:note></p:order>\n'
        b'  <p:order k="3"><p:v>2</p:v></p:order>\n </p:shop>\n <p:shop no="b"><p:order k="4"><p:v>0</p:v></p:order>t</p:shop>\n <p:foot>F</p:foot>\n</p:o>\n'
    )
    listed = again(rules, source, given, tmp_path, ".xml")
    assert listed == [
        {"record": "2", "path": "item/v", "reason": "Division by 0.", "outcome": "set-aside", "node": "/o/shop[1]/order[2]",
         "line": "6", "script_line": "1", "script_column": "1",
         "content": '<p:order k="2"><p:v>0</p:v><p:note><![CDATA[<order>]]></p:note></p:order>'},
        {"record": "4", "path": "item/v", "reason": "Division by 0.", "outcome": "set-aside", "node": "/o/shop[2]/order[1]",
         "line": "9", "script_line": "1", "script_column": "1", "content": '<p:order k="4"><p:v>0</p:v></p:order>'},
    ]  # fmt: skip
    records = done(plan(rules, source, TARGET), given, tmp_path, ".xml")[2]
    assert records == (
        b'<?xml version="1.0"?>\n<!-- all --><p:o xmlns:p="urn:o">\n <p:head>H</p:head>\n <p:shop no="a">\n'
        b'  <p:order k="2"><p:v>0</p:v><p:note><![CDATA[<order>]]></p:note></p:order>\n </p:shop>\n'
        b' <p:shop no="b"><p:order k="4"><p:v>0</p:v></p:order>t</p:shop>\n <p:foot>F</p:foot>\n</p:o>\n'
    )


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "iso-8859-1", "windows-1252", "shift_jis", "utf-8-sig"]
)
def test_xml_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    """S50: also in those that take several bytes for a character."""
    word = "日本" if encoding in ("shift_jis", "utf-16", "utf-8-sig") else "é"
    name = encoding.removesuffix("-sig").removesuffix("-le")
    text = (
        f'<?xml version="1.0" encoding="{name}"?>\n<o>'
        + "".join(
            f'\n  <order k="{word}{n}"><v>{n % 25}</v><note>{word * 20}</note></order>' for n in range(1500)
        )
        + "\n</o>"
    )
    given = (codecs.BOM_UTF16_LE if encoding == "utf-16-le" else b"") + text.encode(encoding)
    rules = {"item": {"loop": "o/order"}, "item/k": "[@k]", "item/v": "12 / [v]"}
    listed = again(rules, xml({"o": {"order*": ORDER}}), given, tmp_path, ".xml")
    assert len(listed) == 60
    assert listed[1]["content"] == f'<order k="{word}25"><v>0</v><note>{word * 20}</note></order>'
    assert (listed[59]["node"], listed[59]["line"]) == ("/o/order[1476]", "1478")


def test_json_keeps_what_stands_around_the_values(tmp_path: Path) -> None:
    """S50: values are as they were written; arrays and single objects."""
    source = json_object(
        {"head": "text", "list[]": {"k": "text", "v": "integer", "deep?": {"x": "text"}}, "foot?": "text"}
    )
    rules = {
        "item": {"loop": "/list/item"},
        "item/k": "[k]",
        "item/h": "[/head] + [/foot]",
        "item/v": "12 / [v]",
    }
    given = (
        '{"head": "H", "list": [{"k": "a", "v": 1}, {"k":"\\u00e9]", "v": 0,\n "deep": {"x": [1, 2]}}, {"k": "c", "v": "0"}], '
        '"other": {"list": [1]}, "foot": "F"}'
    )
    listed = again(rules, source, given.encode(), tmp_path, ".json")
    assert [(each["record"], each["node"], each["line"]) for each in listed] == [
        ("2", "/list/item[2]", "1"), ("3", "/list/item[3]", "2"),
    ]  # fmt: skip
    assert listed[0]["content"] == '{"k":"\\u00e9]", "v": 0,\n "deep": {"x": [1, 2]}}'
    single = again(rules, source, b'{"list": {"k": "a", "v": 0}, "foot": 7}', tmp_path, ".json")
    assert single[0]["content"] == '{"k": "a", "v": 0}'
    array = {"item": {"loop": "item"}, "item/k": "[k]", "item/v": "12 / [v]"}
    given = json.dumps([{"k": str(n), "v": n % 4} for n in range(9)])
    records = done(
        plan(array, json_items({"k": "text", "v": "integer"}), TARGET), given.encode(), tmp_path, ".json"
    )[2]
    assert records == b'[{"k": "0", "v": 0},{"k": "4", "v": 0},{"k": "8", "v": 0}]\n'
    again(array, json_items({"k": "text", "v": "integer"}), given.encode(), tmp_path, ".json")


def test_lines_whole_and_in_part(tmp_path: Path) -> None:
    """S42, S50: a record that is a line, one inside a line with what stands around it; a line that is no JSON."""
    flat = {"item": {"loop": "item"}, "item/k": "[k]", "item/v": "12 / [v]"}
    given = b'\xef\xbb\xbf{"k": "a", "v": 0, "z": [1]}\n\n{"k": "b", "v": 3}\r\n{"k": "c", "v": 0}'
    listed = again(flat, json_items({"k": "text", "v": "integer"}, "lines"), given, tmp_path, ".jsonl")
    assert [(each["node"], each["line"], each["content"]) for each in listed] == [
        ("/item[1]", "1", '{"k": "a", "v": 0, "z": [1]}'), ("/item[3]", "4", '{"k": "c", "v": 0}'),
    ]  # fmt: skip
    deep = {"item": {"loop": "item/list/item"}, "item/k": "[../../k]", "item/v": "12 / [v]"}
    source = json_items({"k": "text", "list[]": {"v": "integer"}}, "lines")
    given = b'{"k": "a", "list": [{"v": 0}, {"v": 2}]}\n{"k": "b", "list": []}\n{"k": "c", "list": [{"v": 1}, {"v": 0}, {"v": 0}]}\n'
    listed = again(deep, source, given, tmp_path, ".jsonl")
    assert [(each["node"], each["line"]) for each in listed] == [
        ("/item[1]/list/item[1]", "1"), ("/item[3]/list/item[2]", "3"), ("/item[3]/list/item[3]", "3"),
    ]  # fmt: skip
    broken = done(plan(deep, source, TARGET), given + b"{oops\n" + given, tmp_path, ".jsonl")
    assert [each["node"] for each in broken[1]][3:] == [
        "/item[4]",
        "/item[5]/list/item[1]",
        "/item[7]/list/item[2]",
        "/item[7]/list/item[3]",
    ]
    assert broken[2] is not None
    assert broken[2].splitlines()[2] == b"{oops"


def test_rows_as_they_were_written(tmp_path: Path) -> None:
    """S42, S45, S50: quotes, columns nobody maps, another order of columns, rows that cannot be read."""
    source = rows({"k": "text", "v": "integer"}, delimiter=";", encoding="windows-1252")
    rules = {"item": {"loop": "row"}, "item/k": "[k]", "item/v": "12 / [v]"}
    text = 'x;v;k\n1;0;"a;\n""é"""\n2;4;b\n\n3;0;c\n4;0;d'
    listed = again(rules, source, text.encode("windows-1252"), tmp_path, ".csv")
    assert [(each["node"], each["line"], each["content"]) for each in listed] == [
        ("/row[1]", "2", '1;0;"a;\n""é"""'), ("/row[3]", "6", "3;0;c"), ("/row[4]", "7", "4;0;d"),
    ]  # fmt: skip
    text = 'v;k\n1;a\n2;"b"x\n0;c\n1;2;3\n4;d\n'
    _out, listed, records, stats = done(plan(rules, source, TARGET), text.encode(), tmp_path, ".csv")
    assert records == b'v;k\n2;"b"x\n0;c\n1;2;3\n'
    assert [(each["record"], each["line"]) for each in listed] == [("2", "3"), ("3", "4"), ("4", "5")]
    assert (stats.records_in, stats.failed) == (5, 3)


def test_groups_sorting_and_several_loops(tmp_path: Path) -> None:
    """S32, S50: all members of a group that failed; the list is in the order of the document, loop after loop."""
    source = xml({"o": {"a*": {"@k": "text", "v": "integer"}, "b*": {"@k": "text", "v": "integer"}}})
    given = (
        "<o>"
        + "".join(f'<a k="{n % 4}"><v>{n % 4}</v></a><b k="b{n}"><v>{n % 2}</v></b>' for n in range(8))
        + "</o>"
    )
    rules = {"item": {"loop": "o/a", "group": {"by": ["[@k]"]}, "sort": ({"by": "[@k]", "order": "desc"},)},
             "item/k": "[@k] + Count([members()/v])", "item/v": "12 / [v]"}  # fmt: skip
    listed = again({**rules, "item/k": "[@k]"}, source, given.encode(), tmp_path, ".xml")
    assert [each["node"] for each in listed] == ["/o/a[1]"]
    records = done(plan({**rules, "item/k": "[@k]"}, source, TARGET), given.encode(), tmp_path, ".xml")[2]
    assert records is not None
    assert records.count(b"<a") == records.count(b'<a k="0"') == 2
    assert records.count(b"<b") == 8
    two = xml({"r": {"x*": {"@k": "text", "v": "decimal"}, "y*": {"@k": "text", "v": "decimal"}}})
    both = plan(
        {"r/x": {"loop": "o/a"}, "r/x/@k": "[@k]", "r/x/v": "1 / [v]", "r/y": {"loop": "o/b"}, "r/y/@k": "[@k]", "r/y/v": "1 / [v]"},
        source, two,
    )  # fmt: skip
    _out, listed, records, stats = done(both, given.encode(), tmp_path, ".xml")
    assert [each["node"] for each in listed] == [
        "/o/a[1]",
        "/o/a[5]",
        "/o/b[1]",
        "/o/b[3]",
        "/o/b[5]",
        "/o/b[7]",
    ]
    assert records is not None
    assert records.count(b"<a") == 2
    assert records.count(b"<b") == 4
    assert (stats.records_in, stats.records_out, stats.failed) == (16, 10, 6)


def test_what_is_only_nulled_is_listed_but_does_not_run_again(tmp_path: Path) -> None:
    """S49, S50: and nothing of an earlier run stays beside an output without failures."""
    source = rows({"k": "text", "v": "integer"})
    rules = {"item": {"loop": "row"}, "item/k": "[k]", "item/v": "12 / [v]"}
    made = plan(rules, source, TARGET)
    given = b"k,v\na,0\nb,1\nc,2,3\n"
    text, listed, records, stats = done(made, given, tmp_path, ".csv", policy="null-field")
    assert text == '{"k":"a"}\n{"k":"b","v":12}\n'
    assert [(each["outcome"], each["content"]) for each in listed] == [
        ("null-field", "a,0"),
        ("set-aside", "c,2,3"),
    ]
    assert records == b"k,v\nc,2,3\n"
    assert (stats.nulled, stats.failed) == (1, 1)
    assert done(made, b"k,v\na,0\n", tmp_path, ".csv", policy="null-field")[2] is None
    done(made, b"k,v\na,1\n", tmp_path, ".csv")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.csv", "out.jsonl"]


def test_a_named_list_and_a_stream(tmp_path: Path) -> None:
    """S50: JSON lines by its ending, a source and an output that are streams, a list without failures."""
    source = rows({"k": "text", "v": "integer"})
    made = plan({"item": {"loop": "row"}, "item/k": "[k]", "item/v": "12 / [v]"}, source, TARGET)
    bad = tmp_path / "bad.jsonl"
    transform(made, io.BytesIO(b"k,v\na,0\nb,1\n"), io.BytesIO(), failures=bad)
    found = json.loads(bad.read_text())
    assert found == {
        "record": 1, "path": "item/v", "reason": "Division by 0.", "outcome": "set-aside", "node": "/row[1]", "line": 2,
        "script_line": 1, "script_column": 1, "content": "a,0",
    }  # fmt: skip
    assert (tmp_path / "bad.records.csv").read_bytes() == b"k,v\na,0\n"
    transform(made, io.BytesIO(b"k,v\nb,1\n"), io.BytesIO(), failures=bad)
    assert bad.read_bytes() == b""
    assert not (tmp_path / "bad.records.csv").exists()


@pytest.mark.parametrize("format", ["fixed", "avro"])
def test_formats_written_anew_or_by_lines(tmp_path: Path, format: str) -> None:
    """S50: the list shows the records of every format, as JSON where they have no text of their own; they run again."""
    if format == "fixed":
        text = (
            "weft: schema/1\nkind: fixed\nrecords:\n  row:\n    fields:\n      k: {type: text, width: 3}\n"
            "      v: {type: integer, width: 3, align: right}\n      z: {type: text, width: 2}\n"
        )
        (tmp_path / "own.yaml").write_text(text)
        source: Any = read_own(tmp_path / "own.yaml")
        given = b"aa   2zz\nbb   0yy\ncc   3xx\ndd   0ww\n"
    else:
        fields = [
            {"name": "k", "type": "string"},
            {"name": "v", "type": "int"},
            {"name": "z", "type": "string"},
        ]
        schema = {"type": "record", "name": "row", "fields": fields}
        (tmp_path / "own.avsc").write_text(json.dumps(schema))
        source = read_schema(tmp_path / "own.avsc")
        out = io.BytesIO()
        rows_ = [("aa", 2, "zz"), ("bb", 0, "yy"), ("cc", 3, "xx"), ("dd", 0, "ww")]
        fastavro.writer(out, schema, [dict(zip("kvz", row, strict=True)) for row in rows_])
        given = out.getvalue()
    made = plan({"item": {"loop": "row"}, "item/k": "[k]", "item/v": "12 / [v]"}, source, TARGET)
    assert made.errors == ()
    suffix = ".txt" if format == "fixed" else ".avro"
    text_out, listed, records, stats = done(made, given, tmp_path, suffix)
    assert text_out == '{"k":"aa","v":6}\n{"k":"cc","v":4}\n'
    assert [(each["record"], each["node"]) for each in listed] == [("2", "/row[2]"), ("4", "/row[4]")]
    assert stats.failed == 2
    assert records is not None
    if format == "fixed":
        assert [(each["content"], each["line"]) for each in listed] == [("bb   0yy", "2"), ("dd   0ww", "4")]
        assert records == b"bb   0yy\ndd   0ww\n"
    else:
        assert [json.loads(each["content"])["z"] for each in listed] == ["yy", "ww"]
        assert [each["k"] for each in fastavro.reader(io.BytesIO(records))] == ["bb", "dd"]  # type: ignore[index,call-overload]
