"""Where the EDI messages of the corpora lie, interchanges made of segments, all nodes of a tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from studio.schema.model import Node, Schema
from studio.schema.source import decode

X12 = Path("corpora") / "edi-x12"
EDIFACT = Path("corpora") / "edi-edifact" / "pydifact"
ISA = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260301*1200*{0}*{1}*000000001*0*T*{2}{3}"


def interchange(
    *body: str, repetition: str = "^", version: str = "00501", component: str = ":", end: str = "~"
) -> str:
    """An X12 interchange of one group around these segments."""
    parts = (
        ISA.format(repetition, version, component, ""),
        "GS*PO*A*B*20260301*1200*1*X*005010",
        *body,
        "GE*1*1",
        "IEA*1*000000001",
    )
    return "".join(part + end for part in parts)


def text_of(file: Path) -> str:
    """The text of a message."""
    return decode(file.read_bytes(), None, file=file)[0]


def nodes_of(schema: Schema) -> Iterator[Node]:
    """Every node of a tree without recursion."""
    waiting = list(schema.roots)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.type.children
