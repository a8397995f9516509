"""Which kind a record is: by a constant field, by its first characters, by characters at a place, by its position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from studio.base.records import dataclass
from studio.schema.flat.layout import columns, number
from studio.schema.model import Kind, Node

WAYS = ("prefix", "field", "at", "first", "last")


@dataclass(frozen=True)
class Record:
    """One record as it stands in a file: its `line` (from 1), its text, and its cells where it is delimited.

    `first` and `last` tell its position in the file. `name` is its code where the format gives one (a segment).
    """

    line: int
    text: str
    cells: tuple[str, ...] | None = None
    first: bool = False
    last: bool = False
    name: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def value(self, node: Node, record: Node) -> str:
        """The text of one of its leaf fields, without padding; empty where the record is too short."""
        for at, column in enumerate(columns(record)):
            if column.node is node:
                if self.cells is not None:
                    return self.cells[at].strip() if at < len(self.cells) else ""
                return stripped(self.text[column.start : column.start + column.width], node)
        return ""


def stripped(text: str, node: Node) -> str:
    """A fixed-width field's text without its padding (spaces unless `pad` says otherwise)."""
    pad = node.facts.get("pad", " ")
    return text.lstrip(pad) if node.facts.get("align") == "right" else text.rstrip(pad)


def constants(record: Node) -> tuple[Node, ...]:
    """Its leaf fields that always hold the same text."""
    return tuple(column.node for column in columns(record) if column.node.fixed is not None)


def is_told(record: Node) -> bool:
    """Its description says how it is told from other kinds."""
    return record.facts.get("tell") in WAYS or bool(constants(record)) or bool(record.facts.get("code"))


def is_of_kind(record: Record, node: Node) -> bool:
    """Whether a record is of the kind that `node` describes; a kind that nothing tells fits any record."""
    texts: Sequence[str] = node.facts.get("tell_text", "").split("\n")
    match node.facts.get("tell"):
        case "first":
            return record.first
        case "last":
            return record.last
        case "prefix":
            return record.text.startswith(tuple(texts)) if record.cells is None else _cell(record, 0) in texts
        case "at":
            at = max(0, number(node.facts.get("tell_at")) - 1)
            if record.cells is not None:
                return _cell(record, at) in texts
            return any(record.text.startswith(text, at) for text in texts)
        case "field":
            told = field_named(node, node.facts.get("tell_field", ""))
            return told is not None and record.value(told, node) in texts
    return _holds_constants(record, node)


def field_named(record: Node, name: str) -> Node | None:
    """The leaf field of a record with this name or path, None where there is none."""
    return next((one.node for one in columns(record) if name in (one.node.name, one.path)), None)


def has_fields(node: Node) -> bool:
    """It is a record itself, not only a group of records."""
    return "code" in node.facts or any(child.kind is not Kind.SEGMENT for child in node.type.children)


def _cell(record: Record, at: int) -> str:
    return record.cells[at].strip() if record.cells is not None and at < len(record.cells) else ""


def _holds_constants(record: Record, node: Node) -> bool:
    # A wrong constant deep in a record is a fault of the record: where it starts with constants, those alone tell.
    start: list[Node] = []
    for column in columns(node):
        if column.node.fixed is None:
            break
        start.append(column.node)
    return all(record.value(one, node) == (one.fixed or "").strip() for one in start or constants(node))
