"""The examples of the functions' documentation: the order they read, and their values as the documentation shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from studio.schema.model import Base
from studio.script.errors import RunError
from studio.script.host import PlainHost, SourceNode
from studio.script.tree import Path, Value
from studio.script.values import date_text, number_text, typed

SAMPLE = """\
<order id="2041" status="open" urgent="true">
  <customer>Ada</customer>
  <qty>12</qty>
  <price>9.50</price>
  <note/>
  <lines>
    <line sku="A-1"><qty>2</qty><price>3.00</price></line>
    <line sku="B-7"><qty>5</qty><price>0.70</price></line>
  </lines>
</order>
"""
"""What paths in examples read; they begin at the order."""

TABLES = {"countries": {"BR": {"code": "BR", "name": "Brazil"}, "PT": {"code": "PT", "name": "Portugal"}}}
_NUMBERS = frozenset({"qty", "price"})
_MANY = frozenset({"line"})
_ESCAPED = re.compile(r"['\\\n\r\t]")
_ESCAPES = {"'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def example_host() -> PlainHost:
    """A host in which every example that has a value runs and gives it: the order, a clock that stands, a table."""
    return PlainHost(
        tables=TABLES,
        reader=_read,
        nodes=_node,
        clock=lambda: datetime(2026, 3, 1, 17, 30, 5, 678_000),
        answers={
            "argumentlist": lambda: ["Ada", "String", ""],
            "getinstance": lambda: "first entry",
            "setinstances": lambda _node, _entries: None,
            "sortinstances": lambda _node, *_keys: None,
            "recordcount": lambda: 2,
            "sourceinstancecount": lambda: 3,
            "targetinstancecount": lambda: 2,
            "countsourcerecords": lambda: 5,
        },
    )


def shown(value: Value) -> str:
    """A value as documentation writes it: text in quotes, the rest as in a script, a date as its text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + _ESCAPED.sub(lambda match: _ESCAPES[match[0]], value) + "'"
    if isinstance(value, (int, float, Decimal)):
        return number_text(value)
    if isinstance(value, datetime):
        return date_text(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return "{" + ", ".join(shown(entry) for entry in value) + "}"
    return "[" + ", ".join(f"{key}=>{shown(entry)}" for key, entry in value.items()) + "]"


def _read(path: Path) -> Value:
    found = list(_found(path))
    values = [typed(each.text, Base.DECIMAL if each.name in _NUMBERS else Base.TEXT) for each in found]
    if any(step.name in _MANY for step in path.steps):
        return values
    return values[0] if values else None


def _node(path: Path) -> SourceNode | None:
    return next(_found(path), None)


def _found(path: Path) -> Iterator[SourceNode]:
    steps = path.steps[1:] if path.absolute else path.steps
    elements: list[Any] = [etree.fromstring(SAMPLE)]
    for step in steps:
        if step.attribute:
            yield from (_attribute(each, step.name) for each in elements if step.name in each.attrib)
            return
        elements = [child for each in elements for child in each.iterchildren(step.name)]
    if not elements:
        raise RunError(f"the sample has no {path}")
    yield from (_element(each) for each in elements)


def _attribute(element: Any, name: str) -> SourceNode:
    value = element.get(name)
    return SourceNode("@" + name, (), (), value, False, lambda: value)


def _element(element: Any) -> SourceNode:
    simple = tuple((child.tag, child.text) for child in element if len(child) == 0 and not child.attrib)

    def xml() -> str:
        return str(etree.tostring(element, encoding="unicode", with_tail=False))

    return SourceNode(element.tag, tuple(element.attrib.items()), simple, element.text, False, xml)
