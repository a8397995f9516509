"""Rules S4 and S43 to S46 of docs/semantics.md: what is read, what is refused, and what is written, format by format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from studio.base.errors import BadInput, TooLarge
from studio.engine.formats.json_read import JsonUnits
from studio.engine.run import transform
from tests.engine.build import both, json_items, json_object, plan, rows, run, xml

XML = xml({"r": {"i*": {"@k?": "text", "v?": "text"}}})
OUT = xml({"out": {"row*": {"a?": "text", "b?": "text"}}})
MAP: dict[str, Any] = {"out/row": {"loop": "r/i"}, "out/row/a": "[v]", "out/row/b": "[@k]"}


def texts(text: str, name: str = "a") -> list[str | None]:
    """The texts of the elements called so."""
    return [element.text for element in etree.fromstring(text.encode()).iter(name)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "utf-8-sig"])
def test_xml_encodings(encoding: str) -> None:
    """S43"""
    name = encoding.removesuffix("-sig")
    data = f'<?xml version="1.0" encoding="{name}"?><r><i k="ß"><v>é&#8364;</v></i><i><v>  </v></i></r>'
    text = both(plan(MAP, XML, OUT), data.encode(encoding))[0]
    assert (texts(text), texts(text, "b")) == (["é€", "  "], ["ß"])


def test_namespaces_and_lookalikes() -> None:
    """S2"""
    source = xml({"r": {"i*": {"v?": "text"}, "x?": {"i*": {"v?": "text"}}}}, "urn:s")
    data = """<p:r xmlns:p="urn:s" xmlns="urn:other"><i><v>no</v></i><p:i><v>no</v><p:v>1</p:v><p:i><p:v>no</p:v></p:i></p:i>
    <p:x><p:i><p:v>no</p:v></p:i></p:x><p:i><p:v>2</p:v></p:i></p:r>"""
    made = plan({"out/row": {"loop": "r/i"}, "out/row/a": "[v]"}, source, OUT)
    assert texts(both(made, data)[0]) == ["1", "2"]


def test_the_wrong_root() -> None:
    """S43"""
    with pytest.raises(BadInput, match="root is s, but the transformation reads r"):
        run(plan(MAP, XML, OUT), "<s/>")


@pytest.mark.parametrize("engine", ["interpret", "rows"])
def test_a_document_type_elsewhere_is_never_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """S43"""
    # Were it opened, its mistake would end the run.
    (tmp_path / "r.dtd").write_text("<broken")
    monkeypatch.chdir(tmp_path)
    data = '<!DOCTYPE r SYSTEM "r.dtd"><r><i><v>a</v></i></r>'
    sorting = MAP | {"out/row": {"loop": "r/i", "sort": [{"by": "[v]"}]}}
    assert texts(run(plan(MAP, XML, OUT), data, engine)[0]) == ["a"]
    assert texts(run(plan(sorting, XML, OUT), data)[0]) == ["a"]


LAUGHS = (
    "<!DOCTYPE r ["
    + "".join(
        f'<!ENTITY {name} "{"&" + chr(ord(name) - 1) + ";" if name > "a" else "ha"}">'
        for name in "abcdefghij"
    )
    + "]><r><i><v>&j;</v></i></r>"
)


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        ("", None, "empty or ends too early"),
        ("   ", 1, "broken"),
        ("{}", 1, "broken"),
        ("<r>\n<i>\n</r>", 3, "<i> of line 2 is closed by </r>"),
        ("<r>\n<i/>\n", 3, "ends before <r> of line 1 is closed"),
        ("<r>\n<i><v>&nope;</v></i></r>", 2, "not defined"),
        ("<r>\n<i/></r>\n<r/>", 3, "something follows the end"),
        (b"<r>\n<i><v>\xff</v></i></r>", 2, "broken"),
        (b'<?xml version="1.0" encoding="klingon"?><r/>', 1, "encoding"),
        (LAUGHS, 1, "defines entities"),
        (
            '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><i><v>&x;</v></i></r>',
            1,
            "defines entities",
        ),
        ('<!DOCTYPE r SYSTEM "r.dtd">\n<r>\n<i><v>a&x;b</v></i></r>', 3, "outside the document"),
        ("<r>" + "<i>" * 300, 1, "broken"),
        ("<!--" + "x" * 1_200_000 + "--><r/>", None, "first megabyte"),
    ],
)
@pytest.mark.parametrize("engine", ["interpret", "rows"])
def test_broken_xml(tmp_path: Path, data: str | bytes, line: int | None, reason: str, engine: str) -> None:
    """S43 S41"""
    (tmp_path / "in.xml").write_bytes(data.encode() if isinstance(data, str) else data)
    with pytest.raises(BadInput) as caught:
        transform(plan(MAP, XML, OUT), tmp_path / "in.xml", tmp_path / "out.xml", engine=engine)
    assert reason in caught.value.message
    assert caught.value.file == str(tmp_path / "in.xml")
    assert line is None or caught.value.line == line
    assert caught.value.next_step
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["in.xml"]


def test_a_break_after_many_records(tmp_path: Path) -> None:
    """S41 S43"""
    (tmp_path / "in.xml").write_text("<r>\n" + "<i><v>x</v></i>\n" * 50_000 + "<i><v></i>")
    (tmp_path / "out.xml").write_text("old")
    with pytest.raises(BadInput) as caught:
        transform(plan(MAP, XML, OUT), tmp_path / "in.xml", tmp_path / "out.xml")
    assert caught.value.line == 50_002
    assert (tmp_path / "out.xml").read_text() == "old"


JSON_MAP: dict[str, Any] = {"out/row": {"loop": "/list/item"}, "out/row/a": "[v]", "out/row/b": "[../../who]"}


def test_json_documents() -> None:
    """S44"""
    source = json_object({"who?": "text", "list[]": {"v?": "decimal", "t*": "text"}})
    made = plan(JSON_MAP, source, OUT)
    data = (
        '\ufeff{"x": [1, {"list": 2}], "list": [{"v": 1.50}, {"v": "7"}, {"v": 1E2}, null, {}], "who": "W"}'
    )
    text, _failures, counts = both(made, data)
    assert (texts(text), texts(text, "b"), counts) == (["1.50", "7", "1E2"], ["W"] * 5, (5, 5, 0, 0))
    assert texts(both(made, '{"list": {"v": 3}}')[0]) == ["3"]
    assert texts(both(made, '{"list": null}')[0]) == []
    made = plan({"out/row": {"loop": "/list/item"}, "out/row/a": "SumString([t], '+', true)"}, source, OUT)
    assert texts(both(made, '{"list": [{"t": ["a", 1, true, null]}, {"t": "b"}, {"t": null}]}')[0]) == [
        "a+1+true+",
        "b",
        None,
    ]


def test_json_arrays_lines_and_nested_records() -> None:
    """S44"""
    inner = {"id": "text", "lines[]": {"n": "integer"}}
    made = plan(
        {"out/row": {"loop": "item"}, "out/row/a": "[id] + Sum([lines/item/n])"}, json_items(inner), OUT
    )
    assert texts(both(made, '[{"id":"a","lines":[{"n":1},{"n":2}]},{"id":"b"}]')[0]) == ["a3", "b0"]
    made = plan({"out/row": {"loop": "item/lines/item"}, "out/row/a": "[n]"}, json_items(inner, "lines"), OUT)
    assert texts(both(made, '{"lines":[{"n":1},{"n":2}]}\n{"lines":{"n":3}}\n')[0]) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        ('{"list": [{"v": 1},\n{"v": 2]}', 2, "a comma, a colon"),
        ('{"list": [{"v": 1}', 1, "ends too early"),
        ('{"list": [{"v": "a', 1, "ends too early"),
        ('{"list": []} x', 1, "text follows"),
        ('{"list": [{"v": NaN}]}', 1, "NaN is not JSON"),
        (b'{"list": [\n{"v": "\xff"}]}', 2, "not UTF-8"),
        ("[" * 100_000, 1, "nested too deeply"),
        ('{"list": [' + '{"v":' * 5000, 1, "deeply"),
    ],
)
def test_broken_json(data: str | bytes, line: int, reason: str) -> None:
    """S43"""
    made = plan(JSON_MAP, json_object({"who?": "text", "list[]": {"v?": "decimal"}}), OUT)
    for engine in ("interpret", "rows"):
        with pytest.raises(BadInput) as caught:
            run(made, data, engine)
        assert reason in caught.value.message
        assert caught.value.line == line


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
        max_leaves=12,
    ),
    st.integers(1, 7),
)
@example(value=1e16, size=1)
def test_json_is_read_in_pieces(value: Any, size: int) -> None:
    """S44: however the bytes arrive, the entries are those of the document."""

    class Slow:
        def __init__(self, data: bytes) -> None:
            self.data = data

        def read(self, _wanted: int) -> bytes:
            piece, self.data = self.data[:size], self.data[size:]
            return piece

    document = json.dumps({"skip": value, "list": [value, value]}, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    try:
        document.decode()
    except UnicodeDecodeError:
        return
    units = JsonUnits(Slow(document), "x", ("list", "item"), (False, True))  # type: ignore[arg-type]
    as_text = json.loads(json.dumps(value), parse_int=str, parse_float=str)
    assert list(units) == [as_text, as_text]


CSV = rows({"k": "text", "n": "decimal"}, delimiter=";", encoding="windows-1252")
CSV_MAP: dict[str, Any] = {"out/row": {"loop": "row"}, "out/row/a": "[k]", "out/row/b": "[n]"}


def test_delimited_text() -> None:
    """S45"""
    made = plan(CSV_MAP, CSV, OUT)
    assert texts(both(made, 'k;n\r\n"a;""b""\r\nc";1\r\n\r\né;2\r\n'.encode("windows-1252"))[0]) == [
        'a;"b"\r\nc',
        "é",
    ]
    assert texts(both(made, b"n;extra;k\n1;x;a\n")[0]) == ["a"]
    assert texts(both(made, "\ufeffk;n\nß;1\n".encode())[0]) == ["ß"]
    assert texts(both(made, "k;n\nß;1\n".encode("utf-16"))[0]) == ["ß"]
    no_header = plan(CSV_MAP, rows({"k": "text", "n": "decimal"}, header="false", quote=""), OUT)
    assert texts(both(no_header, "\"a,1\n'b,2\n")[0]) == ['"a', "'b"]


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        ("x;n\na;1\n", 1, "column k is missing"),
        (b"k;n\n\x81;1\n", 2, "not windows-1252"),
        ('k;n\na;1\n"b;2\nc;3\n', 3, "never closed"),
        ('k;n\n"' + "x" * 17_000_000 + '";1\n', 2, "larger than 16 MB"),
    ],
)
def test_broken_delimited_text(data: str | bytes, line: int, reason: str) -> None:
    """S43"""
    for engine in ("interpret", "rows"):
        with pytest.raises((BadInput, TooLarge)) as caught:
            run(plan(CSV_MAP, CSV, OUT), data, engine)
        assert reason in caught.value.message
        assert caught.value.line == line


def test_delimited_output() -> None:
    """S46"""
    target = rows({"p": "text", "q": "text", "unmapped": "text"}, newline="\r\n", delimiter="\t")
    made = plan({"row": {"loop": "row"}, "row/q": "[k]", "row/p": "[n]"}, CSV, target)
    assert both(made, 'k;n\n"a\tb";1\n"""";\n')[0] == 'p\tq\tunmapped\r\n1\t"a\tb"\t\r\n\t""""\t\r\n'
    made = plan({"row": {"loop": "row"}, "row/q": "[k]"}, CSV, rows({"q": "text"}, header="no"))
    assert both(made, "k;n\n;1\nx;2\n")[0] == '""\nx\n'
    made = plan({"row": {"loop": "row"}, "row/q": "[k]"}, CSV, rows({"q": "text", "r": "text"}, quote="none"))
    text, failures, _counts = both(made, 'k;n\n"a,b";1\nx"y;2\n')
    assert text == 'q,r\nx"y,\n'
    assert failures[0][:2] == (1, "row/q")


def test_json_output() -> None:
    """S46"""
    target = json_items(
        {
            "n": "decimal",
            "b?": "boolean",
            "t": "text",
            "d?": "date",
            "list*": "integer",
            "o?": {"x?": "text"},
        },
        "lines",
    )
    rules = {
        "item": {"loop": "row"}, "item/n": "[n]", "item/b": "[n] > 1", "item/t": "[k]", "item/d": "Date('2026-03-01')",
        "item/list": "{1, 2.0}", "item/o/x": "[k]",
    }  # fmt: skip
    text = both(plan(rules, CSV, target), 'k;n\n"a""\t";+01.50\n;1E400\n')[0]
    assert text == (
        '{"n":1.5,"b":true,"t":"a\\"\\t","d":"2026-03-01","list":[1,2],"o":{"x":"a\\"\\t"}}\n'
        '{"n":1' + "0" * 400 + ',"b":true,"t":null,"d":"2026-03-01","list":[1,2]}\n'
    )
    made = plan(
        {"/a": "'x'", "/list/item": {"loop": "row"}, "/list/item/k": "[k]"},
        CSV,
        json_object({"a": "text", "list[]": {"k": "text"}, "z?": "text"}),
    )
    for data, count in (("k;n\na;1\nb;1\n", 2), ("k;n\n", 0)):
        found = json.loads(both(made, data)[0])
        assert (found["a"], len(found["list"])) == ("x", count)


def test_xml_output_is_valid() -> None:
    """S26 S46"""
    schema = etree.XMLSchema(
        etree.XML("""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:o" elementFormDefault="qualified">
    <xs:element name="out"><xs:complexType><xs:sequence><xs:element name="row" minOccurs="0" maxOccurs="unbounded">
    <xs:complexType><xs:sequence><xs:element name="a" type="xs:date" minOccurs="0"/><xs:element name="b" type="xs:decimal"/>
    </xs:sequence><xs:attribute name="c" type="xs:boolean" use="required"/></xs:complexType></xs:element></xs:sequence>
    </xs:complexType></xs:element></xs:schema>""")
    )
    target = xml({"out": {"row*": {"@c": "boolean", "a?": "date", "b": "decimal"}}}, "urn:o")
    rules = {
        "out/row": {"loop": "row"},
        "out/row/b": "[n] * 100.0",
        "out/row/a": "If(IsNull([k]), Null(), Date([k]))",
        "out/row/@c": "[n] > 1",
    }
    text, failures, counts = both(plan(rules, CSV, target), "k;n\n2026-03-01;1.5\n;-7\nx;1\n")
    schema.assertValid(etree.fromstring(text.encode()))
    assert (counts, failures[0][1]) == ((3, 2, 1, 0), "out/row/a")


def test_devices_and_folders_are_no_files_to_replace(tmp_path: Path) -> None:
    """S41"""
    (tmp_path / "in.xml").write_text("<r><i/></r>")
    full = Path("/dev/full")
    if full.exists():
        with pytest.raises(BadInput, match="disk is full"):
            transform(plan(MAP, XML, OUT), tmp_path / "in.xml", full)
        assert not full.is_file()
    with pytest.raises(BadInput, match="folder"):
        transform(plan(MAP, XML, OUT), tmp_path / "in.xml", tmp_path)
    with pytest.raises(BadInput, match="no such file"):
        transform(plan(MAP, XML, OUT), tmp_path / "nope.xml", tmp_path / "out.xml")
    with pytest.raises(BadInput, match="could not be read"):
        transform(plan(MAP, XML, OUT), tmp_path, tmp_path / "out.xml")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["in.xml"]


@pytest.mark.parametrize("data", ["", "\n\n", "\ufeff"])
def test_an_empty_delimited_file(data: str) -> None:
    """S45"""
    for rules in (CSV_MAP, CSV_MAP | {"out/row": {"loop": "row", "sort": [{"by": "[k]"}]}}):
        made = plan(rules, CSV, OUT)
        for engine in ("interpret", "auto"):
            with pytest.raises(BadInput, match="The file is empty: not even the names"):
                run(made, data, engine)
        assert run(made, "k;n\n")[2] == (0, 0, 0, 0)
    no_header = plan(CSV_MAP, rows({"k": "text", "n": "decimal"}, header="no"), OUT)
    assert run(no_header, data)[2] == (0, 0, 0, 0)


def test_references_in_attributes_are_read_whichever_way_the_document_is() -> None:
    """S30"""
    source = xml({"r": {"@a": "text", "h?": {"@b": "text"}, "o*": {"@c": "text"}, "t?": {"@d": "text"}}})
    target = xml({"r": {"o*": {"@a": "text", "@b?": "text", "@c": "text", "@d?": "text"}}})
    rules = {"r/o": {"loop": "r/o"}, "r/o/@a": "[/r/@a]", "r/o/@b": "[/r/h/@b]", "r/o/@c": "[@c]"}
    data = '<r a="1&amp;&lt;2"><h b="&#38;amp;"/><o c="&quot;&amp;"/><t d="x&#10;&amp;y"/></r>'
    for more in ({}, {"r/o/@d": "[/r/t/@d]"}):
        text, failures, _counts = both(plan(rules | more, source, target), data)
        found = etree.fromstring(text.encode())[0].attrib
        assert failures == []
        assert [found[name] for name in "abc"] == ["1&<2", "&amp;", '"&']
        assert found.get("d") == ("x\n&y" if more else None)
