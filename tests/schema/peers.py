"""What the libraries zeep and xmlschema say of the same files, as sets of paths to compare ours with."""

from __future__ import annotations

import logging
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.schema.model import Kind, Node, Type

Name = tuple[str, str]
Paths = set[str]

_MOST = 3000


def offline_client(file: Path) -> Any:
    """zeep's reading of a service description, with a transport that knows no network."""
    from zeep import Client, Settings
    from zeep.transports import Transport

    logging.getLogger("zeep").setLevel(logging.CRITICAL)

    class Offline(Transport):
        def load(self, url: str) -> bytes:
            if url.startswith("file:"):
                url = urllib.request.url2pathname(urllib.parse.urlsplit(url).path)
            if "://" in url:
                raise OSError(f"offline: {url}")
            return Path(url).read_bytes()

    made: Any = Client
    transport: Any = Offline
    return made(str(file), transport=transport(), settings=Settings(strict=False))


def our_paths(node: Node, depth: int) -> Paths:
    """Element and attribute paths below a node, by local name with the namespace of each step, cut at recursion."""
    found: Paths = set()
    _ours(node.type, "", depth, (), found)
    return found


def _ours(kind: Type, path: str, depth: int, above: tuple[Type, ...], found: Paths) -> None:
    if depth == 0 or kind in above or len(found) > _MOST:
        return
    for child in _flat(kind):
        step = f"{path}/{child.namespace}|{child.name}"
        if child.kind is Kind.ATTRIBUTE:
            found.add(f"{path}/@{child.name}")
        elif child.kind is Kind.ELEMENT:
            found.add(step)
            _ours(child.type, step, depth - 1, (*above, kind), found)


def _flat(kind: Type) -> Iterator[Node]:
    for child in kind.children:
        if child.kind is Kind.CHOICE:
            yield from _flat(child.type)
        else:
            yield child


def zeep_paths(kind: Any, depth: int) -> Paths:
    """The same of one of zeep's types."""
    found: Paths = set()
    _zeeps(kind, "", depth, (), found)
    return found


def _zeeps(kind: Any, path: str, depth: int, above: tuple[Any, ...], found: Paths) -> None:
    from zeep.xsd import ComplexType

    if depth == 0 or not isinstance(kind, ComplexType) or len(found) > _MOST:
        return
    # Local types are wrapped anew where they are used; what stands in them is the same object.
    if any(kind is one for one in above):
        return
    for _name, attribute in kind.attributes:
        if attribute.name is not None and hasattr(attribute, "qname") and attribute.qname is not None:
            found.add(f"{path}/@{attribute.qname.localname}")
    for element in zeep_elements(kind):
        step = f"{path}/{element.qname.namespace or ''}|{element.qname.localname}"
        found.add(step)
        _zeeps(element.type, step, depth - 1, (*above, kind), found)


def zeep_elements(kind: Any) -> Iterator[Any]:
    """The elements directly inside one of zeep's types, looking through its groups."""
    from zeep.xsd import Element

    waiting = [element for _name, element in getattr(kind, "elements_nested", ())]
    while waiting:
        element = waiting.pop(0)
        if isinstance(element, Element):
            if element.qname is not None:
                yield element
        elif isinstance(element, list):
            waiting = [*element, *waiting]
        elif hasattr(element, "child"):
            waiting = [element.child, *waiting]


def xmlschema_paths(element: Any, depth: int) -> Paths:
    """Element and attribute paths below one of xmlschema's elements."""
    found: Paths = set()
    _xmlschemas(element, "", depth, (), found)
    return found


def _xmlschemas(element: Any, path: str, depth: int, above: tuple[Any, ...], found: Paths) -> None:
    kind = element.type
    if depth == 0 or kind in above or len(found) > _MOST:
        return
    for name in element.attributes:
        if name is not None:
            found.add(f"{path}/@{name.rpartition('}')[2]}")
    if kind.is_complex() and kind.has_complex_content():
        for child in kind.content.iter_elements():
            if child.name is not None:
                space, _brace, local = child.name.rpartition("}")
                step = f"{path}/{space[1:]}|{local}"
                found.add(step)
                _xmlschemas(child, step, depth - 1, (*above, kind), found)
