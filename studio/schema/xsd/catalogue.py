"""Schemas of namespaces everybody refers to and few ship: described by us, loaded when a name of theirs is needed."""

from __future__ import annotations

from studio.base.paths import resource
from studio.schema.xml_source import parse_bytes
from studio.schema.xsd.symbols import Document

_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-"

# Namespace to a file of resources/catalogue. The files name no target namespace, so that versions of one vocabulary
# can share a file: each takes the namespace it was asked for.
FILES = {
    "http://www.w3.org/XML/1998/namespace": "xml.xsd",
    "http://www.w3.org/1999/xlink": "xlink.xsd",
    "http://schemas.xmlsoap.org/soap/encoding/": "soap-encoding.xsd",
    "http://www.w3.org/2003/05/soap-encoding": "soap-encoding.xsd",
    "http://schemas.xmlsoap.org/soap/envelope/": "soap-envelope.xsd",
    "http://www.w3.org/2003/05/soap-envelope": "soap12-envelope.xsd",
    "http://schemas.xmlsoap.org/wsdl/": "wsdl.xsd",
    "http://schemas.xmlsoap.org/wsdl/soap/": "wsdl-soap.xsd",
    "http://schemas.xmlsoap.org/wsdl/soap12/": "wsdl-soap.xsd",
    "http://www.w3.org/2005/08/addressing": "addressing.xsd",
    "http://www.w3.org/2004/12/addressing": "addressing.xsd",
    "http://schemas.xmlsoap.org/ws/2003/03/addressing": "addressing.xsd",
    "http://schemas.xmlsoap.org/ws/2004/03/addressing": "addressing.xsd",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing": "addressing.xsd",
    "http://www.w3.org/2005/05/xmlmime": "xmlmime.xsd",
    "http://www.w3.org/2004/11/xmlmime": "xmlmime.xsd",
    "http://www.w3.org/2004/08/xop/include": "xop.xsd",
    "http://ws-i.org/profiles/basic/1.1/xsd": "swaref.xsd",
    "http://www.w3.org/2000/09/xmldsig#": "xmldsig.xsd",
    "http://microsoft.com/wsdl/types/": "microsoft-types.xsd",
    "http://schemas.microsoft.com/2003/10/Serialization/": "microsoft-serialization.xsd",
    "http://schemas.microsoft.com/2003/10/Serialization/Arrays": "microsoft-arrays.xsd",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi.xsd",
    "http://docs.oasis-open.org/wsn/b-2": "notification.xsd",
    "http://docs.oasis-open.org/wsn/t-1": "topics.xsd",
    "http://docs.oasis-open.org/wsrf/bf-2": "base-faults.xsd",
    "http://docs.oasis-open.org/wsrf/r-2": "resource.xsd",
    f"{_WSS}secext-1.0.xsd": "wss-security.xsd",
    f"{_WSS}utility-1.0.xsd": "wss-utility.xsd",
    "http://schemas.xmlsoap.org/ws/2004/09/policy": "policy.xsd",
    "http://www.w3.org/ns/ws-policy": "policy.xsd",
    "http://www.w3.org/2006/07/ws-policy": "policy.xsd",
    "http://purl.org/dc/elements/1.1/": "dublin-core.xsd",
}


def known(namespace: str) -> bool:
    """The catalogue describes this namespace."""
    return namespace in FILES


def load(namespace: str) -> Document | None:
    """The built-in description of a namespace, None where we have none."""
    name = FILES.get(namespace)
    if name is None:
        return None
    path = resource("catalogue") / name
    return Document(name, None, parse_bytes(path.read_bytes(), path), namespace, borrowed=True, imported=True)
