"""What a service description refers to and does not describe: one problem per cause, at its first use."""

from __future__ import annotations

from collections import Counter

from studio.base.errors import Severity
from studio.base.i18n import _
from studio.schema.wsdl.definitions import Definitions, inside
from studio.schema.wsdl.merged import Part
from studio.schema.xml_source import Element
from studio.schema.xsd.names import WSDL, XSD_NAMESPACES
from studio.schema.xsd.symbols import qualified
from studio.schema.xsd.types import Types

_MESSAGE_TAGS = tuple(f"{{{WSDL}}}{word}" for word in ("input", "output", "fault"))


def check_messages(definitions: Definitions, types: Types) -> None:
    """Note messages of port types, and elements and types of message parts, that are not there."""
    # A name that one message has is found whatever its prefix.
    named = Counter(name for _space, name in definitions.tables["message"])
    for part in definitions.tables["portType"].values():
        for element in part.element.iter(*_MESSAGE_TAGS):
            label = element.get("message") or ""
            if named[label.rpartition(":")[2].strip()] == 1:
                continue
            if definitions.find("message", element, label, part.namespace) is None:
                definitions.tell_missing(
                    _("The message {name} is not described.").format(name=label or "?"),
                    element,
                    label,
                    part.namespace,
                    part.file,
                    _("Check the name, and that the file with the message is imported."),
                )
    lost: dict[tuple[str, str], tuple[Part, list[str]]] = {}
    for message in definitions.tables["message"].values():
        for element in inside(message.element, "part"):
            _check_part(message, element, definitions, types, lost)
    for (table, namespace), (part, labels) in lost.items():
        _tell_lost(definitions, table, namespace, part, labels)


def _check_part(
    message: Part,
    element: Element,
    definitions: Definitions,
    types: Types,
    lost: dict[tuple[str, str], tuple[Part, list[str]]],
) -> None:
    for table in ("element", "type"):
        label = element.get(table)
        if label is None:
            continue
        name = qualified(element, label)
        if name is not None and (name[0] in XSD_NAMESPACES or name[0] in definitions.closure.missing):
            return
        if types.symbols.find(table, name) is None:
            namespace = name[0] if name is not None else label.partition(":")[0] + ":"
            where = Part(element, message.namespace, message.file)
            lost.setdefault((table, namespace), (where, []))[1].append(label)
        return


def _tell_lost(definitions: Definitions, table: str, namespace: str, part: Part, labels: list[str]) -> None:
    if table == "element":
        message = _("Messages use elements that no schema declares: {names}; in all: {count}.")
    else:
        message = _("Messages use types that no schema declares: {names}; in all: {count}.")
    names = ", ".join(list(dict.fromkeys(labels))[:3])
    mend = _("Check the prefix and the schemas of the namespace {namespace}.").format(
        namespace=namespace or "-"
    )
    definitions.tell(Severity.WARNING, message.format(names=names, count=len(set(labels))), part, mend)
