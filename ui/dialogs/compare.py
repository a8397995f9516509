"""Two versions of a text side by side, line by line, with what differs marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QSplitter, QTextEdit, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from ui import theme
from ui.bridge import numbers
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.code import CodeEdit
from ui.widgets.foot import Foot
from ui.widgets.labels import Line, Text


def side_by_side(one: str, other: str) -> tuple[list[str], list[str], list[int]]:
    """The lines of both, with empty lines where one has none, and the numbers (from 0) of those that differ."""
    left: list[str] = []
    right: list[str] = []
    differing: list[int] = []
    ones, others = one.splitlines(), other.splitlines()
    for kind, start, end, first, last in SequenceMatcher(None, ones, others, autojunk=False).get_opcodes():
        rows = max(end - start, last - first)
        if kind != "equal":
            differing += range(len(left), len(left) + rows)
        left += ones[start:end] + [""] * (rows - (end - start))
        right += others[first:last] + [""] * (rows - (last - first))
    return left, right, differing


class Compare(QDialog):
    """Mine on the left, theirs on the right. `keep` and `take` decide; closing decides nothing."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        texts: tuple[str, str],
        keep: Callable[[], object],
        take: Callable[[], object],
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.resize(1100, 640)
        mine, theirs, differing = side_by_side(*texts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(metrics.PAD_DIALOG, 12, metrics.PAD_DIALOG, 12)
        head.setSpacing(4)
        head.addWidget(Text(title, step=fonts.TITLE, weight=600))
        told = ngettext("{n} line differs.", "{n} lines differ.", len(differing))
        head.addWidget(Text(told.format(n=numbers.count(len(differing))), "text2"))
        column.addLayout(head)
        column.addWidget(Line())
        self.mine = side(_("Mine"), mine, differing, "accent_tint")
        self.theirs = side(_("Theirs"), theirs, differing, "theirs_tint")
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(titled(_("Mine, here in the window"), self.mine))
        split.addWidget(titled(_("Theirs, in the file"), self.theirs))
        column.addWidget(split, 1)
        column.addWidget(self._foot(keep, take))
        for one, other in ((self.mine, self.theirs), (self.theirs, self.mine)):
            one.verticalScrollBar().valueChanged.connect(other.verticalScrollBar().setValue)
            one.horizontalScrollBar().valueChanged.connect(other.horizontalScrollBar().setValue)
        if differing:
            self.mine.go_to_line(differing[0] + 1)
            self.theirs.go_to_line(differing[0] + 1)

    def _foot(self, keep: Callable[[], object], take: Callable[[], object]) -> Foot:
        right = (
            button(_("Close"), self.close),
            button(_("Take theirs"), lambda: self._decide(take)),
            button(_("Keep mine"), lambda: self._decide(keep), primary=True),
        )
        return Foot(right, (Text(_("What you do not choose stays in the history."), "text2"),))

    def _decide(self, decide: Callable[[], object]) -> None:
        self.close()
        decide()


def side(name: str, lines: Sequence[str], differing: Sequence[int], role: str) -> CodeEdit:
    """One of the two texts, the lines that differ on a ground in a colour role."""
    made = CodeEdit(name)
    made.setReadOnly(True)
    made.setPlainText("\n".join(lines))
    look = QTextCharFormat()
    look.setBackground(theme.color(role))
    look.setProperty(QTextFormat.Property.FullWidthSelection, True)
    marks = []
    for line in differing:
        mark = QTextEdit.ExtraSelection()
        mark.cursor = QTextCursor(made.document().findBlockByNumber(line))
        mark.format = look
        marks.append(mark)
    made.paint_lines(marks)
    return made


def titled(title: str, code: CodeEdit) -> QFrame:
    """A text below its title."""
    frame = QFrame()
    frame.setProperty("band", "base")
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    head = QFrame()
    head.setProperty("band", "header")
    head.setFixedHeight(metrics.TABLE_HEAD)
    row = QHBoxLayout(head)
    row.setContentsMargins(metrics.PAD_PANEL, 0, metrics.PAD_PANEL, 1)
    row.addWidget(Text(title, "text2", step=fonts.SECONDARY, weight=500))
    column.addWidget(head)
    column.addWidget(code, 1)
    return frame
