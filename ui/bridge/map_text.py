"""Colours for a map written as text: keys, references in brackets, texts and comments."""

from __future__ import annotations

import re

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from ui import theme

_KEY = re.compile(r"""^\s*(?:- )?("(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^\s#'"{\[][^#]*?):(?=\s|$)""")
_PARTS = re.compile(
    r"""(?P<comment>(?:^|(?<=\s))\#.*)|(?P<path>\[[^\[\]"']+\])|(?P<global>\$[\w.:]+)""", re.VERBOSE
)
_ROLES = {"comment": "text3", "path": "accent", "global": "theirs_text"}


class MapTextColours(QSyntaxHighlighter):
    """Colours a document line by line, and again after a change of theme."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme.signals.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        at = 0
        key = _KEY.match(text)
        if key is not None:
            look = QTextCharFormat()
            look.setForeground(theme.color("text"))
            # A section of the file stands out; the rules below it are many.
            if not text[:1].isspace():
                look.setFontWeight(QFont.Weight.DemiBold)
            self.setFormat(key.start(1), key.end(1) - key.start(1), look)
            at = key.end()
        for found in _PARTS.finditer(text, at):
            look = QTextCharFormat()
            look.setForeground(theme.color(_ROLES[found.lastgroup or "comment"]))
            self.setFormat(found.start(), len(found[0]), look)
