"""Delimited text out: UTF-8, LF, a header line unless the schema says no, quotes only where needed."""

from __future__ import annotations

import re

from studio.base.i18n import _
from studio.engine.formats.delimited_read import has_header
from studio.engine.lexical import Unwritable
from studio.engine.outs import HOLE, Out
from studio.engine.plan import Document

_LONE = re.compile("[\ud800-\udfff]")


class DelimitedWriter:
    """Renders rows: an Out per row, its children the cells."""

    separates = False

    def __init__(self, document: Document) -> None:
        facts = document.facts
        self.columns = document.columns
        self.delimiter = facts.get("delimiter") or ","
        quote = facts.get("quote", '"')
        self.quote = "" if quote == "none" else quote
        self.special = re.compile("[" + re.escape(self.delimiter + self.quote) + "\r\n]")
        self.newline = "\r\n" if facts.get("newline") == "\r\n" else "\n"
        self.opening = self.line(list(self.columns)) if has_header(facts) else ""

    def check(self, text: str) -> None:
        """Raise Unwritable for half a character, and for what would need quotes where there are none."""
        found = _LONE.search(text)
        if found is not None:
            raise Unwritable(_("The text holds half a character (U+{code:04X}).").format(code=ord(found[0])))
        if not self.quote and self.special.search(text) is not None:
            raise Unwritable(_("The text holds a delimiter or line end, and the schema has no quotes."))

    def cell(self, text: str) -> str:
        """A cell's text, quoted where it must be."""
        if self.special.search(text) is None or not self.quote:
            return text
        return self.quote + text.replace(self.quote, self.quote * 2) + self.quote

    def line(self, cells: list[str]) -> str:
        """One row. A single empty cell is quoted, so that the row is not taken for a blank line."""
        if len(cells) == 1 and not cells[0] and self.quote:
            return self.quote * 2 + self.newline
        return self.delimiter.join([self.cell(cell) for cell in cells]) + self.newline

    def document(self, root: Out) -> str:
        """The document below a virtual document Out, with marks in its holes."""
        return self.opening + "".join(
            HOLE if out.hole is not None else self.record(out, 0) for out in root.children
        )

    def record(self, out: Out, depth: int) -> str:
        """A row."""
        del depth
        cells = {child.target.tag: child.text or "" for child in out.children}
        return self.line([cells.get(column, "") for column in self.columns])

    def node(self, out: Out, depth: int) -> str:
        """A row."""
        return self.record(out, depth)
