"""The main window: places panels and editors, nothing else."""

from __future__ import annotations

from PySide6.QtWidgets import QMainWindow

from ui.commands import CommandTable


class MainWindow(QMainWindow):
    """The one window of the studio."""

    def __init__(self, table: CommandTable) -> None:
        super().__init__()
        self.table = table
        self.setWindowTitle("Weft Studio")
        self.resize(1600, 1000)
