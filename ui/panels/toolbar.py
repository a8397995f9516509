"""The toolbar: the commands at hand, and the box that finds everything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from studio.base.i18n import _
from ui import theme
from ui.commands import CommandTable, native
from ui.theme import fonts, metrics
from ui.widgets.buttons import CommandButton
from ui.widgets.labels import Elided, KeyCap, Line, Picture

ICON_ONLY = {"edit.undo", "edit.redo"}
SEARCH_WIDTH = 296
_SMALL_SEARCH = 184
# Less than this no bar of ours is wide.
_LEAST = 640


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
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 4, 0)
        row.setSpacing(6)
        row.addWidget(Picture("magnifying-glass"))
        row.addWidget(Elided(_("Find a command, object, field"), "text2", step=fonts.SECONDARY), 1)
        row.addWidget(KeyCap(native(keys)))

    def sizeHint(self) -> QSize:
        """Room for all its words."""
        return QSize(max(SEARCH_WIDTH, super().sizeHint().width()), metrics.FIELD)

    def minimumSizeHint(self) -> QSize:
        """Room for the first word and the keys."""
        return QSize(_SMALL_SEARCH, metrics.FIELD)

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
        self._worded: list[CommandButton] = []
        self._words = 0
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
        self._made, self._worded = [], []
        for place, group in enumerate(known):
            if place:
                self._add(_gap())
            for id in group:
                self._add(self._button(id))
        self._words = sum(widget.sizeHint().width() + 2 for widget in self._made)
        self._fit()

    def _button(self, id: str) -> CommandButton:
        made = CommandButton(self._table.action(id), text=id not in ICON_ONLY)
        if made.has_text:
            self._worded.append(made)
        return made

    def _add(self, widget: QWidget) -> None:
        self._made.append(widget)
        self._buttons.addWidget(widget)

    def sizeHint(self) -> QSize:
        """The whole width, 36 px."""
        return QSize(800, metrics.TOOLBAR)

    def minimumSizeHint(self) -> QSize:
        """Room for the icons: the window may be small."""
        return QSize(_LEAST, metrics.TOOLBAR)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words where there is room for all of them."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Without room for all the words the icons have to do; each has its name as a tooltip."""
        words = self.width() >= self._words + _SMALL_SEARCH + 24
        for made in self._worded:
            if made.has_text != words:
                made.has_text = words
                made.updateGeometry()


def _gap() -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(8, 0, 8, 0)
    line = Line(vertical=True)
    line.setFixedHeight(20)
    row.addWidget(line)
    return holder
