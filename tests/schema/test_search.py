"""Names are found without expanding the tree, with the path of each place, however recursive the schema is."""

from __future__ import annotations

from pathlib import Path

from studio.schema.outline import outline, outline_of
from studio.schema.read import read_schema
from studio.schema.search import find, find_in_steps
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
        "r/capacity",
        "r/ship/city",
        "r/bill/city",
        "r/deep/home/city",
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


def test_explosive_schemas_are_searched_in_bounded_steps(shared: Path) -> None:
    for name in (
        "mathml4/xsd/mathml4.xsd",
        "docbook-5-4.5/docbook/schemas/5.0/xsd/docbook.xsd",
        "fhir-r4-single/fhir-single.xsd",
    ):
        schema = read_schema(shared / "corpora" / "xsd" / name)
        found = [place for step in find_in_steps(schema, "definitionurl") for place in step]
        assert len(found) == len({place.path for place in found})
        assert len(found) < 20_000
        assert all("definitionurl" in place.node.name.lower() for place in found)


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
