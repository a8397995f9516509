"""WSDL 2.0: interfaces, bindings and endpoints as the same tree of operations and messages as WSDL 1.1."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.schema.cache import load_cache, write_cache
from studio.schema.model import Kind
from studio.schema.read import read_schema
from tests.schema.trees import Reads, lines

_SPACE = "http://www.w3.org/ns/wsdl"
_HEAD = (
    '<description xmlns="{space}" xmlns:t="urn:hotel" xmlns:g="urn:ghns" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:wsoap="http://www.w3.org/ns/wsdl/soap" xmlns:whttp="http://www.w3.org/ns/wsdl/http" '
    'xmlns:wsdlx="http://www.w3.org/ns/wsdl-extensions" targetNamespace="urn:hotel">'
)
_TYPES = """<types><xs:schema targetNamespace="urn:ghns" elementFormDefault="qualified">
  <xs:element name="ask"><xs:complexType><xs:sequence><xs:element name="from" type="xs:date"/>
    <xs:element name="room" type="xs:string" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
  <xs:element name="answer" type="xs:double"/><xs:element name="wrong" type="xs:string"/>
  <xs:element name="token" type="xs:string"/></xs:schema></types>"""
_INTERFACE = """<interface name="Rooms" styleDefault="http://www.w3.org/ns/wsdl/style/iri">
  <fault name="badDate" element="g:wrong"/>
  <operation name="find" pattern="http://www.w3.org/ns/wsdl/in-out" wsdlx:safe="true"><documentation>Free rooms</documentation>
    <input messageLabel="In" element="g:ask"/><output messageLabel="Out" element="g:answer"/>
    <outfault ref="t:badDate" messageLabel="Out"/></operation></interface>"""
_BINDINGS = """<binding name="Soap" interface="t:Rooms" type="http://www.w3.org/ns/wsdl/soap"
    wsoap:protocol="http://www.w3.org/2003/05/soap/bindings/HTTP/" wsoap:mepDefault="http://www.w3.org/2003/05/soap/mep/request-response">
    <fault ref="t:badDate" wsoap:code="soap:Sender"/>
    <operation ref="t:find" wsoap:action="urn:find"><input><wsoap:header element="g:token" mustUnderstand="true"/></input></operation></binding>
  <binding name="Http" interface="t:Rooms" type="http://www.w3.org/ns/wsdl/http" whttp:methodDefault="GET">
    <operation ref="t:find" whttp:location="rooms/{from}"/></binding>
  <service name="Hotel" interface="t:Rooms"><endpoint name="soap" binding="t:Soap" address="http://h/soap"/>
    <endpoint name="rest" binding="t:Http" address="http://h/"/></service>"""


def _wsdl(inside: str, space: str = _SPACE) -> str:
    return f"{_HEAD.format(space=space)}{inside}</description>"


@pytest.mark.parametrize("space", [_SPACE, "http://www.w3.org/2006/01/wsdl"])
def test_an_interface_shows_its_operations_with_headers_and_faults(reads: Reads, space: str) -> None:
    schema = reads(("a.wsdl", _wsdl(_TYPES + _INTERFACE + _BINDINGS, space)))
    assert (schema.kind, schema.facts["wsdl"]) == ("wsdl", "2.0")
    assert lines(schema) == [
        "find 1 find",
        "find/input 1 ask",
        "find/input/token 0..1 string",
        "find/input/ask 1",
        "find/input/ask/from 1 date",
        "find/input/ask/room 1..n string",
        "find/output 1 answer",
        "find/output/answer 1 double",
        "find/fault:badDate 0..1 wrong",
        "find/fault:badDate/wrong 1 string",
    ]
    node = schema.roots[0]
    assert (node.kind, node.documentation, node.namespace) == (Kind.OPERATION, "Free rooms", "urn:hotel")
    assert [message.kind for message in node.type.children] == [Kind.MESSAGE] * 3
    header = schema.find("find/input/token")
    assert header is not None
    assert header.node.facts["soap"] == "header"
    assert not schema.all_problems()


def test_endpoints_bindings_patterns_and_styles_are_facts(reads: Reads) -> None:
    facts = reads(("a.wsdl", _wsdl(_TYPES + _INTERFACE + _BINDINGS))).roots[0].facts
    assert facts["interface"] == "Rooms"
    assert facts["exchange"] == "in-out"
    assert facts["style"] == "http://www.w3.org/ns/wsdl/style/iri"
    assert facts["safe"] == "true"
    assert facts["ports"].splitlines() == ["Hotel/soap", "Hotel/rest"]
    assert (facts["address"], facts["action"], facts["version"]) == ("http://h/soap", "urn:find", "1.2")
    assert facts["port Hotel/rest"].splitlines() == [
        "binding: Http",
        "service: Hotel",
        "port: rest",
        "address: http://h/",
        "version: http",
        "verb: GET",
        "location: rooms/{from}",
    ]


def test_files_are_included_and_imported_and_interfaces_extend_each_other(reads: Reads) -> None:
    schema = reads(
        (
            "main.wsdl",
            _wsdl(
                '<include location="more/rooms.wsdl"/><import namespace="urn:base" location="base.wsdl"/>'
                '<interface name="All" extends="t:Rooms b:Base" xmlns:b="urn:base">'
                '<operation name="close" pattern="http://www.w3.org/ns/wsdl/robust-in-only"><input element="g:ask"/>'
                '<infault ref="t:badDate"/></operation></interface><service name="S" interface="t:All"/>'
            ),
        ),
        ("more/rooms.wsdl", _wsdl('<include location="../main.wsdl"/>' + _TYPES + _INTERFACE)),
        (
            "base.wsdl",
            _wsdl(
                '<types><xs:import namespace="urn:x" schemaLocation="x.xsd"/></types><interface name="Base">'
                '<operation name="ping"><input element="x:p" xmlns:x="urn:x"/></operation></interface>'
            ).replace('targetNamespace="urn:hotel"', 'targetNamespace="urn:base"'),
        ),
        (
            "x.xsd",
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x"><xs:element name="p" type="xs:int"/></xs:schema>',
        ),
    )
    assert not schema.all_problems()
    assert [(node.name, node.facts["interface"]) for node in schema.roots] == [
        ("close", "All"),
        ("find", "Rooms"),
        ("ping", "Base"),
    ]
    assert lines(schema, "close")[-2:] == [
        "close/fault:badDate 0..1 wrong",
        "close/fault:badDate/wrong 1 string",
    ]
    assert lines(schema, "ping")[-1] == "ping/input/p 1 int"
    assert [Path(file).name for file in schema.files] == ["main.wsdl", "rooms.wsdl", "base.wsdl", "x.xsd"]


def test_messages_of_anything_nothing_and_something_else(reads: Reads) -> None:
    schema = reads(
        (
            "a.wsdl",
            _wsdl(
                '<interface name="I"><operation name="op" pattern="http://www.w3.org/ns/wsdl/in-out">'
                '<input element="#any"/><output element="#none"/></operation><operation name="other">'
                '<output element="#other"/></operation></interface>'
            ),
        )
    )
    assert lines(schema) == ["op 1 op", "op/input 1 #any", "op/input/* 1 any", "op/output 1 #none"]
    assert schema.find("other/output").node.facts["element"] == "#other"  # type: ignore[union-attr]
    assert schema.find("op/input/whatever") is not None


def test_the_same_operation_of_two_interfaces_keeps_apart(reads: Reads) -> None:
    one = '<interface name="{}"><operation name="op"><input element="#none"/></operation></interface>'
    schema = reads(
        ("a.wsdl", _wsdl(one.format("A") + one.format("B") + '<service name="S" interface="t:B"/>'))
    )
    assert [(node.prefix, node.facts["interface"]) for node in schema.roots] == [("", "B"), ("A", "A")]
    assert schema.find("A:op/input") is not None


def test_gaps_are_marked_and_told(reads: Reads) -> None:
    schema = reads(
        (
            "a.wsdl",
            _wsdl(
                '<include location="gone.wsdl"/><interface name="I" extends="t:Lost t:I"><operation name="op">'
                '<input element="g:Nowhere"/><outfault ref="t:Gone"/></operation></interface>'
                '<binding name="B" interface="t:Missing" type="x"/>'
                '<service name="S" interface="t:I"><endpoint name="e" binding="t:NoBinding"/></service>'
            ),
        )
    )
    assert [problem.message for problem in schema.problems] == [
        "The file gone.wsdl is not there.",
        "The port e uses the binding t:NoBinding, which is not described.",
        "The interface t:Missing is not described.",
        "The interface t:Lost is not described.",
    ]
    assert all(problem.line for problem in schema.problems)
    assert schema.find("op/input/Nowhere").node.unresolved  # type: ignore[union-attr]
    assert schema.find("op/fault:Gone").node.unresolved  # type: ignore[union-attr]


def test_a_description_without_interfaces_shows_its_elements(reads: Reads, tmp_path: Path) -> None:
    schema = reads(("a.wsdl", _wsdl(_TYPES)))
    assert [node.name for node in schema.roots] == ["ask", "answer", "wrong", "token"]
    assert "has no operations" in schema.problems[0].message
    write_cache(schema, tmp_path / "c")
    assert lines(load_cache(tmp_path / "c")) == lines(schema)


def test_interfaces_that_extend_in_a_ring_end(reads: Reads) -> None:
    ring = "".join(
        f'<interface name="I{n}" extends="t:I{(n + 1) % 300}"><operation name="o{n}"><input element="#none"/></operation></interface>'
        for n in range(300)
    )
    assert len(reads(("a.wsdl", _wsdl(ring))).roots) == 300


def test_the_name_of_the_file_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "service.txt").write_text(_wsdl(_TYPES + _INTERFACE))
    assert read_schema(tmp_path / "service.txt").kind == "wsdl"
