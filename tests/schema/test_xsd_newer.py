"""XML Schema 1.1: what it adds to a tree, and what of it is told in words only."""

from __future__ import annotations

from studio.schema.model import Kind
from tests.schema.trees import Reads, lines

_VC = 'xmlns:vc="http://www.w3.org/2007/XMLSchema-versioning"'


def test_alternatives_are_offered_as_types_with_their_tests_told(xsd: Reads) -> None:
    schema = xsd("""
        <xs:complexType name="Shape"><xs:attribute name="kind"/></xs:complexType>
        <xs:complexType name="Round"><xs:complexContent><xs:extension base="t:Shape">
          <xs:sequence><xs:element name="radius" type="xs:int"/></xs:sequence>
        </xs:extension></xs:complexContent></xs:complexType>
        <xs:element name="shape" type="t:Shape">
          <xs:alternative test="@kind = 'round'" type="t:Round"/>
          <xs:alternative test="@kind = 'square'"><xs:complexType><xs:complexContent><xs:extension base="t:Shape">
            <xs:sequence><xs:element name="side" type="xs:int"/></xs:sequence>
          </xs:extension></xs:complexContent></xs:complexType></xs:alternative>
          <xs:alternative type="xs:error"/>
        </xs:element>""")
    assert lines(schema) == ["shape 1 Shape", "shape/@kind 0..1 anySimpleType"]
    place = schema.find("shape~Round/radius")
    assert place is not None
    assert place.path == "shape~Round/radius"
    assert schema.find("shape~alternative2/side") is not None
    assert schema.roots[0].facts["alternatives"].split("\n") == [
        "Round if @kind = 'round'",
        "alternative2 if @kind = 'square'",
        "error",
    ]
    # The same type elsewhere has no alternatives.
    assert [kind.name for kind in schema.roots[0].type.derived] == ["Round", "alternative2"]


def test_assertions_are_facts_of_the_element_those_of_the_base_type_too(xsd: Reads) -> None:
    schema = xsd("""
        <xs:complexType name="Base"><xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence>
          <xs:assert test="a gt  0"/></xs:complexType>
        <xs:element name="r"><xs:complexType><xs:complexContent><xs:extension base="t:Base">
          <xs:sequence><xs:element name="b"><xs:simpleType><xs:restriction base="xs:int">
            <xs:assertion test="$value mod 2 = 0"/></xs:restriction></xs:simpleType></xs:element></xs:sequence>
          <xs:assert test="b gt a"/>
        </xs:extension></xs:complexContent></xs:complexType></xs:element>""")
    assert schema.roots[0].facts["assertions"].split("\n") == ["b gt a", "a gt 0"]
    place = schema.find("r/b")
    assert place is not None
    assert place.node.facts["assertions"] == "$value mod 2 = 0"


def test_open_content_admits_more_elements(xsd: Reads) -> None:
    schema = xsd("""
        <xs:defaultOpenContent mode="suffix"><xs:any namespace="urn:more"/></xs:defaultOpenContent>
        <xs:complexType name="Plain"><xs:sequence><xs:element name="a"/></xs:sequence></xs:complexType>
        <xs:complexType name="Own"><xs:openContent><xs:any notNamespace="urn:t"/></xs:openContent>
          <xs:sequence><xs:element name="a"/></xs:sequence></xs:complexType>
        <xs:complexType name="Closed"><xs:openContent mode="none"/>
          <xs:sequence><xs:element name="a"/></xs:sequence></xs:complexType>
        <xs:complexType name="Empty"/>
        <xs:element name="plain" type="t:Plain"/><xs:element name="own" type="t:Own"/>
        <xs:element name="closed" type="t:Closed"/><xs:element name="empty" type="t:Empty"/>""")
    found = {}
    for root in schema.roots:
        wild = [node for node in root.type.children if node.kind is Kind.ANY]
        found[root.name] = [(node.facts["open"], node.facts.get("not_namespace", "")) for node in wild]
    assert found == {
        "plain": [("suffix", "")],
        "own": [("interleave", "urn:t")],
        "closed": [],
        "empty": [],
    }


def test_default_attributes_belong_to_every_type_that_does_not_refuse_them(xsd: Reads) -> None:
    schema = xsd(
        """
        <xs:attributeGroup name="usual"><xs:attribute name="lang" type="xs:language" inheritable="true"/>
        </xs:attributeGroup>
        <xs:element name="r"><xs:complexType><xs:sequence>
          <xs:element name="a"><xs:complexType defaultAttributesApply="false">
            <xs:attribute name="own"/></xs:complexType></xs:element>
          <xs:element name="b"><xs:complexType/></xs:element>
        </xs:sequence></xs:complexType></xs:element>""",
        head='defaultAttributes="t:usual"',
    )
    assert lines(schema) == [
        "r 1",
        "r/@lang 0..1 language",
        "r/a 1",
        "r/a/@own 0..1 anySimpleType",
        "r/b 1",
        "r/b/@lang 0..1 language",
    ]
    place = schema.find("r/@lang")
    assert place is not None
    assert place.node.facts == {"inheritable": "true"}


def test_an_override_replaces_and_means_itself(xsd: Reads) -> None:
    schema = xsd(
        """
        <xs:override schemaLocation="base.xsd">
          <xs:complexType name="Item"><xs:sequence>
            <xs:element name="new" type="xs:int"/><xs:element name="item" type="t:Item" minOccurs="0"/>
          </xs:sequence></xs:complexType>
          <xs:complexType name="Nothing"><xs:sequence/></xs:complexType>
        </xs:override>
        <xs:element name="r" type="t:Item"/>
        <xs:element name="s" type="t:Nothing"/>""",
        (
            "base.xsd",
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">'
            '<xs:complexType name="Item"><xs:sequence><xs:element name="old"/></xs:sequence></xs:complexType>'
            "</xs:schema>",
        ),
    )
    assert lines(schema, "r", depth=2) == ["r 1 Item", "r/new 1 int", "r/item 0..1 Item recursive"]
    lost = schema.root("s")
    assert lost is not None
    assert lost.node.unresolved


def test_all_may_repeat_and_hold_wildcards_and_locals_may_have_a_namespace(xsd: Reads) -> None:
    schema = xsd("""
        <xs:element name="known"/><xs:element name="other"/>
        <xs:element name="r"><xs:complexType><xs:all>
          <xs:element name="a" type="xs:int" maxOccurs="3"/>
          <xs:element name="b" type="xs:int" targetNamespace="urn:elsewhere"/>
          <xs:any notQName="t:known" processContents="lax"/>
        </xs:all><xs:attribute name="c" targetNamespace="urn:elsewhere"/></xs:complexType></xs:element>""")
    root = schema.root("r")
    assert root is not None
    found = {node.name: node for node in root.node.type.children}
    assert str(found["a"].occurs) == "1..3"
    assert found["b"].namespace == "urn:elsewhere"
    assert found["c"].namespace == "urn:elsewhere"
    assert found["*"].facts["not_names"] == "{urn:t}known"
    assert found["*"].substitutes is not None
    assert [node.name for node in found["*"].substitutes()] == ["r", "other"] or [
        node.name for node in found["*"].substitutes()
    ] == ["other", "r"]


def test_parts_for_other_versions_are_left_out(xsd: Reads) -> None:
    schema = xsd(
        """
        <xs:element name="r"><xs:complexType><xs:sequence>
          <xs:element name="old" vc:maxVersion="1.1"/>
          <xs:element name="new" vc:minVersion="1.1"/>
          <xs:element name="future" vc:minVersion="1.5"/>
          <xs:element name="precise" vc:typeAvailable="xs:precisionDecimal"/>
          <xs:element name="plain" vc:typeUnavailable="xs:precisionDecimal"/>
          <xs:element name="never" vc:facetUnavailable="xs:assertion"/>
        </xs:sequence></xs:complexType></xs:element>""",
        head=_VC,
    )
    assert lines(schema, depth=2) == ["r 1", "r/new 1 anyType", "r/plain 1 anyType"]
