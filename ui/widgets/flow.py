"""A row of controls that goes on in a second line where there is no room for all of them in one."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget


class Flow(QLayout):
    """Controls side by side at the size they want; hidden ones take no room."""

    def __init__(self, *controls: QWidget, gap: int = 8) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = gap
        for control in controls:
            self.addWidget(control)

    def addItem(self, item: QLayoutItem) -> None:
        """Qt hands an item over."""
        self._items.append(item)

    def count(self) -> int:
        """Qt's question."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem:
        """Qt's question; None beyond the last, which its stub does not know."""
        return self._items[index] if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    def takeAt(self, index: int) -> QLayoutItem:
        """Qt takes an item back."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    def expandingDirections(self) -> Qt.Orientation:
        """Across, as far as there is room."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        """Narrower is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """How high the lines are that so much width makes."""
        return self._laid_out(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Lay the controls out."""
        super().setGeometry(rect)
        self._laid_out(rect, move=True)

    def sizeHint(self) -> QSize:
        """All in one line."""
        shown = [item.sizeHint() for item in self._shown()]
        margins = self.contentsMargins()
        width = sum(size.width() for size in shown) + self._gap * max(len(shown) - 1, 0)
        height = max((size.height() for size in shown), default=0)
        return QSize(
            width + margins.left() + margins.right(),
            height + margins.top() + margins.bottom(),
        )

    def minimumSize(self) -> QSize:
        """Room for the widest control."""
        shown = [item.minimumSize() for item in self._shown()]
        margins = self.contentsMargins()
        return QSize(
            max((size.width() for size in shown), default=0) + margins.left() + margins.right(),
            max((size.height() for size in shown), default=0) + margins.top() + margins.bottom(),
        )

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _laid_out(self, rect: QRect, *, move: bool) -> int:
        """Place the controls line by line; tells the height they take."""
        margins = self.contentsMargins()
        inside = rect.adjusted(margins.left(), margins.top(), -margins.right(), -margins.bottom())
        at, high = QPoint(inside.topLeft()), 0
        lines: list[list[tuple[QLayoutItem, QRect]]] = [[]]
        for item in self._shown():
            size = item.sizeHint().boundedTo(QSize(max(inside.width(), item.minimumSize().width()), 10_000))
            if lines[-1] and at.x() + size.width() > inside.right() + 1:
                at = QPoint(inside.left(), at.y() + high + self._gap)
                high = 0
                lines.append([])
            lines[-1].append((item, QRect(at, size)))
            at.setX(at.x() + size.width() + self._gap)
            high = max(high, size.height())
        if move:
            for line in lines:
                self._place(line, inside.right())
        return at.y() + high - rect.top() + margins.bottom()

    @staticmethod
    def _place(line: list[tuple[QLayoutItem, QRect]], right: int) -> None:
        """The room left over in a line goes to those that take all they get."""
        grows = [n for n, (item, _rect) in enumerate(line) if _grows(item)]
        spare = right + 1 - (line[-1][1].right() + 1) if line else 0
        share = max(spare // len(grows), 0) if grows else 0
        shift = 0
        tallest = max((rect.height() for _item, rect in line), default=0)
        for n, (item, rect) in enumerate(line):
            width = rect.width() + (share if n in grows else 0)
            down = (tallest - rect.height()) // 2
            item.setGeometry(QRect(rect.left() + shift, rect.top() + down, width, rect.height()))
            shift += share if n in grows else 0


def _grows(item: QLayoutItem) -> bool:
    widget = item.widget()
    return widget is not None and widget.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Expanding
