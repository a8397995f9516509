"""JSON lines whose records have the usual types, decoded into rows of the used values only; others are left to the rest.

Numbers are taken as they are written. What msgspec refuses, or what it may take and the plain reader not, is not decoded
here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from studio.base.lazily import Lazily
from studio.engine.generate.layout import Chain, Ref, Row, numbered, unpacked
from studio.engine.generate.lines import Declined, Lines
from studio.engine.plan import Shape

if TYPE_CHECKING:
    import msgspec
else:
    msgspec = Lazily("msgspec")

_SAMPLE = 40  # lines that are looked at first
_MISSES = 50  # lines of other types, before it is asked whether this is worth it
_DEEPEST = 200  # brackets opened in a line that may be nested


class Decoded(NamedTuple):
    """A record's row (see layout), the line it stands in, and whether it may hold characters that not every format does."""

    row: tuple[Any, ...]
    line: str
    odd: bool


class _Odd(Exception):
    """A value of another type."""


class Quick:
    """Decodes lines into rows; `seen` is asked first for the types of the values."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._kinds: dict[Chain, str] | None = {}
        self._seen = self._taken = self._missed = 0
        self._decode: Callable[[str], Any] | None = None
        self._rows: Callable[[Any], tuple[Any, ...]] | None = None

    def decoded(self, line: str) -> Decoded | None:
        """The record of a line; None where the plain reader has to look at it."""
        if self._decode is None or self._rows is None:
            if self._kinds is not None:
                self._look_at(line)
            return None
        if line.count("[") + line.count("{") > _DEEPEST:
            return None
        try:
            row = self._rows(self._decode(line))
        except (msgspec.MsgspecError, _Odd, UnicodeError, RecursionError):
            self._missed += 1
            if self._missed > _MISSES and self._missed * 3 > self._taken:
                self._decode = self._kinds = None
            return None
        self._taken += 1
        return Decoded(row, line, "\\" in line or "\ufffe" in line or "\uffff" in line)

    def _look_at(self, line: str) -> None:
        assert self._kinds is not None
        self._seen += 1
        try:
            self._note(self._row.shape, self._row.chain, msgspec.json.decode(line), self._kinds)
            if self._seen == _SAMPLE:
                self._decode, self._rows = _decoder(self._row, self._kinds)
        except (msgspec.MsgspecError, _Odd, Declined, UnicodeError, RecursionError):
            self._kinds = None

    def _note(self, shape: Shape, chain: Chain, value: Any, kinds: dict[Chain, str]) -> None:
        if value is None:
            return
        if isinstance(value, list) and (shape.entries or shape.repeats):
            for entry in value:
                below = (*chain, "item") if shape.entries else chain
                inside = shape.children.get("item") if shape.entries else shape
                if inside is not None and not isinstance(entry, list):
                    self._note(inside, below, entry, kinds)
        elif isinstance(value, dict):
            for name, child in shape.children.items():
                self._note(child, (*chain, name), value.get(name), kinds)
        elif isinstance(value, list):
            raise _Odd
        else:
            kind = "text" if isinstance(value, str) else "bare"
            if kinds.setdefault(chain, kind) != kind:
                raise _Odd


def _decoder(
    row: Row, kinds: dict[Chain, str]
) -> tuple[Callable[[str], Any], Callable[[Any], tuple[Any, ...]]]:
    """What decodes a line, and what makes a row of it. Raises Declined for shapes that are not plain."""
    lines = Lines()
    writer = _Writer(lines, kinds)
    if not row.shape.children or row.shape.entries:
        raise Declined("")
    with lines.block("def rows(g_value):"):
        ref = numbered(row, "a")
        kind = writer.object(ref, row.shape, row.chain, "g_value")
        lines.emit(f"return {unpacked(ref)}")
    space: dict[str, Any] = {"g_bare": _bare, "g_str": str}
    exec(compile("\n".join(lines.lines) + "\n", "<rows>", "exec"), space)
    return msgspec.json.Decoder(kind).decode, space["rows"]


def _bare(text: str) -> str | None:
    """The text of what is no usual number: nothing for null, a truth value."""
    if not text or text == "null":
        return None
    if text[0] in '"[{':
        raise _Odd
    return text


class _Writer:
    """Writes the statements that fill a row from a struct, and makes the structs' types."""

    def __init__(self, lines: Lines, kinds: dict[Chain, str]) -> None:
        self._lines = lines
        self._kinds = kinds

    def object(self, ref: Ref, shape: Shape, chain: Chain, variable: str) -> Any:
        """Fill from an object in a variable; gives its type."""
        if shape.whole:
            raise Declined("")
        emit, index = self._lines.emit, ref.row.index
        for kind in ("present", "text"):
            if (kind, chain) in index:
                emit(f"{ref.name(index[kind, chain])} = ''")
        fields: list[tuple[str, Any, Any]] = []
        for number, (name, child) in enumerate(shape.children.items()):
            value, below = f"{variable}.f{number}", (*chain, name)
            fields.append((f"f{number}", *self._member(ref, child, below, value)))
        rename = {f"f{number}": name for number, name in enumerate(shape.children)}
        return msgspec.defstruct("Value", fields, rename=rename, gc=False)

    def _member(self, ref: Ref, shape: Shape, chain: Chain, value: str) -> tuple[Any, Any]:
        """Fill from a member; gives its type and what stands for it where it is missing."""
        lines, index = self._lines, ref.row.index
        if shape.repeats:
            return self._list(ref, shape, chain, value), ()
        if shape.entries:
            if set(shape.children) != {"item"} or shape.text or ("present", chain) in index:
                raise Declined("")
            return self._list(ref, shape.children["item"], (*chain, "item"), value), ()
        if not shape.children:
            return self._leaf(ref, chain, value)
        held = lines.let("j", value)
        places = self._places(ref.row, chain)
        kinds = {place: kind for (kind, _chain), place in index.items()}
        with lines.block(f"if {held} is not None:"):
            kind = self.object(ref, shape, chain, held)
        with lines.block("else:"):
            for place in places:
                lines.emit(f"{ref.name(place)} = {'[]' if kinds[place] == 'list' else None}")
        return kind | None, None

    def _places(self, row: Row, chain: Chain) -> list[int]:
        """The places of a row that are filled from what is below a chain."""
        return [place for (_kind, at), place in row.index.items() if at[: len(chain)] == chain]

    def _leaf(self, ref: Ref, chain: Chain, value: str) -> tuple[Any, Any]:
        place = ref.row.index.get(("text", chain))
        present = ref.row.index.get(("present", chain))
        if place is None or present is not None:
            raise Declined("")
        if self._kinds.get(chain) == "bare":
            name = ref.name(place)
            self._lines.emit(f"{name} = g_str({value}, 'ascii')")
            # What begins with a digit or a minus is a number: only they, a point and a slash come in between.
            self._lines.emit(f"if not '-' <= {name} < ':': {name} = g_bare({name})")
            return msgspec.Raw, msgspec.Raw(b"")
        self._lines.emit(f"{ref.name(place)} = {value}")
        return str | None, None

    def _list(self, ref: Ref, shape: Shape, chain: Chain, value: str) -> Any:
        lines = self._lines
        if chain not in ref.row.rows:
            raise Declined("")
        into = ref.name(ref.row.index["list", chain])
        inner = numbered(ref.row.rows[chain], lines.fresh("r") + "_")
        lines.emit(f"{into} = []")
        entry = lines.fresh("j")
        with lines.block(f"for {entry} in {value}:"):
            if shape.children:
                kind = self.object(inner, shape, chain, entry)
            else:
                if set(inner.row.index) != {("text", chain)} or self._kinds.get(chain) == "bare":
                    raise Declined("")
                lines.emit(f"{inner.name(0)} = {entry}")
                kind = str
            lines.emit(f"{into}.append({unpacked(inner)})")
        return list[kind]  # type: ignore[valid-type]
