"""Kinds are recognised by content; what cannot be read is refused by name; trees and their paths hold together."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, WeftError
from studio.schema.model import Kind, Node, Occurs, Place, Schema, Type, ValueType
from studio.schema.read import read_schema, recognise
from tests.schema.trees import Reads, lines, xsd_text


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("x.txt", xsd_text(""), "xsd"),
        (
            "x.xml",
            '<?xml version="1.0"?><!-- <a> --><d:definitions xmlns:d="http://schemas.xmlsoap.org/wsdl/"/>',
            "wsdl",
        ),
        ("x.wsdl", "<order/>", "xml"),
        ("x", "\ufeff  <order a='>'/>", "xml"),
        ("x.xsd", "<broken", "xsd"),
        ("x.csv", '{"a": 1}', "json"),
        ("x.txt", "[1]", "json"),
        ("x.data", "a;b\n1;2\n", "delimited"),
        ("x.json", "hello", "json"),
        ("x.txt", "weft: schema/1\nkind: delimited\n", "weft"),
        ("x.yaml", "openapi: 3.0.0\n", "openapi"),
        ("x.yaml", "name: 1\n", "weft"),
        ("x.json", '{"$schema": "http://json-schema.org/draft-07/schema#"}', "json-schema"),
        ("x.txt", "ISA*00*" + " " * 100 + "~", "edi"),
        ("x.txt", "UNA:+.? 'UNB+UNOA:1'", "edi"),
        ("x.xml", '<transaction xid="835"><name/><loop xid="ST_LOOP"/></transaction>', "edi"),
        ("x.xml", '<message><defaults/><segment id="UNH"/></message>', "edi"),
        ("x.xml", "<message><segment>text</segment></message>", "xml"),
        ("x.json", '{"delimiters": {"segment": "~"}, "segments": []}', "edi"),
        ("x.txt", "       01 RECORD.\n           05 A PIC X(3).\n", "copybook"),
        ("x.txt", "0001 Ada   12\n0002 Bob    3\n0003 Cyril 55\n", "fixed"),
    ],
)
def test_content_tells_the_kind(tmp_path: Path, name: str, text: str, kind: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    assert recognise(tmp_path / name) == kind


def test_files_that_cannot_be_read_are_refused_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "empty.xsd").write_bytes(b"\xef\xbb\xbf \n")
    (tmp_path / "none").mkdir()
    for path, message in (
        (tmp_path / "none.xsd", "does not exist"),
        (tmp_path / "none", "no schema in it"),
        (Path("/dev/null"), "not a file"),
        (tmp_path / "empty.xsd", "is empty"),
        (tmp_path / "a\0b", "does not exist"),
    ):
        with pytest.raises(BadInput, match=message) as caught:
            read_schema(path)
        assert caught.value.next_step
        assert caught.value.file is not None
    with pytest.raises(BadInput, match="no kind of schema called poem"):
        read_schema(tmp_path / "empty.xsd", kind="poem")


def test_a_root_can_be_asked_for(reads: Reads) -> None:
    text = xsd_text('<xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:int"/>')
    schema = reads(("m.xsd", text), root="b")
    assert [node.name for node in schema.roots] == ["b", "a"]
    with pytest.raises(BadInput, match="no root called c") as caught:
        reads(("m.xsd", text), root="c")
    assert "a, b" in caught.value.next_step


def test_a_wrong_declared_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "m.xsd"
    file.write_bytes(
        b'<?xml version="1.0" encoding="UTF-8"?>\n' + xsd_text("<!-- \xe9 -->").encode("latin-1")
    )
    with pytest.raises(BadInput, match="not in the encoding UTF-8") as caught:
        read_schema(file)
    assert caught.value.line == 2
    assert read_schema(file, encoding="iso-8859-1").kind == "xsd"
    file.write_bytes(
        b'\n\n<?xml version="1.0" encoding="iso-8859-1"?>\n'
        + xsd_text('<xs:element name="é"/>').encode("latin-1")
    )
    schema = read_schema(file)
    assert (schema.roots[0].name, schema.roots[0].line) == ("é", 4)


@given(st.binary(max_size=200), st.sampled_from([".xsd", ".wsdl", ".csv", ".json", ".xml", ".yaml", ""]))
def test_no_bytes_give_anything_but_a_schema_or_an_error_in_words(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    file = tmp_path_factory.getbasetemp() / f"any{suffix}"
    file.write_bytes(data)
    refused: WeftError | None = None
    schema: Schema | None = None
    try:
        schema = read_schema(file)
    except WeftError as error:
        refused = error
    assert (schema is not None and schema.roots) or (refused is not None and refused.file is not None)


def test_places_know_their_path_and_what_repeats() -> None:
    leaf = Type("string", value=ValueType())
    inner = Node("b c", Kind.ELEMENT, leaf)
    alternatives = Node(
        "", Kind.CHOICE, Type(children=lambda: (inner, Node("d", Kind.ATTRIBUTE, leaf))), Occurs(0, None)
    )
    root = Node("a", Kind.ELEMENT, Type("A", children=lambda: (alternatives,)))
    schema = Schema("xml", (root,))
    place = schema.find("a/`b c`")
    assert place is not None
    assert (place.path, place.repeats, place.required) == ("a/`b c`", True, False)
    assert [one.path for one in Place.root(root).flat_children()] == ["a/`b c`", "a/@d"]
    assert schema.find("a[2]/@d") == schema.find("a/@d")
    assert schema.find("a/d") is None
    assert schema.find("x") is None
    assert lines(schema) == ["a 1 A", "a 0..n (one of)", "a/`b c` 1 string", "a/@d 1 string"]
