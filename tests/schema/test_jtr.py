"""Structure files of transformations: element types shared and met by reference, text documents, broken ones."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, TooLarge, WeftError
from studio.schema.cache import load_cache, write_cache
from studio.schema.jtr import unzipped
from studio.schema.model import Kind, Schema
from studio.schema.read import read_schema, recognise
from tests.schema.trees import Reads, lines

_TREE = """<?xml version="1.0" encoding="UTF-8"?>
<JTR Type="Xml" Version="2">
  <ElementTypes>
    <ElementType Name="5">
      <CROM Name="5" Type="0x8000000">
        <CROM Name="6" Type="0x1"><Xml Type="8"/></CROM>
        <CROM Name="7" Type="0x28"><Xml Type="5"/></CROM>
      </CROM>
    </ElementType>
  </ElementTypes>
  <CROM Type="0x8001">
    <CROM Name="1" Type="0x1"><Xml NSQual="1" NS="4"/>
      <CROM Name="2" Type="0x24"><Attr ValType="8" Domain="open|closed" DefVal="open"/></CROM>
      <CROM Name="3" Type="0x40"><Xml Type="5"/></CROM>
      <CROM Name="9" Type="0x11"><Xml/><CROM Type="0x2"><Attr ValType="10"/></CROM></CROM>
      <CROM Name="11" Type="0x11"><Xml/><CROM Type="0x2"><Attr ValType="12" Format="yyyy-mm-dd"/></CROM></CROM>
      <CROM Name="13" Type="0x21"><Xml Type="99"/></CROM>
    </CROM>
  </CROM>
  <Strings>
    <String idx="1" val="order"/><String idx="2" val="state"/><String idx="3" val="part"/><String idx="4" val="urn:o"/>
    <String idx="5" val="Part"/><String idx="6" val="name"/><String idx="7" val="part"/><String idx="8" val="String"/>
    <String idx="9" val="amount"/><String idx="10" val="Double"/><String idx="11" val="due"/><String idx="12" val="Date"/>
    <String idx="13" val="lost"/><String idx="99" val="Gone"/>
  </Strings>
</JTR>
"""
_TEXT = """<JTR Type="Text"><CROM Type="0x8001"><Text/><CROM Type="0x9"><Text StrQual="&quot;" Delimiter=";"/>
<CROM Type="0x1000024" Name="id"><Attr ValType="Integer"/></CROM>
<CROM Type="0x1000024" Name="name"><Attr ValType="1"/></CROM>
<CROM Type="0x9" Name="line"><CROM Type="0x1000024" Name="qty"><Attr ValType="Double"/></CROM></CROM></CROM></CROM></JTR>
"""
_DOCUMENT = """<Entity type="Document"><Header ID="x" Name="Customers"/>
<Properties><Item key="fixedField" value="1"/></Properties><Delimiter value=","/><Structure><Properties/>
<Segment segmentId="1" name="header" parent="_Root" occurenceType="Only Once"><Fields>
<Field fieldId="1" name="date" type="Date" format="yyyymmdd" fixWidth="8"/></Fields></Segment>
<Segment segmentId="2" name="customer" parent="_Root"><Fields>
<Field fieldId="1" name="id" type="Integer" required="1" fixWidth="5"/><Field fieldId="2" name="name" default="?" fixWidth="20"/>
</Fields></Segment>
<Segment segmentId="3" name="order" parent="customer"><Fields><Field fieldId="1" name="no" type="String" fixWidth="9"/></Fields></Segment>
</Structure></Entity>
"""


def test_a_structure_opens_as_a_tree(reads: Reads, tmp_path: Path) -> None:
    schema = reads(("a.xml", _TREE))
    assert (schema.kind, schema.facts) == ("jtr", {"form": "xml"})
    assert lines(schema) == [
        "order 1 order",
        "order/@state 0..1 string",
        "order/part 1..n Part",
        "order/part/name 1 String",
        "order/part/part 0..n Part recursive",
        "order 1 (one of)",
        "order/amount 0..1 string",
        "order/due 0..1 string",
        "order/lost 0..1 Gone",
    ]
    order, state, amount, due = (schema.find(f"order{one}") for one in ("", "/@state", "/amount", "/due"))
    assert order is not None
    assert order.node.namespace == "urn:o"
    assert state is not None
    assert state.node.value is not None
    assert (state.node.value.enumeration, state.node.default) == (("open", "closed"), "open")
    assert amount is not None
    assert amount.node.value is not None
    assert amount.node.value.base == "decimal"
    assert due is not None
    assert due.node.value is not None
    assert (due.node.value.base, due.node.value.format) == ("datetime", "yyyy-mm-dd")
    lost = schema.find("order/lost")
    assert lost is not None
    assert lost.node.unresolved
    assert [(one.line, one.message) for one in schema.problems] == [
        (17, "Its type Gone is not in this file.")
    ]
    write_cache(schema, tmp_path / "x.schema")
    assert lines(load_cache(tmp_path / "x.schema")) == lines(schema)


def test_a_zipped_structure_is_recognised_by_its_content(tmp_path: Path, reads: Reads) -> None:
    file = tmp_path / "1_input.dat"
    file.write_bytes(gzip.compress(_TREE.encode()))
    assert recognise(file) == "jtr"
    assert lines(read_schema(file)) == lines(reads(("a.xml", _TREE)))
    file.write_bytes(gzip.compress(_TREE.encode())[:-20])
    with pytest.raises(BadInput, match=r"ends too early|damaged"):
        read_schema(file, kind="jtr")
    with pytest.raises(TooLarge, match="unpacks to more"):
        unzipped(gzip.compress(bytes(3 << 20)), file, 1 << 20)


def test_text_structures_and_documents(reads: Reads) -> None:
    schema = reads(("a.xml", _TEXT))
    assert schema.facts == {"form": "text", "delimiter": ";", "quote": '"'}
    assert lines(schema) == [
        "row 0..n row",
        "row/id 0..1 Integer",
        "row/name 0..1 string",
        "row/line 0..n line",
        "row/line/qty 0..1 Double",
    ]
    schema = reads(("a.xml", _DOCUMENT))
    assert schema.facts["layout"] == "fixed"
    assert [(root.name, root.kind, str(root.occurs)) for root in schema.roots] == [
        ("header", Kind.SEGMENT, "1"),
        ("customer", Kind.SEGMENT, "0..n"),
    ]
    assert lines(schema, "customer") == [
        "customer 0..n customer",
        "customer/id 1 Integer",
        "customer/name 0..1 string",
        "customer/order 0..n order",
        "customer/order/no 0..1 String",
    ]
    width = schema.find("customer/name")
    assert width is not None
    assert (width.node.facts["width"], width.node.default) == ("20", "?")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<JTR Type='Xml'/>", "no structure"),
        ("<JTR", "not well-formed"),
        ("<Entity type='Script'/>", "no structure"),
        ("<other/>", "no structure"),
        ("<Entity type='Document'/>", "no structure"),
    ],
)
def test_what_is_no_structure_is_refused(reads: Reads, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        reads(("a.xml", text), kind="jtr")
    assert caught.value.line is not None


def test_segments_that_hold_each_other_end(reads: Reads) -> None:
    text = '<Entity type="Document"><Segment name="a" parent="b"/><Segment name="b" parent="a"/></Entity>'
    assert lines(reads(("a.xml", text)), depth=9) == ["a 0..n a", "a/b 0..n b"]


_PIECES = st.lists(
    st.sampled_from(
        ['<CROM Name="1" Type="0x1">', '<CROM Type="0x2">', '<CROM Type="0x9" Name="x">', "</CROM>", '<Xml Type="1"/>',
         '<Attr ValType="1"/>', '<ElementTypes><ElementType Name="1">', "</ElementType></ElementTypes>", "<Strings>",
         '<String idx="1" val="One"/>', "</Strings>", '<CROM Name="2" Type="zz"/>', "<Elements>", "</Elements>"]
    ),
    max_size=20,
)  # fmt: skip


@given(_PIECES, st.sampled_from(["Xml", "Text"]))
def test_any_structure_is_a_tree_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], kind: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.jtr"
    file.write_text(f'<JTR Type="{kind}">\n{"".join(pieces)}</JTR>', "utf-8")
    schema: Schema | None = None
    refused: WeftError | None = None
    try:
        schema = read_schema(file, kind="jtr")
        lines(schema, depth=5)
    except WeftError as error:
        refused = error
    assert (schema is not None and schema.roots) or (refused is not None and refused.line is not None)
