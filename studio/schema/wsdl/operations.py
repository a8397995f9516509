"""Operations as nodes: input, output and faults with their headers and bodies, made when opened."""

from __future__ import annotations

from collections.abc import Iterator

from studio.base.i18n import _
from studio.schema.later import Later
from studio.schema.model import ONCE, Kind, Node, Type
from studio.schema.wsdl.bindings import Bound, bindings
from studio.schema.wsdl.bodies import body_of
from studio.schema.wsdl.check import check_messages
from studio.schema.wsdl.definitions import Definitions, documentation, inside, wsdl_name
from studio.schema.wsdl.facts import binding_facts, operation_facts, style_of
from studio.schema.wsdl.merged import Part
from studio.schema.wsdl.messages import Messages
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.types import Types


class Operations:
    """Makes the operation nodes of a description."""

    def __init__(self, definitions: Definitions, types: Types) -> None:
        self._definitions = definitions
        self._types = types
        self._messages = Messages(definitions, types)

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
                        facts=binding_facts(bound, elements[0]),
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

        # A description may have thousands of operations, of which one is looked at.
        def offered() -> list[tuple[Bound, Element | None]]:
            called = next((child.get("name") for child in inside(element, "input")), None)
            said = [(bound, bound.operation(name, called, at)) for bound in bounds]
            # A port whose binding leaves the operation out does not offer it.
            return [one for one in said if one[1] is not None] or said

        def children() -> tuple[Node, ...]:
            bound, chosen = next(iter(offered()), (None, None))
            return tuple(self._inside(element, part, chosen, style_of(bound, chosen)))

        def facts() -> dict[str, str]:
            ports = offered()
            bound, chosen = ports[0] if ports else (None, None)
            own = {"portType": part.element.get("name") or ""}
            return own | operation_facts(element, bound, chosen, ports)

        return Node(
            name,
            Kind.OPERATION,
            Type(name, children=children),
            ONCE,
            namespace=part.namespace,
            documentation=documentation(element),
            line=line_of(element),
            facts=Later(facts),
            prefix=prefix,
        )

    def _inside(self, operation: Element, part: Part, said: Element | None, style: str) -> Iterator[Node]:
        name = (operation.get("name") or "").strip()
        faults: list[Node] = []
        for element in operation:
            word = wsdl_name(element)
            if word not in ("input", "output"):
                continue
            body = body_of(said, word)
            wrapper = name + ("Response" if word == "output" else "")
            yield self._messages.message(word, element, part, body, style, wrapper)
            faults += self._messages.header_faults(body, part)
        for element in inside(operation, "fault"):
            # A fault's detail is never wrapped, whatever the style.
            body = body_of(said, "fault", element.get("name") or "")
            yield self._messages.message("fault", element, part, body, "document", "")
        yield from {node.name: node for node in faults}.values()
