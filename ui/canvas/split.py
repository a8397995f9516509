"""Three panes beside each other, trees left and right; the handles lie over the middle one only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle

_GRIP = 6


class Split(QSplitter):
    """A splitter whose handles take no room and never lie over a tree.

    Qt moves the painted rows of a scrolled tree only where no other widget overlaps them; else all are painted anew.
    """

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setHandleWidth(0)
        self.setChildrenCollapsible(False)

    def createHandle(self) -> QSplitterHandle:
        """Qt's question."""
        return _Handle(self)


class _Handle(QSplitterHandle):
    def __init__(self, split: Split) -> None:
        super().__init__(Qt.Orientation.Horizontal, split)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand beside the edge, on the side of the middle pane."""
        super().resizeEvent(event)
        if self.width() == _GRIP:
            return
        edge = self.x() + self.width() // 2
        left = self.splitter().indexOf(self) == 2
        self.setGeometry(edge - _GRIP if left else edge, self.y(), _GRIP, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Nothing: the link layer paints the separators, below its links."""
