"""The expression that gives a field its value: written in the language of scripts, with what it gives for the row in hand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from studio.base.i18n import _
from studio.schema.path import quote
from studio.script.functions import FUNCTIONS
from ui.bridge import numbers
from ui.dialogs.move.choices import SourceFile
from ui.dialogs.move.page import Desk
from ui.dialogs.move.word_text import WordText
from ui.theme import fonts, metrics
from ui.widgets.labels import Line, Text

# The pause in writing after which an expression is tried, in milliseconds.
_PAUSE = 250


class _Script(WordText):
    """Columns in brackets and functions complete."""

    def __init__(self, left: Callable[[], object]) -> None:
        super().__init__(_("Expression"), 52, "_[")
        self._left = left
        self.setFont(fonts.mono())
        self.setPlaceholderText(_('For example: ToUpper([Name]) + " - " + [City]'))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Left: what is written counts."""
        super().focusOutEvent(event)
        self._left()


class ExpressionRow(QFrame):
    """Below the map while it stands on an expression; `taken` is told a script that can be used, or one left behind."""

    def __init__(self, desk: Desk, taken: Callable[[str], object]) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self._desk, self._taken = desk, taken
        self._source: SourceFile | None = None
        self._at = 0
        self._filling = False
        self.title = Text("", weight=600)
        self.script = _Script(self._take)
        self.script.textChanged.connect(self._written)
        self.value = Text("", "text2", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(Text(_("Columns stand in brackets; Ctrl+Space offers columns and functions."), "text3",
                            step=fonts.SECONDARY, wrap=True), 1)  # fmt: skip
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        inside = QVBoxLayout()
        inside.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        inside.setSpacing(6)
        inside.addLayout(head)
        inside.addWidget(self.script)
        inside.addWidget(self.value)
        column.addLayout(inside)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(lambda: desk.tasks.spawn(self._try()))
        self.hide()

    def show_script(self, script: str | None, field: str, source: SourceFile | None) -> None:
        """Show a row's expression; None hides it all."""
        self.setVisible(script is not None)
        if script is None or source is None:
            self._pause.stop()
            return
        self.title.setText(_("Expression for {field}").format(field=field) if field else _("Expression"))
        if source is not self._source:
            self._source = source
            columns = [f"[{quote(name)}]" for name in source.header]
            self.script.show_words([*columns, *(f"{name}(" for name in FUNCTIONS)])
        if script != self.script.toPlainText() and not self.script.hasFocus():
            self._filling = True
            self.script.setPlainText(script)
            self._filling = False
        self._pause.start()

    def show_row(self, at: int) -> None:
        """Another row of the source is in hand."""
        if at != self._at:
            self._at = at
            if self.isVisible():
                self._pause.start()

    def _written(self) -> None:
        if not self._filling:
            self._pause.start()

    def _take(self) -> None:
        if self.isVisible():
            self._taken(self.script.toPlainText())

    async def _try(self) -> None:
        """What the expression gives for the row in hand; one that can be used is taken."""
        source, text = self._source, self.script.toPlainText()
        if not self.isVisible() or source is None or not source.rows:
            return
        if not text.strip():
            self._say(_("Write what the field becomes."))
            return
        at = min(self._at, len(source.rows) - 1)
        found = await self._desk.mover.ask(
            "expression", script=text, header=list(source.header), rows=[list(source.rows[at])]
        )
        if text != self.script.toPlainText():
            return
        if isinstance(found, dict):
            self._say(str(found["wrong"]), "red_text")
            return
        value, reason = found[0]
        row = numbers.count(at + 1)
        if reason:
            said = _("Row {row} would be held back: {reason}").format(row=row, reason=reason)
            self._say(said, "orange_text")
        else:
            self._say(_("Row {row} gives: {value}").format(row=row, value=value or _("(empty)")))
        self._taken(text)

    def _say(self, text: str, tone: str = "text2") -> None:
        self.value.setText(text)
        self.value.set_tone(tone)
