"""How operations are called: which binding of which port says what of an operation and its messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from studio.base.i18n import _
from studio.schema.wsdl.bodies import HTTP, split_tag
from studio.schema.wsdl.definitions import SOAP, Definitions, inside
from studio.schema.wsdl.merged import Part
from studio.schema.xml_source import Element


@dataclass(frozen=True)
class Bound:
    """A binding reached through a port (or through none). `version` is the SOAP version, `http`, or empty."""

    part: Part
    port_type: Part | None
    version: str
    style: str
    transport: str = ""
    service: str = ""
    port: str = ""
    address: str = ""
    operations: dict[str, list[Element]] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        """SOAP before HTTP before anything else."""
        return 0 if self.version in ("1.1", "1.2") else 1 if self.version == "http" else 2

    def operation(self, name: str, input_name: str | None, at: int) -> Element | None:
        """What the binding says of an operation; overloaded ones are told apart by input name, then by position."""
        found = self.operations.get(name, [])
        if len(found) > 1 and input_name:
            for element in found:
                if any(child.get("name") == input_name for child in inside(element, "input")):
                    return element
        return found[min(at, len(found) - 1)] if found else None


def bindings(definitions: Definitions) -> list[Bound]:
    """Every binding, first those of the services' ports in order; then those no port uses."""
    found: list[Bound] = []
    used: set[Element] = set()
    for service in definitions.tables["service"].values():
        for port in inside(service.element, "port"):
            name = port.get("binding") or ""
            part = definitions.find("binding", port, name, service.namespace)
            if part is None:
                _missing_binding(definitions, service, port, name)
                continue
            used.add(part.element)
            found.append(_bound(definitions, part, service.element.get("name") or "", port))
    found += [
        _bound(definitions, part, "", None)
        for part in definitions.tables["binding"].values()
        if part.element not in used
    ]
    return sorted(found, key=lambda one: one.rank)


def soap_operation(binding_operation: Element | None) -> Element | None:
    """The soap:operation (or http:operation) inside a binding's operation."""
    for child in binding_operation if binding_operation is not None else ():
        space, name = split_tag(child)
        if name == "operation" and (space in SOAP or space == HTTP):
            return child
    return None


def _bound(definitions: Definitions, part: Part, service: str, port: Element | None) -> Bound:
    version, style, transport = _protocol(part.element)
    name = part.element.get("type") or ""
    port_type = definitions.find("portType", part.element, name, part.namespace)
    if port_type is None:
        message = _("The binding {name} is for the port type {type}, which is not described.")
        definitions.tell_missing(
            message.format(name=part.element.get("name") or "?", type=name or "?"),
            part.element,
            name,
            part.namespace,
            part.file,
            _("Check its type, and that the file with the port type is imported."),
        )
    operations: dict[str, list[Element]] = {}
    for element in inside(part.element, "operation"):
        operations.setdefault(element.get("name") or "", []).append(element)
    address = "" if port is None else next((child.get("location") or "" for child in _addresses(port)), "")
    port_name = "" if port is None else port.get("name") or ""
    return Bound(part, port_type, version, style, transport, service, port_name, address, operations)


def _protocol(binding: Element) -> tuple[str, str, str]:
    """SOAP version or `http`, the style, and the transport's address or the HTTP verb."""
    for child in binding:
        space, name = split_tag(child)
        if name == "binding" and space in SOAP:
            return SOAP[space], child.get("style") or "document", child.get("transport") or ""
        if name == "binding" and space == HTTP:
            return "http", "", child.get("verb") or ""
    return "", "", ""


def _addresses(port: Element) -> Iterator[Element]:
    return (child for child in port if split_tag(child)[1] == "address")


def _missing_binding(definitions: Definitions, service: Part, port: Element, name: str) -> None:
    message = _("The port {port} uses the binding {name}, which is not described.")
    definitions.tell_missing(
        message.format(port=port.get("name") or "?", name=name or "?"),
        port,
        name,
        service.namespace,
        service.file,
        _("Check the name, and that the file with the binding is imported."),
    )
