"""Colours for a map written as text: keys, references in brackets, texts and comments."""

from __future__ import annotations

import re

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from ui import theme

_KEY = re.compile(r"""^\s*(?:- )?("(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^\s#'"{\[][^#]*?):(?=\s|$)""")
_PARTS = re.compile(
    r"""(?P<comment>(?:^|(?<=\s))\#.*)|(?P<path>\[(?!\s)(?:[^\[\]"']|\[(?:[^\[\]]|\[[^\[\]]*\])*\])+\])|(?P<global>\$[\w.:]+)""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"(?P<comment>(?:^|(?<=\s))\#.*)")
# So many lines are coloured between two events.
_AT_ONCE = 150
_ROLES = {"comment": "text3", "path": "accent", "global": "theirs_text"}


class MapTextColours(QSyntaxHighlighter):
    """Colours a document line by line, and again after a change of theme.

    Of many lines that change at once only the first are coloured at once, the others bit by bit.
    """

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._left = _AT_ONCE
        # The lines not coloured yet, as the first and the one behind the last.
        self._later = range(0)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._go_on)
        theme.signals.changed.connect(self.rehighlight)

    def _go_on(self) -> None:
        self._left = _AT_ONCE
        start, end = self._later.start, min(self._later.stop, self.document().blockCount())
        self._later = range(0)
        block = self.document().findBlockByNumber(start)
        for _line in range(min(end - start, _AT_ONCE)):
            self.rehighlightBlock(block)
            block = block.next()
        self._left = _AT_ONCE
        if block.isValid() and block.blockNumber() < end:
            self._put_off(block.blockNumber(), end)

    def _put_off(self, start: int, end: int) -> None:
        later = self._later
        self._later = range(min(start, later.start), max(end, later.stop)) if later else range(start, end)
        self._soon.start()

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        self._left -= 1
        if self._left < 0:
            number = self.currentBlock().blockNumber()
            self._put_off(number, number + 1)
            return
        # Counted anew from the next event on.
        self._soon.start()
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
        # What stands in brackets at the left is a list of files, not a field.
        written = _PARTS if text[:1].isspace() else _COMMENT
        for found in written.finditer(text, at):
            look = QTextCharFormat()
            look.setForeground(theme.color(_ROLES[found.lastgroup or "comment"]))
            self.setFormat(found.start(), len(found[0]), look)
