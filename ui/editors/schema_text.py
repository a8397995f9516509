"""The text of a schema's files: the declaration of the current node lit, a click tells which node stands there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextEdit, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from studio.schema.declared import Sources, Spot
from ui import theme
from ui.bridge.numbers import count
from ui.theme import fonts, metrics
from ui.widgets.buttons import link
from ui.widgets.code import CodeEdit
from ui.widgets.fields import Combo
from ui.widgets.labels import Elided

# Lines shown at once: a text of megabytes is never laid out whole.
_SHOWN = 2000


class SourceText(QWidget):
    """One file at a time, a part of it where it is long. `placed` tells the file and line (from 1) of a click."""

    placed = Signal(str, int)
    file_wanted = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._sources = Sources(())
        self._file = ""
        self._first = 0
        self._spot: Spot | None = None
        self.text = _Text(name)
        self.text.setReadOnly(True)
        self.text.clicked.connect(lambda line: self.placed.emit(self._file, line))
        self._files = Combo(_("File of the schema"), small=True)
        self._files.setMinimumWidth(170)
        self._files.activated.connect(lambda at: self.file_wanted.emit(str(self._files.itemData(at))))
        self._about = Elided("", "text2", step=fonts.SECONDARY)
        self._earlier = link(_("earlier lines"), lambda: self._page(-1))
        self._later = link(_("later lines"), lambda: self._page(1))
        self._earlier.hide()
        self._later.hide()
        head = QFrame()
        head.setProperty("band", "header")
        head.setFixedHeight(metrics.TREE_HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(metrics.PAD_PANEL, 0, 8, 0)
        row.setSpacing(8)
        for widget, stretch in ((self._files, 0), (self._about, 1), (self._earlier, 0), (self._later, 0)):
            row.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.text, 1)
        self.setMinimumWidth(200)
        self.setFocusProxy(self.text)

    def use(self, sources: Sources, folder: Path) -> None:
        """Take the files of a schema; nothing is read yet."""
        self._sources = sources
        self._files.clear()
        for file in sources.files:
            path = Path(file)
            shown = path.relative_to(folder) if path.is_relative_to(folder) else Path(path.name)
            self._files.addItem(shown.name, file)
            self._files.setItemData(self._files.count() - 1, str(shown), 3)
        self._files.setVisible(len(sources.files) > 1)
        self._file, self._spot = "", None

    @property
    def file(self) -> str:
        """The file in front, "" before one was shown."""
        return self._file

    def line(self) -> int:
        """The topmost line in sight, from 1."""
        return self._first + self.text.firstVisibleBlock().blockNumber() + 1

    def show_line(self, file: str, line: int) -> None:
        """Bring a line of a file whose lines have been read into sight."""
        self._spot = None
        self._go(file, line)

    def show_spot(self, spot: Spot) -> None:
        """Bring a declaration into sight and light it."""
        self._spot = spot
        self._go(spot.file, spot.first)

    def _go(self, file: str, line: int) -> None:
        lines = self._sources.lines(file)
        at = max(1, min(line, len(lines)))
        if file != self._file or not self._first < at <= self._first + self.text.blockCount():
            self._file = file
            self._show(max(0, min(at - _SHOWN // 2, len(lines) - _SHOWN)))
        self._files.setCurrentIndex(self._files.findData(file))
        self.text.go_to_line(at - self._first)
        self._light()

    def _show(self, first: int) -> None:
        lines = self._sources.lines(self._file)
        self._first = first
        self.text.first_number = first + 1
        self.text.setPlainText("\n".join(lines[first : first + _SHOWN]))
        last = min(first + _SHOWN, len(lines))
        self._earlier.setVisible(first > 0)
        self._later.setVisible(last < len(lines))
        if not lines:
            self._about.setText(_("This file is no text to read."))
        elif last - first < len(lines):
            told = _("lines {first} to {last} of {total}")
            self._about.setText(
                told.format(first=count(first + 1), last=count(last), total=count(len(lines)))
            )
        else:
            told = ngettext("{lines} line, to look at", "{lines} lines, to look at", len(lines))
            self._about.setText(told.format(lines=count(len(lines))))
        self._light()

    def _page(self, way: int) -> None:
        lines = self._sources.lines(self._file)
        self._show(max(0, min(self._first + way * (_SHOWN - 50), len(lines) - _SHOWN)))
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.maximum() if way < 0 else 0)

    def _light(self) -> None:
        spot = self._spot
        lit = []
        if spot is not None and spot.file == self._file:
            for number in range(spot.first, spot.last + 1):
                block = self.text.document().findBlockByNumber(number - 1 - self._first)
                if block.isValid():
                    one = QTextEdit.ExtraSelection()
                    look = QTextCharFormat()
                    look.setBackground(theme.color("accent_tint"))
                    look.setProperty(QTextFormat.Property.FullWidthSelection, True)
                    one.format = look
                    one.cursor = QTextCursor(block)
                    lit.append(one)
        self.text.paint_lines(lit)


class _Text(CodeEdit):
    """Code that tells where it was clicked."""

    clicked = Signal(int)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A plain click asks for the node; marking a text to copy does not."""
        super().mouseReleaseEvent(event)
        if not self.textCursor().hasSelection():
            self.clicked.emit(self.textCursor().blockNumber() + self.first_number)
