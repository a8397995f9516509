"""The namespaces everybody refers to: described here, whole, with every name the real schemas have."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest
from lxml import etree

from studio.base.paths import resource
from studio.schema.model import Kind, Type
from studio.schema.read import read_schema
from studio.schema.xsd import catalogue
from studio.schema.xsd.closure import Closure
from studio.schema.xsd.inspect import inspect
from studio.schema.xsd.names import children, local_name
from studio.schema.xsd.symbols import TABLES
from studio.schema.xsd.types import Types
from tests.schema.trees import Reads, xsd_text

_XS = "{http://www.w3.org/2001/XMLSchema}schema"
# Real schemas of the corpora that describe the same namespaces.
_CXF = "xsd/soap-wsstar-catalog/"
_REAL = (
    "wsdl/cxf-wsdls/tools/wsdlto/test/src/test/resources/wsdl2java_wsdl/bug305770/bf-2.xsd",
    "wsdl/cxf-wsdls/tools/wsdlto/test/src/test/resources/wsdl2java_wsdl/bug305770/r-2.xsd",
    f"{_CXF}rt/ws/policy/src/main/resources/schemas/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    f"{_CXF}rt/ws/policy/src/main/resources/schemas/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    f"{_CXF}rt/ws/policy/src/main/resources/schemas/ws-policy-200409.xsd",
    f"{_CXF}core/src/main/resources/schemas/wsdl/soap-binding.xsd",
    f"{_CXF}core/src/main/resources/schemas/wsdl/ws-addr.xsd",
    f"{_CXF}core/src/main/resources/schemas/wsdl/wsdl.xsd",
    f"{_CXF}core/src/main/resources/schemas/wsdl/soap-encoding.xsd",
    f"{_CXF}core/src/main/resources/schemas/wsdl/xml.xsd",
    "xsd/w3c-meta/DSIG/xmldsig-core-schema.xsd",
    f"{_CXF}core/src/main/resources/schemas/wsdl/addressing.xsd",
    f"{_CXF}core/src/main/resources/schemas/wsdl/xmime.xsd",
)


@pytest.mark.parametrize("namespace", catalogue.FILES)
def test_every_description_is_whole(namespace: str) -> None:
    document = catalogue.load(namespace)
    assert document is not None
    closure = Closure()
    closure.symbols.add(document)
    types = Types(closure.symbols, {})
    roots = [
        types.global_element(one)
        for _name, one in types.symbols.all("element")
        if one.document.namespace == namespace
    ]
    kinds = [
        types.type_of(one) for _name, one in types.symbols.all("type") if one.document.namespace == namespace
    ]
    waiting = deque([*(node.type for node in roots), *kinds])
    seen: set[Type] = set()
    lost = [node.name for node in roots if node.unresolved]
    while waiting:
        kind = waiting.popleft()
        if kind not in seen:
            seen.add(kind)
            lost += [node.unresolved for node in kind.children if node.unresolved]
            waiting += [node.type for node in kind.children if node.kind is not Kind.ANY]
    assert not lost
    assert not [p.message for p in inspect(closure) if "ambiguous" not in p.message]


def test_every_file_of_the_catalogue_is_named() -> None:
    files = {file.name for file in resource("catalogue").iterdir()}
    assert files == set(catalogue.FILES.values())


@pytest.mark.parametrize("file", _REAL)
def test_no_name_of_the_real_schema_is_missing(shared: Path, file: str) -> None:
    schema = etree.parse(str(shared / "corpora" / file), etree.XMLParser(resolve_entities=False)).getroot()
    ours = catalogue.load(schema.get("targetNamespace", ""))
    assert ours is not None
    assert not _names(schema) - _names(ours.schema)


def _names(schema: etree._Element) -> set[tuple[str, str]]:
    assert local_name(schema) == "schema"
    return {
        (TABLES[word], element.get("name", ""))
        for word, element in children(schema)
        if word in ("element", "complexType", "attribute")
    }


def test_onvif_resolves_what_it_imports_from_elsewhere(shared: Path) -> None:
    schema = read_schema(shared / "corpora/wsdl/onvif/ver10/device/wsdl/devicemgmt.wsdl")
    assert not [problem for problem in schema.problems if "not fetched" in problem.message]
    assert all(not node.unresolved for root in schema.roots for node in root.type.children)


def test_references_into_known_namespaces_need_no_file(reads: Reads) -> None:
    text = xsd_text(
        '<xs:import namespace="http://docs.oasis-open.org/wsn/b-2" schemaLocation="http://docs.oasis-open.org/wsn/b-2.xsd"/>'
        '<xs:import namespace="http://purl.org/dc/elements/1.1/"/>'
        '<xs:element name="r"><xs:complexType><xs:sequence><xs:element ref="n:NotificationMessage" xmlns:n="http://docs.oasis-open.org/wsn/b-2"/>'
        '<xs:element ref="d:title" xmlns:d="http://purl.org/dc/elements/1.1/"/></xs:sequence></xs:complexType></xs:element>'
    )
    schema = reads(("a.xsd", text))
    assert not schema.all_problems()
    found = schema.find("r/NotificationMessage/ProducerReference/Address")
    assert found is not None
    assert found.node.value is not None
    assert schema.find("r/title") is not None
