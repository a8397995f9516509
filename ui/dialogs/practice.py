"""The practice org: where it is, how to sign in, and what to do with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QLineEdit, QWidget

from studio.base.i18n import _
from studio.practice.ready import Ready
from ui import theme
from ui.dialogs.frame import form, framed
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import Text


class PracticeDialog(QDialog):
    """Not modal: its texts are there to be copied."""

    def __init__(self, parent: QWidget, ready: Ready, move: Callable[[], object]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        go = button(_("Move records…"), self.accept, icon="paper-plane-right", primary=True)
        buttons = (button(_("Close"), self.reject), go)
        body = framed(self, _("Practice org"), buttons, icon="flask", width=560)
        about = _(
            "A Salesforce of your own runs on this computer. Try out loads here: nothing leaves the computer."
        )
        body.addWidget(Text(about, "text2", wrap=True))
        grid = form(12)
        rows = ((_("Address"), ready.url), (_("User"), ready.username), (_("Password"), ready.password))
        for row, (label, value) in enumerate(rows):
            self._row(grid, row, label, value)
        body.addLayout(grid)
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
