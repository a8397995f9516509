"""JSON samples as schemas: the shape all records of a document, an array or JSON lines have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.schema.infer import Guess
from studio.schema.json_text import Number, read_json
from studio.schema.model import MANY, ONCE, OPTIONAL, TEXT, Base, Kind, Node, Occurs, Schema, Type, ValueType

ITEM = "item"
_MANY = 1000


class Shape:
    """What was seen at one place: objects with members, arrays with items, scalars, nulls."""

    def __init__(self) -> None:
        self.objects = 0
        self.arrays = 0
        self.scalars = 0
        self.nulls = 0
        self.guess = Guess()
        self.members: dict[str, Shape] = {}
        self.present: dict[str, int] = {}
        self.item: Shape | None = None


def read_json_sample(path: Path, *, encoding: str | None = None) -> Schema:
    """The schema of a JSON document, array, or JSON lines; the fact `form` is `object`, `array`, `lines` or `value`.

    Raises BadInput with line and column where the text is no JSON.
    """
    return read_json_samples((path,), encoding=encoding)


def read_json_samples(paths: Sequence[Path], *, encoding: str | None = None) -> Schema:
    """The schema all the documents fit: a member that one of them lacks is optional, types are widened.

    Where one of them is JSON lines, a single object is one record more. Raises BadInput like `read_json_sample`.
    """
    documents = [read_json(path, encoding=encoding) for path in paths]
    lines = any(each for _value, each, _name in documents)
    shape = Shape()
    for value, each, _name in documents:
        shape_of([value] if lines and not each and isinstance(value, dict) else value, shape)
    form = "lines" if lines else "object" if shape.objects else "array" if shape.arrays else "value"
    files = tuple(str(path) for path in paths)
    return Schema("json", (_root(shape),), files=files, facts={"form": form, "encoding": documents[0][2]})


def shape_of(value: Any, root: Shape | None = None) -> Shape:
    """The shape of a value, added to what `root` has seen; works without recursion, so depth is no danger."""
    root = root or Shape()
    waiting = [(root, value)]
    while waiting:
        shape, at = waiting.pop()
        if isinstance(at, dict):
            shape.objects += 1
            for name, member in at.items():
                inner = shape.members.get(name)
                if inner is None:
                    inner = shape.members[name] = Shape()
                shape.present[name] = shape.present.get(name, 0) + 1
                waiting.append((inner, member))
        elif isinstance(at, list):
            shape.arrays += 1
            if at:
                shape.item = shape.item or Shape()
                inner = shape.item
                waiting.extend((inner, one) for one in reversed(_some(at)))
        elif at is None:
            shape.nulls += 1
        else:
            _see(shape, at)
    return root


def _some(items: list[Any]) -> list[Any]:
    """All items, or of very many the first ones and others spread over the rest."""
    if len(items) <= 2 * _MANY:
        return items
    return items[:_MANY] + items[_MANY :: len(items) // _MANY]


def _see(shape: Shape, value: Any) -> None:
    shape.scalars += 1
    if isinstance(value, bool):
        shape.guess.see("true" if value else "false", Base.BOOLEAN)
    elif isinstance(value, Number):
        shape.guess.see(value, _number_base(value))
    else:
        # A text that looks like a number stays a text; a date is a date.
        guess = Guess()
        guess.see(value)
        seen = guess.value_type().base
        moment = seen in (Base.DATE, Base.DATETIME, Base.TIME)
        shape.guess.see(value, seen if moment else Base.TEXT)


def _number_base(text: str) -> Base:
    if "e" in text or "E" in text:
        return Base.FLOAT
    return Base.DECIMAL if "." in text else Base.INTEGER


def _root(shape: Shape) -> Node:
    if shape.arrays and not shape.objects:
        return _item(shape.item)
    return _node("", shape, ONCE)


def _item(shape: Shape | None) -> Node:
    return _node(ITEM, shape, MANY) if shape is not None else Node(ITEM, Kind.FIELD, Type(value=TEXT), MANY)


def _node(name: str, shape: Shape, occurs: Occurs) -> Node:
    """A field for scalars (repeating for an array of them), an element for everything that has something inside."""
    value = _value(shape)
    nillable = shape.nulls > 0
    inner = shape.item
    if not shape.objects and _only_scalars(inner if shape.arrays else shape):
        seen = inner if shape.arrays and inner is not None else shape
        kind = _value(seen) or TEXT
        if shape.arrays:
            occurs = Occurs(0, None)
        return Node(
            name, Kind.FIELD, Type(kind.name, value=kind), occurs, nillable=nillable, facts=seen.guess.facts()
        )
    return Node(
        name,
        Kind.ELEMENT,
        Type(value=value, children=lambda: _children(shape)),
        occurs,
        nillable=nillable,
        facts=shape.guess.facts(),
    )


def _only_scalars(shape: Shape | None) -> bool:
    return shape is None or not (shape.objects or shape.arrays)


def _children(shape: Shape) -> tuple[Node, ...]:
    members = [
        _node(name, inner, ONCE if shape.present[name] == shape.objects and not shape.arrays else OPTIONAL)
        for name, inner in shape.members.items()
    ]
    if shape.arrays and ITEM not in shape.members:
        members.append(_item(shape.item))
    return tuple(members)


def _value(shape: Shape) -> ValueType | None:
    """The type of the scalars seen; text where nothing but null was."""
    if shape.scalars:
        return shape.guess.value_type()
    return None if shape.objects or shape.arrays else TEXT
