"""The Inspector panel: whatever is selected, as the editor in front describes it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui.widgets.buttons import icon_button
from ui.widgets.heads import EmptyState, PanelHead


class InspectorPanel(QWidget):
    """Shows a widget that stays the editor's own. Pinned, it keeps showing it when another is offered."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._pin = icon_button("push-pin", _("Keep showing this"), self._turn_pin, checkable=True)
        head = PanelHead(_("Inspector"))
        head.add(self._pin)
        column.addWidget(head)
        self._empty = EmptyState(
            "cursor",
            _("Nothing is selected"),
            _("Select an object, a field or a rule to see what it is and does."),
            band="window",
        )
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName(_("Inspector"))
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._scroll)
        column.addWidget(self._pages, 1)
        self._wanted: QWidget | None = None
        self.setMinimumWidth(220)

    def offer(self, widget: QWidget | None) -> None:
        """Show a widget, or that nothing is selected."""
        self._wanted = widget
        if not self._pin.isChecked():
            self._show(widget)

    def forget(self, widget: QWidget | None) -> None:
        """An editor is closing: stop showing what it owns."""
        if widget is not None and self._scroll.widget() is widget:
            self._pin.setChecked(False)
            self._show(None)

    def _turn_pin(self) -> None:
        if not self._pin.isChecked():
            self._show(self._wanted)

    def _show(self, widget: QWidget | None) -> None:
        if self._scroll.widget() is not widget:
            old = self._scroll.takeWidget()
            if old is not None:
                old.hide()
            if widget is not None:
                self._scroll.setWidget(widget)
                widget.show()
        self._pages.setCurrentWidget(self._scroll if widget is not None else self._empty)
