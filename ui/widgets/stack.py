"""Pages behind a flat tab bar: the panel at the bottom of the window."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.theme import metrics
from ui.widgets.tabs import TabBar


class TabStack(QWidget):
    """Tabs of 28 px above their pages; controls can stand at the right of the tabs."""

    turned = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QFrame()
        head.setProperty("band", "header")
        head.setFixedHeight(metrics.PANEL_TABS)
        self._row = QHBoxLayout(head)
        self._row.setContentsMargins(0, 0, 4, 0)
        self._row.setSpacing(4)
        self.bar = TabBar(name, editors=False)
        self._row.addWidget(self.bar)
        self._row.addStretch(1)
        self.pages = QStackedWidget()
        column.addWidget(head)
        column.addWidget(self.pages, 1)
        self.bar.currentChanged.connect(self._turn)

    def add(self, title: str, page: QWidget) -> int:
        """A new page; returns its place."""
        self.pages.addWidget(page)
        return self.bar.add(title)

    def add_control(self, widget: QWidget) -> None:
        """Put a control at the right of the tabs."""
        self._row.addWidget(widget)

    def show_page(self, index: int) -> None:
        """Bring a page to the front."""
        self.bar.setCurrentIndex(index)

    def set_count(self, index: int, count: int) -> None:
        """The count beside a tab's title; 0 shows none."""
        self.bar.change(index, self.bar.tabText(index), pill=count)

    def _turn(self, index: int) -> None:
        self.pages.setCurrentIndex(index)
        self.turned.emit(index)
