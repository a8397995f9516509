"""SOAP envelopes: what was asked, with its headers, and answers and faults as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from studio.practice.failures import ApiError
from studio.practice.http.message import XML_TYPE, Response, text_response

KINDS = {"u": "partner", "c": "enterprise"}
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns="urn:{kind}.soap.sforce.com" xmlns:sf="urn:{space}.{kind}.soap.sforce.com" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)
# Which fault a code is; the others are unexpected errors.
_FAULTS = {
    "INVALID_LOGIN": "LoginFault",
    "INVALID_OPERATION": "LoginFault",
    "UNSUPPORTED_API_VERSION": "LoginFault",
    "INVALID_TYPE": "InvalidSObjectFault",
    "INVALID_FIELD": "InvalidFieldFault",
    "MALFORMED_QUERY": "MalformedQueryFault",
    "INVALID_QUERY_LOCATOR": "InvalidQueryLocatorFault",
}
# Faults of a query say where: we do not.
_PLACED = frozenset({"InvalidSObjectFault", "InvalidFieldFault", "MalformedQueryFault"})

# A value that is shown to be empty, where None is left out.
NIL = object()


class Refused(Exception):
    """The request is no SOAP request of ours."""


@dataclass(frozen=True)
class Asked:
    """One request: the operation, its element, and the headers."""

    kind: str
    operation: str
    element: etree._Element
    header: etree._Element | None

    def head(self, path: str) -> str:
        """The text of a header, as `SessionHeader/sessionId`; empty where it is not given."""
        steps = "/".join("{*}" + step for step in path.split("/"))
        return "" if self.header is None else (self.header.findtext(steps) or "").strip()

    def texts(self, name: str) -> list[str]:
        """The texts of the operation's children of this name."""
        return [child.text or "" for child in self.element.findall("{*}" + name)]

    def text(self, name: str) -> str:
        """The text of the first of them."""
        return next(iter(self.texts(name)), "")


def read(body: bytes, kind: str) -> Asked:
    """The request in a body. Raises Refused."""
    if b"<!DOCTYPE" in body:
        raise Refused("The request has a document type declaration")
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(f"The request is no XML: {error}") from error
    content = root.find("{*}Body")
    asked = (
        next((child for child in content if isinstance(child.tag, str)), None)
        if content is not None
        else None
    )
    if asked is None:
        raise Refused("The request has no operation")
    return Asked(kind, etree.QName(asked).localname, asked, root.find("{*}Header"))


def answer(asked: Asked, body: str) -> Response:
    """The answer of an operation: `body` is what its response element holds."""
    name = f"{asked.operation}Response"
    text = _ENVELOPE.format(kind=asked.kind, space="sobject", body=f"<{name}>{body}</{name}>")
    return text_response(text, XML_TYPE)


def fault(kind: str, code: str, message: str) -> Response:
    """A fault: status 500, whatever was wrong."""
    text, name = escape(message), _FAULTS.get(code, "UnexpectedErrorFault")
    place = "<sf:row>-1</sf:row><sf:column>-1</sf:column>" if name in _PLACED else ""
    detail = (
        f'<sf:{name} xsi:type="sf:{name}"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{text}</sf:exceptionMessage>{place}</sf:{name}>"
    )
    body = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {text}</faultstring>"
        f"<detail>{detail}</detail></soapenv:Fault>"
    )
    return text_response(_ENVELOPE.format(kind=kind, space="fault", body=body), XML_TYPE, 500)


def faulty(kind: str, error: ApiError) -> Response:
    """A refused request as a fault."""
    return fault(kind, error.code, error.message)


def element(name: str, value: Any) -> str:
    """A value as an element: members in alphabetical order, which is the vendor's; lists repeat, None is left out."""
    if value is None:
        return ""
    if value is NIL:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(value, list):
        return "".join(element(name, item) for item in value)
    if isinstance(value, Mapping):
        inner = "".join(element(key, value[key]) for key in sorted(value))
        return f"<{name}>{inner}</{name}>"
    kind = "boolean" if isinstance(value, bool) else "string"
    text = str(value).lower() if isinstance(value, bool) else escape(str(value))
    # The one member that may be of any type says which.
    typed = f' xsi:type="xsd:{kind}"' if name == "defaultValue" else ""
    return f"<{name}{typed}>{text}</{name}>"
