"""The toolbar: the commands at hand, and the box that finds everything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from studio.base.i18n import _
from ui import theme
from ui.commands import CommandTable, native
from ui.theme import fonts, metrics
from ui.widgets.buttons import tool_button
from ui.widgets.labels import KeyCap, Line, Picture, Text

ICON_ONLY = {"edit.undo", "edit.redo"}
SEARCH_WIDTH = 296


class SearchBox(QFrame):
    """Looks like a field and opens the palette."""

    def __init__(self, keys: str, do: Callable[[], object]) -> None:
        super().__init__()
        self._do = do
        self._over = False
        self.setAccessibleName(_("Find a command, object, field"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(metrics.FIELD)
        self.setMinimumWidth(SEARCH_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 4, 0)
        row.setSpacing(6)
        row.addWidget(Picture("magnifying-glass"))
        row.addWidget(Text(_("Find a command, object, field"), "text2", step=fonts.SECONDARY))
        row.addStretch(1)
        row.addWidget(KeyCap(native(keys)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A field's frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = 2.0 if self.hasFocus() else 1.0
        role = "accent" if self.hasFocus() else ("border_strong" if self._over else "border")
        painter.setPen(QPen(theme.color(role), line))
        painter.setBrush(theme.color("base"))
        painter.drawRoundedRect(
            self.rect().toRectF().adjusted(line / 2, line / 2, -line / 2, -line / 2),
            metrics.RADIUS,
            metrics.RADIUS,
        )

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Open the palette."""
        self._do()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and space open the palette."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._do()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer has come."""
        super().enterEvent(event)
        self._over = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has gone."""
        super().leaveEvent(event)
        self._over = False
        self.update()


class ToolBar(QFrame):
    """Groups of commands; those nobody has registered are left out."""

    def __init__(self, table: CommandTable, search: SearchBox) -> None:
        super().__init__()
        self._table = table
        self.setProperty("band", "toolbar")
        self.setFixedHeight(metrics.TOOLBAR)
        self.setAccessibleName(_("Toolbar"))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 1)
        row.setSpacing(2)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(2)
        row.addLayout(self._buttons)
        row.addStretch(1)
        row.addWidget(search)
        self._shown: tuple[tuple[str, ...], ...] = ()
        self._made: list[QWidget] = []

    def show_groups(self, groups: Sequence[Sequence[str]]) -> None:
        """Show these commands, groups apart by a line."""
        known = tuple(tuple(id for id in group if id in self._table) for group in groups)
        known = tuple(group for group in known if group)
        if known == self._shown:
            return
        self._shown = known
        for widget in self._made:
            self._buttons.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._made = []
        for place, group in enumerate(known):
            if place:
                self._add(_gap())
            for id in group:
                self._add(self._button(id))

    def _button(self, id: str) -> QToolButton:
        return tool_button(self._table.action(id), text=id not in ICON_ONLY)

    def _add(self, widget: QWidget) -> None:
        self._made.append(widget)
        self._buttons.addWidget(widget)

    def sizeHint(self) -> QSize:
        """The whole width, 36 px."""
        return QSize(800, metrics.TOOLBAR)


def _gap() -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(8, 0, 8, 0)
    line = Line(vertical=True)
    line.setFixedHeight(20)
    row.addWidget(line)
    return holder
