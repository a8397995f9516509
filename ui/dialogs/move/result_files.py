"""The files of a move's results: opened by a click, in the CSV a person's spreadsheet reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.moves.rows.cutting import FILE as CUT_VALUES
from ui.bridge import numbers
from ui.dialogs.move.csv_style import CsvStyle
from ui.dialogs.move.page import Desk
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, link
from ui.widgets.labels import Picture, Text


class ResultFiles(QWidget):
    """One line a file, with its rows; the style of what a click opens; the folder."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._files: dict[str, str] = {}
        self._recalled = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(6)
        column.addLayout(self._lines)
        about = _("Every column of the source, with row number, id and answer.")
        column.addWidget(Text(about, "text3", step=fonts.SECONDARY, wrap=True))
        column.addWidget(Text(_("Opened as"), "text2", step=fonts.SECONDARY))
        self.style_list = CsvStyle(desk, _("How result files are opened"), "result csv")
        column.addWidget(self.style_list)
        column.addWidget(button(_("Open the folder"), self._open_folder, icon="folder-open", small=True))

    def show_summary(self, summary: Mapping[str, Any] | None) -> None:
        """Show the files of a move, and that of the values it cut, where there is one."""
        while self._lines.count():
            item = self._lines.takeAt(0)
            gone = item.widget() if item is not None else None
            if gone is not None:
                gone.deleteLater()
        self._files = dict(summary["files"]) if summary is not None else {}
        if summary is None:
            return
        for kind, path in self._files.items():
            self._lines.addWidget(self._line(Path(path), numbers.count(summary[kind])))
        for beside in {Path(path).parent / CUT_VALUES for path in self._files.values()}:
            if beside.is_file():
                self._lines.addWidget(self._line(beside, ""))
        if not self._recalled:
            self._recalled = True
            self._desk.tasks.spawn(self.style_list.recall(), quiet=True)

    def _line(self, path: Path, count: str) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(Picture("file-text"))
        row.addWidget(link(path.name, lambda: self._desk.tasks.spawn(self._open(path))))
        row.addStretch(1)
        row.addWidget(Text(count, "text2"))
        made.setFixedHeight(metrics.ROW)
        return made

    async def _open(self, path: Path) -> None:
        """The file itself, or a copy of it in the style chosen."""
        style = self.style_list.style_name
        place = await self._desk.mover.ask("result_copy", file=str(path), style=style) if style else path
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(place)))

    def _open_folder(self) -> None:
        if self._files:
            folder = Path(next(iter(self._files.values()))).parent
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
