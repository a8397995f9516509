"""Operations as nodes: input, output and faults with their headers and bodies, made when opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from studio.base.i18n import _
from studio.schema.model import ONCE, OPTIONAL, Kind, Node, Type
from studio.schema.wsdl.bindings import Body, Bound, bindings, body_of, soap_operation
from studio.schema.wsdl.check import check_messages
from studio.schema.wsdl.definitions import Definitions, Part, documentation, inside
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.symbols import qualified
from studio.schema.xsd.types import Types


class Operations:
    """Makes the operation nodes of a description."""

    def __init__(self, definitions: Definitions, types: Types) -> None:
        self._definitions = definitions
        self._types = types

    def roots(self) -> tuple[Node, ...]:
        """One node per operation of every port type; the first of a name keeps it bare, further ones get a prefix."""
        by_port_type: dict[Element, list[Bound]] = {}
        bound_ones = bindings(self._definitions)
        for bound in bound_ones:
            if bound.port_type is not None:
                by_port_type.setdefault(bound.port_type.element, []).append(bound)
        port_types = {part.element: part for part in self._definitions.tables["portType"].values()}
        bare = [bound for bound in bound_ones if bound.port_type is None]
        order = [*by_port_type, *(element for element in port_types if element not in by_port_type)]
        check_messages(self._definitions, self._types)
        found: list[Node] = []
        taken: set[tuple[str, str]] = set()
        for element in order:
            found += self._port_type(port_types[element], by_port_type.get(element, []), taken)
        found += self._without_port_type(bare, {node.name for node in found})
        return tuple(found)

    def _without_port_type(self, bounds: list[Bound], known: set[str]) -> Iterator[Node]:
        """Operations only bindings name: marked, as what they exchange is not described."""
        for bound in bounds:
            for name, elements in bound.operations.items():
                if name not in known:
                    known.add(name)
                    yield Node(
                        name,
                        Kind.OPERATION,
                        Type(name),
                        unresolved=_("Its port type is not described, so its messages are not known."),
                        line=line_of(elements[0]),
                        facts=_binding_facts(bound, elements[0], [bound]),
                    )

    def _port_type(self, part: Part, bounds: list[Bound], taken: set[tuple[str, str]]) -> Iterator[Node]:
        seen: dict[str, int] = {}
        for element in inside(part.element, "operation"):
            name = (element.get("name") or "").strip()
            at = seen.get(name, 0)
            seen[name] = at + 1
            prefix, number = "", 1
            while (prefix, name) in taken:
                prefix = (part.element.get("name") or "port") + (str(number) if number > 1 else "")
                number += 1
            taken.add((prefix, name))
            yield self._operation(element, part, bounds, at, prefix)

    def _operation(self, element: Element, part: Part, bounds: list[Bound], at: int, prefix: str) -> Node:
        name = (element.get("name") or "").strip()
        called = next((child.get("name") for child in inside(element, "input")), None)
        bound = bounds[0] if bounds else None
        said = bound.operation(name, called, at) if bound else None
        facts = {"portType": part.element.get("name") or ""}
        if bound is not None:
            facts |= _binding_facts(bound, said, bounds)
        style = facts.get("style", "")
        return Node(
            name,
            Kind.OPERATION,
            Type(name, children=lambda: tuple(self._messages(element, part, said, style))),
            ONCE,
            namespace=part.namespace,
            documentation=documentation(element),
            line=line_of(element),
            facts=facts,
            prefix=prefix,
        )

    def _messages(self, operation: Element, part: Part, said: Element | None, style: str) -> Iterator[Node]:
        for word in ("input", "output"):
            for element in inside(operation, word):
                yield self._message(word, element, part, body_of(said, word), style, operation)
        for element in inside(operation, "fault"):
            name = element.get("name") or ""
            # A fault's detail is never wrapped, whatever the style.
            yield self._message("fault", element, part, body_of(said, "fault", name), "document", operation)

    def _message(
        self, word: str, element: Element, part: Part, body: Body, style: str, operation: Element
    ) -> Node:
        label = element.get("message") or ""
        message = self._definitions.find("message", element, label, part.namespace)
        is_fault = word == "fault"
        reason = None
        if message is None:
            reason = _("The message {name} is not described.").format(name=label or "?")

        def content() -> tuple[Node, ...]:
            return self._content(word, message, body, style, operation) if message else ()

        return Node(
            (element.get("name") or "fault") if is_fault else word,
            Kind.MESSAGE,
            Type(label.rpartition(":")[2], children=content),
            OPTIONAL if is_fault else ONCE,
            documentation=documentation(element),
            unresolved=reason,
            line=line_of(element),
            facts=_message_facts(body, style),
            prefix="fault" if is_fault else "",
        )

    def _content(
        self, word: str, message: Part, body: Body, style: str, operation: Element
    ) -> tuple[Node, ...]:
        headers, used = self._headers(message, body)
        parts = [
            part
            for part in inside(message.element, "part")
            if (part.get("name") or "") not in used
            and (body.parts is None or (part.get("name") or "") in body.parts)
        ]
        if style == "rpc" or (not style and any(part.get("type") for part in parts)):
            name = (operation.get("name") or "") + ("Response" if word == "output" else "")
            return self._types.prefixes.told_apart((*headers, self._wrapper(name, body, parts, message)))
        nodes = [self._part(part) for part in parts]
        return self._types.prefixes.told_apart((*headers, *nodes))

    def _wrapper(self, name: str, body: Body, parts: list[Element], message: Part) -> Node:
        """The element RPC puts around the parts: named after the operation, in the namespace the binding gives."""
        nodes = tuple(self._part(part, rpc=True) for part in parts)
        return Node(
            name,
            Kind.ELEMENT,
            Type(name, children=lambda: nodes),
            namespace=body.namespace or message.namespace,
            line=line_of(message.element),
            facts={"part": "wrapper"},
        )

    def _headers(self, message: Part, body: Body) -> tuple[list[Node], set[str]]:
        """The header nodes, and which parts of the message itself they use up."""
        nodes: list[Node] = []
        used: set[str] = set()
        for label, name in body.headers:
            user = body.element if body.element is not None else message.element
            owner = self._definitions.find("message", user, label, message.namespace) if label else message
            element = (
                next((one for one in inside(owner.element, "part") if one.get("name") == name), None)
                if owner
                else None
            )
            if owner is not None and owner.element is message.element:
                used.add(name)
            if element is None:
                reason = _("The message {name} is not described.").format(name=label or "?")
                nodes.append(Node(name or "?", Kind.ELEMENT, Type(name), OPTIONAL, unresolved=reason))
            else:
                nodes.append(self._part(element, header=True))
        return nodes, used

    def _part(self, part: Element, *, rpc: bool = False, header: bool = False) -> Node:
        name = (part.get("name") or "part").strip()
        facts = {"part": name} | ({"soap": "header"} if header else {})
        occurs = OPTIONAL if header else ONCE
        label = part.get("element")
        if label is not None:
            node = self._types.element_named(qualified(part, label), label, part, occurs)
            if not rpc:
                return replace(node, occurs=occurs, facts={**node.facts, **facts})
            return Node(
                name, Kind.ELEMENT, node.type, unresolved=node.unresolved, line=line_of(part), facts=facts
            )
        label = part.get("type")
        if label is None:
            unsaid = _("This part says neither its element nor its type.")
            return Node(
                name, Kind.ELEMENT, Type(name), occurs, unresolved=unsaid, line=line_of(part), facts=facts
            )
        kind, reason = self._types.type_named(qualified(part, label), label, part)
        return Node(name, Kind.ELEMENT, kind, occurs, unresolved=reason, line=line_of(part), facts=facts)


def _binding_facts(bound: Bound, said: Element | None, bounds: list[Bound]) -> dict[str, str]:
    soap = soap_operation(said)
    style = (soap.get("style") if soap is not None else None) or bound.style
    facts = {
        "binding": bound.part.element.get("name") or "",
        "service": bound.service,
        "port": bound.port,
        "address": bound.address,
        "version": bound.version,
        "style": style,
        "action": (soap.get("soapAction") or "") if soap is not None else "",
        "ports": "\n".join(f"{one.service}/{one.port}" for one in bounds if one.port),
    }
    return {key: text for key, text in facts.items() if text}


def _message_facts(body: Body, style: str) -> dict[str, str]:
    facts = {"use": body.use, "style": style, "attachments": "true" if body.attachments else ""}
    return {key: text for key, text in facts.items() if text}
