"""Colours for Jitterbit Script in a text editor: functions, texts, comments, global variables, paths."""

from __future__ import annotations

import re

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from studio.script.functions import find
from ui import theme

# In the order they are looked for; what an earlier one took is not looked at again.
_PARTS = re.compile(
    r"""(?P<comment>//.*)
      | (?P<open>/\*)
      | (?P<text>'(?:\\.|[^'\\])*'?|"(?:\\.|[^"\\])*"?)
      | (?P<global>\$[\w.:]+)
      | (?P<call>[^\W\d]\w*(?=\s*\())
      | (?P<tag></?trans>)
      | (?P<name>[^\W\d]\w*)""",
    re.VERBOSE,
)
_ROLES = {"comment": "text3", "text": "theirs_text", "global": "text", "call": "accent", "tag": "text3"}
_INSIDE_COMMENT = 1


class ScriptHighlighter(QSyntaxHighlighter):
    """Colours a document; call `rehighlight` after a change of theme (done by itself).

    A call looks like one where the function exists; `every_call` for a language with functions of its own.
    """

    def __init__(self, document: QTextDocument, *, every_call: bool = False) -> None:
        super().__init__(document)
        self._every_call = every_call
        theme.signals.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        """Colour one line; a comment of several lines goes on in the next."""
        at = 0
        self.setCurrentBlockState(0)
        if self.previousBlockState() == _INSIDE_COMMENT:
            at = self._comment(text, 0)
        while at < len(text):
            found = _PARTS.search(text, at)
            if found is None:
                return
            kind = found.lastgroup or ""
            if kind == "open":
                at = self._comment(text, found.start())
                continue
            if kind in _ROLES and (kind != "call" or self._every_call or find(found[0]) is not None):
                self.setFormat(found.start(), len(found[0]), _look(_ROLES[kind], bold=kind == "global"))
            at = found.end()

    def _comment(self, text: str, start: int) -> int:
        end = text.find("*/", start)
        if end < 0:
            self.setCurrentBlockState(_INSIDE_COMMENT)
            self.setFormat(start, len(text) - start, _look("text3"))
            return len(text)
        self.setFormat(start, end + 2 - start, _look("text3"))
        return end + 2


def _look(role: str, *, bold: bool = False) -> QTextCharFormat:
    look = QTextCharFormat()
    look.setForeground(theme.color(role))
    if bold:
        look.setFontWeight(QFont.Weight.DemiBold)
    return look
