"""The steps at the left: all visible, what was chosen in each, the settled ones open again with a click."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout

from ui import theme
from ui.dialogs.move.choices import Choices, Step, step_name
from ui.theme import fonts, metrics

WIDTH = 200
_HEIGHT = 48


class StepButton(QAbstractButton):
    """A step: its number, or a tick once it is settled; its name; what was chosen."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step
        self.said = ""
        self.settled = False
        self.current = False
        self.setText(step_name(step))
        self.setAccessibleName(step_name(step))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def look(self, said: str, *, settled: bool, current: bool, reachable: bool) -> None:
        """Take on another state."""
        self.said, self.settled, self.current = said, settled, current
        self.setEnabled(reachable)
        self.setAccessibleDescription(said)
        self.update()

    def sizeHint(self) -> QSize:
        """The list's width."""
        return QSize(WIDTH, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, edge, tick or number, name, words."""
        painter = QPainter(self)
        lit = self.underMouse() and self.isEnabled() and not self.current
        painter.fillRect(
            self.rect(), theme.color("selected" if self.current else "hover" if lit else "window")
        )
        if self.current or self.hasFocus():
            painter.fillRect(0, 0, metrics.EDGE, self.height(), theme.color("accent"))
        self._paint_sign(painter)
        name, said = QRect(44, 6, self.width() - 52, 18), QRect(44, 24, self.width() - 52, 18)
        if not self.said:
            name.moveTop((self.height() - name.height()) // 2)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(fonts.font(weight=600 if self.current else 400))
        painter.setPen(theme.color("text" if self.isEnabled() else "text3"))
        painter.drawText(name, middle, self.text())
        painter.setFont(fonts.font(fonts.SECONDARY))
        painter.setPen(theme.color("text2" if self.current else "text3"))
        shown = painter.fontMetrics().elidedText(self.said, Qt.TextElideMode.ElideRight, said.width())
        painter.drawText(said, middle, shown)

    def _paint_sign(self, painter: QPainter) -> None:
        if self.settled and not self.current:
            theme.draw(painter, "check", 16, (self.height() - metrics.ICON) // 2, "text2")
            return
        painter.setFont(fonts.font(weight=600 if self.current else 400))
        painter.setPen(theme.color("accent" if self.current else "text3"))
        number = painter.fontMetrics().horizontalAdvance("0")
        place = QRect(20, 0, number + 8, self.height())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), str(self.step + 1))


class StepList(QFrame):
    """All eight; `go` is called with the step that was clicked."""

    def __init__(self, go: Callable[[Step], object]) -> None:
        super().__init__()
        self.setProperty("band", "window")
        self.setFixedWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(0)
        self.buttons = {step: StepButton(step) for step in Step}
        for step, made in self.buttons.items():
            made.clicked.connect(lambda _on=False, step=step: go(step))
            column.addWidget(made)
        column.addStretch(1)

    def show_choices(self, choices: Choices, current: Step, *, locked: bool) -> None:
        """Show what is settled; while a move runs (`locked`) only its own page can be opened."""
        for step, made in self.buttons.items():
            settled = step < Step.RESULTS and choices.reachable(step) and not choices.hint(step)
            begun = step < Step.RUN or choices.summary is not None
            reachable = step is current or (choices.reachable(step) and begun and not locked)
            made.look(
                choices.said(step),
                settled=settled and (step < current or choices.summary is not None or step < Step.RUN),
                current=step is current,
                reachable=reachable,
            )
