"""The fields of a record in a row: taken out of characters or cells into nested data, and put back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from studio.base.i18n import _
from studio.engine.formats.nested import Data
from studio.engine.plan import Shape
from studio.schema.flat.layout import Column, columns
from studio.schema.model import Node

Steps = tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Field:
    """A field of a record: its column, its place among the columns, and the way to it; a number is an instance, from 0."""

    column: Column
    at: int
    steps: Steps


@lru_cache(maxsize=512)
def fields(record: Node) -> tuple[Field, ...]:
    """The fields of a record, in order."""
    return tuple(Field(column, at, _steps(column.path)) for at, column in enumerate(columns(record)))


def used_fields(record: Node, shape: Shape | None) -> tuple[Field, ...]:
    """Those that a plan reads; all where no shape is given."""
    if shape is None or shape.whole:
        return fields(record)
    return tuple(one for one in fields(record) if _is_used(one.steps, shape))


def _is_used(steps: Steps, shape: Shape) -> bool:
    here: Shape | None = shape
    for name, _instance in steps:
        if here is None or here.whole:
            break
        here = here.children.get(name)
    return here is not None


def _steps(path: str) -> Steps:
    steps: list[tuple[str, int | None]] = []
    for step in path.split("/"):
        name, bracket, rest = step.rpartition("[")
        if bracket and rest.endswith("]") and rest[:-1].isdigit():
            steps.append((name, int(rest[:-1]) - 1))
        else:
            steps.append((step, None))
    return tuple(steps)


class Taking:
    """Makes the data of records of one kind out of their pieces. `read` gives a field's text, or raises ValueError."""

    def __init__(
        self, record: Node, shape: Shape | None, read: Callable[[Field], Callable[[Any], str | None]]
    ) -> None:
        used = used_fields(record, shape)
        self._plain = [(one.column.path, read(one)) for one in used if _is_plain(one)]
        self._deep = [(one.column.path, one.steps, read(one)) for one in used if not _is_plain(one)]

    def data(self, given: Any) -> Data:
        """The record's data; raises ValueError naming the field."""
        data: Data = {}
        path = ""
        try:
            for path, read in self._plain:
                data[path] = read(given)
            for path, steps, read in self._deep:  # noqa: B007  # told in the error
                _put(data, steps, read(given))
        except ValueError as error:
            raise ValueError(_("Field {name}: {reason}").format(name=path, reason=error)) from None
        if self._deep:
            _trim(data)
        return data


def _is_plain(one: Field) -> bool:
    return len(one.steps) == 1 and one.steps[0][1] is None


def _put(data: Data, steps: Steps, text: str | None) -> None:
    here: Any = data
    last = len(steps) - 1
    for at, (name, instance) in enumerate(steps):
        if instance is None:
            if at == last:
                here[name] = text
            else:
                here = here.setdefault(name, {})
            continue
        instances: list[Any] = here.setdefault(name, [])
        while len(instances) <= instance:
            instances.append(None if at == last else {})
        if at == last:
            instances[instance] = text
        else:
            here = instances[instance]


def _trim(data: Data) -> None:
    """Leave out instances at the end that hold nothing."""
    for name, value in data.items():
        if isinstance(value, dict):
            _trim(value)
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, dict):
                    _trim(each)
            while value and _is_empty(value[-1]):
                value.pop()
            data[name] = value


def _is_empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_empty(each) for each in value.values())
    return not value


def found(data: Data, steps: Steps) -> str | None:
    """The text at a field's way in nested data, None where there is none."""
    here: Any = data
    for name, instance in steps:
        here = here.get(name) if isinstance(here, dict) else None
        if instance is not None:
            here = here[instance] if isinstance(here, list) and instance < len(here) else None
    return here if isinstance(here, str) else None


def surplus(data: Data, record: Node) -> tuple[str, int] | None:
    """A repeating field that holds more instances than the record has room for, and how many it has."""
    return _surplus(data, record.type.children)


def _surplus(data: Data, nodes: Sequence[Node]) -> tuple[str, int] | None:
    for node in nodes:
        value = data.get(node.name)
        most = node.occurs.max
        if isinstance(value, list) and most is not None and len(value) > most and node.kind != "segment":
            return node.name, most
        inside = value if isinstance(value, list) else [value]
        for each in inside if node.type.children and node.kind != "segment" else ():
            deeper = _surplus(each, node.type.children) if isinstance(each, dict) else None
            if deeper is not None:
                return deeper
    return None
