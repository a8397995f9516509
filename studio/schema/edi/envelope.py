"""The envelope every interchange has: `interchange/group/transaction` for X12, `interchange/message` for EDIFACT."""

from __future__ import annotations

from collections.abc import Iterable

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.schema.edi.segment_words import segment_words
from studio.schema.edi.words import element_words
from studio.schema.model import MANY, ONCE, OPTIONAL, Kind, Node, Occurs, Type, ValueType

# Element counts of the service segments by position; a component count where an element has components.
_X12_HEADS = {"ISA": 16, "IEA": 2, "GS": 8, "GE": 2, "ST": 3, "SE": 2}
_EDIFACT_HEADS: dict[str, tuple[int, ...]] = {
    "UNB": (2, 4, 4, 2, 1, 2, 1, 1, 1, 1, 1),
    "UNZ": (1, 1),
    "UNG": (1, 2, 2, 2, 1, 1, 3, 1),
    "UNE": (1, 1),
    "UNH": (1, 7, 1, 2),
    "UNT": (1, 1),
    "UNS": (1,),
    "UGH": (1,),
    "UGS": (1,),
}
# So many elements at the beginning of a service segment are never left out.
_REQUIRED = {
    "ISA": 16, "IEA": 2, "GS": 8, "GE": 2, "ST": 2, "SE": 2,
    "UNB": 5, "UNZ": 2, "UNE": 2, "UNH": 2, "UNT": 2, "UNS": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Level:
    """One level of an envelope: its name in paths, the segments that open and close it, and whether it may be left out."""

    name: str
    opens: str
    closes: str
    occurs: Occurs = MANY


X12 = (Level("interchange", "ISA", "IEA"), Level("group", "GS", "GE"), Level("transaction", "ST", "SE"))
EDIFACT = (Level("interchange", "UNB", "UNZ"), Level("message", "UNH", "UNT"))
EDIFACT_GROUPS = (EDIFACT[0], Level("group", "UNG", "UNE"), EDIFACT[1])


def levels_of(standard: str, *, groups: bool = False) -> tuple[Level, ...]:
    """The levels of a standard; EDIFACT has groups only where a message shows them."""
    return X12 if standard == "x12" else EDIFACT_GROUPS if groups else EDIFACT


def with_envelope(content: tuple[Node, ...], standard: str, segments: Iterable[Node] = ()) -> Node:
    """The root `interchange` around the content of one message; `segments` are service segments already described."""
    known = {node.facts.get("code", node.name): node for node in segments}
    inner = content
    declared = {node.facts.get("code", "") for node in content}
    for level in reversed(levels_of(standard)):
        opens = () if level.opens in declared else (known.get(level.opens) or service_segment(level.opens),)
        closes = (
            () if level.closes in declared else (known.get(level.closes) or service_segment(level.closes),)
        )
        inner = (level_node(level, (*opens, *inner, *closes)),)
    return inner[0]


def level_node(level: Level, children: tuple[Node, ...]) -> Node:
    """The node of one level of the envelope."""
    said = {
        "interchange": _("One interchange: what was sent together."),
        "group": _("A group of messages of one kind."),
        "transaction": _("One transaction set."),
        "message": _("One message."),
    }
    return Node(
        level.name,
        Kind.SEGMENT,
        Type(level.name, children=lambda: children),
        level.occurs,
        documentation=said[level.name],
        facts={"envelope": "true", "opens": level.opens, "closes": level.closes},
    )


def is_service(code: str) -> bool:
    """The segment belongs to the envelope or parts a message, whatever the message."""
    return code in _X12_HEADS or code in _EDIFACT_HEADS


def is_required(code: str, position: int) -> bool:
    """An element of a segment of the envelope that no message may leave out."""
    return position <= _REQUIRED.get(code, 0)


def service_segment(code: str) -> Node:
    """A segment of the envelope by positions, as the standards lay it down."""
    if code in _X12_HEADS:
        children = tuple(element(code, at) for at in range(1, _X12_HEADS[code] + 1))
    else:
        children = tuple(element(code, at, count) for at, count in enumerate(_EDIFACT_HEADS[code], 1))
    words = segment_words("x12" if code in _X12_HEADS else "edifact", code)
    return Node(
        code,
        Kind.SEGMENT,
        Type(code, children=lambda: children),
        ONCE,
        documentation=words,
        facts={"code": code, **({"label": words} if words else {})},
    )


def element(code: str, position: int, components: int = 1, value: ValueType | None = None) -> Node:
    """An element by position, `BGM02`; with several components `BGM02-01` … below it."""
    name = f"{code}{position:02}"
    if components < 2:
        kind = value or ValueType()
        return Node(
            name,
            Kind.FIELD,
            Type(kind.name, value=kind),
            OPTIONAL,
            documentation=element_words(name),
            facts={"position": str(position)},
        )
    inner = tuple(component(name, at) for at in range(1, components + 1))
    return Node(
        name,
        Kind.ELEMENT,
        Type(name, children=lambda: inner),
        OPTIONAL,
        documentation=element_words(name),
        facts={"position": str(position)},
    )


def component(name: str, position: int, value: ValueType | None = None) -> Node:
    """A component of an element by position."""
    kind = value or ValueType()
    return Node(
        f"{name}-{position:02}",
        Kind.FIELD,
        Type(kind.name, value=kind),
        OPTIONAL,
        facts={"position": str(position)},
    )
