"""Each value of a column and what it becomes: a small table that is written in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from studio.base.i18n import _
from ui.bridge import numbers
from ui.dialogs.ask import finished
from ui.dialogs.frame import framed
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.labels import Text


class MapDialog(QDialog):
    """`wanted` are the values that were given a new one."""

    def __init__(self, parent: QWidget, column: str, values: Sequence[tuple[str, int]]) -> None:
        super().__init__(parent)
        title = _("Map values of {column}").format(column=column)
        self.resize(560, 460)
        done = button(_("Map the values"), self.accept, primary=True)
        box = framed(self, title, (button(_("Cancel"), self.reject), done))
        about = _("Write the new value beside the old one; a line left empty keeps its value.")
        box.addWidget(Text(about, "text2", wrap=True))
        self.table = QTableWidget(len(values), 3)
        self.table.setAccessibleName(_("Values"))
        self.table.setHorizontalHeaderLabels([_("Value"), _("Rows"), _("Becomes")])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setFrameShape(QTableWidget.Shape.NoFrame)
        self.table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self._values = [value for value, _n in values]
        for at, (value, n) in enumerate(values):
            for place, text in ((0, value or _("empty")), (1, numbers.count(n))):
                item = QTableWidgetItem(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                self.table.setItem(at, place, item)
            self.table.setItem(at, 2, QTableWidgetItem(""))
        header = self.table.horizontalHeader()
        header.setFixedHeight(metrics.TABLE_HEAD)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(1, 80)
        if values:
            self.table.setCurrentCell(0, 2)
        box.addWidget(self.table, 1)
        self.table.setFocus()

    @property
    def wanted(self) -> dict[str, str]:
        """Old value → new value."""
        found = {}
        for at, value in enumerate(self._values):
            item = self.table.item(at, 2)
            if item is not None and item.text():
                found[value] = item.text()
        return found


async def ask_values(parent: QWidget, column: str, values: Sequence[tuple[str, int]]) -> dict[str, str]:
    """What the values of a column become; nothing where the dialog was left."""
    dialog = MapDialog(parent, column, values)
    return dialog.wanted if await finished(dialog) else {}
