"""Interchanges as segments: the delimiters a message says itself, release characters, repetitions, components."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.schema.flat.tell import Record
from studio.schema.model import Node

# A repetition of an element is a tuple of components, an element a tuple of repetitions.
Element = tuple[tuple[str, ...], ...]

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,2}")
# From this version on the eleventh element of ISA is the repetition separator.
_REPEATS_FROM = "00402"
_BLANK = " \t\r\n"


@dataclass(frozen=True)
class Delimiters:
    """What separates the parts of an interchange; `repetition` and `release` are empty where there are none."""

    standard: str
    element: str
    component: str
    segment: str
    repetition: str = ""
    release: str = ""
    decimal: str = "."

    def facts(self) -> dict[str, str]:
        """The same as facts of a schema."""
        return {
            "standard": self.standard,
            "segment": self.segment,
            "element": self.element,
            "component": self.component,
            "repetition": self.repetition,
            "release": self.release,
            "decimal": self.decimal,
        }


X12_USUAL = Delimiters("x12", "*", ":", "~")


@dataclass(frozen=True)
class Segment(Record):
    """One segment: `name` is its code, `column` where it starts. Its elements are split when first asked for."""

    delimiters: Delimiters = X12_USUAL
    column: int = 1

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """Its elements without the code."""
        used = self.delimiters
        rest = _split(self.text, used.element, used.release)[1:]
        return tuple(_element(part, used, self.name) for part in rest)

    def get(self, position: int, component: int = 1) -> str:
        """The text of an element (from 1), or of one of its components; empty where there is none."""
        if not 0 < position <= len(self.elements):
            return ""
        first = self.elements[position - 1][0]
        return first[component - 1] if 0 < component <= len(first) else ""

    @property
    def known(self) -> bool:
        """Its code is written as codes are: two or three capitals and digits."""
        return bool(_CODE.fullmatch(self.name))


def find_delimiters(text: str, file: str | None = None) -> Delimiters:
    """The delimiters of the interchange a text begins with; raises BadInput where it begins with none."""
    start = len(text) - len(text.lstrip("\ufeff" + _BLANK))
    if text.startswith("ISA", start):
        return _x12(text[start:], file, text.count("\n", 0, start) + 1)
    if text.startswith(("UNA", "UNB"), start):
        return _edifact(text[start:])
    raise BadInput(
        _("There is no interchange here: it starts with ISA, UNA or UNB."),
        file=file,
        line=text.count("\n", 0, start) + 1,
        next_step=_("Give an X12 or EDIFACT message with its envelope, or a definition of one."),
    )


def segments(text: str, delimiters: Delimiters) -> Iterator[Segment]:
    """The segments of a text in order, with line and column; UNA and blanks between segments are no segments."""
    at = len(text) - len(text.lstrip("\ufeff" + _BLANK))
    line, counted = text.count("\n", 0, at) + 1, at
    if delimiters.standard == "edifact" and text.startswith("UNA", at):
        at += 9
    for start, piece in pieces(text, at, delimiters):
        body = piece.lstrip(_BLANK)
        if not body:
            continue
        start += len(piece) - len(body)
        line += text.count("\n", counted, start)
        counted = start
        column = start - (text.rfind("\n", 0, start) + 1) + 1
        if delimiters.segment in "\r\n":
            body = body.rstrip("\r\n")
        name = body.partition(delimiters.element)[0].strip()
        yield Segment(line, body, name=name, delimiters=delimiters, column=column)


def told(record: Record, node: Node) -> bool:
    """Whether a segment is the one a node describes: by its code, and by the qualifier that tells it from others."""
    if not isinstance(record, Segment) or record.name != node.facts.get("code", node.name):
        return False
    field = node.facts.get("tell_field")
    if not field:
        return True
    place = _place(node, field)
    return place is None or record.get(*place) in node.facts.get("tell_text", "").split("\n")


def _place(node: Node, field: str) -> tuple[int, int] | None:
    """Position and component of a field of a segment."""
    position = 0
    for child in node.type.children:
        position = _whole(child.facts.get("position"), position + 1)
        if child.name == field:
            return position, 1
        for at, inner in enumerate(child.type.children, 1):
            if inner.name == field:
                return position, _whole(inner.facts.get("position"), at)
    return None


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 5 else otherwise


def _x12(text: str, file: str | None, line: int) -> Delimiters:
    element = text[3:4]
    parts = text[:400].split(element, 16) if element else []
    if not element or element.isalnum() or len(parts) < 17:
        raise BadInput(
            _("The ISA segment does not have its 16 elements."),
            file=file,
            line=line,
            column=1,
            next_step=_("Correct the beginning of the interchange: its delimiters are read from there."),
        )
    at = _last_element(text, element)
    component, terminator = text[at : at + 1], text[at + 1 : at + 2]
    if not terminator or terminator.isalnum():
        raise BadInput(
            _("The ISA segment is not ended by a segment terminator."),
            file=file,
            line=line,
            column=at + 2,
            next_step=_("Put the terminator behind the sixteenth element, usually ~ or a line break."),
        )
    repetition = parts[11]
    repeats = len(repetition) == 1 and not repetition.isalnum() and parts[12] >= _REPEATS_FROM
    return Delimiters(
        "x12", element, component, "\n" if terminator == "\r" else terminator, repetition if repeats else ""
    )


def _last_element(text: str, element: str) -> int:
    """Where the sixteenth element of ISA starts: character 105, unless other elements are not as long as they should be."""
    at = 0
    for _turn in range(16):
        at = text.index(element, at) + 1
    return at


def _edifact(text: str) -> Delimiters:
    if text.startswith("UNA") and len(text) >= 9:
        component, element, decimal, release, repetition, segment = (text[at] for at in range(3, 9))
        repetition, release = repetition.strip(), release.strip()
    else:
        component, element, decimal, release, repetition, segment = ":", "+", ".", "?", "", "'"
        # Syntax version 4 repeats elements with an asterisk unless told otherwise.
        if re.match(r"UNB\+[A-Z0-9]{4}:[4-9]", text):
            repetition = "*"
    return Delimiters("edifact", element, component, segment, repetition, release, decimal)


def pieces(text: str, at: int, delimiters: Delimiters) -> Iterator[tuple[int, str]]:
    """The texts between segment terminators, each with where it starts; a released terminator is text."""
    end, release = delimiters.segment, delimiters.release
    while at < len(text):
        stop = text.find(end, at)
        while release and stop > at and _released(text, stop, at, release):
            stop = text.find(end, stop + 1)
        if stop < 0:
            yield at, text[at:]
            return
        yield at, text[at:stop]
        at = stop + len(end)


def _released(text: str, at: int, start: int, release: str) -> bool:
    """An odd number of release characters stands before a place."""
    count = 0
    while at - count - 1 >= start and text[at - count - 1] == release:
        count += 1
    return count % 2 == 1


def _split(text: str, delimiter: str, release: str) -> list[str]:
    """The parts of a text; delimiters behind a release character stay in their part, with it."""
    if not delimiter:
        return [text]
    if not release or release not in text:
        return text.split(delimiter)
    parts: list[str] = [""]
    at = 0
    for match in re.finditer(f"{re.escape(release)}.|{re.escape(delimiter)}", text, re.DOTALL):
        parts[-1] += text[at : match.start()]
        at = match.end()
        if match[0] == delimiter:
            parts.append("")
        else:
            parts[-1] += match[0]
    parts[-1] += text[at:]
    return parts


def _element(text: str, delimiters: Delimiters, segment: str) -> Element:
    if segment == "ISA":
        return ((text,),)
    if not delimiters.release or delimiters.release not in text:
        if not delimiters.repetition or delimiters.repetition not in text:
            return (tuple(text.split(delimiters.component)),)
        return tuple(tuple(one.split(delimiters.component)) for one in text.split(delimiters.repetition))
    repetitions = _split(text, delimiters.repetition, delimiters.release)
    return tuple(
        tuple(
            _plain(part, delimiters.release) for part in _split(one, delimiters.component, delimiters.release)
        )
        for one in repetitions
    )


def _plain(text: str, release: str) -> str:
    if not release or release not in text:
        return text
    return re.sub(f"{re.escape(release)}(.)", r"\1", text, flags=re.DOTALL)
