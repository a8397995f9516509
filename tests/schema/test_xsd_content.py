"""Content models of XML Schema as trees: occurrence, groups, choices, derivation, attributes, values."""

from __future__ import annotations

from studio.schema.model import Base, Kind
from tests.schema.trees import Reads, lines


def test_sequences_multiply_the_occurrence_of_what_they_hold(xsd: Reads) -> None:
    schema = xsd("""
        <xs:element name="r"><xs:complexType>
          <xs:sequence minOccurs="0" maxOccurs="unbounded">
            <xs:element name="a"/>
            <xs:sequence minOccurs="2" maxOccurs="3"><xs:element name="b" minOccurs="0" maxOccurs="4"/></xs:sequence>
            <xs:element name="gone" maxOccurs="0" minOccurs="0"/>
          </xs:sequence>
        </xs:complexType></xs:element>""")
    assert lines(schema, depth=2) == ["r 1", "r/a 0..n anyType", "r/b 0..n anyType"]


def test_all_and_groups_are_flattened_and_names_said_twice_become_one(xsd: Reads) -> None:
    schema = xsd("""
        <xs:group name="g"><xs:sequence>
          <xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:int" minOccurs="0"/>
        </xs:sequence></xs:group>
        <xs:element name="r"><xs:complexType><xs:sequence>
          <xs:group ref="t:g"/>
          <xs:element name="c" type="xs:int"/>
          <xs:element name="a" type="xs:int"/>
          <xs:group ref="t:g" minOccurs="0"/>
        </xs:sequence></xs:complexType></xs:element>
        <xs:element name="s"><xs:complexType><xs:all>
          <xs:element name="x" type="xs:int"/><xs:element name="y" type="xs:int" minOccurs="0"/>
        </xs:all></xs:complexType></xs:element>""")
    assert lines(schema, "r") == ["r 1", "r/a 2..3 int", "r/b 0..2 int", "r/c 1 int"]
    assert lines(schema, "s") == ["s 1", "s/x 1 int", "s/y 0..1 int"]


def test_a_choice_is_one_node_that_paths_look_through(xsd: Reads) -> None:
    schema = xsd("""
        <xs:element name="r"><xs:complexType><xs:choice maxOccurs="unbounded">
          <xs:element name="a" type="xs:int"/>
          <xs:choice><xs:element name="b" type="xs:int"/><xs:element name="c" type="xs:int"/></xs:choice>
          <xs:sequence><xs:element name="d" type="xs:int"/><xs:element name="e" type="xs:int"/></xs:sequence>
          <xs:sequence><xs:element name="d" type="xs:int"/><xs:element name="f" type="xs:int"/></xs:sequence>
        </xs:choice></xs:complexType></xs:element>""")
    assert lines(schema) == [
        "r 1",
        "r 1..n (one of)",
        "r/a 1 int",
        "r/b 1 int",
        "r/c 1 int",
        "r/d 1 int",
        "r/e 1 int",
        "r/f 1 int",
    ]
    place = schema.find("r/e")
    assert place is not None
    assert place.repeats
    assert not place.required
    assert place.parent is not None
    assert place.parent.node.kind is Kind.CHOICE
    shared = schema.find("r/d")
    assert shared is not None
    assert shared.node.facts["alternative"] == "4 5"
    assert place.node.facts["alternative"] == "4"


def test_a_choice_with_an_empty_alternative_may_be_absent(xsd: Reads) -> None:
    schema = xsd("""
        <xs:element name="r"><xs:complexType><xs:sequence>
          <xs:choice><xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:int"/><xs:sequence/></xs:choice>
          <xs:choice><xs:element name="c" type="xs:int"/></xs:choice>
        </xs:sequence></xs:complexType></xs:element>""")
    assert lines(schema) == ["r 1", "r 0..1 (one of)", "r/a 1 int", "r/b 1 int", "r/c 1 int"]


def test_extension_adds_behind_and_restriction_keeps_only_what_it_repeats(xsd: Reads) -> None:
    schema = xsd("""
        <xs:complexType name="base"><xs:sequence>
          <xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:int" minOccurs="0"/>
        </xs:sequence><xs:attribute name="x"/><xs:attribute name="y" use="required" type="xs:int"/>
        <xs:anyAttribute/></xs:complexType>
        <xs:complexType name="more"><xs:complexContent><xs:extension base="t:base">
          <xs:sequence><xs:element name="c" type="xs:int"/></xs:sequence><xs:attribute name="z" fixed="7"/>
        </xs:extension></xs:complexContent></xs:complexType>
        <xs:complexType name="less"><xs:complexContent><xs:restriction base="t:base">
          <xs:sequence><xs:element name="a" type="xs:short"/></xs:sequence><xs:attribute name="x" use="prohibited"/>
        </xs:restriction></xs:complexContent></xs:complexType>
        <xs:element name="m" type="t:more"/><xs:element name="l" type="t:less"/><xs:element name="o" type="t:base"/>""")
    assert lines(schema, "m") == [
        "m 1 more",
        "m/@x 0..1 anySimpleType",
        "m/@y 1 int",
        "m/@* 0..n any",
        "m/@z 0..1 anySimpleType",
        "m/a 1 int",
        "m/b 0..1 int",
        "m/c 1 int",
    ]
    assert lines(schema, "l") == ["l 1 less", "l/@y 1 int", "l/a 1 short"]
    derived = schema.find("o")
    assert derived is not None
    assert [kind.name for kind in derived.node.type.derived] == ["more", "less"]
    picked = schema.find("o~more/c")
    assert picked is not None
    assert picked.path == "o~more/c"
    assert schema.find("o~nothing") is None


def test_substitution_groups_stand_behind_their_head(xsd: Reads) -> None:
    schema = xsd("""
        <xs:element name="head" type="t:base" abstract="true"/>
        <xs:element name="one" substitutionGroup="t:head" type="t:more"/>
        <xs:element name="hidden" substitutionGroup="t:head" abstract="true"/>
        <xs:element name="two" substitutionGroup="t:hidden"/>
        <xs:complexType name="base"><xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence></xs:complexType>
        <xs:complexType name="more"><xs:complexContent><xs:extension base="t:base"><xs:sequence>
          <xs:element name="b" type="xs:int"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
        <xs:element name="r"><xs:complexType><xs:sequence>
          <xs:element ref="t:head" maxOccurs="5"/></xs:sequence></xs:complexType></xs:element>""")
    head = schema.find("r/head")
    assert head is not None
    assert head.node.facts["abstract"] == "true"
    assert head.node.substitutes is not None
    assert [node.name for node in head.node.substitutes()] == ["one", "two"]
    assert [place.path for place in head.picked("one").children()] == ["r/head~one/a", "r/head~one/b"]  # type: ignore[union-attr]
    two = schema.find("r/head~two")
    assert two is not None
    assert (two.node.name, two.node.type.name, str(two.node.occurs)) == ("two", "base", "1..5")
    assert schema.root() is not None
    assert schema.roots[0].name == "r", "what nothing refers to comes first"


def test_attributes_groups_defaults_and_namespaces(xsd: Reads) -> None:
    schema = xsd("""
        <xs:attribute name="lang" type="xs:language"/>
        <xs:attributeGroup name="g"><xs:attribute name="a" type="xs:int" default="3"/><xs:attributeGroup ref="t:h"/>
        </xs:attributeGroup>
        <xs:attributeGroup name="h"><xs:attribute name="b" use="required"/></xs:attributeGroup>
        <xs:import namespace="http://www.w3.org/XML/1998/namespace"/>
        <xs:element name="r"><xs:complexType>
          <xs:attributeGroup ref="t:g"/><xs:attribute ref="t:lang"/><xs:attribute ref="xml:lang" use="required"/>
        </xs:complexType></xs:element>""")
    assert (
        lines(schema, "r")
        == [
            "r 1",
            "r/@a 0..1 int",
            "r/@b 1 anySimpleType",
            "r/@t:lang 0..1 language",
            "r/@xml:lang 1",
        ]
        or lines(schema, "r")[-1] == "r/@xml:lang 1 string"
    )
    assert schema.namespaces["t"] == "urn:t"
    ours, theirs = schema.find("r/@t:lang"), schema.find("r/@xml:lang")
    assert ours is not None
    assert theirs is not None
    assert (ours.node.namespace, theirs.node.namespace) == ("urn:t", schema.namespaces["xml"])
    assert schema.find("r/@a").node.default == "3"  # type: ignore[union-attr]
    assert not schema.problems


def test_element_names_that_collide_carry_prefixes(reads: Reads) -> None:
    schema = reads(
        (
            "main.xsd",
            """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:o" targetNamespace="urn:t" xmlns="urn:t">
            <xs:import namespace="urn:o" schemaLocation="o.xsd"/>
            <xs:element name="r"><xs:complexType><xs:sequence>
              <xs:element name="id" type="xs:int"/><xs:choice><xs:element ref="o:id"/><xs:element ref="o:other"/></xs:choice>
            </xs:sequence></xs:complexType></xs:element></xs:schema>""",
        ),
        (
            "o.xsd",
            """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:o">
            <xs:element name="id" type="xs:string"/><xs:element name="other" type="xs:string"/></xs:schema>""",
        ),
    )
    assert lines(schema) == ["r 1", "r/id 1 int", "r 1 (one of)", "r/o:id 1 string", "r/other 1 string"]
    assert schema.find("r/o:id").node.value.base is Base.TEXT  # type: ignore[union-attr]
    assert schema.find("r/id").node.value.base is Base.INTEGER  # type: ignore[union-attr]
    assert [node.name for node in schema.roots] == ["r"]
    assert schema.root("other") is not None, (
        "imported elements are no roots of their own but can be asked for"
    )


def test_values_carry_base_and_facets(xsd: Reads) -> None:
    schema = xsd("""
        <xs:simpleType name="code"><xs:restriction base="xs:string">
          <xs:enumeration value="A"/><xs:enumeration value="B"/><xs:maxLength value="1"/></xs:restriction></xs:simpleType>
        <xs:simpleType name="one"><xs:restriction base="t:code"><xs:enumeration value="A"/></xs:restriction></xs:simpleType>
        <xs:simpleType name="price"><xs:restriction base="xs:decimal"><xs:totalDigits value="9"/>
          <xs:fractionDigits value="2"/><xs:minInclusive value="0"/><xs:maxExclusive value="1000"/></xs:restriction></xs:simpleType>
        <xs:simpleType name="either"><xs:union memberTypes="t:price xs:int"/></xs:simpleType>
        <xs:simpleType name="many"><xs:list itemType="t:code"/></xs:simpleType>
        <xs:element name="r"><xs:complexType><xs:attribute name="c" type="t:one"/><xs:attribute name="p" type="t:price"/>
          <xs:attribute name="e" type="t:either"/><xs:attribute name="m" type="t:many"/>
          <xs:attribute name="d" type="xs:dateTime"/>
          <xs:attribute name="x"><xs:simpleType><xs:restriction base="xs:string">
            <xs:pattern value="[0-9]+"/><xs:pattern value="X"/><xs:length value="3"/></xs:restriction></xs:simpleType></xs:attribute>
        </xs:complexType></xs:element>""")
    value = {name: schema.find(f"r/@{name}").node.value for name in "cpemdx"}  # type: ignore[union-attr]
    assert value["c"].enumeration == ("A",)
    assert (value["c"].name, value["c"].max_length) == ("one", 1)
    price = value["p"]
    assert (price.base, price.total_digits, price.fraction_digits) == (Base.DECIMAL, 9, 2)
    assert (price.minimum, price.below, price.maximum) == ("0", "1000", None)
    assert [member.name for member in value["e"].members] == ["price", "int"]
    assert value["m"].item.enumeration == ("A", "B")
    assert value["d"].base is Base.DATETIME
    assert (value["x"].pattern, value["x"].min_length, value["x"].max_length) == ("([0-9]+)|(X)", 3, 3)


def test_simple_content_mixed_nillable_fixed_and_documentation(xsd: Reads) -> None:
    schema = xsd("""
        <xs:complexType name="money"><xs:annotation><xs:documentation>An  amount
          of money</xs:documentation></xs:annotation><xs:simpleContent><xs:extension base="xs:decimal">
          <xs:attribute name="currency" type="xs:token" use="required"/></xs:extension></xs:simpleContent></xs:complexType>
        <xs:complexType name="small"><xs:simpleContent><xs:restriction base="t:money"><xs:maxInclusive value="9"/>
          </xs:restriction></xs:simpleContent></xs:complexType>
        <xs:element name="r"><xs:complexType mixed="true"><xs:sequence>
          <xs:element name="m" type="t:money" nillable="true"/>
          <xs:element name="s" type="t:small" fixed="1"><xs:annotation><xs:documentation>Change</xs:documentation></xs:annotation></xs:element>
        </xs:sequence></xs:complexType></xs:element>""")
    assert (
        lines(schema)
        == [
            "r 1",
            "r/m 1 money",
            "r/m/@currency 1 token",
            "r/s 1 small",
            "r/s/@currency 1 token",
        ]
        or lines(schema)[0] == "r 1 string"
    )
    root, money, small = (schema.find(path) for path in ("r", "r/m", "r/s"))
    assert root is not None
    assert money is not None
    assert small is not None
    assert root.node.type.mixed
    assert root.node.value is not None
    assert money.node.nillable
    assert money.node.value is not None
    assert money.node.value.base is Base.DECIMAL
    assert money.node.documentation == "An amount of money"
    assert (small.node.fixed, small.node.documentation) == ("1", "Change")
    assert small.node.value is not None
    assert small.node.value.maximum == "9"


def test_recursion_is_marked_and_types_are_shared(xsd: Reads) -> None:
    schema = xsd("""
        <xs:complexType name="part"><xs:sequence><xs:element name="name" type="xs:string"/>
          <xs:element name="part" type="t:part" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
        <xs:element name="r"><xs:complexType><xs:sequence><xs:element name="part" type="t:part"/></xs:sequence>
        </xs:complexType></xs:element>""")
    assert lines(schema) == [
        "r 1",
        "r/part 1 part",
        "r/part/name 1 string",
        "r/part/part 0..n part recursive",
    ]
    deep = schema.find("r/part/part/part/part/name")
    assert deep is not None
    assert deep.node is schema.find("r/part/name").node  # type: ignore[union-attr]


def test_wildcards_admit_known_and_unknown_elements(xsd: Reads) -> None:
    schema = xsd("""
        <xs:element name="known" type="xs:int"/>
        <xs:element name="r"><xs:complexType><xs:sequence>
          <xs:element name="a" type="xs:int"/><xs:any namespace="##any" processContents="lax" minOccurs="0"/></xs:sequence>
          <xs:anyAttribute namespace="##other"/></xs:complexType></xs:element>
        <xs:element name="s"><xs:complexType><xs:sequence><xs:any namespace="##other"/></xs:sequence></xs:complexType></xs:element>""")
    assert lines(schema, "r") == ["r 1", "r/@* 0..n any", "r/a 1 int", "r/* 0..1 any"]
    wildcard = schema.find("r/*")
    assert wildcard is not None
    assert wildcard.node.facts["process"] == "lax"
    known, unknown, attribute = (schema.find(path) for path in ("r/known", "r/custom/deep", "r/@colour"))
    assert known is not None
    assert known.node.value is not None
    assert known.node.value.base is Base.INTEGER
    assert unknown is not None
    assert (unknown.path, unknown.node.facts["wildcard"]) == ("r/custom/deep", "true")
    assert attribute is not None
    assert attribute.node.kind is Kind.ATTRIBUTE
    other = schema.find("s/*")
    assert other is not None
    assert other.node.substitutes is not None
    assert other.node.substitutes() == ()


def test_elements_without_a_type_hold_anything(xsd: Reads) -> None:
    schema = xsd('<xs:element name="r"/><xs:complexType name="k"><xs:attribute name="x"/></xs:complexType>')
    assert schema.find("r/what/ever") is not None
    assert schema.find("r~k/@x") is not None
    assert schema.find("r~dateTime") is not None


def test_soap_arrays_repeat_their_item(reads: Reads) -> None:
    schema = reads(
        (
            "main.xsd",
            """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"
              xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" xmlns:w="http://schemas.xmlsoap.org/wsdl/">
            <xs:import namespace="http://schemas.xmlsoap.org/soap/encoding/"/>
            <xs:complexType name="order"><xs:sequence><xs:element name="id" type="xs:int"/></xs:sequence></xs:complexType>
            <xs:complexType name="orders"><xs:complexContent><xs:restriction base="e:Array">
              <xs:attribute ref="e:arrayType" w:arrayType="t:order[][,]"/></xs:restriction></xs:complexContent></xs:complexType>
            <xs:element name="r" type="t:orders"/></xs:schema>""",
        )
    )
    found = [line for line in lines(schema) if "@" not in line]
    assert found == ["r 1 orders", "r/item 0..n Array", "r/item/item 0..n order", "r/item/item/id 1 int"]
    assert not schema.problems


def test_drafts_of_1999_are_read_not_shown_empty(reads: Reads) -> None:
    schema = reads(
        (
            "main.xsd",
            """<schema xmlns="http://www.w3.org/1999/XMLSchema" targetNamespace="urn:t" xmlns:t="urn:t">
            <simpleType name="code" base="string"><maxLength value="3"/></simpleType>
            <complexType name="line"><element name="sku" type="t:code"/><element name="when" type="timeInstant" minOccurs="0" maxOccurs="*"/>
              <attribute name="n" type="int"/></complexType>
            <element name="r" type="t:line"/></schema>""",
        )
    )
    assert lines(schema) == ["r 1 line", "r/@n 0..1 int", "r/sku 1 code", "r/when 0..n timeInstant"]
    assert schema.find("r/sku").node.value.max_length == 3  # type: ignore[union-attr]
    assert "1999" in schema.problems[0].message
