"""The floating box that finds: a line to type in, ranked entries with what matched, a reason where one cannot be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)  # fmt: skip

from studio.base.i18n import _
from ui import theme
from ui.theme import fonts, metrics
from ui.widgets.floating import Floating
from ui.widgets.labels import KeyCap, Picture, Text
from ui.widgets.matching import Match, Spans, match

WIDTH = 640
LEAD = 88
LEAD_MOST = 160
HEAD = 42
FOOT = 28
SHOWN = 12
_ENTRY = Qt.ItemDataRole.UserRole + 1
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_ROOT = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Entry:
    """Something to find: `lead` its category, `reason` why it cannot be done now, `keys` its shortcut, `note` dim text."""

    lead: str
    text: str
    do: Callable[[], object]
    icon: str = ""
    reason: str = ""
    keys: str = ""
    note: str = ""


class _Found(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[tuple[Entry, Match]] = []

    def show_rows(self, rows: list[tuple[Entry, Match]]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry, found = self.rows[index.row()]
        if role == _ENTRY:
            return entry, found
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return " ".join(part for part in (entry.lead, entry.text, entry.note, entry.reason) if part)
        return None


class _Painter(QStyledItemDelegate):
    # How wide the column of categories is: enough for the longest.
    lead = LEAD

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(WIDTH, max(metrics.ROW_PALETTE, theme.row_height()))

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        entry, found = index.data(_ENTRY)
        room = QRect(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(room, theme.color("selected"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(room, theme.color("hover"))
        painter.save()
        dim = bool(entry.reason)
        top = room.top() + (room.height() - metrics.ICON) // 2
        if entry.icon:
            theme.draw(painter, entry.icon, room.left() + 12, top, "disabled" if dim else "text2")
        wide = self.lead
        lead = QRect(room.left() + 36, room.top(), wide - 8, room.height())
        _marked(painter, lead, entry.lead, found.category, "disabled" if dim else "text2")
        right = self._right(painter, room, entry)
        text = QRect(lead.left() + wide, room.top(), right - lead.left() - wide - 8, room.height())
        end = _marked(painter, text, entry.text, found.name, "disabled" if dim else "text")
        if entry.note:
            painter.setFont(fonts.font(fonts.SECONDARY))
            painter.setPen(theme.color("text3"))
            rest = QRect(end + 8, room.top(), right - end - 16, room.height())
            note = painter.fontMetrics().elidedText(entry.note, Qt.TextElideMode.ElideMiddle, rest.width())
            painter.drawText(rest, int(_MIDDLE), note)
        painter.restore()

    def _right(self, painter: QPainter, room: QRect, entry: Entry) -> int:
        right = room.right() - 12
        if entry.keys:
            right = _key_cap(painter, right, room, entry.keys) - 8
        if entry.reason:
            painter.setFont(fonts.font(fonts.SECONDARY))
            painter.setPen(theme.color("text3"))
            width = painter.fontMetrics().horizontalAdvance(entry.reason)
            painter.drawText(
                QRect(right - width, room.top(), width + 2, room.height()), int(_MIDDLE), entry.reason
            )
            right -= width + 8
        return right


class Finder(Floating):
    """Type, ↑ ↓ to choose, Enter to do, Esc to close. Entries that cannot be done stay listed with their reason."""

    def __init__(self, window: QWidget, name: str) -> None:
        super().__init__(window)
        self.setAccessibleName(name)
        self._entries: Sequence[Entry] = ()
        self._total = ""
        self._before: QWidget | None = None
        self._model = _Found(self)
        self.field = QLineEdit()
        self.field.setAccessibleName(name)
        self.field.setProperty("bare", True)
        self.field.setFont(fonts.font(1))
        self._count = Text("", "text3", step=fonts.SECONDARY)
        self._hint = Text("", "text3", step=fonts.SMALL)
        self.inside.addWidget(self._head())
        self.list = QListView()
        self.list.setAccessibleName(name)
        self.list.setModel(self._model)
        self._painter = _Painter(self.list)
        self.list.setItemDelegate(self._painter)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.inside.addWidget(self.list, 1)
        self._none = Text(_("Nothing here has that name."), "text2")
        self._none.setContentsMargins(12, 0, 12, 0)
        self._none.hide()
        self.inside.addWidget(self._none, 1)
        self.setFocusProxy(self.field)
        self.field.textChanged.connect(self._find)
        self.field.installEventFilter(self)
        self.list.clicked.connect(lambda _index: self._do())

    def add_foot(self, choose: str, run: str, close: str, hint: str, hint_keys: str) -> None:
        """The line of keys below the list, in the active language."""
        foot = QFrame()
        foot.setProperty("band", "keys")
        foot.setFixedHeight(FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        for keys, text in ((("↑", "↓"), choose), (("Enter",), run), (("Esc",), close)):
            for key in keys:
                row.addWidget(KeyCap(key))
            row.addWidget(Text(text, "text3", step=fonts.SMALL))
            row.addSpacing(12)
        row.addStretch(1)
        row.addWidget(Text(hint, "text3", step=fonts.SMALL))
        row.addWidget(KeyCap(hint_keys))
        self.inside.addWidget(foot)

    def ask(self, entries: Sequence[Entry], placeholder: str, total: str) -> None:
        """Show the entries; `total` is a sentence with {found} and {all}."""
        self._entries, self._total = entries, total
        metric = QFontMetrics(fonts.font(0, 600))
        leads = {metric.horizontalAdvance(entry.lead) for entry in entries}
        self._painter.lead = min(LEAD_MOST, max(LEAD, max(leads, default=0) + 12))
        self._before = self.window().focusWidget()
        self.field.setPlaceholderText(placeholder)
        self.field.clear()
        self._find("")
        self.settle()
        self.show()
        self.raise_()
        self.field.setFocus()

    def dismiss(self) -> None:
        """Close and give the focus back."""
        if self.isVisible():
            self.hide()
            if self._before is not None:
                self._before.setFocus()
            self._before = None

    def settle(self) -> None:
        """At the top of the window, in the middle, as high as its entries."""
        window = self.window()
        rows = min(SHOWN, max(1, len(self._model.rows)))
        row = max(metrics.ROW_PALETTE, theme.row_height())
        width = min(WIDTH, window.width() - 48)
        height = HEAD + 1 + 8 + rows * row + FOOT + 2
        top = metrics.MENU_BAR + metrics.TOOLBAR + metrics.TOOLBAR
        self.place((window.width() - width) // 2, top, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that move in the list while the field keeps the focus; leaving the field closes."""
        if watched is self.field and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is self.field and event.type() is QEvent.Type.FocusOut and self.isVisible():
            self.hide()
            self._before = None
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: SHOWN, Qt.Key.Key_PageUp: -SHOWN}
        key = Qt.Key(event.key())
        if key in steps:
            self._step(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do()
        elif key is Qt.Key.Key_Escape:
            self.dismiss()
        else:
            return False
        return True

    def _step(self, by: int) -> None:
        rows = len(self._model.rows)
        if rows:
            at = self.list.currentIndex().row() + by
            at = at % rows if abs(by) == 1 else max(0, min(rows - 1, at))
            self.list.setCurrentIndex(self._model.index(at, 0))

    def _find(self, query: str) -> None:
        ranked = []
        for place, entry in enumerate(self._entries):
            found = match(query, entry.lead, entry.text)
            if found is not None:
                ranked.append((found.rank, place, entry, found))
        ranked.sort(key=lambda row: (row[0], row[1]))
        self._model.show_rows([(entry, found) for _rank, _place, entry, found in ranked])
        self.list.setVisible(bool(ranked))
        self._none.setVisible(not ranked)
        if ranked:
            self.list.setCurrentIndex(self._model.index(0, 0))
        self._count.setText(self._total.format(found=len(ranked), all=len(self._entries)))
        self.settle()

    def _do(self) -> None:
        index = self.list.currentIndex()
        if not index.isValid():
            return
        entry, _found = index.data(_ENTRY)
        if not entry.reason:
            self.dismiss()
            entry.do()

    def _head(self) -> QWidget:
        head = QFrame()
        head.setProperty("band", "finder")
        head.setFixedHeight(HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(Picture("magnifying-glass"))
        row.addWidget(self.field, 1)
        row.addWidget(self._count)
        return head


def _marked(painter: QPainter, room: QRect, text: str, spans: Spans, role: str) -> int:
    """Paint `text` with the matched letters in the accent; returns where it ends."""
    plain, bold = fonts.font(), fonts.font(0, 600)
    left, at = room.left(), 0
    parts: list[tuple[str, bool]] = []
    for start, end in spans:
        if start >= at:
            parts += [(text[at:start], False), (text[start:end], True)]
            at = end
    parts.append((text[at:], False))
    for part, hit in parts:
        left = _part(painter, room, left, part, bold if hit else plain, "accent" if hit else role)
    return left


def _part(painter: QPainter, room: QRect, left: int, text: str, font: QFont, role: str) -> int:
    space = room.right() - left
    if not text or space <= 8:
        return left
    metric = QFontMetrics(font)
    painter.setFont(font)
    painter.setPen(theme.color(role))
    shown = metric.elidedText(text, Qt.TextElideMode.ElideRight, space)
    painter.drawText(QRect(left, room.top(), space, room.height()), int(_MIDDLE), shown)
    return left + metric.horizontalAdvance(shown)


def _key_cap(painter: QPainter, right: int, room: QRect, keys: str) -> int:
    painter.setFont(fonts.font(fonts.SMALL))
    width = painter.fontMetrics().horizontalAdvance(keys) + 10
    cap = QRect(right - width, room.top() + (room.height() - 16) // 2, width, 16)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("border"), 1))
    painter.setBrush(theme.color("base"))
    painter.drawRoundedRect(
        cap.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), metrics.RADIUS_LETTER, metrics.RADIUS_LETTER
    )
    painter.setPen(theme.color("text2"))
    painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), keys)
    return cap.left()
