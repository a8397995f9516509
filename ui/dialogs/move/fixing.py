"""The preflight page's hands: a fix for all rows of the field in front, undone again, and the zone of times."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import available_timezones

from PySide6.QtCore import QModelIndex, QTimeZone
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.base.i18n import _
from studio.moves.judging.fix_offers import with_fix
from ui.dialogs.move.choices import Choices, Mapped
from ui.dialogs.move.fix_choice import Offered, ask_fix, groups_of
from ui.dialogs.move.page import Desk
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.fields import Combo
from ui.widgets.labels import Text
from ui.widgets.trees import Rows, current_row

UTC = "UTC"
# The list of zones closed and open, in pixels.
_ZONE, _ZONES = 170, 280


class Checking(Protocol):
    """The page, as far as its hands need it."""

    choices: Choices
    desk: Desk

    def check(self, choices: Choices) -> None:
        """Take choices and check them."""

    def window(self) -> QWidget:
        """The window the page is in."""


class Fixing:
    """Each change of the map is kept, so that Undo takes back one fix after the other."""

    def __init__(self, page: Any) -> None:
        self._page: Checking = page
        self._before: list[Choices] = []
        self.zone = zone_list()
        self.zone.activated.connect(lambda _at: self._take_zone())
        self.undo = button(_("Undo fix"), self._undo, icon="arrow-counter-clockwise")
        self.fix = button(_("Fix for all rows…"), self._open, icon="wrench")
        self.zone_label = Text(_("Times without an offset:"), "text2")
        self.zone_label.hide()
        self.row = QHBoxLayout()
        self.row.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 12)
        self.row.setSpacing(8)
        self.row.addWidget(self.fix)
        self.row.addWidget(self.undo)
        self.row.addStretch(1)
        self.row.addWidget(self.zone_label)
        self.row.addWidget(self.zone)
        QShortcut(QKeySequence("Ctrl+Z"), page, self._undo)
        self.undo.setToolTip("Ctrl+Z")
        self.fix.setToolTip(_("Enter, in the table of checks"))
        self._view: Rows | None = None

    def watch(self, view: Rows) -> None:
        """The table whose row in front is meant; Enter and a double click open its fixes."""
        self._view = view
        view.opened.connect(lambda _row: self._open())

    def choose_first(self, checked: dict[str, Any]) -> None:
        """Put the first field that something helps in front."""
        assert self._view is not None
        model = self._view.model()
        at = next((n for n, one in enumerate(checked["fields"]) if groups_of(one)), 0)
        self._view.setCurrentIndex(model.index(at, 0, QModelIndex()))
        self._view.selectionModel().currentChanged.connect(lambda *_indexes: self._look())
        self._look()

    def show_choices(self, choices: Choices) -> None:
        """Show which of the hands can do something."""
        kinds = {one.name for one in choices.fields if one.kind == "datetime"}
        for control in (self.zone_label, self.zone):
            control.setVisible(any(m.field in kinds for m in choices.mapped))
        self.zone.setCurrentText(choices.zone or UTC)
        if choices.checked is None and not choices.mapped:
            self._before.clear()
        self._look()

    def _look(self) -> None:
        ready = self._page.choices.checked is not None
        self.undo.setEnabled(ready and bool(self._before))
        self.fix.setEnabled(ready and bool(self._front() and groups_of(self._front() or {})))

    def _front(self) -> dict[str, Any] | None:
        """What was found in the field in front."""
        checked = self._page.choices.checked
        at = current_row(self._view) if self._view is not None else -1
        if checked is None or not 0 <= at < len(checked["fields"]):
            return None
        found: dict[str, Any] = checked["fields"][at]
        # What an expression gives is mended in the expression.
        given = any(m.script is not None for m in self._page.choices.mapped if m.field == found["field"])
        return None if given else found

    def _open(self) -> None:
        front = self._front()
        if front is not None and groups_of(front):
            self._page.desk.tasks.spawn(self._ask(front))

    async def _ask(self, front: dict[str, Any]) -> None:
        offered = await ask_fix(self._page.window(), front["field"], groups_of(front))
        if offered is not None:
            choices = self._page.choices
            mapped = tuple(_fixed(m, offered) if m.field == front["field"] else m for m in choices.mapped)
            self._change(choices.with_map(mapped))

    def _take_zone(self) -> None:
        name = self.zone.currentText()
        zone = "" if name == UTC else name
        if zone != self._page.choices.zone:
            self._change(self._page.choices.with_zone(zone))

    def _change(self, choices: Choices) -> None:
        self._before.append(self._page.choices)
        self._page.check(choices)

    def _undo(self) -> None:
        if self._before and self._page.choices.checked is not None:
            before = self._before.pop()
            choices = self._page.choices.with_map(before.mapped)
            self._page.check(replace(choices, zone=before.zone))


def _fixed(mapped: Mapped, offered: Offered) -> Mapped:
    if offered.fix is None:
        return replace(mapped, field="", fixes=())
    return replace(mapped, fixes=with_fix(mapped.fixes, offered.fix))


def zone_list(*, small: bool = False) -> Combo:
    """A list of zones; hidden until there are times, and never as wide as its longest name."""
    made = Combo(_("Zone of times without an offset"), small=small)
    made.setToolTip(_("Times without an offset are taken in this zone."))
    made.addItems(zones())
    made.setFixedWidth(_ZONE)
    made.view().setMinimumWidth(_ZONES)
    made.hide()
    return made


@lru_cache(maxsize=1)
def zones() -> list[str]:
    """UTC, this computer's zone, then all of them."""
    here = bytes(QTimeZone.systemTimeZoneId().data()).decode("ascii", "replace")
    known = available_timezones()
    return list(dict.fromkeys([UTC, *([here] if here in known else []), *sorted(known - {"localtime"})]))
