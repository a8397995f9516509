"""Options of a transformation, in the Inspector: what becomes of records that fail, which documents are checked."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.mapping.model import ON_FAILURE
from ui.editors.mapping.map_state import MapState
from ui.theme import metrics
from ui.widgets.checks import Check
from ui.widgets.fields import Combo
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Line, Text


class MapOptions(QWidget):
    """The section under what is shown of a node. Each change is one step that can be undone."""

    def __init__(self, map: MapState) -> None:
        super().__init__()
        self._map = map
        self.policy = Combo(_("When a rule fails"))
        for policy, text in _policies().items():
            self.policy.addItem(text, policy)
        # What does not fit is elided; the Inspector is narrow in a small window.
        self.policy.setMinimumWidth(96)
        self.input = Check(_("Check the input against its schema"))
        self.output = Check(_("Check the output against its schema"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        inside = QVBoxLayout()
        inside.setContentsMargins(metrics.PAD_PANEL, metrics.PAD_PANEL, metrics.PAD_PANEL, 8)
        inside.setSpacing(8)
        inside.addWidget(SectionHead(_("Options of this transformation")))
        inside.addWidget(Text(_("When a rule fails"), "text2"))
        for widget in (self.policy, self.input, self.output):
            inside.addWidget(widget)
        column.addLayout(inside)
        self.refresh()
        self.policy.activated.connect(self._choose_policy)
        self.input.clicked.connect(self._choose_checks)
        self.output.clicked.connect(self._choose_checks)

    def refresh(self) -> None:
        """Show what the transformation says."""
        found = self._map.transformation
        self.policy.setCurrentIndex(self.policy.findData(found.on_failure or ON_FAILURE[0]))
        self.input.setChecked("input" in found.validate)
        self.output.setChecked("output" in found.validate)

    def enter(self) -> None:
        """Put the focus on the first of them."""
        self.policy.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose_policy(self) -> None:
        chosen = self.policy.currentData()
        # What holds without being said is not written into the file.
        wanted = "" if chosen == ON_FAILURE[0] else str(chosen)
        found = self._map.transformation
        if wanted != (found.on_failure if found.on_failure != ON_FAILURE[0] else ""):
            self._map.put(
                _("When a rule fails: {choice}").format(choice=_policies()[chosen]),
                replace(found, on_failure=wanted),
            )

    def _choose_checks(self) -> None:
        boxes = (("input", self.input), ("output", self.output))
        wanted = tuple(name for name, box in boxes if box.isChecked())
        found = self._map.transformation
        if wanted != found.validate:
            self._map.put(_("Checks of the documents"), replace(found, validate=wanted))


def _policies() -> dict[str, str]:
    return {
        "set-aside": _("Set the record aside"),
        "null-field": _("Leave the field without a value"),
        "stop": _("Stop the run"),
    }
