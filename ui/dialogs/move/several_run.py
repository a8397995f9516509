"""A move of several objects while it runs and afterwards: each object's progress, counts, files and rows not sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from ui.bridge import numbers
from ui.dialogs.move.counts import Counts
from ui.dialogs.move.page import Desk
from ui.dialogs.move.several_plan import pass_name
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.labels import Line, Text
from ui.widgets.trees import Rows, current_row

KINDS = ("succeeded", "failed", "unprocessed", "not_sent")


class Progress(QWidget):
    """The steps of a set; `fix` is called with the move whose failed rows shall be corrected."""

    def __init__(self, desk: Desk, fix: Callable[[str], object]) -> None:
        super().__init__()
        self._desk = desk
        self._shown = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.counts = Counts()
        column.addWidget(self.counts)
        column.addWidget(Line())
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self._steps())
        split.addWidget(self._rows(fix))
        split.setSizes([240, 240])
        column.addWidget(split, 1)

    def _steps(self) -> QWidget:
        heads = [_("Object"), _("State"), _("Rows"), _("Succeeded"), _("Failed"), _("Unprocessed"), _("Not sent"),
                 _("Move")]  # fmt: skip
        self.model: CellTable[dict[str, Any]] = CellTable(heads, _step_cells, self, right=(2, 3, 4, 5, 6))
        self.view = Rows(_("Objects of the run"), head=True)
        self.view.setModel(self.model)
        self.view.fit((160, 0), (150, 180), (64, 90), (72, 90), (64, 90), (84, 100), (64, 90), (64, 80))
        self.view.selectionModel().currentRowChanged.connect(lambda *_index: self._look())
        return self.view

    def _rows(self, fix: Callable[[str], object]) -> QWidget:
        frame = QWidget()
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 6, metrics.PAD_DIALOG, 6)
        row.setSpacing(8)
        self.said = Text("", "text2", wrap=True)
        self.fix = button(_("Fix and resend…"), lambda: fix(self._shown), icon="pencil-simple", small=True)
        self.folder = button(_("Open the folder"), self._open_folder, icon="folder-open", small=True)
        row.addWidget(self.said, 1)
        row.addWidget(self.fix)
        row.addWidget(self.folder)
        column.addLayout(row)
        heads = [_("Row"), _("Result"), _("Reason")]
        self.rows: CellTable[dict[str, Any]] = CellTable(heads, _row_cells, self, right=(0,))
        self.row_view = Rows(_("Rows without success"), head=True)
        self.row_view.setModel(self.rows)
        self.row_view.fit((56, 72), (110, 140), (240, 0))
        column.addWidget(self.row_view, 1)
        return frame

    def begin(self) -> None:
        """Nothing has been sent yet."""
        self._shown = ""
        self.model.set_rows([])
        self.counts.show_counts(0, dict.fromkeys(KINDS, 0), {})
        self._look()

    def show_steps(self, steps: Sequence[dict[str, Any]], *, over: bool) -> None:
        """Show how far each object is; `over` once nothing goes on."""
        at = current_row(self.view)
        if [_which(line) for line in self.model.rows] == [_which(line) for line in steps]:
            for place, line in enumerate(steps):
                if self.model.rows[place] != line:
                    self.model.change_row(place, line)
        else:
            self.model.set_rows(list(steps))
        # A second pass sends rows that were counted before.
        read = sum(line["read"] for line in steps)
        sums = {kind: sum(line[kind] for line in steps) for kind in KINDS}
        sums["not_sent"] = read - sum(sums[kind] for kind in KINDS[:3])
        self.counts.show_counts(read, sums, {}, over=over)
        if over:
            bad = next((i for i, line in enumerate(steps) if line["failed"] or line["not_sent"]), 0)
            self.view.setCurrentIndex(self.model.index(bad if at < 0 else at, 0))
            self._look()

    def _look(self) -> None:
        at = current_row(self.view)
        line = self.model.rows[at] if 0 <= at < len(self.model.rows) else None
        files = line["files"] if line is not None else {}
        self.folder.setVisible(bool(files))
        self.fix.setVisible(bool(files) and line is not None and line["failed"] > 0)
        self._shown = line["run"] if line is not None and files else ""
        self.said.setText("")
        self.rows.set_rows([])
        if line is not None and files:
            self._desk.tasks.spawn(self._read(line))

    async def _read(self, line: dict[str, Any]) -> None:
        """The rows of a step without a record, and why."""
        found = []
        for kind in ("failed", "unprocessed", "not_sent"):
            path = line["files"].get(kind)
            if line[kind] and path and Path(path).is_file():
                found += [row | {"kind": kind} for row in await self._desk.mover.ask("failed", file=path)]
        if line["run"] != self._shown:
            return
        self.rows.set_rows(found)
        bad = line["read"] - line["succeeded"]
        text = ngettext("{object}: {n} row without success", "{object}: {n} rows without success", bad)
        name = pass_name(line, second=line["pass"] == 2)
        self.said.setText(
            text.format(object=name, n=numbers.count(bad))
            if bad
            else _("{object}: every row succeeded").format(object=name)
        )

    def _open_folder(self) -> None:
        at = current_row(self.view)
        files = self.model.rows[at]["files"] if at >= 0 else {}
        if files:
            folder = Path(next(iter(files.values()))).parent
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _which(line: dict[str, Any]) -> tuple[str, int]:
    return line["object"], line["pass"]


def _step_cells(line: dict[str, Any]) -> Sequence[Cell]:
    whole = line["succeeded"] == line["read"]
    states = {
        "": (_("Waiting"), "clock", "text3"),
        "running": (_("Running"), "circle-half", "accent"),
        "nothing": (_("Nothing to send"), "check", "text2"),
        "done": (_("Done"), "check", "green") if whole else (_("Done, not all"), "info", "text2"),
        "interrupted": (_("Cut off"), "plugs", "orange"),
    }
    text, icon, tone = states.get(line["state"], (line["state"], "info", "text2"))
    answered = line["succeeded"] + line["failed"]
    going = line["state"] == "running"
    figures = [
        Cell(numbers.count(line[kind]) if line[kind] else "", right=True,
             tone="red_text" if kind == "failed" else "text")
        for kind in KINDS
    ]  # fmt: skip
    return (
        Cell(pass_name(line, second=line["pass"] == 2), icon="table", weight=500),
        Cell(
            text, icon=icon, icon_tone=tone, share=answered / line["read"] if going and line["read"] else None
        ),
        Cell(numbers.count(line["read"]), right=True),
        *figures,
        Cell(line["run"], tone="text2"),
    )


def _row_cells(row: dict[str, Any]) -> Sequence[Cell]:
    names = {"failed": _("Failed"), "unprocessed": _("Unprocessed"), "not_sent": _("Not sent")}
    said = f"{row['code']}: {row['answer']}" if row["code"] else row["answer"]
    return (
        Cell(numbers.count(row["row"]), right=True, tone="text2"),
        Cell(names[row["kind"]], tone="red_text" if row["kind"] == "failed" else "text2"),
        Cell(said, hint=said),
    )
