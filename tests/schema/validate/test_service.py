"""SOAP messages against service descriptions."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.schema.validate.document import check_document

_ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>\n{body}</e:Body></e:Envelope>'
)
_WSDL = """<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" xmlns:u="urn:u" targetNamespace="urn:t">
<types><xs:schema targetNamespace="urn:t" elementFormDefault="qualified"><xs:import namespace="urn:u"/>
<xs:element name="Ask"><xs:complexType><xs:sequence><xs:element name="number" type="xs:int"/>
<xs:element name="who" type="u:Person" minOccurs="0"/></xs:sequence></xs:complexType></xs:element></xs:schema>
<xs:schema targetNamespace="urn:u"><xs:complexType name="Person"><xs:sequence><xs:element name="name" type="xs:string"/>
</xs:sequence></xs:complexType></xs:schema></types>
<message name="AskIn"><part name="body" element="t:Ask"/></message>
<message name="AddIn"><part name="one" type="xs:int"/><part name="person" type="u:Person"/></message>
<portType name="P"><operation name="Ask"><input message="t:AskIn"/></operation>
<operation name="Add"><input message="t:AddIn"/></operation></portType>
<binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="Ask"><s:operation style="document"/><input><s:body use="literal"/></input></operation>
<operation name="Add"><s:operation style="rpc"/><input><s:body use="literal" namespace="urn:rpc"/></input></operation>
</binding></definitions>"""


def _found(folder: Path, body: str, envelope: str = _ENVELOPE) -> list[tuple[int | None, str | None, str]]:
    (folder / "s.wsdl").write_text(_WSDL, encoding="utf-8")
    (folder / "m.xml").write_text(envelope.format(body=body), encoding="utf-8")
    found = check_document(str(folder / "s.wsdl"), str(folder / "m.xml"), None, None, None, None)
    return [(one.line, one.path, one.message) for one in found]


@pytest.mark.parametrize(
    "space", ["http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"]
)
def test_documents_in_a_body(tmp_path: Path, space: str) -> None:
    envelope = _ENVELOPE.replace("http://schemas.xmlsoap.org/soap/envelope/", space)
    good = '<Ask xmlns="urn:t"><number>1</number><who><name xmlns="">A</name></who></Ask>'
    assert _found(tmp_path, good, envelope) == []
    assert _found(tmp_path, good, "{body}") == []
    wrong = '<Ask xmlns="urn:t"><number>one</number><who><surname xmlns="">A</surname></who></Ask>'
    assert _found(tmp_path, wrong, envelope) == [
        (2, "Envelope/Body/Ask/number", "'one' is no int."),
        (2, "Envelope/Body/Ask/who/surname", "surname may not stand here; expected: name."),
    ]
    assert _found(tmp_path, '<Tell xmlns="urn:t"/>', envelope) == [
        (2, "Envelope/Body/Tell", "The schema does not know Tell, and here it must.")
    ]


def test_rpc_wrappers_and_their_parts(tmp_path: Path) -> None:
    good = '<r:Add xmlns:r="urn:rpc"><person><name>A</name></person><one>1</one></r:Add>'
    assert _found(tmp_path, good) == []
    wrong = '<r:Add xmlns:r="urn:rpc"><one>1</one><one>2</one></r:Add>'
    assert [one[1] for one in _found(tmp_path, wrong)] == ["Envelope/Body/Add/one[2]"]


def test_real_services_compile(shared: Path, tmp_path: Path) -> None:
    base = shared / "corpora" / "wsdl"
    message = tmp_path / "m.xml"
    message.write_text(_ENVELOPE.format(body='<none xmlns="urn:none"/>'), encoding="utf-8")
    for folder in ("salesforce-partner-v66", "amazon-ec2"):
        service = max((base / folder).rglob("*.wsdl"), key=lambda path: path.stat().st_size)
        found = list(check_document(str(service), str(message), None, None, None, None))
        assert [one.message for one in found if one.severity == "error"] == [
            "The schema does not know none, and here it must."
        ], folder
