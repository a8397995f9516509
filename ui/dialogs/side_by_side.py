"""What a test expects and what the map makes now, side by side: differences marked, from one to the next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QSplitter, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from ui.bridge import numbers
from ui.dialogs.compare import side, side_by_side, titled
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.foot import Foot
from ui.widgets.labels import Line, Text


class SideBySide(QDialog):
    """Expected on the left, made on the right. F7 goes to the next difference, Shift+F7 to the one before."""

    def __init__(self, parent: QWidget, title: str, texts: tuple[str, str]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.resize(1100, 640)
        expected, made, lines = side_by_side(*texts)
        # Lines that follow each other are one difference.
        self._starts = [line for line in lines if line - 1 not in set(lines)]
        self._at = -1
        self.expected = side(_("Expected"), expected, lines, "accent_tint")
        self.made = side(_("Made now"), made, lines, "theirs_tint")
        self._said = Text("", "text2")
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(titled(_("Expected by the test"), self.expected))
        split.addWidget(titled(_("What the map makes now"), self.made))
        head = QVBoxLayout()
        head.setContentsMargins(metrics.PAD_DIALOG, 12, metrics.PAD_DIALOG, 12)
        head.setSpacing(4)
        head.addWidget(Text(title, step=fonts.TITLE, weight=600))
        head.addWidget(self._said)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(Line())
        column.addWidget(split, 1)
        self._back = button(_("Previous difference"), lambda: self.step(-1))
        self._forward = button(_("Next difference"), lambda: self.step(1), primary=True)
        column.addWidget(Foot((button(_("Close"), self.close), self._back, self._forward)))
        for keys, by, made_button in (("F7", 1, self._forward), ("Shift+F7", -1, self._back)):
            QShortcut(QKeySequence(keys), self, lambda by=by: self.step(by))
            made_button.setToolTip(f"{made_button.text()} ({keys})")
            made_button.setEnabled(bool(self._starts))
        for one, other in ((self.expected, self.made), (self.made, self.expected)):
            one.verticalScrollBar().valueChanged.connect(other.verticalScrollBar().setValue)
            one.horizontalScrollBar().valueChanged.connect(other.horizontalScrollBar().setValue)
        self.step(1)

    def step(self, by: int) -> None:
        """Show the next difference, or the one before; behind the last comes the first."""
        if not self._starts:
            self._said.setText(_("No line differs."))
            return
        self._at = (self._at + by) % len(self._starts)
        count = len(self._starts)
        said = ngettext("Difference {at} of {n}", "Difference {at} of {n}", count)
        self._said.setText(said.format(at=numbers.count(self._at + 1), n=numbers.count(count)))
        for text in (self.expected, self.made):
            text.go_to_line(self._starts[self._at] + 1)
