"""An identity map for a document: every element, attribute and value of it onto itself, as a person would draw it."""

from __future__ import annotations

import io
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from lxml import etree

from studio.engine.compile import compile_plan
from studio.engine.failures import Failure
from studio.engine.run import transform
from studio.mapping import connect
from studio.mapping.model import Mapping, SchemaUse, Transformation
from studio.mapping.tree import Tree, Trees
from studio.schema.model import Kind, Place, Schema
from studio.schema.read import read_schema
from tests.schema.oracle import XSI, _child, _typed, root_place, split

# Where a schema is only hinted at, the document says nothing else without it.
_HINTS = (f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation")
_MOST_PLACES = 700

Info = tuple[str, tuple[tuple[str, str], ...], str, tuple[Any, ...]]


def through(schema: Schema, places: list[Place], file: Path) -> bytes:
    """What the engine makes of a file by the map of places onto themselves; no record may fail."""
    trees = Trees(Tree(schema.root()), Tree(schema.root()))
    mapping = Mapping()
    for place in places:
        if place.repeats:
            mapping = connect.loop_here(mapping, trees, place.path, place.path)
        if place.node.value is not None:
            mapping = connect.map_field(mapping, trees, place.path, place.path)
    same = Transformation("identity", SchemaUse("source"), SchemaUse("target"), mapping)
    plan = compile_plan(same, schema, schema, None)
    assert plan.errors == (), (file, plan.errors)
    out = io.BytesIO()
    failures: list[Failure] = []
    transform(plan, file, out, failures=failures.append)
    assert failures == [], (file, failures)
    return out.getvalue()


def xml_through(file: Path, schema_file: Path | None) -> tuple[Info, Info]:
    """What an XML document says, and what is said when it went through its schema, or the one inferred from it."""
    document = etree.parse(str(file)).getroot()
    schema = read_schema(schema_file) if schema_file else read_schema(file, kind="xml")
    root = root_place(schema, document)
    assert root is not None, file
    schema = replace(schema, roots=(root.node,))
    places = {place.path: place for place in _places(Place.root(root.node), document)}
    return info(document), info(etree.fromstring(through(schema, list(places.values()), file)))


def all_places(schema: Schema) -> list[Place]:
    """The places of a sample's tree."""
    root = schema.root()
    assert root is not None
    found: list[Place] = []
    waiting = deque([root])
    while waiting and len(found) < _MOST_PLACES:
        place = waiting.popleft()
        found.append(place)
        waiting.extend(() if place.recursive else place.flat_children())
    return found


def info(element: Any) -> Info:
    """What an element says: its name, attributes, text, and its elements in order; spacing between elements is none."""
    inside = tuple(info(child) for child in element if isinstance(child.tag, str))
    attributes = tuple(sorted((name, text) for name, text in element.attrib.items() if name not in _HINTS))
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    return element.tag, attributes, text.strip() if inside else text, inside


def unordered(said: Info) -> Info:
    """The same without the order of elements of different names, and without elements that hold nothing but space."""
    tag, attributes, text, inside = said
    text = text.strip()
    kept = (one for one in map(unordered, inside) if any(one[1:]))
    return tag, attributes, text, tuple(sorted(kept, key=lambda one: one[0]))


def _places(root: Place, document: Any) -> Iterator[Place]:
    """The place of each element and attribute, outer ones first."""
    waiting = deque([(root, document)])
    while waiting:
        place, element = waiting.popleft()
        yield place
        actual = _typed(place, element)
        children = list(actual.flat_children()) if actual is not None else []
        names = set(map(split, element.attrib))
        yield from (one for one in children if one.node.kind is Kind.ATTRIBUTE and (one.node.namespace, one.node.name) in names)  # fmt: skip
        times: Counter[int] = Counter()
        for inner in element:
            if isinstance(inner.tag, str):
                below, slot = _child(children, *split(inner.tag), times)
                if below is not None and below.node.kind is not Kind.ANY:
                    times[id(slot)] += 1
                    waiting.append((below, inner))
