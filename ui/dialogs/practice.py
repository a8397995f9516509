"""The practice org: where it is, how to sign in, and what to do with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.practice.ready import Ready
from ui import theme
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, icon_button
from ui.widgets.foot import Foot
from ui.widgets.labels import Picture, Text


class PracticeDialog(QDialog):
    """Not modal: its texts are there to be copied."""

    def __init__(self, parent: QWidget, ready: Ready, move: Callable[[], object]) -> None:
        super().__init__(parent)
        title = _("Practice org")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(
            metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG
        )
        body.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Picture("flask", "accent", 20))
        head.addWidget(Text(title, step=fonts.TITLE, weight=600), 1)
        body.addLayout(head)
        about = _(
            "A Salesforce of your own runs on this computer. Try out loads here: nothing leaves the computer."
        )
        body.addWidget(Text(about, "text2", wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows = ((_("Address"), ready.url), (_("User"), ready.username), (_("Password"), ready.password))
        for row, (label, value) in enumerate(rows):
            self._row(grid, row, label, value)
        body.addLayout(grid)
        column.addLayout(body)
        go = button(_("Move records…"), self.accept, icon="paper-plane-right", primary=True)
        go.setDefault(True)
        column.addWidget(Foot((button(_("Close"), self.reject), go)))
        self.accepted.connect(move)

    def _row(self, grid: QGridLayout, row: int, label: str, value: str) -> None:
        field = QLineEdit(value)
        field.setReadOnly(True)
        field.setFont(theme.mono())
        field.setAccessibleName(label)
        copy = icon_button(
            "copy", _("Copy: {what}").format(what=label), lambda: QGuiApplication.clipboard().setText(value)
        )
        text = Text(label, "text2")
        text.setBuddy(field)
        grid.addWidget(text, row, 0)
        grid.addWidget(field, row, 1)
        grid.addWidget(copy, row, 2)
