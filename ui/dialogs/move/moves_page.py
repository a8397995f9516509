"""Earlier moves: how each ended, and what can still be done with it: go on, correct, do again, undo, delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from studio.base.i18n import _
from studio.moves.model import Action
from ui.bridge import numbers
from ui.dialogs.ask import ask
from ui.dialogs.move.choices import action_name
from ui.dialogs.move.page import Desk, Page
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Line
from ui.widgets.trees import Rows, current_row

_UNFINISHED = ("planned", "stopped", "interrupted", "trial")
_RUNNING = "running"
Line_ = dict[str, Any]


@dataclass(frozen=True)
class Doing:
    """What the window does with the move whose line is given."""

    open: Callable[[Line_], object]
    go_on: Callable[[Line_], object]
    fix: Callable[[Line_], object]
    again: Callable[[Line_], object]
    undo: Callable[[Line_], object]


class _List(Rows):
    """Del deletes."""

    def __init__(self, name: str, delete: Callable[[], object]) -> None:
        super().__init__(name, head=True)
        self._delete = delete

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del asks whether to delete; Enter opens."""
        if event.key() == Qt.Key.Key_Delete:
            self._delete()
        else:
            super().keyPressEvent(event)


class MovesPage(Page):
    """All moves and exports, the newest first."""

    def __init__(self, desk: Desk, doing: Doing) -> None:
        super().__init__(desk, _("Earlier moves"))
        self._doing = doing
        self.about.setText(_("Every move and export of this computer, with its result files."))
        heads = [_("Move"), _("When"), _("What"), _("Source or target"), _("Org"), _("State"), _("Rows"),
                 _("Succeeded"), _("Failed"), _("Not sent")]  # fmt: skip
        self.model: CellTable[Line_] = CellTable(heads, _cells, self, right=(6, 7, 8, 9))
        self.view = _List(_("Earlier moves"), lambda: self.desk.tasks.spawn(self._delete()))
        self.view.setModel(self.model)
        self.view.fit(
            (74, 78),
            (96, 130),
            (110, 250),
            (120, 0),
            (80, 130),
            (172, 190),
            (56, 72),
            (70, 80),
            (48, 64),
            (64, 76),
        )
        self.view.selectionModel().currentRowChanged.connect(lambda *_index: self._look())
        self.view.opened.connect(lambda _row: self._with(doing.open))
        self.column.addLayout(self._buttons(doing))
        self.column.addWidget(Line())
        self.column.addWidget(self.view, 1)
        self._empty = EmptyState(
            "paper-plane-right",
            _("There are no moves yet"),
            _("What you send or export is listed here afterwards."),
        )
        self.column.addWidget(self._empty, 1)
        self._empty.hide()

    def _buttons(self, doing: Doing) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)

        def add(text: str, do: Callable[[], object], icon: str) -> QPushButton:
            made = button(text, do, icon=icon, small=True)
            row.addWidget(made)
            return made

        self.open = add(_("Show results"), lambda: self._with(doing.open), "list")
        self.go_on = add(_("Continue"), lambda: self._with(doing.go_on), "play")
        self.fix = add(_("Fix and resend…"), lambda: self._with(doing.fix), "pencil-simple")
        self.again = add(_("Run again…"), lambda: self._with(doing.again), "arrow-clockwise")
        self.undo = add(_("Undo…"), lambda: self._with(doing.undo), "arrow-u-up-left")
        row.addStretch(1)
        self.delete = add(_("Delete…"), lambda: self.desk.tasks.spawn(self._delete()), "trash")
        return row

    def first(self) -> QWidget:
        """The list."""
        return self.view

    @property
    def line(self) -> Line_ | None:
        """The move the list stands on."""
        at = current_row(self.view)
        return self.model.rows[at] if at >= 0 else None

    def entered(self) -> None:
        """Read the list anew."""
        self.desk.tasks.spawn(self._read())

    async def _read(self) -> None:
        run = self.line["run"] if self.line is not None else ""
        found = await self.desk.mover.ask("moves")
        self.model.set_rows(found)
        self.view.setVisible(bool(found))
        self._empty.setVisible(not found)
        at = next((i for i, line in enumerate(found) if line["run"] == run), 0)
        if found:
            self.view.setCurrentIndex(self.model.index(at, 0))
        self._look()

    def _look(self) -> None:
        line = self.line
        load = line is not None and line["kind"] == "load"
        over = line is not None and line["state"] not in (*_UNFINISHED, _RUNNING)
        undone = line is not None and bool(line.get("undone"))
        self.open.setEnabled(line is not None)
        self.go_on.setEnabled(line is not None and unfinished(line))
        self.fix.setEnabled(bool(load and over and line is not None and waiting(line)))
        self.again.setEnabled(line is not None and line["kind"] != "several" and not line.get("undoes"))
        self.undo.setEnabled(
            bool(load and line is not None and line["succeeded"] and not undone and not line.get("undoes"))
        )
        self.delete.setEnabled(line is not None and line["state"] != _RUNNING)

    def _with(self, do: Callable[[Line_], object]) -> None:
        if self.line is not None:
            do(self.line)

    async def _delete(self) -> None:
        line = self.line
        if line is None:
            return
        text = _(
            "Its result files, its journal and its corrected rows go with it. An undo is not possible any more."
        )
        if unfinished(line) and line["kind"] == "load":
            text = _(
                "It is not finished: nobody can go on with it then, nor tell what the org did with its rows."
            )
        title = _("Delete {run} and its folder?").format(run=line["run"])
        if await ask(self, title, text, _("Delete"), _("Keep it"), primary=1) == 0:
            await self.desk.mover.ask("delete_move", run=line["run"], sure=True)
            await self._read()


def unfinished(line: Line_) -> bool:
    """There may be rows left to send, or results or pages left to fetch."""
    return line["state"] in _UNFINISHED and not line.get("undone") and not line.get("set")


def waiting(line: Line_) -> int:
    """The rows that failed or were kept back, and were not sent again with another end since."""
    now = line.get("now", line)
    return int(now["failed"] + now["not_sent"])


def what(line: Line_) -> str:
    """`Upsert Account`."""
    if line["kind"] == "export":
        return _("Export {object}").format(object=line["object"] or _("a query"))
    if line["kind"] == "several":
        return _("Several objects: {objects}").format(objects=line["object"])
    return _("{action} {object}").format(action=action_name(Action(line["action"])), object=line["object"])


def state_name(line: Line_) -> tuple[str, str, str]:
    """How a move stands, with an icon and its tone."""
    if line.get("undone"):
        return _("Undone"), "arrow-u-up-left", "text2"
    names = {
        "planned": (_("Not begun"), "clock", "text2"),
        "running": (_("Running"), "circle-half", "accent"),
        "stopped": (_("Stopped"), "stop-fill", "orange"),
        "interrupted": (_("Cut off"), "plugs", "orange"),
        "trial": (_("Tried, rest waits"), "flask", "orange"),
    }
    if line["state"] != "done":
        return names.get(line["state"], (line["state"], "info", "text2"))
    if line["succeeded"] == line["read"]:
        return _("Done"), "check", "green"
    if line.get("with") and line["now"]["succeeded"] == line["read"]:
        return _("Done with {run}").format(run=line["with"][-1]), "check", "green"
    return _("Done, not all"), "info", "text2"


def _cells(line: Line_) -> Sequence[Cell]:
    state, icon, tone = state_name(line)
    note = _("rows of {run} again").format(run=line["parent"]) if line["parent"] else ""
    undoes = _("undoes {run}").format(run=line["undoes"]) if line.get("undoes") else ""
    now = line.get("now", line)
    return (
        Cell(line["run"], weight=500),
        Cell(numbers.when(line["created"]), tone="text2"),
        Cell(what(line), note=undoes),
        Cell(line["shown"], tone="text2", note=note, hint=line["source"]),
        Cell(line["org_name"], tone="text2"),
        Cell(state, icon=icon, icon_tone=tone),
        Cell(numbers.count(line["read"]), right=True),
        Cell(numbers.count(now["succeeded"]), right=True),
        Cell(numbers.count(now["failed"]) if now["failed"] else "", right=True, tone="red_text"),
        Cell(numbers.count(now["not_sent"]) if now["not_sent"] else "", right=True, tone="text2"),
    )
