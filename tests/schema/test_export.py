"""Trees written as XSD, JSON Schema, DTD and CSV headers: read again they are the same, and others accept them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xmlschema
from jsonschema import Draft202012Validator
from lxml import etree

from studio.base.errors import BadInput
from studio.schema.export.graph import xml_name
from studio.schema.export.simple import accepted
from studio.schema.export.write import export
from studio.schema.model import Kind, Node, Schema
from studio.schema.read import read_schema
from studio.schema.salesforce import read_salesforce
from tests.conftest import FULL
from tests.schema.same import differences
from tests.schema.trees import Reads, lines

# Real schemas whose content models libxml2 finds ambiguous, as they are or (XHTML) with a choice that may repeat.
_AMBIGUOUS = ("camel-spring.xsd", "xhtml1-strict.xsd", "xhtml1-transitional.xsd", "xhtml1-frameset.xsd")
# Choices whose alternatives begin alike, or have the same in another order, become repeated ones.
_REPEATED = "is ('', <Kind.CHOICE: 'choice'>, '0..n', None)"
_ALIKE = ("musicxml.xsd",)
# Types in the namespace of XML Schema are the built-in ones, whoever declares them.
_ITSELF = "http://www.w3.org/2001/XMLSchema"


def again(schema: Schema, form: str, folder: Path, root: Node | None = None) -> Schema:
    """The schema exported and read back."""
    files = export(schema, form, root=root)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return read_schema(folder / next(iter(files)), kind=form)


def _xsds(shared: Path) -> list[Path]:
    folder = shared / "corpora" / "xsd"
    parts = ["iso20022-pain001", "kaoto-datamapper", "bpmn-2.0", "w3c-meta"]
    if FULL:
        parts += [
            "sepa-pain",
            "datex2-2.2.3",
            "kml-2.3",
            "npo-poms",
            "mathml4",
            "javaee-1.4",
            "fhir-r4-single",
        ]
    return [path for part in parts for path in sorted((folder / part).rglob("*.xsd"))]


def test_real_xsds_are_the_same_and_accepted(shared: Path, tmp_path: Path) -> None:
    count = 0
    for path in _xsds(shared):
        schema = _clean(path)
        if schema is None or path.name in _ALIKE or schema.roots[0].namespace == _ITSELF:
            continue
        wrong = differences(schema, again(schema, "xsd", tmp_path))
        assert not [line for line in wrong if not line.endswith(_REPEATED)], path
        if path.name not in _AMBIGUOUS:
            etree.XMLSchema(etree.parse(str(tmp_path / "schema.xsd")))
        count += 1
    assert count >= 50


def _clean(path: Path) -> Schema | None:
    try:
        schema = read_schema(path)
    except BadInput:
        return None
    return None if schema.problems or not schema.roots else schema


def test_real_xsds_of_several_namespaces_are_accepted_by_another_library(
    shared: Path, tmp_path: Path
) -> None:
    schema = read_schema(shared / "corpora" / "xsd" / "bpmn-2.0" / "BPMN20.xsd")
    again(schema, "xsd", tmp_path)
    assert len(list(tmp_path.glob("schema*.xsd"))) == 4
    library = xmlschema.XMLSchema10(str(tmp_path / "schema.xsd"))
    assert "definitions" in {name.rpartition("}")[2] for name in library.elements}


def test_documents_valid_before_are_valid_after(shared: Path, tmp_path: Path) -> None:
    folder = shared / "corpora" / "xsd" / "kaoto-datamapper"
    schema = read_schema(folder / "ShipOrder.xsd")
    again(schema, "xsd", tmp_path)
    document = etree.fromstring(
        b"<ns0:ShipOrder xmlns:ns0='io.kaoto.datamapper.poc.test' OrderId='2'><ns0:OrderPerson>a</ns0:OrderPerson>"
        b"<ShipTo><Name>a</Name><Address>b</Address><City>c</City><Country>d</Country></ShipTo>"
        b"<Item><Title>t</Title><Quantity>1</Quantity><Price>2.5</Price></Item></ns0:ShipOrder>"
    )
    before = etree.XMLSchema(etree.parse(str(folder / "ShipOrder.xsd")))
    after = etree.XMLSchema(etree.parse(str(tmp_path / "schema.xsd")))
    assert before.validate(document) == after.validate(document) is True
    document.find("Item/Quantity").text = "many"
    assert before.validate(document) == after.validate(document) is False


def test_real_json_schemas_are_the_same_and_accepted(shared: Path, tmp_path: Path) -> None:
    folder = shared / "corpora" / "json-schema"
    count = 0
    for path in (*(folder / "kaoto-json").rglob("*.json"), *(folder / "schemastore-picks").glob("*.json")):
        if path.stat().st_size > 30_000 and not FULL:
            continue
        schema = _clean(path)
        if schema is None:
            continue
        assert not list(differences(schema, again(schema, "json-schema", tmp_path))), path
        Draft202012Validator.check_schema(json.loads((tmp_path / "schema.json").read_text(encoding="utf-8")))
        count += 1
    assert count >= 10


def test_real_dtds_are_the_same_and_accepted(shared: Path, tmp_path: Path) -> None:
    count = 0
    for path in sorted((shared / "corpora" / "dtd").rglob("*.dtd")):
        schema = _clean(path)
        if schema is None or (_size(schema) > 30_000 and not FULL):
            continue
        assert not list(differences(schema, again(schema, "dtd", tmp_path))), path
        etree.DTD(str(tmp_path / "schema.dtd"))
        count += 1
    assert count >= 8


def _size(schema: Schema) -> int:
    return sum(Path(name).stat().st_size for name in schema.files)


_XSD = """<xs:complexType name="part"><xs:sequence><xs:element name="part" type="t:part" minOccurs="0" maxOccurs="5"/>
  <xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="a" type="xs:date" nillable="true"/>
  <xs:sequence><xs:element name="b"><xs:simpleType><xs:restriction base="xs:decimal"><xs:minExclusive value="0"/>
  <xs:fractionDigits value="2"/></xs:restriction></xs:simpleType></xs:element>
  <xs:element name="c" type="xs:string" minOccurs="0"/></xs:sequence></xs:choice></xs:sequence>
  <xs:attribute name="k" use="required"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="x&amp;y"/>
  <xs:enumeration value="z"/></xs:restriction></xs:simpleType></xs:attribute>
  <xs:attribute name="d" type="xs:int" default="7"/></xs:complexType>
  <xs:element name="root" type="t:part"><xs:annotation><xs:documentation>What it is &lt; why</xs:documentation>
  </xs:annotation></xs:element>"""


def test_facets_values_and_documentation_survive(xsd: Reads, tmp_path: Path) -> None:
    one = xsd(_XSD)
    other = again(one, "xsd", tmp_path)
    assert not list(differences(one, other))
    for path in ("root/a", "root/b", "root/@k", "root/@d"):
        before, after = one.find(path).node, other.find(path).node
        assert (after.nillable, after.default, after.value.enumeration) == (
            before.nillable,
            before.default,
            before.value.enumeration,
        )
        assert (after.value.above, after.value.fraction_digits) == (
            before.value.above,
            before.value.fraction_digits,
        )
    assert other.roots[0].documentation == "What it is < why"


def test_a_tree_of_xml_as_json_schema_and_dtd(xsd: Reads, tmp_path: Path) -> None:
    schema = xsd(_XSD)
    made = json.loads(export(schema, "json-schema")["schema.json"])
    Draft202012Validator.check_schema(made)
    validator = Draft202012Validator(made)
    good = {"root": {"@k": "z", "part": [{"@k": "z"}], "a": ["2026-01-01", None], "b": [1.25]}}
    assert validator.is_valid(good)
    assert not validator.is_valid({"root": {"@k": "other"}})
    assert not validator.is_valid({"root": {"@k": "z", "b": [0]}})
    dtd = again(schema, "dtd", tmp_path)
    assert list(differences(schema, dtd, types=False)) == []


def test_a_json_tree_as_xsd(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        json.dumps(
            {
                "type": "object",
                "required": ["full name"],
                "properties": {
                    "full name": {"type": "string", "pattern": "^[A-Z]", "description": "a\u0001b"},
                    "tags": {"type": "array", "items": {"type": "string", "pattern": "(?=x)"}},
                    "lines": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"qty": {"type": "integer"}}},
                    },
                    "any": {},
                },
            }
        )
    )
    schema = read_schema(tmp_path / "a.json", kind="json-schema")
    other = again(schema, "xsd", tmp_path)
    assert lines(other)[:6] == [
        "root 1 root",
        "root/full_name 1 full_name.value",
        "root/tags 0..n string",
        "root/lines 0..1 lines",
        "root/lines/item 0..n item",
        "root/lines/item/qty 0..1 integer",
    ]
    validator = etree.XMLSchema(etree.parse(str(tmp_path / "schema.xsd")))
    assert validator.validate(etree.fromstring("<root><full_name>Ann</full_name><any><b/></any></root>"))
    assert not validator.validate(etree.fromstring("<root><full_name>ann</full_name></root>"))


def test_rows_become_arrays_and_headers(shared: Path, tmp_path: Path) -> None:
    schema = read_salesforce(shared / "corpora" / "salesforce" / "describe" / "Contact.json")
    header = export(schema, "csv")["schema.csv"]
    assert header.split(",")[:3] == [node.name for node in schema.roots[0].type.children[:3]]
    made = json.loads(export(schema, "json-schema")["schema.json"])
    Draft202012Validator.check_schema(made)
    assert made["type"] == "array"
    etree.XMLSchema(etree.fromstring(export(schema, "xsd")["schema.xsd"].encode()))


def test_a_header_takes_the_values_of_the_first_record(xsd: Reads) -> None:
    schema = xsd(
        """<xs:element name="orders"><xs:complexType><xs:sequence><xs:element name="order" maxOccurs="9"><xs:complexType>
        <xs:sequence><xs:element name="who"><xs:complexType><xs:sequence><xs:element name="first, last" type="xs:string"/>
        </xs:sequence><xs:attribute name="id"/></xs:complexType></xs:element><xs:element name="line" maxOccurs="9"
        type="xs:string"/></xs:sequence><xs:attribute name="no"/></xs:complexType></xs:element></xs:sequence>
        </xs:complexType></xs:element>"""
    )
    assert export(schema, "csv")["schema.csv"] == 'no,who.id,"who.first, last"\r\n'


def test_one_root_alone_and_what_cannot_be(xsd: Reads, tmp_path: Path) -> None:
    schema = xsd('<xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:date"/>')
    assert [root.name for root in again(schema, "xsd", tmp_path, schema.roots[1]).roots] == ["b"]
    with pytest.raises(BadInput, match="no form of export"):
        export(schema, "yaml")
    lost = Schema("xsd", (Node("?", Kind.ANY, schema.roots[0].type, unresolved="gone"),))
    with pytest.raises(BadInput, match="nothing to export"):
        export(lost, "xsd")


@pytest.mark.parametrize(
    ("name", "expected"), [("a b", "a_b"), ("1st", "_1st"), ("", "_"), ("ção", "ção"), ("a:b", "a_b")]
)
def test_names_xml_does_not_allow(name: str, expected: str) -> None:
    assert xml_name(name) == expected


def test_patterns_the_validator_does_not_know_are_left_out() -> None:
    assert accepted("[A-Z]{2}")
    assert not accepted("(?=x)a")
    assert not accepted("[")
    assert accepted("[a-z]{1,250}-[0-9]{4}")
    assert not accepted("((a{1,1000}){1,1000}){1,1000}")


def test_operations_are_exported_with_their_messages(shared: Path, tmp_path: Path) -> None:
    schema = read_schema(shared / "corpora" / "json-schema" / "openapi-moov-ach" / "openapi.yaml")
    made = json.loads(export(schema, "json-schema", root=schema.roots[1])["schema.json"])
    Draft202012Validator.check_schema(made)
    assert "File" in made["$defs"]
    etree.XMLSchema(etree.fromstring(export(schema, "xsd", root=schema.roots[1])["schema.xsd"].encode()))
