"""What a binding says of one message: how its body is written, which parts are headers and which are attachments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from studio.schema.wsdl.definitions import SOAP, inside
from studio.schema.xml_source import Element

HTTP = "http://schemas.xmlsoap.org/wsdl/http/"
MIME = "http://schemas.xmlsoap.org/wsdl/mime/"
DIME = "http://schemas.xmlsoap.org/ws/2002/04/dime/wsdl/"


class Header(NamedTuple):
    """A header block: the message and part it names, its use, and the faults that answer it by message and part."""

    message: str
    part: str
    use: str
    faults: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Body:
    """How a message is written. `parts` None: the binding does not choose.

    `attachments` maps the names of parts that travel beside the body to their media types; `content` is how the whole
    message is written where it is no SOAP body (`application/x-www-form-urlencoded`, `url`, a media type).
    """

    use: str = ""
    namespace: str | None = None
    encoding: str = ""
    parts: tuple[str, ...] | None = None
    headers: tuple[Header, ...] = ()
    attachments: tuple[tuple[str, str], ...] = ()
    content: str = ""
    layout: str = ""
    element: Element | None = None

    @property
    def attached(self) -> dict[str, str]:
        """The media types of attached parts by name, alternatives joined by spaces."""
        found: dict[str, str] = {}
        for name, kind in self.attachments:
            found[name] = f"{found[name]} {kind}" if name in found else kind
        return found


def body_of(binding_operation: Element | None, word: str, fault: str = "") -> Body:
    """What a binding's operation says of its `input`, `output` or named `fault`."""
    for element in inside(binding_operation, word):
        if not fault or element.get("name") in (None, fault):
            return _body(element)
    return Body()


def split_tag(element: Element) -> tuple[str, str]:
    """Namespace and local name of an element."""
    tag = str(element.tag)
    namespace, _brace, name = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    return namespace, name


def _body(element: Element) -> Body:
    soap: Element | None = None
    headers: list[Header] = []
    attached: list[tuple[str, str]] = []
    content: list[str] = []
    layout = ""
    for child in element.iter():
        space, name = split_tag(child)
        if space in SOAP and name in ("body", "fault"):
            soap = child if soap is None else soap
        elif space in SOAP and name == "header":
            headers.append(_header(child))
        elif space == DIME and name == "message":
            layout = child.get("layout") or ""
        elif space in (MIME, HTTP):
            said = _content(name, child)
            content += [said] if said else []
            if said and child.get("part"):
                attached.append((child.get("part") or "", said))
    if soap is None:
        whole = " ".join(dict.fromkeys(content))
        return Body(headers=tuple(headers), content=whole, layout=layout, element=element)
    parts = soap.get("parts")
    return Body(
        soap.get("use") or "literal",
        soap.get("namespace"),
        soap.get("encodingStyle") or "",
        tuple(parts.split()) if parts is not None else None,
        tuple(headers),
        tuple(attached),
        layout=layout,
        element=element,
    )


def _content(name: str, element: Element) -> str:
    if name == "content":
        return element.get("type") or "*/*"
    return {
        "mimeXml": "text/xml",
        "urlEncoded": "application/x-www-form-urlencoded",
        "urlReplacement": "url",
    }.get(name, "")


def _header(element: Element) -> Header:
    faults = tuple((one.get("message") or "", one.get("part") or "") for one in _header_faults(element))
    return Header(
        element.get("message") or "", element.get("part") or "", element.get("use") or "literal", faults
    )


def _header_faults(element: Element) -> Iterator[Element]:
    for child in element:
        space, name = split_tag(child)
        if space in SOAP and name == "headerfault":
            yield child
