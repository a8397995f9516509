"""A target row as delimited text, like formats/delimited_write does it."""

from __future__ import annotations

from studio.base.i18n import _
from studio.engine.formats.delimited_write import DelimitedWriter
from studio.engine.generate.emit import Emitter, Leaf, Piece
from studio.engine.generate.lines import Declined
from studio.engine.plan import Target


class RowEmitter(Emitter):
    """Cells joined in the order of the columns."""

    writer: DelimitedWriter

    def escaped(self, target: Target, leaf: Leaf) -> Leaf:
        """Quote where a character asks for it."""
        del target
        if leaf.safe:
            return leaf
        shown = leaf.text if leaf.text.startswith("x_") else self.lines.let("x", leaf.text)
        marks = (self.writer.delimiter, self.writer.quote, "\n", "\r")
        test = " or ".join(f"{mark!r} in {shown}" for mark in marks if mark)
        guard = f"{shown} is not None and " if leaf.nullable else ""
        quote = self.writer.quote
        mend = f"{shown} = {quote!r} + {shown}.replace({quote!r}, {quote * 2!r}) + {quote!r}"
        mend = mend if quote else "raise g_Again"
        self.lines.emit(f"if {guard}({test}): {mend}")
        return Leaf(shown, leaf.nullable, safe=True)

    def safe(self, target: Target) -> bool:
        """Even a number may hold the delimiter."""
        del target
        return False

    def usual(self, target: Target, leaf: Leaf, depth: int) -> str | None:
        """No template."""
        del target, leaf, depth
        return None

    def leaf(self, target: Target, leaf: Leaf, depth: int) -> str:
        """A cell."""
        del target, depth
        return f"({leaf.text} or '')" if leaf.nullable else leaf.text

    def _leaf(self, target: Target, depth: int) -> Piece:
        piece = super()._leaf(target, depth)
        # An optional cell is as empty as a required one.
        shown = piece.text
        if piece.filled and shown.startswith("(''"):
            shown = f"({piece.filled} or '')"
        return Piece(shown, piece.test)

    def one(self, target: Target, depth: int) -> Piece:
        """A cell is there whatever its value."""
        piece = super().one(target, depth)
        if target.children or piece.text.isidentifier():
            return piece
        return Piece(self.lines.let("o", piece.text), piece.test)

    def complex(
        self, target: Target, own: Leaf | None, pieces: list[tuple[Target, Piece]], depth: int
    ) -> str:
        """The line."""
        del target, depth
        if own is not None or any(child.repeats or child.loop for child, _piece in pieces):
            raise Declined(_("a cell repeats"))
        by_name = {child.tag: piece.text for child, piece in pieces}
        if len(by_name) < len(pieces):
            raise Declined(_("a column has several rules"))
        if len(self.writer.columns) == 1:
            only = by_name.get(self.writer.columns[0], "''")
            alone = self.writer.quote * 2
            return f"({only} or {alone!r}) + {self.writer.newline!r}"
        cells = ", ".join(by_name.get(column, "''") for column in self.writer.columns)
        return f"{self.writer.delimiter!r}.join(({cells},)) + {self.writer.newline!r}"
