"""The floating list of completions: names with what was typed in the accent, details, values of the record."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from studio.base.i18n import _
from ui import theme
from ui.editors.mapping.help import Completions, Item
from ui.theme import fonts, metrics
from ui.widgets.floating import Floating
from ui.widgets.labels import Elided, KeyCap, Text

WIDTH = 340
SHOWN = 8
_FOOT = 26
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class CompletionList(Floating):
    """Opens downward at a point; the text being typed keeps the focus and hands the keys on.

    `turned` tells the item now chosen, `taken` the one to be written.
    """

    turned = Signal(object)
    taken = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setAccessibleName(_("Completions"))
        self._items = _Items(self)
        self._note = Elided("", "text2", step=fonts.SECONDARY)
        foot = QFrame()
        foot.setProperty("band", "foot")
        foot.setFixedHeight(_FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(self._note, 1)
        for cap, text in ((KeyCap("Enter"), _("takes")), (KeyCap("F1"), _("reference"))):
            row.addWidget(cap)
            row.addWidget(Text(text, "text2", step=fonts.SECONDARY))
        self.inside.addWidget(self._items, 1)
        self.inside.addWidget(foot)

    @property
    def current(self) -> Item | None:
        """The item now chosen."""
        return self._items.current

    @property
    def items(self) -> tuple[Item, ...]:
        """The items offered."""
        return self._items.found.items

    def open(self, found: Completions, point: QPoint) -> None:
        """Offer items below a point of the screen; no items close the list."""
        if not found.items:
            self.hide()
            return
        self._items.show_items(found)
        here = self._window.mapFromGlobal(point)
        rows = min(SHOWN, len(found.items))
        height = rows * theme.row_height() + _FOOT + 4
        room = self._window.height() - here.y() - 8
        if room < 3 * theme.row_height() + _FOOT:
            here.setY(max(0, here.y() - height - 24))
        else:
            height = min(height, room)
        left = max(4, min(here.x(), self._window.width() - WIDTH - 4))
        self.place(left, here.y(), WIDTH, height)
        self.show()
        self.raise_()
        self._turn()

    def move_choice(self, by: int) -> None:
        """Choose the next item, or the one before."""
        self._items.choose(self._items.at + by)
        self._turn()

    def take(self) -> None:
        """Write the chosen item."""
        item = self.current
        self.hide()
        if item is not None:
            self.taken.emit(item)

    def _turn(self) -> None:
        item = self.current
        self._note.setText(item.note if item else "")
        self.setAccessibleDescription(f"{item.name} {item.detail} {item.value}" if item else "")
        self.turned.emit(item)


class _Items(QWidget):
    def __init__(self, owner: CompletionList) -> None:
        super().__init__()
        self._owner = owner
        self.found = Completions()
        self.at = 0
        self._first = 0

    @property
    def current(self) -> Item | None:
        items = self.found.items
        return items[self.at] if 0 <= self.at < len(items) else None

    def show_items(self, found: Completions) -> None:
        self.found = found
        self.at = self._first = 0
        self.update()

    def choose(self, at: int) -> None:
        self.at = max(0, min(len(self.found.items) - 1, at))
        shown = max(1, self.height() // theme.row_height())
        self._first = max(min(self._first, self.at), self.at - shown + 1)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, theme.row_height() * min(SHOWN, len(self.found.items)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        height = theme.row_height()
        for number, item in enumerate(self.found.items[self._first :], self._first):
            top = (number - self._first) * height + 1
            if top > self.height():
                break
            room = QRect(1, top, self.width() - 2, height)
            if number == self.at:
                painter.fillRect(room, theme.color("selected"))
            self._paint_item(painter, room.adjusted(8, 0, -8, 0), item)

    def _paint_item(self, painter: QPainter, room: QRect, item: Item) -> None:
        theme.draw(painter, item.icon, room.left(), room.top() + (room.height() - metrics.ICON) // 2)
        room.setLeft(room.left() + metrics.ICON + 8)
        painter.setFont(fonts.mono())
        value = painter.fontMetrics().elidedText(item.value, Qt.TextElideMode.ElideRight, 130)
        painter.setPen(theme.color("text2"))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | _MIDDLE), value)
        room.setRight(room.right() - painter.fontMetrics().horizontalAdvance(value) - 8)
        name = painter.fontMetrics().elidedText(item.name, Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(theme.color("text"))
        painter.drawText(room, int(_MIDDLE), name)
        width = painter.fontMetrics().horizontalAdvance(name)
        typed = self.found.typed
        if typed and name.casefold().startswith(typed.casefold()):
            painter.setPen(theme.color("accent"))
            painter.setFont(fonts.mono(weight=600))
            painter.drawText(room, int(_MIDDLE), name[: len(typed)])
        room.setLeft(room.left() + width + 8)
        painter.setFont(fonts.font(fonts.SMALL))
        painter.setPen(theme.color("text3"))
        if room.width() > 12:
            detail = painter.fontMetrics().elidedText(item.detail, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, int(_MIDDLE), detail)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.choose(self._first + int(event.position().y()) // theme.row_height())
        self._owner.take()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._owner.move_choice(-1 if event.angleDelta().y() > 0 else 1)
