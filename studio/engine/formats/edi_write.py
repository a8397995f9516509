"""X12 and EDIFACT out: Outs as segments with marks (see edi_marks), which the envelope then completes."""

from __future__ import annotations

from studio.engine.formats.edi_layout import Field, Part
from studio.engine.formats.edi_marks import (
    CLOSE,
    COMPONENT,
    ELEMENT,
    OPEN,
    REPETITION,
    SEGMENT,
    Places,
    Values,
    bare,
)
from studio.engine.outs import HOLE, Out
from studio.engine.plan import Document


class EdiWriter:
    """Renders Outs of levels, loops and segments."""

    opening = ""
    separates = False

    def __init__(self, document: Document) -> None:
        assert document.messages is not None
        self._places = Places(document.messages)
        self._values = Values(document)

    def check(self, text: str) -> None:
        """Raise Unwritable for text no element can hold."""
        self._values.check(text)

    def document(self, root: Out) -> str:
        """The document below a virtual document Out, with marks in its holes."""
        return "".join(self._part(out) for out in root.children)

    def record(self, out: Out, depth: int) -> str:
        """A record."""
        del depth
        return self._part(out)

    def node(self, out: Out, depth: int) -> str:
        """A node as it stands for itself, with the delimiters of the target, one segment a line."""
        del depth
        place, component = self._places.of(out.target.path)
        if isinstance(place, Field):
            text = (out.text or "") if component else self._field(out, place)
        else:
            text = self._part(out)
        return shown(text, self._values)

    def _part(self, out: Out) -> str:
        if out.hole is not None:
            return HOLE
        part, _component = self._places.of(out.target.path)
        assert isinstance(part, Part)
        if not part.code:
            inside = "".join(self._part(child) for child in out.children)
            return f"{OPEN}{part.name}{SEGMENT}{inside}{CLOSE}{part.name}{SEGMENT}" if part.opens else inside
        elements: dict[int, str] = {}
        below = ""
        for child in out.children:
            place, _component = self._places.of(child.target.path)
            if isinstance(place, Part):
                below += self._part(child)
            else:
                elements[place.position] = elements.get(place.position, "") + self._field(child, place)
        return part.code + joined(elements, ELEMENT, ELEMENT) + bare(part) + SEGMENT + below

    def _field(self, out: Out, field: Field) -> str:
        if not field.parts:
            return (out.text or "") + REPETITION
        parts: dict[int, str] = {}
        for child in out.children:
            place, _component = self._places.of(child.target.path)
            assert isinstance(place, Field)
            parts[place.position] = parts.get(place.position, "") + (child.text or "")
        return joined(parts, COMPONENT, "") + REPETITION


def joined(texts: dict[int, str], mark: str, lead: str) -> str:
    """Texts by position with marks between them."""
    if not texts:
        return ""
    return lead + mark.join(texts.get(at, "") for at in range(1, max(texts) + 1))


def shown(text: str, values: Values) -> str:
    """Marked text to look at: the target's delimiters, one segment a line, levels left out."""
    used = values.delimiters
    lines = []
    for piece in text.split(SEGMENT):
        if piece and piece[0] not in OPEN + CLOSE:
            lines.append(
                piece.rstrip(ELEMENT + REPETITION + COMPONENT)
                .replace(REPETITION + ELEMENT, ELEMENT)
                .replace(ELEMENT, used.element)
                .replace(REPETITION, used.repetition)
                .replace(COMPONENT, used.component)
            )
    return (used.segment + "\n").join(lines) + (used.segment if SEGMENT in text else "") + "\n"
