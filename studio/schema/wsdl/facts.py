"""What the Inspector shows of an operation and its messages: services, ports, addresses, bindings, as short texts."""

from __future__ import annotations

from studio.schema.wsdl.bindings import Bound, soap_operation
from studio.schema.wsdl.bodies import Body, body_of
from studio.schema.wsdl.definitions import wsdl_name
from studio.schema.xml_source import Element


def exchange(operation: Element) -> str:
    """`request-response`, `one-way`, `solicit-response` or `notification`, by what comes first."""
    words = [word for child in operation if (word := wsdl_name(child)) in ("input", "output")]
    if words[:2] == ["output", "input"]:
        return "solicit-response"
    if words[:1] == ["output"]:
        return "notification"
    return "request-response" if words[:2] == ["input", "output"] else "one-way" if words else ""


def style_of(bound: Bound | None, said: Element | None) -> str:
    """`rpc`, `document` or nothing: what the operation says, else its binding."""
    if bound is None:
        return ""
    soap = soap_operation(said)
    return (soap.get("style") if soap is not None else None) or bound.style


def operation_facts(
    operation: Element, bound: Bound | None, said: Element | None, bounds: list[tuple[Bound, Element | None]]
) -> dict[str, str]:
    """The facts of an operation: those of its first binding by name, and each further port's in a text of its own."""
    facts = {"exchange": exchange(operation), "parameterOrder": operation.get("parameterOrder") or ""}
    if bound is not None:
        facts |= binding_facts(bound, said)
        facts["ports"] = "\n".join(f"{one.service}/{one.port}" for one, _said in bounds if one.port)
    if len(bounds) > 1:
        for one, element in bounds:
            key = f"port {one.service}/{one.port}" if one.port else f"binding {one.part.element.get('name')}"
            facts[key] = "\n".join(f"{word}: {text}" for word, text in binding_facts(one, element).items())
    return {key: text for key, text in facts.items() if text}


def binding_facts(bound: Bound, said: Element | None) -> dict[str, str]:
    """How a port's binding calls an operation."""
    soap = soap_operation(said)
    action = "" if soap is None else soap.get("soapAction") or soap.get("soapaction") or ""
    http = bound.version == "http"
    facts = {
        "binding": bound.part.element.get("name") or "",
        "service": bound.service,
        "port": bound.port,
        "address": bound.address,
        "version": bound.version,
        "transport": "" if http else bound.transport,
        "verb": bound.transport if http else "",
        "location": (soap.get("location") or "") if soap is not None and http else "",
        "style": style_of(bound, said),
        "use": body_of(said, "input").use or body_of(said, "output").use,
        "action": action,
    }
    return {key: text for key, text in facts.items() if text}


def message_facts(body: Body, style: str) -> dict[str, str]:
    """How a message is written."""
    attached = "\n".join(f"{name}: {kind}" for name, kind in body.attached.items())
    facts = {
        "use": body.use,
        "style": style if body.use else "",
        "encodingStyle": body.encoding,
        "content": body.content,
        "attachments": attached,
        "dime": body.layout,
    }
    return {key: text for key, text in facts.items() if text}
