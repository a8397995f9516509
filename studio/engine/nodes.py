"""A whole source node as scripts may look at it, made from its Item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.engine.items import Item
from studio.script.errors import RunError
from studio.script.host import SourceNode
from studio.script.tree import Value

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = Lazily("lxml.etree")

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_DEEPEST = 200


def node_of(item: Item) -> SourceNode:
    """The node; values are the texts they have in the document, null for JSON null and empty cells."""
    attributes = tuple((_local(each.key[1:]), each.text) for each in item.attributes())
    elements: tuple[tuple[str, Value], ...] = tuple(
        (_local(each.key), each.text) for each in item.elements() if not each.children
    )
    name = "@" + _local(item.key[1:]) if item.key.startswith("@") else _local(item.key)
    text = item.text if not item.children or (item.text or "").strip() else None
    return SourceNode(name, attributes, elements, text, item.text is None, lambda: _written(item))


def _local(key: str) -> str:
    return key.rpartition("}")[2]


def _written(item: Item) -> str:
    """The node and everything below as XML; an attribute as its value."""
    if item.key.startswith("@"):
        return item.text or ""
    try:
        return str(etree.tostring(_element(item, 0), encoding="unicode"))
    except ValueError as error:
        raise RunError(
            _("{name} cannot be written as XML: {reason}.").format(name=_local(item.key), reason=error)
        ) from error


def _element(item: Item, depth: int) -> Any:
    if depth > _DEEPEST:
        raise RunError(_("{name} is nested too deeply.").format(name=_local(item.key)))
    element: Any = etree.Element(item.key or "document")
    for attribute in item.attributes():
        element.set(attribute.key[1:], attribute.text or "")
    if item.text is None:
        element.set(f"{{{_XSI}}}nil", "true")
    elif item.text and (not item.children or item.text.strip()):
        element.text = item.text
    for child in item.elements():
        element.append(_element(child, depth + 1))
    return element
