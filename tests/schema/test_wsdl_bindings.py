"""Bindings of service descriptions: several ports, attachments, header faults, HTTP, SOAP arrays, ways of exchange."""

from __future__ import annotations

from pathlib import Path

from studio.schema.cache import load_cache, write_cache
from studio.schema.model import Kind, Schema
from tests.schema.trees import Reads, lines

_HEAD = (
    '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:s12="http://schemas.xmlsoap.org/wsdl/soap12/" '
    'xmlns:h="http://schemas.xmlsoap.org/wsdl/http/" xmlns:m="http://schemas.xmlsoap.org/wsdl/mime/" '
    'xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:enc="http://schemas.xmlsoap.org/soap/encoding/" '
    'xmlns:x99="http://www.w3.org/1999/XMLSchema" xmlns:x00="http://www.w3.org/2000/10/XMLSchema" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2002/04/dime/wsdl/" xmlns:t="urn:t" targetNamespace="urn:t">'
)
_STRING = '<message name="In"><part name="a" type="xs:string"/><part name="b" type="xs:int"/></message>'
_PORT = '<portType name="P"><operation name="Do"><input message="t:In"/><output message="t:In"/></operation></portType>'


def _read(reads: Reads, inside: str) -> Schema:
    return reads(("a.wsdl", f"{_HEAD}{inside}</definitions>"))


def _binding(operation: str, style: str = "rpc") -> str:
    return (
        f'<binding name="B" type="t:P"><s:binding style="{style}" transport="http://schemas.xmlsoap.org/soap/http"/>'
        f'<operation name="Do">{operation}</operation></binding>'
    )


def test_every_port_of_an_operation_is_told_with_its_address_action_style_use_and_transport(
    reads: Reads,
) -> None:
    schema = _read(
        reads,
        _STRING
        + _PORT
        + _binding(
            '<s:operation soapAction="urn:one"/><input><s:body use="encoded" namespace="urn:r"/></input>'
        )
        + '<binding name="B2" type="t:P"><s12:binding style="document" transport="urn:smtp"/><operation name="Do">'
        '<s12:operation soapAction="urn:two"/><input><s12:body use="literal"/></input></operation></binding>'
        + '<binding name="B3" type="t:P"><h:binding verb="GET"/><operation name="Do"><h:operation location="/do"/>'
        '<input><h:urlEncoded/></input><output><m:mimeXml part="a"/></output></operation></binding>'
        '<service name="S"><port name="One" binding="t:B"><s:address location="http://x/1"/></port>'
        '<port name="Two" binding="t:B2"><s12:address location="http://x/2"/></port>'
        '<port name="Get" binding="t:B3"><h:address location="http://x/3"/></port></service>',
    )
    facts = schema.roots[0].facts
    assert facts["exchange"] == "request-response"
    assert facts["ports"].splitlines() == ["S/One", "S/Two", "S/Get"]
    assert facts["port S/One"].splitlines() == [
        "binding: B",
        "service: S",
        "port: One",
        "address: http://x/1",
        "version: 1.1",
        "transport: http://schemas.xmlsoap.org/soap/http",
        "style: rpc",
        "use: encoded",
        "action: urn:one",
    ]
    assert "version: 1.2" in facts["port S/Two"]
    assert "action: urn:two" in facts["port S/Two"]
    assert facts["port S/Get"].splitlines()[-3:] == ["version: http", "verb: GET", "location: /do"]
    assert facts["action"] == "urn:one"


def test_http_alone_has_bare_parts_and_says_how_they_are_written(reads: Reads) -> None:
    schema = _read(
        reads,
        _STRING
        + _PORT
        + '<binding name="B3" type="t:P"><h:binding verb="GET"/><operation name="Do"><h:operation location="/do"/>'
        '<input><h:urlEncoded/></input><output><m:content type="text/plain"/></output></operation></binding>',
    )
    assert lines(schema)[:4] == ["Do 1 Do", "Do/input 1 In", "Do/input/a 1 string", "Do/input/b 1 int"]
    sent, answered = schema.roots[0].type.children
    assert sent.facts["content"] == "application/x-www-form-urlencoded"
    assert answered.facts["content"] == "text/plain"


def test_attachments_travel_beside_the_body(reads: Reads) -> None:
    schema = _read(
        reads,
        _STRING
        + _PORT
        + _binding(
            '<input><m:multipartRelated><m:part><s:body use="literal" namespace="urn:r"/></m:part>'
            '<m:part><m:content part="a" type="image/gif"/><m:content part="a" type="image/png"/></m:part>'
            '</m:multipartRelated></input><output><d:message layout="urn:closed"/><s:body use="literal"/></output>'
        ),
    )
    assert lines(schema)[:5] == [
        "Do 1 Do",
        "Do/input 1 In",
        "Do/input/Do 1 Do",
        "Do/input/Do/b 1 int",
        "Do/input/a 1 string",
    ]
    attached = schema.find("Do/input/a")
    assert attached is not None
    assert attached.node.facts["attachment"] == "image/gif image/png"
    assert schema.find("Do/output").node.facts["dime"] == "urn:closed"  # type: ignore[union-attr]


def test_header_faults_are_messages_of_their_own(reads: Reads) -> None:
    schema = _read(
        reads,
        _STRING
        + '<message name="H"><part name="login" type="xs:string"/><part name="refused" type="xs:int"/></message>'
        + _PORT
        + _binding(
            '<input><s:body use="literal" parts="a" namespace="urn:r"/><s:header message="t:H" part="login" use="literal">'
            '<s:headerfault message="t:H" part="refused" use="literal"/>'
            '<s:headerfault message="t:Gone" part="x" use="literal"/></s:header></input>'
        ),
    )
    names = [(node.prefix, node.name, bool(node.unresolved)) for node in schema.roots[0].type.children]
    assert names == [
        ("", "input", False),
        ("", "output", False),
        ("headerfault", "refused", False),
        ("headerfault", "x", True),
    ]
    found = schema.find("Do/headerfault:refused/refused")
    assert found is not None
    assert found.node.type.name == "int"
    assert lines(schema)[1:5] == [
        "Do/input 1 In",
        "Do/input/login 0..1 string",
        "Do/input/Do 1 Do",
        "Do/input/Do/a 1 string",
    ]


def test_parts_a_binding_names_wrongly_do_not_hide_the_message(reads: Reads) -> None:
    wrong = _binding('<input><s:body use="literal" parts="gone"/></input><output><s:body parts=""/></output>')
    schema = _read(reads, _STRING + _PORT + wrong)
    assert [line for line in lines(schema) if line.startswith("Do/input/Do/")] == [
        "Do/input/Do/a 1 string",
        "Do/input/Do/b 1 int",
    ]
    assert [line for line in lines(schema) if line.startswith("Do/output/")] == [
        "Do/output/DoResponse 1 DoResponse"
    ]


def test_every_way_of_exchange_keeps_its_order(reads: Reads) -> None:
    schema = _read(
        reads,
        _STRING
        + '<message name="Nothing"/><portType name="P"><operation name="OneWay"><input message="t:In"/></operation>'
        '<operation name="Tell"><output message="t:In"/></operation><operation name="Ask"><output message="t:In"/>'
        '<input message="t:In"/></operation><operation name="Ping"><input message="t:Nothing"/>'
        '<output message="t:Nothing"/></operation></portType>',
    )
    assert [
        (node.name, node.facts["exchange"], [message.name for message in node.type.children])
        for node in schema.roots
    ] == [
        ("OneWay", "one-way", ["input"]),
        ("Tell", "notification", ["output"]),
        ("Ask", "solicit-response", ["output", "input"]),
        ("Ping", "request-response", ["input", "output"]),
    ]
    ping = schema.find("Ping/input")
    assert ping is not None
    assert ping.children() == ()


def test_overloaded_operations_are_told_apart_by_input_and_keep_their_bindings(reads: Reads) -> None:
    schema = _read(
        reads,
        _STRING
        + '<message name="Other"><part name="c" type="xs:date"/></message>'
        + '<portType name="P"><operation name="Do"><input name="first" message="t:In"/></operation>'
        '<operation name="Do"><input name="second" message="t:Other"/></operation></portType>'
        '<binding name="B" type="t:P"><s:binding style="rpc" transport="x"/>'
        '<operation name="Do"><s:operation soapAction="urn:2"/><input name="second"><s:body use="literal"/></input></operation>'
        '<operation name="Do"><s:operation soapAction="urn:1"/><input name="first"><s:body use="literal"/></input></operation>'
        "</binding>",
    )
    assert [(node.prefix, node.facts["action"]) for node in schema.roots] == [("", "urn:1"), ("P", "urn:2")]
    assert schema.find("P:Do/input/Do/c") is not None
    assert schema.find("Do/input/Do/c") is None


_ARRAYS = """<types>
<schema xmlns="http://www.w3.org/1999/XMLSchema" targetNamespace="urn:t"><complexType name="A99" base="enc:Array" derivedBy="restriction"><attribute name="arrayType" wsdl:arrayType="x99:int[]"/></complexType>
<complexType name="B99"><complexContent><restriction base="enc:Array"><attribute ref="enc:arrayType" wsdl:arrayType="t:Item[]"/></restriction></complexContent></complexType>
<complexType name="Item"><element name="id" type="x99:int"/></complexType></schema>
<schema xmlns="http://www.w3.org/2000/10/XMLSchema" targetNamespace="urn:t"><complexType name="A00" base="enc:Array"><attribute ref="enc:arrayType" wsdl:arrayType="x00:string[][]"/></complexType></schema>

<xs:schema targetNamespace="urn:t">
<xs:complexType name="A01"><xs:complexContent><xs:restriction base="enc:Array"><xs:sequence><xs:element name="thing" type="t:Item" minOccurs="0" maxOccurs="unbounded"/></xs:sequence><xs:attribute ref="enc:arrayType" wsdl:arrayType="t:Item[]"/></xs:restriction></xs:complexContent></xs:complexType>
<xs:complexType name="E01"><xs:complexContent><xs:extension base="enc:Array"><xs:attribute ref="enc:arrayType" wsdl:arrayType="t:Item[,]"/></xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="D01"><xs:complexContent><xs:restriction base="t:A01"/></xs:complexContent></xs:complexType>
<xs:complexType name="N01"><xs:complexContent><xs:restriction base="t:A01"><xs:attribute ref="enc:arrayType" wsdl:arrayType="t:A01[]"/></xs:restriction></xs:complexContent></xs:complexType>
<xs:complexType name="P01"><xs:complexContent><xs:restriction base="enc:Array"/></xs:complexContent></xs:complexType>
<xs:complexType name="S12" xmlns:e12="http://www.w3.org/2003/05/soap-encoding"><xs:complexContent><xs:restriction base="e12:Array"><xs:attribute ref="e12:itemType" default="t:Item"/></xs:restriction></xs:complexContent></xs:complexType>
</xs:schema>
</types>
<message name="In">%s</message>
<portType name="P"><operation name="Do"><input message="t:In"/></operation></portType>"""


def test_soap_arrays_of_every_writing_show_their_items(reads: Reads) -> None:
    parts = "".join(f'<part name="{n}" type="t:{n}"/>' for n in "A99 B99 A00 A01 E01 D01 N01 P01 S12".split())
    schema = _read(
        reads,
        _ARRAYS % parts
        + _binding('<input><s:body use="encoded" namespace="urn:r" encodingStyle="urn:style"/></input>'),
    )
    assert [line.removeprefix("Do/input/Do/") for line in lines(schema) if "@" not in line][3:] == [
        "A99 1 A99",
        "A99/item 0..n int",
        "B99 1 B99",
        "B99/item 0..n Item",
        "B99/item/id 1 int",
        "A00 1 A00",
        "A00/item 0..n Array",
        "A00/item/item 0..n string",
        "A01 1 A01",
        "A01/thing 0..n Item",
        "A01/thing/id 1 int",
        "E01 1 E01",
        "E01/item 0..n Item",
        "E01/item/id 1 int",
        "D01 1 D01",
        "D01/item 0..n Item",
        "D01/item/id 1 int",
        "N01 1 N01",
        "N01/item 0..n A01",
        "N01/item/thing 0..n Item",
        "P01 1 P01",
        "P01/item 0..n anyType",
        "P01/item/* 0..n any",
        "S12 1 S12",
        "S12/item 0..n Item",
        "S12/item/id 1 int",
    ]
    sent = schema.roots[0].type.children[0]
    assert (sent.facts["use"], sent.facts["encodingStyle"], sent.kind) == (
        "encoded",
        "urn:style",
        Kind.MESSAGE,
    )


def test_bindings_survive_the_cache(reads: Reads) -> None:
    schema = _read(reads, _STRING + _PORT + _binding('<input><s:body use="literal"/></input>'))
    cache = schema.files[0] + ".cache"
    write_cache(schema, Path(cache))
    loaded = load_cache(Path(cache))
    assert lines(loaded) == lines(schema)
    assert loaded.roots[0].facts == schema.roots[0].facts
