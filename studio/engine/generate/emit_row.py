"""A target row as delimited text, like formats/delimited_write does it."""

from __future__ import annotations

from typing import Any

from studio.base.i18n import _
from studio.engine.formats.delimited_write import DelimitedWriter
from studio.engine.generate.clean import Clean
from studio.engine.generate.emit import Emitter, Leaf, Piece
from studio.engine.generate.lines import Declined
from studio.engine.plan import Expr, Target
from studio.schema.model import Base

_DIGITS = frozenset("+-0123456789")


class RowEmitter(Emitter):
    """Cells joined in the order of the columns."""

    nothing = False
    writer: DelimitedWriter
    clean: Clean | None = None
    """What is known of rows that are read in batches, whose lines are at hand."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._later: list[tuple[str, str, str]] = []
        self._rule: tuple[Expr, tuple[str, ...]] | None = None

    def _text(self, target: Target, expr: Expr) -> Leaf:
        self._rule = (expr, ())
        found = super()._text(target, expr)
        self._rule = None
        return found

    def joins(self, parts: tuple[str, ...]) -> None:
        """The text about to be escaped is joined from these."""
        if self._rule is not None:
            self._rule = (self._rule[0], parts)

    def harmless(self, text: str) -> bool:
        """None of its characters asks for quotes."""
        return not {self.writer.delimiter, self.writer.quote, "\n", "\r"}.intersection(text)

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
        guarded = f"if {guard}({test}): {mend}"
        if not self._put_off(shown, guarded):
            self.lines.emit(guarded)
        return Leaf(shown, leaf.nullable, safe=True)

    def _put_off(self, shown: str, guarded: str) -> bool:
        """Look at the text at the end, with the others: in most rows none of them holds a mark."""
        if self.clean is None or self._rule is None or not self.lines.flat:
            return False
        expr, parts = self._rule
        if self.clean.always(expr, parts):
            quote = self.writer.quote
            self._later.append((shown, guarded, f"{shown} = {quote!r} + {shown} + {quote!r}"))
        elif self.clean.of(expr):
            self._later.append((shown, guarded, ""))
        else:
            return False
        return True

    def _look(self) -> None:
        """Emit what was put off."""
        later, self._later = self._later, []
        if not later or self.clean is None:
            return
        test = " or ".join(f"{mark!r} in g_line" for mark in self.clean.marks)
        with self.lines.block(f"if {test}:"):
            for _shown, guarded, _sure in later:
                self.lines.emit(guarded)
        if any(sure for _shown, _guarded, sure in later):
            with self.lines.block("else:"):
                for _shown, _guarded, sure in later:
                    if sure:
                        self.lines.emit(sure)

    def safe(self, target: Target) -> bool:
        """Even a number may hold the delimiter."""
        marks = {self.writer.delimiter, self.writer.quote}
        return target.value.base is Base.INTEGER and self.binds(target) and not marks & _DIGITS

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
        if target.children or piece.text.isidentifier() or self._later:
            return piece
        return Piece(self.lines.let("o", piece.text), piece.test)

    def complex(
        self, target: Target, own: Leaf | None, pieces: list[tuple[Target, Piece]], depth: int
    ) -> str:
        """The line."""
        del target, depth
        self._look()
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
