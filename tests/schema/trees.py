"""Schema documents from their inner part, and trees as lines to compare."""

from __future__ import annotations

from collections.abc import Callable

from studio.schema.model import Kind, Place, Schema

Reads = Callable[..., Schema]


def xsd_text(inside: str, head: str = "") -> str:
    """A whole schema document; `t` is the prefix of the namespace urn:t."""
    return (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t" '
        f'elementFormDefault="qualified" {head}>{inside}</xs:schema>'
    )


def lines(schema: Schema, root: str | None = None, depth: int = 6) -> list[str]:
    """The tree as `path occurs type` lines; a choice is `path (one of) occurs`."""
    start = schema.root(root)
    assert start is not None
    result: list[str] = []
    _add(start, depth, result)
    return result


def _add(place: Place, depth: int, result: list[str]) -> None:
    node = place.node
    kind = node.type.name or (node.value.name if node.value else "")
    label = "(one of)" if node.kind is Kind.CHOICE else kind
    mark = " recursive" if place.recursive else ""
    result.append(f"{place.path} {node.occurs} {label}".rstrip() + mark)
    if depth > 1 and not place.recursive:
        for child in place.children():
            _add(child, depth - 1, result)
