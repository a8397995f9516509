"""The set-up guide: the steps that make an External Client App, each value with a button that copies it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.moves.access.app_guide import Step, guide
from ui import theme
from ui.theme import fonts, metrics
from ui.widgets.buttons import icon_button
from ui.widgets.labels import Text


class GuidePanel(QScrollArea):
    """Follows address, port and way of signing in."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Set-up guide"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._shown: tuple[Step, ...] = ()

    def show_guide(self, url: str, port: int, flow: str) -> None:
        """Show the steps for these values; an address that is none leads to steps without links."""
        try:
            steps = guide(url, port, flow)
        except BadInput:
            steps = guide("", port, flow)
        if steps != self._shown:
            self._shown = steps
            self.setWidget(self._page(steps))

    def _page(self, steps: tuple[Step, ...]) -> QWidget:
        page = QFrame()
        page.setProperty("band", "window")
        column = QVBoxLayout(page)
        column.setContentsMargins(*(metrics.PAD_DIALOG,) * 4)
        column.setSpacing(10)
        column.addWidget(Text(_("Once per org: make its app"), weight=600))
        about = _("An admin does this in the org. Salesforce lets programs in through such an app only.")
        column.addWidget(Text(about, "text2", wrap=True))
        for number, step in enumerate(steps, 1):
            row = QHBoxLayout()
            row.setSpacing(8)
            mark = Text(f"{number}.", "text2", weight=600)
            mark.setFixedWidth(18)
            row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Text(step.text, wrap=True), 1)
            column.addLayout(row)
            if step.value:
                column.addLayout(_value(step))
        column.addStretch(1)
        return page


def _value(step: Step) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    field = QLineEdit(step.value)
    field.setReadOnly(True)
    field.setFont(theme.mono(fonts.SECONDARY))
    field.setAccessibleName(step.name)
    field.setCursorPosition(0)
    row.addWidget(field, 1)
    said = _("Copy: {what}").format(what=step.name)
    row.addWidget(icon_button("copy", said, lambda: QGuiApplication.clipboard().setText(step.value)))
    return row
