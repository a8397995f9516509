"""Names are found without expanding the tree, with the path of each place, however recursive the schema is."""

from __future__ import annotations

from pathlib import Path

from studio.schema.cache import load_cache, write_cache
from studio.schema.outline import outline, outline_of
from studio.schema.read import read_schema
from studio.schema.search import NAME, SAID, TYPE, find, find_roots, hits, prepare
from tests.schema.trees import Reads


def test_hits_come_nearest_first_with_their_paths(xsd: Reads) -> None:
    schema = xsd("""
        <xs:complexType name="address"><xs:sequence><xs:element name="city" type="xs:string"/></xs:sequence></xs:complexType>
        <xs:element name="r"><xs:complexType><xs:sequence>
          <xs:element name="deep"><xs:complexType><xs:sequence><xs:element name="home" type="t:address"/></xs:sequence></xs:complexType></xs:element>
          <xs:choice><xs:element name="ship" type="t:address"/><xs:element name="bill" type="t:address"/></xs:choice>
          <xs:element name="capacity" type="xs:int"/></xs:sequence><xs:attribute name="City"/></xs:complexType></xs:element>""")
    assert [place.path for place in find(schema, "CITY")] == [
        "r/@City",
        "r/ship/city",
        "r/bill/city",
        "r/deep/home/city",
        "r/capacity",
    ]
    assert [place.path for place in find(schema, "bill/city")] == ["r/bill/city"]
    assert [place.path for place in find(schema, "r deep city")] == ["r/deep/home/city"]
    assert [place.path for place in find(schema, "@city")] == ["r/@City"]
    assert find(schema, "nothing") == []
    assert find(schema, " / ") == []
    assert len(find(schema, "city", limit=2)) == 2
    data = outline_of(schema, find(schema, "bill/city"))
    assert data["found"] == ["r/bill/city"]
    assert [node["name"] for node in data["roots"][0]["children"][0]["children"]] == ["bill"]


def test_what_stands_behind_a_choice_of_type_is_found(shared: Path) -> None:
    schema = read_schema(
        shared / "corpora" / "wsdl" / "salesforce-enterprise-toolkit" / "enterprise.wsdl.xml"
    )
    paths = [place.path for place in find(schema, "AccountNumber")]
    assert "create/input/create/sObjects~Account/AccountNumber" in paths
    assert all(schema.find(path) is not None for path in paths)


def test_explosive_schemas_are_searched_without_expanding_them(shared: Path) -> None:
    for name in (
        "mathml4/xsd/mathml4.xsd",
        "docbook-5-4.5/docbook/schemas/5.0/xsd/docbook.xsd",
        "fhir-r4-single/fhir-single.xsd",
    ):
        schema = read_schema(shared / "corpora" / "xsd" / name)
        assert sum(1 for _pause in prepare(schema)) > 3
        found = [hit.path for hit in hits(schema, "definitionurl", limit=20_000)]
        assert len(found) == len(set(found)) < 20_000
        assert all(place.node.name.lower() == "definitionurl" for place in find(schema, "definitionurl"))
        assert not list(prepare(schema))


def test_types_and_documentation_come_after_names(xsd: Reads) -> None:
    schema = xsd("""
        <xs:complexType name="PostalAddress"><xs:annotation><xs:documentation>Where the post goes.</xs:documentation></xs:annotation>
          <xs:sequence><xs:element name="street" type="xs:string"/></xs:sequence></xs:complexType>
        <xs:element name="r"><xs:complexType><xs:sequence>
          <xs:element name="home" type="t:PostalAddress"/>
          <xs:element name="mail"><xs:annotation><xs:documentation>The postal address
             for letters &amp; parcels</xs:documentation></xs:annotation></xs:element>
          <xs:element name="mypost"/><xs:element name="postcode"/><xs:element name="post"/></xs:sequence></xs:complexType></xs:element>""")
    found = hits(schema, "POST")
    assert [(hit.path, hit.where) for hit in found] == [
        ("r/post", NAME),
        ("r/postcode", NAME),
        ("r/mypost", NAME),
        ("r/home", TYPE),
        ("r/mail", SAID),
    ]
    assert found[3].type == "PostalAddress"
    place = found[3].place(schema)
    assert place is not None
    assert place.node.name == "home"
    assert [hit.path for hit in hits(schema, "letters & parcels")] == ["r/mail"]
    assert [hit.path for hit in hits(schema, "post goes")] == ["r/home"]
    assert [hit.path for hit in hits(schema, "home/str")] == ["r/home/street"]
    assert hits(schema, "mail/str") == []


def test_names_of_several_words_are_found_as_they_are_written(reads: Reads) -> None:
    schema = reads(("a.csv", "First name,Last name,Name of the firm/branch\nAda,L,x\n"))
    assert [hit.path for hit in hits(schema, "last name")] == ["row/`Last name`"]
    assert [hit.path for hit in hits(schema, "name")][:1] == ["row/`Name of the firm/branch`"]
    assert [place.node.name for place in find(schema, "first NAME")] == ["First name"]


def test_substitutes_and_derived_types_are_found_with_their_pick(xsd: Reads, tmp_path: Path) -> None:
    schema = xsd("""
        <xs:element name="shape" type="t:Shape"/><xs:element name="circle" type="t:Circle" substitutionGroup="t:shape"/>
        <xs:complexType name="Shape"><xs:sequence><xs:element name="id"/></xs:sequence></xs:complexType>
        <xs:complexType name="Circle"><xs:complexContent><xs:extension base="t:Shape"><xs:sequence>
          <xs:element name="radius"/><xs:element ref="t:shape" minOccurs="0"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
        <xs:element name="r"><xs:complexType><xs:sequence><xs:element ref="t:shape"/></xs:sequence></xs:complexType></xs:element>""")
    write_cache(schema, tmp_path / "c.schema")
    for one in (schema, load_cache(tmp_path / "c.schema")):
        found = [hit.path for hit in hits(one, "radius", root="r")]
        assert {"r/shape~circle/radius", "r/shape~Circle/radius"} <= set(found)
        assert all(one.find(path) is not None for path in found)
        assert "r/shape~circle" in [hit.path for hit in hits(one, "circle", root="r")]
        assert [hit.where for hit in hits(one, "Circle", root="r") if hit.path == "r/shape~Circle"] == [TYPE]
        assert all(hit.path.startswith("r/") for hit in hits(one, "id", root="r"))
        assert hits(one, "id", root="nowhere") == []
        assert [hit.path for hit in hits(one, "circle/radius", root="r")][:1] == ["r/shape~circle/radius"]


def test_a_search_in_a_cached_schema_finds_the_same(shared: Path, tmp_path: Path) -> None:
    file = shared / "corpora" / "wsdl" / "virtualbox" / "vboxweb.wsdl"
    schema = read_schema(file)
    write_cache(schema, tmp_path / "c.schema")
    cached = load_cache(tmp_path / "c.schema")
    for text in ("screen", "IMachine", "@x", "getname returnval", "zzz"):
        assert hits(cached, text) == hits(schema, text)
    assert not list(prepare(cached))
    declared = file.read_text().count('name="returnval"')
    assert declared <= len(hits(cached, "returnval", limit=3000)) < declared + 10


def test_thousands_of_roots_are_filtered(shared: Path) -> None:
    schema = read_schema(shared / "corpora" / "wsdl" / "virtualbox" / "vboxweb.wsdl")
    assert find_roots(schema, " ") == list(schema.roots)
    names = [node.name for node in find_roots(schema, "imachine lock")]
    assert names[0] == "IMachine_lockMachine"
    assert len(names) < 20
    assert find_roots(schema, "no such message") == []


def test_labels_are_searched_too(shared: Path) -> None:
    schema = read_schema(shared / "corpora" / "salesforce" / "describe" / "Account.json")
    assert "row/NumberOfEmployees" in [place.path for place in find(schema, "employees")]
    assert "row/AnnualRevenue" in [place.path for place in find(schema, "annual")]


def test_an_outline_is_cut_fairly_and_says_where(shared: Path) -> None:
    schema = read_schema(shared / "corpora" / "xsd" / "mathml4" / "xsd" / "mathml4.xsd")
    data = outline(schema, depth=40)
    waiting, count, more = list(data["roots"]), 0, 0
    while waiting:
        node = waiting.pop()
        count += 1
        more += bool(node.get("more"))
        assert not (node["recursive"] and node["children"])
        waiting += node["children"]
    assert 50_000 <= count < 60_000
    assert more > 0
