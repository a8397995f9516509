"""Service descriptions: operations as roots, messages with headers, bodies and faults, gaps told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.schema.model import Kind
from studio.schema.read import read_schema
from tests.schema.trees import Reads, lines

_TYPES = """<types>
  <xs:schema targetNamespace="urn:t" elementFormDefault="qualified">
    <xs:element name="Get"><xs:complexType><xs:sequence><xs:element name="id" type="u:ID"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="GetResponse"><xs:complexType><xs:sequence><xs:element name="order" type="u:Order" maxOccurs="9"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Session"><xs:complexType><xs:sequence><xs:element name="token" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="NotFound" type="xs:string"/>
  </xs:schema>
  <xs:schema targetNamespace="urn:u">
    <xs:simpleType name="ID"><xs:restriction base="xs:string"><xs:maxLength value="18"/></xs:restriction></xs:simpleType>
    <xs:complexType name="Order"><xs:sequence><xs:element name="total" type="xs:decimal"/></xs:sequence></xs:complexType>
  </xs:schema></types>"""
_MESSAGES = """
  <message name="In"><part name="body" element="t:Get"/><part name="session" element="t:Session"/></message>
  <message name="Out"><part name="body" element="t:GetResponse"/></message>
  <message name="Lost"><part name="fault" element="t:NotFound"/></message>"""
_PORT = """
  <portType name="Orders"><operation name="Get"><documentation>Fetch orders</documentation>
    <input message="t:In"/><output message="t:Out"/><fault name="Lost" message="t:Lost"/></operation></portType>"""
_BINDING = """
  <binding name="{name}" type="t:Orders"><{soap}:binding style="document" transport="x"/>
    <operation name="Get"><{soap}:operation soapAction="urn:get"/>
      <input><{soap}:header message="t:In" part="session" use="literal"/><{soap}:body parts="body" use="literal"/></input>
      <output><{soap}:body use="literal"/></output><fault name="Lost"><{soap}:fault name="Lost" use="literal"/></fault>
    </operation></binding>"""
_SERVICE = """
  <service name="Shop"><port name="Soap" binding="t:B11"><s:address location="http://x/11"/></port>
    <port name="Soap12" binding="t:B12"><s12:address location="http://x/12"/></port></service>"""


def _wsdl(inside: str) -> str:
    return (
        '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        'xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:s12="http://schemas.xmlsoap.org/wsdl/soap12/" '
        f'xmlns:h="http://schemas.xmlsoap.org/wsdl/http/" xmlns:t="urn:t" xmlns:u="urn:u" targetNamespace="urn:t">{inside}</definitions>'
    )


def _bindings() -> str:
    return _BINDING.format(name="B11", soap="s") + _BINDING.format(name="B12", soap="s12")


def test_an_operation_shows_headers_body_and_faults_over_all_inline_schemas(reads: Reads) -> None:
    schema = reads(("a.wsdl", _wsdl(_TYPES + _MESSAGES + _PORT + _bindings() + _SERVICE)))
    assert schema.kind == "wsdl"
    assert lines(schema, depth=6) == [
        "Get 1 Get",
        "Get/input 1 In",
        "Get/input/Session 0..1",
        "Get/input/Session/token 1 string",
        "Get/input/Get 1",
        "Get/input/Get/id 1 ID",
        "Get/output 1 Out",
        "Get/output/GetResponse 1",
        "Get/output/GetResponse/order 1..9 Order",
        "Get/output/GetResponse/order/total 1 decimal",
        "Get/fault:Lost 0..1 Lost",
        "Get/fault:Lost/NotFound 1 string",
    ]
    operation, header = schema.roots[0], schema.find("Get/input/Session")
    assert operation.kind is Kind.OPERATION
    assert operation.documentation == "Fetch orders"
    assert operation.facts["action"] == "urn:get"
    assert operation.facts["version"] == "1.1"
    assert operation.facts["address"] == "http://x/11"
    assert operation.facts["ports"].splitlines() == ["Shop/Soap", "Shop/Soap12"]
    assert header is not None
    assert header.node.facts["soap"] == "header"
    fault = schema.find("Get/fault:Lost/NotFound")
    assert fault is not None
    assert fault.parent is not None
    assert fault.parent.node.kind is Kind.MESSAGE
    assert not schema.all_problems()


def test_rpc_wraps_its_parts_in_an_element_named_after_the_operation(reads: Reads) -> None:
    schema = reads(
        (
            "a.wsdl",
            _wsdl(
                _TYPES
                + """<message name="In"><part name="id" type="u:ID"/><part name="n" type="xs:int"/></message>
                <message name="Out"><part name="return" type="u:Order"/></message>
                <portType name="P"><operation name="Find"><input message="t:In"/><output message="t:Out"/></operation></portType>
                <binding name="B" type="t:P"><s:binding style="rpc" transport="x"/><operation name="Find">
                <input><s:body use="literal" namespace="urn:rpc"/></input><output><s:body use="encoded" namespace="urn:rpc"/></output>
                </operation></binding>"""
            ),
        )
    )
    assert lines(schema) == [
        "Find 1 Find",
        "Find/input 1 In",
        "Find/input/Find 1 Find",
        "Find/input/Find/id 1 ID",
        "Find/input/Find/n 1 int",
        "Find/output 1 Out",
        "Find/output/FindResponse 1 FindResponse",
        "Find/output/FindResponse/return 1 Order",
        "Find/output/FindResponse/return/total 1 decimal",
    ]
    wrapper, part = schema.find("Find/input/Find"), schema.find("Find/input/Find/id")
    assert wrapper is not None
    assert part is not None
    assert (wrapper.node.namespace, part.node.namespace) == ("urn:rpc", "")


def test_files_import_each_other_in_every_style(reads: Reads) -> None:
    schema = reads(
        (
            "main.wsdl",
            _wsdl('<import namespace="urn:t" location="deep/port.wsdl"/>' + _bindings() + _SERVICE),
        ),
        (
            "deep/port.wsdl",
            _wsdl(
                '<import namespace="urn:t" location="../messages.wsdl"/>'
                '<import namespace="urn:t" location="../main.wsdl"/>' + _PORT
            ),
        ),
        (
            "messages.wsdl",
            _wsdl(
                '<types><xs:schema><xs:import namespace="urn:t" schemaLocation="types.xsd"/></xs:schema></types>'
                + _MESSAGES
            ),
        ),
        (
            "types.xsd",
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">'
            '<xs:element name="Get" type="xs:int"/><xs:element name="GetResponse" type="xs:int"/>'
            '<xs:element name="Session" type="xs:int"/><xs:element name="NotFound" type="xs:int"/></xs:schema>',
        ),
    )
    assert not schema.all_problems()
    assert [Path(file).name for file in schema.files] == [
        "main.wsdl",
        "port.wsdl",
        "messages.wsdl",
        "types.xsd",
    ]
    assert schema.find("Get/input/Get").node.type.name == "int"  # type: ignore[union-attr]


def test_same_operation_of_several_port_types_keeps_apart(reads: Reads) -> None:
    http = _PORT.replace('name="Orders"', 'name="OrdersHttp"')
    binding = '<binding name="BH" type="t:OrdersHttp"><h:binding verb="GET"/><operation name="Get"><input/><output/></operation></binding>'
    schema = reads(("a.wsdl", _wsdl(_TYPES + _MESSAGES + http + _PORT + binding + _bindings() + _SERVICE)))
    assert [(node.prefix, node.name, node.facts["version"]) for node in schema.roots] == [
        ("", "Get", "1.1"),
        ("OrdersHttp", "Get", "http"),
    ]
    assert schema.find("OrdersHttp:Get/input") is not None


def test_gaps_are_marked_and_told_once_per_cause(reads: Reads) -> None:
    schema = reads(
        (
            "a.wsdl",
            _wsdl(
                '<import namespace="urn:far" location="gone.wsdl"/>'
                + _TYPES
                + """
      <message name="Out"><part name="a" element="t:Nowhere"/><part name="b" element="t:Nowhere2"/></message>
      <portType name="P"><operation name="Do"><input message="f:In" xmlns:f="urn:far"/><output message="t:Out"/>
        <fault name="F" message="t:Missing"/></operation></portType>"""
            ),
        )
    )
    assert [problem.message for problem in schema.problems] == [
        "The file gone.wsdl is not there.",
        "The message t:Missing is not described.",
        "Messages use elements that no schema declares: t:Nowhere, t:Nowhere2; in all: 2.",
    ]
    assert schema.find("Do/input").node.unresolved  # type: ignore[union-attr]
    assert schema.find("Do/output/Nowhere").node.unresolved  # type: ignore[union-attr]


def test_bindings_whose_port_type_is_missing_still_name_their_operations(reads: Reads) -> None:
    schema = reads(("a.wsdl", _wsdl(_bindings())))
    assert [(node.name, bool(node.unresolved)) for node in schema.roots] == [("Get", True)]
    assert len(schema.problems) == 2


def test_without_operations_the_elements_are_shown(reads: Reads) -> None:
    schema = reads(("a.wsdl", _wsdl(_TYPES)))
    assert [node.name for node in schema.roots] == ["Get", "GetResponse", "Session", "NotFound"]
    assert "has no operations" in schema.problems[0].message


def test_other_documents_are_named_plainly(tmp_path: Path) -> None:
    (tmp_path / "b.wsdl").write_text("<order/>")
    with pytest.raises(BadInput, match="not a service description"):
        read_schema(tmp_path / "b.wsdl", kind="wsdl")


@pytest.mark.parametrize(
    ("file", "operations", "path"),
    [
        ("salesforce-partner-v66/sforce.660.partner.wsdl", 63, "login/input/login/username"),
        ("salesforce-partner-v66/sforce.660.partner.wsdl", 63, "create/input/create/sObjects/AccountNumber"),
        ("workday-hr/workday.wsdl", 236, "Get_Customers/output/Get_Customers_Response"),
        ("soapui-samples/chameleon/chameleon.wsdl", 8, ""),
        ("axis1-tests/test/wsdl/interop4/groupi/round4XSD.wsdl", 23, ""),
        ("vmware-vim-v4/vim.wsdl", 615, ""),
    ],
)
def test_real_descriptions_show_their_operations(shared: Path, file: str, operations: int, path: str) -> None:
    schema = read_schema(shared / "corpora" / "wsdl" / file)
    assert len(schema.roots) == operations
    assert not path or schema.find(path) is not None
