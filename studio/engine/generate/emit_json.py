"""Target nodes as JSON text, laid out like formats/json_write does it; every piece begins with a comma."""

from __future__ import annotations

from studio.base.i18n import _
from studio.engine.formats.json_write import is_array, quoted
from studio.engine.generate.emit import Emitter, Leaf, Piece
from studio.engine.generate.lines import Declined
from studio.engine.plan import Target


class JsonEmitter(Emitter):
    """`compact`: one value a line, no blanks."""

    compact = False
    plain = False

    def leaf(self, target: Target, leaf: Leaf, depth: int) -> str:
        """A member with its name, or an entry."""
        if leaf.text == "None":
            return f"{self._head(target, depth)!r} + 'null'"
        text = leaf.text if not leaf.nullable else f"({leaf.text} or 'null')"
        return f"({self._head(target, depth)!r} + {text})"

    def record(self, text: str) -> str:
        """A line of its own in JSON lines; elsewhere the comma stays, for the one who writes it."""
        return f"{text}[1:] + '\\n'" if self.compact else text

    def _head(self, target: Target, depth: int) -> str:
        margin = "" if self.compact else "\n" + "  " * depth
        return "," + margin + self._name(target)

    def _name(self, target: Target) -> str:
        if target.entry or target.repeats:
            return ""
        return quoted(target.tag) + (":" if self.compact else ": ")

    def passes(self, target: Target) -> bool:
        """Everything goes through the writer, which makes the literal."""
        del target
        return False

    def safe(self, target: Target) -> bool:
        """A literal is escaped already."""
        del target
        return True

    def escaped(self, target: Target, leaf: Leaf) -> Leaf:
        """A literal is escaped already."""
        del target
        return leaf

    def usual(self, target: Target, leaf: Leaf, depth: int) -> str | None:
        """No template."""
        del target, leaf, depth
        return None

    def complex(
        self, target: Target, own: Leaf | None, pieces: list[tuple[Target, Piece]], depth: int
    ) -> str:
        """An object, or an array of entries."""
        if own is not None:
            raise Declined(_("an object has a text"))
        members = self._members(pieces, depth)
        inside = self.lines.let("o", f"''.join(({', '.join(members)},))" if members else "''")
        opening, closing = "[]" if is_array(target) else "{}"
        end = closing if self.compact else "\n" + "  " * depth + closing
        full = f"{self._head(target, depth) + opening!r} + {inside}[1:] + {end!r}"
        return f"({full} if {inside} else {self._head(target, depth) + opening + closing!r})"

    def _members(self, pieces: list[tuple[Target, Piece]], depth: int) -> list[str]:
        """The texts of the members; those of one repeating field together in an array."""
        names = [child.tag for child, _piece in pieces if not child.entry]
        if len(set(names)) < len(names):
            raise Declined(_("a member has several rules"))
        return [
            self._listed(child, piece, depth + 1) if child.repeats and not child.entry else piece.text
            for child, piece in pieces
        ]

    def _listed(self, target: Target, piece: Piece, depth: int) -> str:
        margin = "" if self.compact else "\n" + "  " * depth
        name = quoted(target.tag) + (":[" if self.compact else ": [")
        held = self.lines.let("o", piece.text)
        return f"({',' + margin + name!r} + {held}[1:] + {margin + ']'!r} if {held} else '')"

    def node(self, target: Target, depth: int) -> Piece:
        """A repeating field's entries stand one level deeper than the field."""
        return super().node(target, depth + 1 if target.repeats and not target.entry else depth)


class NestedEmitter(JsonEmitter):
    """A record's data as one JSON value, out of which `finish` (a name in the code) makes its text in its own format."""

    compact = True
    finish = "g_finish"

    def record(self, text: str) -> str:
        """The text as the format has it."""
        return f"{self.finish}({text}[1:])"
