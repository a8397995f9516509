"""Target nodes as JSON text, laid out like formats/json_write does it; every piece begins with a comma."""

from __future__ import annotations

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.engine.formats.json_write import is_array, quoted
from studio.engine.generate.emit import Emitter, Leaf, Piece, rounds
from studio.engine.generate.lines import Declined
from studio.engine.plan import Expr, Target
from studio.schema.model import Base
from studio.script.compile import Generated, Kinds

_CARRIED = (Base.INTEGER, Base.DECIMAL)


class JsonEmitter(Emitter):
    """`compact`: one value a line, no blanks. `writes`: a text's literal is that text in quotes."""

    compact = False
    plain = False
    writes = True

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

    def at_once(self, target: Target, expr: Expr, code: Generated) -> Leaf | None:
        """The literal of a text, or of a number that Round has made, without the writer."""
        if not self.writes:
            return None
        if rounds(expr) and target.value.base in (Base.DECIMAL, Base.FLOAT):
            return Leaf(self.lines.let("x", code.expression), nullable=False)
        if target.value.base is not Base.TEXT or not code.is_text:
            return None
        if code.kinds == Kinds.TEXT:
            return Leaf(self.lines.let("x", f"g_quoted({code.expression})"), nullable=False)
        text = self.lines.let("x", code.expression)
        self.lines.emit(f"if {text} is not None: {text} = g_quoted({text})")
        return Leaf(text)

    def carried(self, target: Target, raw: str, base: Base) -> Leaf:
        """A text in quotes, a number as it is where JSON writes it so."""
        wanted = target.value.base
        if not self.writes or base is not wanted or not raw.isidentifier():
            return super().carried(target, raw, base)
        if base is Base.TEXT:
            return Leaf(self.lines.let("x", f"None if {raw} is None else g_quoted({raw})"))
        if base not in _CARRIED:
            return super().carried(target, raw, base)
        made = f"{self.carrier(target, base)}[{raw}]"
        return Leaf(self.lines.let("x", f"{raw} if {raw} and g_json_{base.value}({raw}) else {made}"))

    def usual(self, target: Target, leaf: Leaf, depth: int) -> str | None:
        """The member: its literal is never empty, so that this holds without a look at it."""
        if not leaf.text.isidentifier():
            return None
        head = _template(self._head(target, depth))
        return f"{head}{{{leaf.text}}}" if not leaf.nullable else f'{head}{{{leaf.text} or "null"}}'

    def complex(
        self, target: Target, own: Leaf | None, pieces: list[tuple[Target, Piece]], depth: int
    ) -> str:
        """An object, or an array of entries."""
        if own is not None:
            raise Declined(_("an object has a text"))
        members = self._members(pieces, depth)
        opening, closing = "[]" if is_array(target) else "{}"
        head = self._head(target, depth) + opening
        end = closing if self.compact else "\n" + "  " * depth + closing
        if members and members[0].sure:
            # Every text begins with a comma, and the first of them is none of an object's.
            inside = "".join(member.template for member in members)
            return f"f'{_template(head)}{inside.removeprefix(',')}{_template(end)}'"
        if len(members) == 1:
            inside = members[0].held
        else:
            template = "".join(member.template for member in members)
            inside = self.lines.let("o", f"f'{template}'")
        full = f"{head!r} + {inside}[1:] + {end!r}"
        return f"({full} if {inside} else {head + closing!r})"

    def _members(self, pieces: list[tuple[Target, Piece]], depth: int) -> list[_Member]:
        """The texts of the members; those of one repeating field together in an array."""
        names = [child.tag for child, _piece in pieces if not child.entry]
        if len(set(names)) < len(names):
            raise Declined(_("a member has several rules"))
        return [self._member(child, piece, depth) for child, piece in pieces]

    def _member(self, target: Target, piece: Piece, depth: int) -> _Member:
        if target.repeats and not target.entry:
            text = self._listed(target, piece, depth + 1)
        elif piece.usual is not None:
            return _Member("", piece.usual)
        else:
            text = piece.text
        held = text if text.isidentifier() else self.lines.let("o", text)
        return _Member(held, f"{{{held}}}")

    def _listed(self, target: Target, piece: Piece, depth: int) -> str:
        margin = "" if self.compact else "\n" + "  " * depth
        name = quoted(target.tag) + (":[" if self.compact else ": [")
        held = self.lines.let("o", piece.text)
        return f"({',' + margin + name!r} + {held}[1:] + {margin + ']'!r} if {held} else '')"

    def node(self, target: Target, depth: int) -> Piece:
        """A repeating field's entries stand one level deeper than the field."""
        return super().node(target, depth + 1 if target.repeats and not target.entry else depth)


@dataclass(frozen=True)
class _Member:
    """A member's text: the variable that holds it, empty where it is sure to be there, and the inside of an f-string."""

    held: str
    template: str

    @property
    def sure(self) -> bool:
        """It is there whatever the record holds."""
        return not self.held


def _template(text: str) -> str:
    """A constant text as the inside of an f-string in single quotes."""
    return repr(text + '"')[1:-2].replace("{", "{{").replace("}", "}}")


class NestedEmitter(JsonEmitter):
    """A record's data as one JSON value, out of which `finish` (a name in the code) makes its text in its own format."""

    compact = True
    writes = False
    finish = "g_finish"

    def record(self, text: str) -> str:
        """The text as the format has it."""
        return f"{self.finish}({text}[1:])"
