"""Mistakes in XML, said in plain words with place and next step, in schemas and in documents alike."""

from __future__ import annotations

from io import BytesIO

import pytest

from studio.base.errors import BadInput
from studio.engine.formats.xml_read import read_tree
from studio.schema.xml_source import parse_bytes
from studio.schema.xml_words import in_plain_words

CASES = [
    ("<r>\n<a><b></a></r>", "<b> of line 2 is closed by </a>", (2, 11), "Close <b> first"),
    ("<r>\n<a>", "the document ends before <a> of line 2 is closed", (2, 4), "cut off"),
    ("<r>\n<a></a", "a closing tag is cut off or not of the form </name>", (2, None), "ask its sender"),
    ("<r>\n<a></4></r>", "a closing tag is cut off or not of the form </name>", (2, None), "Write it as"),
    ("<r>\n<a", "the tag <a has no closing >", (2, 3), "Add the >"),
    ("<r>\n\x01</r>", "the character U+0001 is not allowed in XML", (2, 1), "Remove the character"),
    ("<r>&#31;</r>", "the character U+001F is not allowed in XML", (1, 9), "Remove the character"),
    ("<r>\n<x:a/></r>", "the prefix x has no namespace", (2, 5), 'xmlns:x="…"'),
    ("<r>&nope;</r>", "the entity &nope; is not defined", (1, None), "Write the character itself"),
    ("<r>a & b</r>", "an & stands alone", (1, 7), "&amp;"),
    ("<r>a &b c</r>", "an & stands alone", (1, 8), "&amp;"),
    ("<r>\n\xe9</r>".encode("latin-1"), "these bytes are no text in the encoding", (2, 1), "save the file in that encoding"),
    ("<r/>\n<s/>", "something follows the end of the document", (2, 1), "one outermost element"),
    ("<r a/>", "the attribute a has no value", (1, 5), 'a="…"'),
    ("<r a=1/>", "the value of an attribute has no quotes", (1, 6), "between quotes"),
    ('<r a="1" a="2"/>', "the attribute a stands there twice", (1, 15), "Remove one"),
    ('<r xmlns:p="u" xmlns:q="u" p:a="1" q:a="2"/>', "the attribute a stands there twice", (1, 43), "Remove one"),
    ("a,b\n1,2\n", "this is no XML, it does not begin with <", (1, 1), "Give an XML document"),
    ('<r a="<"/>', "a < stands inside the value of an attribute", (1, 7), "&lt;"),
    ("<r>1 < 2</r>", "no name of an element follows the <", (1, 7), "&lt;"),
    ('<r a="1"b="2"/>', "there is no blank between two attributes", (1, 9), "Put a blank"),
    ("<r><!-- x </r>", "a comment is not finished", (1, 15), "-->"),
    ("<r><![CDATA[x</r>", "a CDATA section is not finished", (1, 18), "]]>"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "reason", "place", "step"), CASES)
def test_a_document_in_plain_words(
    data: str | bytes, reason: str, place: tuple[int, int | None], step: str
) -> None:
    given = data.encode() if isinstance(data, str) else data
    with pytest.raises(BadInput) as caught:
        read_tree(BytesIO(given), "in.xml")
    error = caught.value
    assert reason in error.message
    assert (error.file, error.line) == ("in.xml", place[0])
    assert place[1] is None or error.column == place[1]
    assert step in error.next_step
    with pytest.raises(BadInput) as caught:
        parse_bytes(given)
    assert reason in caught.value.message
    assert caught.value.line == place[0]
    assert step in caught.value.next_step


def test_an_encoding_nobody_knows() -> None:
    with pytest.raises(BadInput, match="the encoding klingon is not known") as caught:
        read_tree(BytesIO(b'<?xml version="1.0" encoding="klingon"?><r/>'), "in.xml")
    assert "such as UTF-8" in caught.value.next_step


def test_a_document_too_deep() -> None:
    with pytest.raises(BadInput, match="nested deeper than 256 elements"):
        read_tree(BytesIO(b"<a>" * 400), "in.xml")


def test_what_has_no_words_keeps_those_of_the_parser() -> None:
    assert in_plain_words(80, "Double hyphen within comment") is None
    assert in_plain_words(76, "said in another way") is None
    assert in_plain_words(9, "said in another way") is None
    with pytest.raises(BadInput, match="hyphen"):
        read_tree(BytesIO(b"<r><!-- a -- b --></r>"), "in.xml")
