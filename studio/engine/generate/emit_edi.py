"""Target nodes as segments with marks, like formats/edi_write does it."""

from __future__ import annotations

from studio.base.i18n import _
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
from studio.engine.generate.emit import Emitter, Leaf, Piece
from studio.engine.generate.lines import Declined
from studio.engine.plan import Target
from studio.schema.model import Base


class EdiEmitter(Emitter):
    """Elements end with the mark of repetitions; segments put them in their positions."""

    places: Places
    values: Values
    plain = False

    def passes(self, target: Target) -> bool:
        """Only text is written as it is: numbers and dates have forms of their own."""
        return target.value.base in (Base.TEXT, Base.BINARY)

    def safe(self, target: Target) -> bool:
        """Any text may hold a delimiter."""
        del target
        return False

    def escaped(self, target: Target, leaf: Leaf) -> Leaf:
        """What no element can hold is for the judge."""
        del target
        if leaf.safe:
            return leaf
        shown = leaf.text if leaf.text.startswith("x_") else self.lines.let("x", leaf.text)
        bad = self._constants.add(self.values.bad)
        guard = f"{shown} and " if leaf.nullable else ""
        self.lines.emit(f"if {guard}{bad}({shown}): raise g_Again")
        return Leaf(shown, leaf.nullable, safe=True)

    def usual(self, target: Target, leaf: Leaf, depth: int) -> str | None:
        """No template."""
        del target, leaf, depth
        return None

    def leaf(self, target: Target, leaf: Leaf, depth: int) -> str:
        """An element or component."""
        del depth
        _field, component = self.places.of(target.path)
        end = "" if component else f" + {REPETITION!r}"
        if leaf.text == "None":
            return repr("" if component else REPETITION)
        return f"(({leaf.text} or ''){end})" if leaf.nullable else f"({leaf.text}{end})"

    def complex(
        self, target: Target, own: Leaf | None, pieces: list[tuple[Target, Piece]], depth: int
    ) -> str:
        """A level, loop, segment or composite."""
        del depth
        if own is not None:
            raise Declined(_("a segment has a text"))
        place, _component = self.places.of(target.path)
        if isinstance(place, Field):
            return f"{self._in_places(pieces, COMPONENT)} + {REPETITION!r}"
        below = [piece.text for child, piece in pieces if isinstance(self.places.of(child.path)[0], Part)]
        inside = " + ".join(f"({text})" for text in below) or "''"
        if place.code:
            elements = [each for each in pieces if isinstance(self.places.of(each[0].path)[0], Field)]
            lead = repr(ELEMENT) + " + " if elements else ""
            own_text = f"{place.code!r} + {lead}{self._in_places(elements, ELEMENT)}"
            return f"{own_text} + {bare(place) + SEGMENT!r} + {inside}"
        if not place.opens:
            return inside
        start, end = f"{OPEN}{place.name}{SEGMENT}", f"{CLOSE}{place.name}{SEGMENT}"
        return f"{start!r} + {inside} + {end!r}"

    def _in_places(self, pieces: list[tuple[Target, Piece]], mark: str) -> str:
        """The expression of texts by position, with marks between them."""
        by_place: dict[int, list[str]] = {}
        for child, piece in pieces:
            place = self.places.of(child.path)[0]
            assert isinstance(place, Field)
            by_place.setdefault(place.position, []).append(f"({piece.text})")
        if not by_place:
            return "''"
        texts = [" + ".join(by_place.get(at, ["''"])) for at in range(1, max(by_place) + 1)]
        return f"{mark!r}.join(({', '.join(texts)},))"
