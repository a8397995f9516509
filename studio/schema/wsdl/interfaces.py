"""Operations of WSDL 2.0 as nodes: inputs, outputs and faults, with what bindings and endpoints say of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from studio.base.errors import Severity
from studio.base.i18n import _
from studio.schema.model import ANY_NAME, ONCE, OPTIONAL, WILDCARD, Kind, Node, Occurs, Type
from studio.schema.wsdl.bodies import split_tag
from studio.schema.wsdl.description import WSDL2_NAMESPACES, Description, said_of, within
from studio.schema.wsdl.merged import Part
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.symbols import qualified
from studio.schema.xsd.types import Types

_SAFE = "safe"


@dataclass(frozen=True)
class Endpoint:
    """A binding reached through an endpoint (or through none)."""

    binding: Part
    service: str = ""
    name: str = ""
    address: str = ""


class Interfaces:
    """Makes the operation nodes of a description."""

    def __init__(self, description: Description, types: Types) -> None:
        self._description = description
        self._types = types

    def roots(self) -> tuple[Node, ...]:
        """One node per operation of every interface that is offered; further ones of the same name get a prefix."""
        tables = self._description.tables
        endpoints = self._endpoints()
        offered = [part for part in tables["interface"].values() if part.element in endpoints]
        rest = [part for part in tables["interface"].values() if part.element not in endpoints]
        found: list[Node] = []
        taken: set[tuple[str, str]] = set()
        shown: set[Element] = set()
        for interface in (*offered, *rest):
            lines = self._description.lines_of(interface)
            for part in lines:
                for element in within(part.element, "operation"):
                    # An operation taken over is shown once, with the interface that is offered.
                    if element not in shown:
                        shown.add(element)
                        prefix = _free(taken, element, interface)
                        found.append(
                            self._operation(element, lines, endpoints.get(interface.element, []), prefix)
                        )
        return tuple(found)

    def _endpoints(self) -> dict[Element, list[Endpoint]]:
        """The endpoints, and bindings without one, of each interface."""
        description = self._description
        found: dict[Element, list[Endpoint]] = {}
        used: set[Element] = set()
        for service in description.tables["service"].values():
            interface = description.find("interface", service.element, service.element.get("interface") or "")
            for element in within(service.element, "endpoint"):
                binding = description.find("binding", element, element.get("binding") or "")
                if binding is None:
                    self._lost_binding(element, service)
                    continue
                used.add(binding.element)
                named = binding.element.get("interface")
                of = description.find("interface", binding.element, named) if named else interface
                if of is not None:
                    found.setdefault(of.element, []).append(
                        Endpoint(
                            binding,
                            service.element.get("name") or "",
                            element.get("name") or "",
                            element.get("address") or "",
                        )
                    )
            if interface is not None:
                found.setdefault(interface.element, [])
        for binding in description.tables["binding"].values():
            named = binding.element.get("interface")
            of = description.find("interface", binding.element, named) if named else None
            if named and of is None:
                self._lost_interface(named, binding)
            if of is not None and binding.element not in used:
                found.setdefault(of.element, []).append(Endpoint(binding))
        return found

    def _lost_binding(self, endpoint: Element, service: Part) -> None:
        self._description.tell(
            Severity.WARNING,
            _("The port {port} uses the binding {name}, which is not described.").format(
                port=endpoint.get("name") or "?", name=endpoint.get("binding") or "?"
            ),
            service._replace(element=endpoint),
            _("Check the name, and that the file with the binding is imported."),
        )

    def _lost_interface(self, name: str, binding: Part) -> None:
        self._description.tell(
            Severity.WARNING,
            _("The interface {name} is not described.").format(name=name),
            binding,
            _("Check the name, and that the file with the interface is imported."),
        )

    def _operation(self, element: Element, lines: list[Part], endpoints: list[Endpoint], prefix: str) -> Node:
        name = (element.get("name") or "").strip()
        owner = next((part for part in lines if part.element is element.getparent()), lines[0])
        said = [(one, _bound(one.binding.element, name)) for one in endpoints]
        first = said[0][1] if said else None
        return Node(
            name,
            Kind.OPERATION,
            Type(name, children=lambda: tuple(self._messages(element, lines, first))),
            ONCE,
            namespace=owner.namespace,
            documentation=said_of(element),
            line=line_of(element),
            facts=_operation_facts(element, owner, said),
            prefix=prefix,
        )

    def _messages(self, operation: Element, lines: list[Part], said: Element | None) -> Iterator[Node]:
        taken: set[str] = set()
        for element in within(operation, "input", "output"):
            word = split_tag(element)[1]
            label = element.get("messageLabel") or ""
            prefix = (label or "further") if word in taken else ""
            taken.add(word)
            bound = next(within(said, word), None)
            yield self._message(word, element, element.get("element"), bound, prefix, ONCE)
        for element in within(operation, "infault", "outfault"):
            reference = element.get("ref") or ""
            name = reference.rpartition(":")[2].strip() or "fault"
            if name in taken and f"fault:{name}" in taken:
                continue
            taken |= {name, f"fault:{name}"}
            fault = _fault(lines, name)
            if fault is None:
                yield self._lost_fault(name, element)
            else:
                yield self._message(name, fault, fault.get("element"), None, "fault", OPTIONAL)

    def _lost_fault(self, name: str, element: Element) -> Node:
        reason = _("The fault {name} is not described.").format(name=name)
        return Node(
            name,
            Kind.MESSAGE,
            Type(name),
            OPTIONAL,
            unresolved=reason,
            line=line_of(element),
            prefix="fault",
        )

    def _message(
        self,
        name: str,
        element: Element,
        label: str | None,
        bound: Element | None,
        prefix: str,
        occurs: Occurs,
    ) -> Node:
        facts = {
            "element": label if label is not None and label.startswith("#") else "",
            "messageLabel": element.get("messageLabel") or "",
        }
        return Node(
            name,
            Kind.MESSAGE,
            Type(
                (label or "").rpartition(":")[2], children=lambda: tuple(self._content(element, label, bound))
            ),
            occurs,
            documentation=said_of(element),
            line=line_of(element),
            facts={key: text for key, text in facts.items() if text},
            prefix=prefix,
        )

    def _content(self, element: Element, label: str | None, bound: Element | None) -> Iterator[Node]:
        """Headers of the binding, then the one element; `#any` is any element, `#none` and `#other` show nothing."""
        for header in bound if bound is not None else ():
            space, word = split_tag(header)
            text = header.get("element")
            if word == "header" and text and space not in WSDL2_NAMESPACES:
                node = self._types.element_named(qualified(header, text), text, header, OPTIONAL)
                yield replace(node, occurs=OPTIONAL, facts={**node.facts, "soap": "header"})
        if label in (None, "#any"):
            yield Node(ANY_NAME, Kind.ANY, WILDCARD, ONCE)
        elif not label.startswith("#"):
            yield self._types.element_named(qualified(element, label), label, element)


def _free(taken: set[tuple[str, str]], element: Element, interface: Part) -> str:
    name = (element.get("name") or "").strip()
    prefix, number = "", 1
    while (prefix, name) in taken:
        prefix = (interface.element.get("name") or "interface") + (str(number) if number > 1 else "")
        number += 1
    taken.add((prefix, name))
    return prefix


def _fault(lines: list[Part], name: str) -> Element | None:
    for part in lines:
        for element in within(part.element, "fault"):
            if (element.get("name") or "").strip() == name:
                return element
    return None


def _bound(binding: Element, name: str) -> Element | None:
    for element in within(binding, "operation"):
        if (element.get("ref") or "").rpartition(":")[2].strip() == name:
            return element
    return None


def _operation_facts(
    element: Element, owner: Part, said: list[tuple[Endpoint, Element | None]]
) -> dict[str, str]:
    facts = {
        "interface": owner.element.get("name") or "",
        "exchange": (element.get("pattern") or "").rpartition("/")[2],
        "style": element.get("style") or owner.element.get("styleDefault") or "",
        "safe": _foreign(element, _SAFE),
    }
    if said:
        facts |= _endpoint_facts(*said[0])
        facts["ports"] = "\n".join(f"{one.service}/{one.name}" for one, _element in said if one.name)
    if len(said) > 1:
        for one, bound in said:
            key = (
                f"port {one.service}/{one.name}" if one.name else f"binding {one.binding.element.get('name')}"
            )
            facts[key] = "\n".join(f"{word}: {text}" for word, text in _endpoint_facts(one, bound).items())
    return {key: text for key, text in facts.items() if text}


def _endpoint_facts(endpoint: Endpoint, said: Element | None) -> dict[str, str]:
    binding = endpoint.binding.element
    http = (binding.get("type") or "").endswith("/http")
    method = _foreign(said, "method") or _foreign(binding, "methodDefault")
    facts = {
        "binding": binding.get("name") or "",
        "service": endpoint.service,
        "port": endpoint.name,
        "address": endpoint.address,
        "version": "http" if http else _foreign(binding, "version") or "1.2",
        "transport": _foreign(binding, "protocol"),
        "verb": method,
        "location": _foreign(said, "location"),
        "action": _foreign(said, "action"),
        "mep": _foreign(said, "mep") or _foreign(binding, "mepDefault"),
    }
    return {key: text for key, text in facts.items() if text}


def _foreign(element: Element | None, name: str) -> str:
    """The value of an attribute of an extension (SOAP, HTTP), whatever its version's namespace."""
    for key, value in element.items() if element is not None else ():
        if str(key).endswith("}" + name):
            return str(value)
    return ""
