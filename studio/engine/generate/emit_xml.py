"""Target nodes as XML text, indented like formats/xml_write does it."""

from __future__ import annotations

from studio.base.i18n import _
from studio.engine.generate.emit import Emitter, Leaf, Piece
from studio.engine.generate.lines import Declined
from studio.engine.plan import Target
from studio.schema.model import Base

_SAFE = frozenset({Base.INTEGER, Base.DECIMAL, Base.FLOAT, Base.BOOLEAN, Base.DATE, Base.DATETIME, Base.TIME})
_MARKS = frozenset('&<>"\t\n\r')


class XmlEmitter(Emitter):
    """What a leaf of a declared type holds fits its type, so that it has nothing to escape.

    `line` ends lines and `indent` begins them, for each level; both are empty in compact documents.
    """

    line = "\n"
    indent = "  "

    @property
    def _mark(self) -> str:
        """The end of a line inside a template."""
        return "\\n" if self.line else ""

    def safe(self, target: Target) -> bool:
        """Numbers, dates and truth values of a declared type."""
        return self.binds(target) and target.value.base in _SAFE

    def harmless(self, text: str) -> bool:
        """None of its characters means anything in XML."""
        return not _MARKS.intersection(text)

    def escaped(self, target: Target, leaf: Leaf) -> Leaf:
        """Escape where a character asks for it."""
        if leaf.safe:
            return leaf
        text = leaf.text
        marks = ("&", "<", ">", "\r") if not target.attribute else ("&", "<", ">", '"', "\t", "\n", "\r")
        test = " or ".join(f"{mark!r} in {text}" for mark in marks)
        test = f"{text} is not None and ({test})" if leaf.nullable else test
        name = "g_escape_value" if target.attribute else "g_escape"
        shown = self.lines.let("x", text) if not text.startswith("x_") else text
        if shown != text:
            test = test.replace(f" in {text}", f" in {shown}").replace(f"{text} is not", f"{shown} is not")
        self.lines.emit(f"if {test}: {shown} = {name}({shown})")
        return Leaf(shown, leaf.nullable, safe=True)

    def leaf(self, target: Target, leaf: Leaf, depth: int) -> str:
        """An attribute with the blank before it, or an element on a line of its own."""
        text = self._known(target, leaf)
        if target.attribute:
            return f"f' {target.tag}=\"{{{_or_empty(text)}}}\"'"
        margin = self.indent * depth
        start = self._start(target)
        empty = repr(f"{margin}<{start}/>{self.line}")
        if leaf.text == "None":
            return repr(f'{margin}<{start} xsi:nil="true"/>{self.line}') if _nils(target) else empty
        full = f"f'{margin}<{_braced(start)}>{{{text.text}}}</{target.tag}>{self._mark}'"
        if _nils(target) and text.nullable:
            nil = repr(f'{margin}<{start} xsi:nil="true"/>{self.line}')
            return f"({full} if {text.text} else {nil} if {text.text} is None else {empty})"
        return f"({full} if {text.text} else {empty})"

    def _known(self, target: Target, leaf: Leaf) -> Leaf:
        """A constant (a fixed value) has no variable yet."""
        if leaf.text == "None" or leaf.text.startswith("x_"):
            return leaf
        if leaf.safe:
            return Leaf(self.lines.let("x", leaf.text), leaf.nullable, safe=True)
        return self.escaped(target, leaf)

    def usual(self, target: Target, leaf: Leaf, depth: int) -> str | None:
        """The element, or the attribute with the blank before it."""
        if not leaf.text.startswith("x_"):
            return None
        if target.attribute:
            return f' {target.tag}="{{{leaf.text}}}"'
        return (
            f"{self.indent * depth}<{_braced(self._start(target))}>{{{leaf.text}}}</{target.tag}>{self._mark}"
        )

    def complex(
        self, target: Target, own: Leaf | None, pieces: list[tuple[Target, Piece]], depth: int
    ) -> str:
        """An element with attributes and content: one template where all its texts are there, else piece by piece."""
        attributes = "".join(f"{{{self._held(piece)}}}" for child, piece in pieces if child.attribute)
        content = [piece for child, piece in pieces if not child.attribute]
        margin = self.indent * depth
        start = _braced(self._start(target)) + attributes
        if content and (target.mixed or own is not None):
            raise Declined(_("text and elements are mixed"))
        if own is not None:
            return self._simple(target, own, start, margin)
        if not content:
            nil = ' xsi:nil="true"' if _nils(target) else ""
            return f"f'{margin}<{start}{nil}/>{self._mark}'"
        filled = [piece.filled for piece in content if piece.usual is not None]
        end = f"{margin}</{target.tag}>{self._mark}"
        pieced = f"g_element(f'{margin}<{start}', ''.join(({', '.join(piece.text for piece in content)},)), '{end}')"
        if not filled:
            return pieced
        inside = "".join(piece.usual or f"{{{self._held(piece)}}}" for piece in content)
        return f"(f'{margin}<{start}>{self._mark}{inside}{end}' if {' and '.join(filled)} else {pieced})"

    def _simple(self, target: Target, own: Leaf, start: str, margin: str) -> str:
        own = self._known(target, own)
        full = f"f'{margin}<{start}>{{{own.text}}}</{target.tag}>{self._mark}'"
        empty = f"f'{margin}<{start}/>{self._mark}'"
        if _nils(target) and own.nullable:
            nil = f"f'{margin}<{start} xsi:nil=\"true\"/>{self._mark}'"
            return f"({full} if {own.text} else {nil} if {own.text} is None else {empty})"
        return f"({full} if {own.text} else {empty})"

    def _held(self, piece: Piece) -> str:
        """A piece in a variable, so that it can stand inside a template."""
        return piece.text if piece.text.isidentifier() else self.lines.let("o", piece.text)

    def _start(self, target: Target) -> str:
        return target.tag + (f' xsi:type="{target.xsi_type}"' if target.xsi_type else "")


def _nils(target: Target) -> bool:
    return target.nillable and target.required and target.holds_text


def _or_empty(leaf: Leaf) -> str:
    return leaf.text if not leaf.nullable else f'{leaf.text} or ""'


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}").replace("'", "\\'")
