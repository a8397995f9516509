"""The list of orgs with their marks, and what can be done with the one the list stands on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from studio.base.i18n import _
from studio.moves.access.orgs import PRACTICE
from ui.dialogs.orgs.add_page import mark_icon
from ui.dialogs.orgs.words import colors, mark_role, sort_text, way_name
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import Combo
from ui.widgets.labels import Line, Text
from ui.widgets.trees import Rows, current_row

Row = Mapping[str, Any]
_PRACTICE_ROW: Row = {"name": PRACTICE, "url": "", "flow": "", "color": "", "sort": "practice", "title": ""}


class ListPage(QFrame):
    """`do` is told which button was pressed: test, sign_in, sign_out, rename, remove, or color."""

    def __init__(self, do: Callable[[str], object]) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self._do = do
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(metrics.PAD_DIALOG, 16, metrics.PAD_DIALOG, 12)
        head.setSpacing(4)
        head.addWidget(Text(_("Salesforce orgs"), step=fonts.TITLE_LARGE, weight=600))
        about = _(
            "Each org has a mark of its own. Before records of a production org are deleted, its name is asked for."
        )
        head.addWidget(Text(about, "text2", wrap=True))
        column.addLayout(head)
        heads = [_("Org"), _("Kind"), _("Sign-in"), _("Address")]
        self.model: CellTable[Row] = CellTable(heads, _cells, self)
        self.view = Rows(_("Orgs"), head=True)
        self.view.setModel(self.model)
        self.view.lay_out(250, 120, 216, 0)
        self.model.set_rows([_PRACTICE_ROW])
        self.view.selectionModel().currentRowChanged.connect(lambda *_rows: self.look())
        self.view.opened.connect(lambda _row: self._do("test"))
        column.addWidget(Line())
        column.addWidget(self.view, 1)
        column.addWidget(Line())
        column.addLayout(self._buttons())
        self._free = True

    def _buttons(self) -> QHBoxLayout:
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        names = {
            "test": _("Test"),
            "sign_in": _("Sign in again"),
            "sign_out": _("Sign out"),
            "rename": _("Rename…"),
            "remove": _("Remove…"),
        }
        for key, text in names.items():
            self.buttons[key] = button(text, partial(self._do, key))
            row.addWidget(self.buttons[key])
        row.addStretch(1)
        self.color = Combo(_("Mark"))
        for color, text in colors().items():
            self.color.addItem(mark_icon(color), text, color)
        self.color.activated.connect(lambda _at: self._do("color"))
        label = Text(_("Mark"))
        label.setBuddy(self.color)
        row.addWidget(label)
        row.addWidget(self.color)
        return row

    @property
    def picked(self) -> Row:
        """The org the list stands on."""
        row = current_row(self.view)
        return self.model.rows[row] if row >= 0 else _PRACTICE_ROW

    def show_orgs(self, orgs: Sequence[Row], name: str = "") -> None:
        """Show the orgs, standing on the one called `name`, or where the list stood."""
        wanted = name or str(self.picked["name"])
        self.model.set_rows([_PRACTICE_ROW, *orgs])
        names = [row["name"] for row in self.model.rows]
        at = names.index(wanted) if wanted in names else 0
        self.view.setCurrentIndex(self.model.index(at, 0))
        self.look()

    def set_free(self, free: bool) -> None:
        """Whether something may be begun."""
        self._free = free
        self.look()

    def look(self) -> None:
        """Offer what the org picked allows."""
        row = self.picked
        own = row["name"] != PRACTICE
        for key, made in self.buttons.items():
            made.setEnabled(self._free and (own or key == "test"))
        self.color.setEnabled(self._free and own)
        self.color.setCurrentIndex(self.color.findData(row["color"]))


def _cells(row: Row) -> Sequence[Cell]:
    if row["name"] == PRACTICE:
        place = Cell(_("on this computer, started when needed"), tone="text2")
        return Cell(_("Practice org"), icon="flask"), Cell(sort_text("practice")), Cell(), place
    production = row["sort"] == "production"
    title = row["title"] if row["title"] != row["name"] else ""
    color = colors().get(row["color"], "")
    return (
        Cell(
            row["name"],
            icon="circle-fill",
            icon_tone=mark_role(row["color"]),
            note=title,
            hint=color,
            weight=500,
        ),
        Cell(
            sort_text(row["sort"]),
            icon="lock-simple" if production else "",
            icon_tone="production_text",
            tone="production_text" if production else "text",
            weight=600 if production else 400,
        ),
        Cell(way_name(row["flow"]), tone="text2"),
        Cell(str(row["url"]).partition("://")[2], tone="text2", mono=True),
    )
