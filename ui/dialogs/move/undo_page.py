"""What an undo would do, as the org is now, before anything is sent: how many records are put back, deleted, left alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from studio.base.i18n import _, ngettext
from ui import theme
from ui.bridge import numbers
from ui.dialogs.move.page import Desk, Page, inset
from ui.theme import metrics
from ui.widgets.cells import Cell, CellTable
from ui.widgets.checks import Check
from ui.widgets.labels import Line, Text
from ui.widgets.trees import Rows


class UndoPage(Page):
    """Asks the org when it is opened; `changed` is called when what would be sent has changed."""

    def __init__(self, desk: Desk, changed: Callable[[], object]) -> None:
        super().__init__(desk, _("Undo"))
        self._changed = changed
        self.run = ""
        self.found: dict[str, Any] | None = None
        self.column.addWidget(Line())
        self.model: CellTable[tuple[str, int, str]] = CellTable(
            [_("Records"), _("What happens to them")], _cells, self, right=(0,)
        )
        self.view = Rows(_("What the undo would do"), head=True)
        self.view.setModel(self.model)
        self.view.lay_out(100, 0)
        self.column.addWidget(self.view)
        self.column.addWidget(Line())
        self.seen: CellTable[dict[str, Any]] = CellTable(
            [_("Record"), _("What happens to it"), _("Its values")], _seen_cells, self
        )
        self.seen_view = Rows(_("Some of the records"), head=True)
        self.seen_view.setModel(self.seen)
        self.seen_view.fit((180, 300), (180, 260), (240, 0))
        self.column.addWidget(self.seen_view, 1)
        self.column.addWidget(Line())
        self.changed_too = Check("")
        self.changed_too.toggled.connect(lambda _on: self._ask())
        self.column.addSpacing(8)
        self.column.addLayout(inset(self.changed_too, bottom=4))
        self.notes = Text("", "text2", wrap=True)
        self.column.addLayout(inset(self.notes, bottom=12))

    def first(self) -> QWidget:
        """The list."""
        return self.view

    @property
    def ready(self) -> int:
        """How many records would be sent."""
        return int(self.found["ready"]) if self.found is not None else 0

    @property
    def asked(self) -> dict[str, Any]:
        """What the mover is asked with."""
        return {"run": self.run, "changed_too": self.changed_too.isChecked()}

    async def open(self, run: str) -> None:
        """Show what undoing a move would do."""
        self.run = run
        self.title.setText(_("Undo {run}").format(run=run))
        self.changed_too.blockSignals(True)
        self.changed_too.setChecked(False)
        self.changed_too.blockSignals(False)
        await self._preview()

    def _ask(self) -> None:
        if self.run:
            self.desk.tasks.spawn(self._preview())

    async def _preview(self) -> None:
        self.found = None
        self.model.set_rows([])
        self.seen.set_rows([])
        self.notes.setText("")
        self.about.setText(_("Asking the org how the records are now …"))
        self._changed()
        asked = self.asked
        found = await self.desk.mover.ask("undo_preview", self._heard, **asked)
        if asked != self.asked:
            return
        self.found = found
        text = ngettext(
            "{n} record of {object} in {org} would be changed. Nothing has been sent.",
            "{n} records of {object} in {org} would be changed. Nothing has been sent.",
            found["ready"],
        )
        self.about.setText(
            text.format(n=numbers.count(found["ready"]), object=found["object"], org=found["org"])
        )
        lines = _lines(found)
        self.model.set_rows(lines)
        self.view.setFixedHeight(metrics.TABLE_HEAD + theme.row_height() * max(len(lines), 1) + 8)
        seen = found.get("seen", [])
        self.seen.set_rows(seen)
        valued = any(one["values"] for one in seen)
        self.seen_view.fit((180, 300), (180, 260 if valued else 0), (240, 0) if valued else (28, 28))
        self.seen_view.setColumnHidden(2, not valued)
        changed = found["changed"]
        text = ngettext(
            "Also the {n} record that somebody changed since the move: what was changed is lost",
            "Also the {n} records that somebody changed since the move: what was changed is lost",
            changed,
        )
        self.changed_too.setText(text.replace("{n}", numbers.count(changed)))
        self.changed_too.setAccessibleName(_("Also records that somebody changed since the move"))
        self.changed_too.setVisible(changed > 0)
        # Of records changed since, the box above speaks; the note names an option of the command line.
        self.notes.setText("\n".join(line for line in found["notes"] if "--changed-too" not in line))
        self._changed()

    def _heard(self, event: dict[str, Any]) -> None:
        if event["event"] == "read":
            self.about.setText(
                _("Asking the org: {rows} records …").format(rows=numbers.count(event["rows"]))
            )


def _lines(found: dict[str, Any]) -> list[tuple[str, int, str]]:
    said = (
        ("put_back", _("get their former values back"), "arrow-u-up-left"),
        ("delete", _("were created by the move and go to the recycle bin"), "trash"),
        ("undelete", _("come out of the recycle bin"), "arrow-u-up-left"),
        ("create", _("were deleted for good and are created anew, with other ids"), "info"),
        ("changed", _("were changed by somebody since; they are counted above")
         if found["changed_too"] else _("were changed by somebody since and are left alone"), "info"),
        ("as_before", _("are as they were before; nothing to do"), "check"),
        ("gone", _("were deleted since and cannot be put back"), "info"),
        ("without", _("were not kept as they were before and cannot be put back"), "info"),
        ("done", _("were undone before"), "check"),
    )  # fmt: skip
    return [(text, found[name], icon) for name, text, icon in said if found[name]]


def _cells(line: tuple[str, int, str]) -> Sequence[Cell]:
    text, count, icon = line
    return Cell(numbers.count(count), right=True, weight=600), Cell(text, icon=icon)


def _seen_cells(one: dict[str, Any]) -> Sequence[Cell]:
    name = one["name"] or one["id"]
    does = {
        "update": (_("gets its former values back"), "arrow-u-up-left"),
        "delete": (_("goes to the recycle bin"), "trash"),
        "undelete": (_("comes out of the recycle bin"), "arrow-u-up-left"),
        "insert": (_("is created anew, with another id"), "info"),
    }
    text, icon = does[one["action"]]
    if one["reason"]:
        text, icon = _("left alone: {reason}").format(reason=one["reason"]), "info"
    values = ", ".join(
        f"{v['field']}: {v['now'] or _('(empty)')} → {v['back'] or _('(empty)')}" for v in one["values"]
    )
    return (
        Cell(name, weight=500, note=one["id"] if one["name"] else ""),
        Cell(text, icon=icon, tone="text2" if one["reason"] else "text", hint=text),
        Cell(values.replace("\n", " ⏎ "), tone="text2", hint=values.replace(", ", "\n")),
    )
