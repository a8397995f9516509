"""The messages of an operation as nodes: headers, then the body's parts, bare or in RPC's wrapper, then attachments."""

from __future__ import annotations

from dataclasses import replace

from studio.base.i18n import _
from studio.schema.model import ONCE, OPTIONAL, Kind, Node, Type
from studio.schema.wsdl.bodies import Body, Header
from studio.schema.wsdl.definitions import Definitions, documentation, inside
from studio.schema.wsdl.facts import message_facts
from studio.schema.wsdl.merged import Part
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.symbols import qualified
from studio.schema.xsd.types import Types


class Messages:
    """Makes the message nodes of operations; what is in them is made when opened."""

    def __init__(self, definitions: Definitions, types: Types) -> None:
        self._definitions = definitions
        self._types = types

    def message(self, word: str, element: Element, part: Part, body: Body, style: str, wrapper: str) -> Node:
        """The node of an `input`, `output` or `fault`; `wrapper` names the element RPC puts around the parts."""
        label = element.get("message") or ""
        message = self._definitions.find("message", element, label, part.namespace)
        is_fault = word == "fault"
        reason = None
        if message is None:
            reason = _("The message {name} is not described.").format(name=label or "?")

        def content() -> tuple[Node, ...]:
            return self._content(message, body, style, wrapper) if message else ()

        return Node(
            (element.get("name") or "fault") if is_fault else word,
            Kind.MESSAGE,
            Type(label.rpartition(":")[2], children=content),
            OPTIONAL if is_fault else ONCE,
            documentation=documentation(element),
            unresolved=reason,
            line=line_of(element),
            facts=message_facts(body, "" if is_fault else style),
            prefix="fault" if is_fault else "",
        )

    def header_faults(self, body: Body, near: Part) -> list[Node]:
        """A message for each fault a header block is answered with; it travels in the answer's headers."""
        user = body.element if body.element is not None else near.element
        asked = dict.fromkeys(fault for header in body.headers for fault in header.faults)
        return [self._header_fault(label, name, user, near) for label, name in asked]

    def _header_fault(self, label: str, name: str, user: Element, near: Part) -> Node:
        element = self._part_of(label, name, user, near)
        children = (self._part(element, header=True),) if element is not None else ()
        reason = None
        if element is None:
            reason = _("The message {name} is not described.").format(name=label or "?")
        kind = Type(label.rpartition(":")[2], children=lambda: children)
        facts = {"soap": "headerfault"}
        return Node(
            name or "?", Kind.MESSAGE, kind, OPTIONAL, unresolved=reason, facts=facts, prefix="headerfault"
        )

    def _content(self, message: Part, body: Body, style: str, wrapper: str) -> tuple[Node, ...]:
        headers, used = self._headers(message, body)
        attached = body.attached
        parts = [part for part in inside(message.element, "part") if (part.get("name") or "") not in used]
        beside = [part for part in parts if (part.get("name") or "") in attached]
        named = [part for part in parts if (part.get("name") or "") in (body.parts or ())]
        # A binding whose names fit no part was not kept up with its message: then all parts are shown.
        chosen = named if named or body.parts == () else [part for part in parts if part not in beside]
        unsaid = not style and not body.content and any(part.get("type") for part in chosen)
        if style == "rpc" or unsaid:
            nodes = [self._wrapper(wrapper, body, chosen, message)]
        else:
            nodes = [self._part(part) for part in chosen]
        nodes += [
            self._part(part, attachment=attached[part.get("name") or ""])
            for part in beside
            if part not in chosen
        ]
        return self._types.prefixes.told_apart((*headers, *nodes))

    def _wrapper(self, name: str, body: Body, parts: list[Element], message: Part) -> Node:
        """The element RPC puts around the parts: named after the operation, in the namespace the binding gives."""
        nodes = tuple(self._part(part, rpc=True) for part in parts)
        return Node(
            name,
            Kind.ELEMENT,
            Type(name, children=lambda: nodes),
            namespace=message.namespace if body.namespace is None else body.namespace,
            line=line_of(message.element),
            facts={"part": "wrapper"},
        )

    def _headers(self, message: Part, body: Body) -> tuple[list[Node], set[str]]:
        """The header nodes, and which parts of the message itself they use up."""
        nodes: list[Node] = []
        used: set[str] = set()
        for header in dict.fromkeys(body.headers):
            user = body.element if body.element is not None else message.element
            element = self._part_of(header.message, header.part, user, message)
            if element is not None and element.getparent() is message.element:
                used.add(header.part)
            nodes.append(self._header(header, element))
        return nodes, used

    def _header(self, header: Header, element: Element | None) -> Node:
        if element is None:
            reason = _("The message {name} is not described.").format(name=header.message or "?")
            name = header.part or "?"
            return Node(name, Kind.ELEMENT, Type(name), OPTIONAL, unresolved=reason, facts={"soap": "header"})
        return self._part(element, header=True)

    def _part_of(self, label: str, name: str, user: Element, near: Part) -> Element | None:
        owner = self._definitions.find("message", user, label, near.namespace) if label else near
        if owner is None:
            return None
        return next((one for one in inside(owner.element, "part") if one.get("name") == name), None)

    def _part(self, part: Element, *, rpc: bool = False, header: bool = False, attachment: str = "") -> Node:
        name = (part.get("name") or "part").strip()
        facts = {"part": name}
        if header:
            facts["soap"] = "header"
        if attachment:
            facts["attachment"] = attachment
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
