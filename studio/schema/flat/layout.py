"""Where the fields of a fixed-width record lie, by the facts of its nodes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from studio.base.records import dataclass
from studio.schema.model import Kind, Node

# A repeating field is a column per instance; a record this wide is a mistake in its description.
_MOST_COLUMNS = 20_000


@dataclass(frozen=True)
class Column:
    """One leaf field of a record: `start` from 0, `width` in characters (or bytes), `path` below the record."""

    node: Node
    path: str
    start: int
    width: int


@lru_cache(maxsize=512)
def columns(record: Node) -> tuple[Column, ...]:
    """The leaf fields of a record in order; fields of nested records are not part of it."""
    return tuple(column for column, _end in islice(_columns(record, 0, ""), _MOST_COLUMNS))


def record_width(record: Node) -> int:
    """The characters that the fields of a record take."""
    return max((column.start + column.width for column in columns(record)), default=0)


def number(text: str | None) -> int:
    """A whole number of a fact, 0 where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _columns(parent: Node, start: int, lead: str) -> Iterator[tuple[Column, int]]:
    for node in parent.type.children:
        if node.kind is Kind.SEGMENT:
            continue
        at = number(node.facts.get("start"))
        start = at - 1 if at else start
        times = min(node.occurs.max or 1, _MOST_COLUMNS)
        for turn in range(times):
            path = f"{lead}{node.name}" + (f"[{turn + 1}]" if times > 1 else "")
            if node.type.children:
                end = start
                for column, end in _columns(node, start, f"{path}/"):
                    yield column, end
                start = max(end, start + number(node.facts.get("width")))
            else:
                width = number(node.facts.get("width"))
                start += width
                yield Column(node, path, start - width, width), start
