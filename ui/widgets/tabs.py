"""Tab bars painted flat: editors' tabs with icon, changed mark and close, panels' tabs with a count."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QTabBar

from ui import theme
from ui.theme import fonts, metrics
from ui.widgets.cells import paint_pill

_CROSS = 12
_DOT = 8


@dataclass(frozen=True)
class TabFace:
    """What a tab shows besides its text; `note` says, behind a tick, what it has come to."""

    icon: str = ""
    changed: bool = False
    pill: int = 0
    note: str = ""


class TabBar(QTabBar):
    """Tabs of 32 px with the accent above the one in front (`editors`), or of 28 px with the accent below.

    `closed` tells that a tab's cross was clicked, or its middle.
    """

    closed = Signal(int)

    def __init__(self, name: str, *, editors: bool, closable: bool = True) -> None:
        super().__init__()
        self._editors = editors
        self._closable = editors and closable
        self._over_cross = -1
        self.setAccessibleName(name)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setMouseTracking(True)
        self.setMovable(self._closable)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setFixedHeight(metrics.TABS if editors else metrics.PANEL_TABS)

    def face(self, index: int) -> TabFace:
        """What a tab shows besides its text."""
        found = self.tabData(index)
        return found if isinstance(found, TabFace) else TabFace()

    def add(self, text: str, face: TabFace | None = None) -> int:
        """A new tab at the end; returns its place."""
        index = self.addTab(text)
        self.setTabData(index, face or TabFace())
        return index

    def change(
        self,
        index: int,
        text: str,
        *,
        changed: bool | None = None,
        pill: int | None = None,
        note: str | None = None,
    ) -> None:
        """Show another text, changed mark, count or note."""
        face = self.face(index)
        if note is not None:
            face = replace(face, note=note)
        if changed is not None:
            face = replace(face, changed=changed)
        if pill is not None:
            face = replace(face, pill=pill)
        if face != self.face(index):
            self.setTabData(index, face)
        # Setting the text also makes the bar measure its tabs again.
        self.setTabText(index, text)
        self.update()

    def tabSizeHint(self, index: int) -> QSize:
        """Room for icon, text, marks and the cross of the tab in front."""
        face = self.face(index)
        width = (
            QFontMetrics(self._font(index)).horizontalAdvance(self.tabText(index)) + 2 * metrics.PAD_BUTTON
        )
        width += metrics.ICON + 8 if face.icon else 0
        width += _DOT + 8 if face.changed else 0
        width += 28 if face.pill else 0
        width += metrics.ICON + 12 + self._note_width(face.note) if face.note else 0
        width += _CROSS + 12 if self._has_cross(index) else 0
        return QSize(width, self.height())

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Tabs do not shrink: the bar scrolls."""
        return self.tabSizeHint(index)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, tabs, the line below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("header"))
        line = theme.color("separator")
        painter.fillRect(0, self.height() - 1, self.width(), 1, line)
        for index in range(self.count()):
            self._paint_tab(painter, index)
        if self.hasFocus() and self.currentIndex() >= 0:
            painter.setPen(theme.color("accent"))
            # A count's ground may still be in the brush.
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.tabRect(self.currentIndex()).adjusted(3, 4, -4, -4))

    def _paint_tab(self, painter: QPainter, index: int) -> None:
        rect, face, front = self.tabRect(index), self.face(index), index == self.currentIndex()
        if self._editors:
            if front:
                painter.fillRect(rect, theme.color("base"))
                painter.fillRect(rect.left(), rect.top(), rect.width(), metrics.EDGE, theme.color("accent"))
            painter.fillRect(rect.right(), rect.top(), 1, rect.height(), theme.color("separator"))
        elif front:
            top = rect.bottom() + 1 - metrics.EDGE
            painter.fillRect(rect.left() + 4, top, rect.width() - 8, metrics.EDGE, theme.color("accent"))
        left = rect.left() + metrics.PAD_BUTTON
        middle = rect.center().y() + 1
        if face.icon:
            theme.draw(painter, face.icon, left, middle - metrics.ICON // 2)
            left += metrics.ICON + 8
        left = self._paint_text(painter, index, left, rect)
        if face.changed:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(left + 8, middle - _DOT // 2, _DOT, _DOT)
        if face.pill:
            paint_pill(painter, QRect(left + 6, rect.top(), 40, rect.height()), str(face.pill))
        if face.note:
            theme.draw(painter, "check", left + 8, middle - metrics.ICON // 2)
            painter.setFont(fonts.font(fonts.SECONDARY))
            painter.setPen(theme.color("text2"))
            room = QRect(left + 12 + metrics.ICON, rect.top(), self._note_width(face.note) + 4, rect.height())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), face.note)
        if self._has_cross(index):
            cross = self._cross(index)
            if self._over_cross == index:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("selected_off"))
                painter.drawRoundedRect(cross.adjusted(-3, -3, 3, 3), 3, 3)
            theme.draw(painter, "x", cross.left(), cross.top(), "text2", _CROSS)

    def _paint_text(self, painter: QPainter, index: int, left: int, rect: QRect) -> int:
        front = index == self.currentIndex()
        font = self._font(index)
        painter.setFont(font)
        painter.setPen(theme.color("text" if front else "text2"))
        width = QFontMetrics(font).horizontalAdvance(self.tabText(index))
        room = QRect(left, rect.top(), width + 4, rect.height())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), self.tabText(index))
        return left + width

    def _font(self, index: int) -> QFont:
        heavy = not self._editors and index == self.currentIndex()
        return fonts.font(0, 600 if heavy else 400)

    @staticmethod
    def _note_width(note: str) -> int:
        return QFontMetrics(fonts.font(fonts.SECONDARY)).horizontalAdvance(note)

    def _has_cross(self, index: int) -> bool:
        return self._closable and index == self.currentIndex()

    def _cross(self, index: int) -> QRect:
        rect = self.tabRect(index)
        return QRect(
            rect.right() - metrics.PAD_BUTTON - _CROSS + 2,
            rect.center().y() - _CROSS // 2 + 1,
            _CROSS,
            _CROSS,
        )

    def _cross_at(self, event: QMouseEvent) -> int:
        index = self.tabAt(event.position().toPoint())
        if index < 0 or not self._has_cross(index):
            return -1
        return index if self._cross(index).adjusted(-4, -4, 4, 4).contains(event.position().toPoint()) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the cross under the pointer."""
        super().mouseMoveEvent(event)
        over = self._cross_at(event)
        if over != self._over_cross:
            self._over_cross = over
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has gone."""
        super().leaveEvent(event)
        self._over_cross = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on the cross must not start moving the tab."""
        if self._cross_at(event) < 0:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close by the cross or the middle button."""
        cross = self._cross_at(event)
        index = self.tabAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and cross >= 0:
            self.closed.emit(cross)
        elif self._closable and event.button() is Qt.MouseButton.MiddleButton and index >= 0:
            self.closed.emit(index)
        else:
            super().mouseReleaseEvent(event)
