"""Every version of the project in the repository: who, when, why, what it changed; an old one can be made the newest again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from studio.base.errors import Cancelled, WeftError
from studio.base.i18n import _
from ui.bridge import numbers
from ui.bridge.asking import Asked
from ui.bridge.tasks import Tasks
from ui.dialogs.ask import ask
from ui.dialogs.repository.difference import DifferenceView, counts_of
from ui.dialogs.repository.strip import Strip
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellDelegate, CellTable
from ui.widgets.fields import Combo
from ui.widgets.foot import Foot
from ui.widgets.labels import Line, Text
from ui.widgets.trees import Rows, current_row

Row = Mapping[str, Any]
BEFORE, HERE = "before", "here"


class HistoryDialog(QDialog):
    """Works with a process of its own; `restored` is told the answer once an old version is the newest again."""

    def __init__(
        self,
        parent: QWidget,
        asked: Asked,
        tasks: Tasks,
        folder: str,
        name_of: Callable[[str], str],
        restored: Callable[[Row], object],
    ) -> None:
        super().__init__(parent)
        title = _("Versions in the repository")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.resize(1080, 640)
        self._asked, self._tasks, self._folder, self._restored = asked, tasks, folder, restored
        self._name_of = name_of
        self._after: str | None = ""
        self._busy = False
        self._turn = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head(title))
        column.addWidget(Line())
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self._versions())
        split.addWidget(self._side())
        split.setSizes([420, 660])
        column.addWidget(split, 1)
        self._stop = button(_("Stop"), asked.stop, icon="stop-fill", small=True)
        self.strip = Strip(self._stop)
        column.addWidget(self.strip)
        self.restore = button(
            _("Make it the newest again…"), self._ask_restore, icon="arrow-counter-clockwise"
        )
        self._older = button(_("Show older ones"), self._more)
        self._older.hide()
        column.addWidget(Foot((self.restore, button(_("Close"), self.close, primary=True)), (self._older,)))
        self.list.setFocus()
        self._look()
        self._spawn(self._read())

    def _head(self, title: str) -> QFrame:
        head = QFrame()
        head.setProperty("band", "base")
        column = QVBoxLayout(head)
        column.setContentsMargins(metrics.PAD_DIALOG, 12, metrics.PAD_DIALOG, 12)
        column.setSpacing(4)
        column.addWidget(Text(title, step=fonts.TITLE, weight=600))
        about = _(
            "Each push made one. None is ever lost: making an old one the newest again adds a version to them."
        )
        column.addWidget(Text(about, "text2", wrap=True))
        return head

    def _versions(self) -> QWidget:
        self._model: CellTable[Row] = CellTable([_("Version"), _("By")], _cells, self)
        self.list = Rows(_("Versions"), head=True)
        self.list.setModel(self._model)
        self.list.setItemDelegate(CellDelegate(self.list, height=metrics.ROW_TWO_LINES))
        self.list.fit((180, 0), (110, 150))
        self.list.selectionModel().currentRowChanged.connect(lambda _now, _before: self._choose())
        return self.list

    def _side(self) -> QWidget:
        side = QFrame()
        side.setProperty("band", "base")
        column = QVBoxLayout(side)
        column.setContentsMargins(metrics.PAD_PANEL, 8, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 12, 0)
        row.setSpacing(8)
        self.against = Combo(_("Compared with"), small=True)
        self.against.addItem(_("the version before it"), BEFORE)
        self.against.addItem(_("the newest version"), HERE)
        self.against.currentIndexChanged.connect(self._choose)
        label = Text(_("Compared with"), "text2")
        label.setBuddy(self.against)
        self.counts = Text("", "text2")
        row.addWidget(label)
        row.addWidget(self.against)
        row.addStretch(1)
        row.addWidget(self.counts)
        column.addLayout(row)
        self.said = Text("", wrap=True)
        self.said.setContentsMargins(0, 0, 12, 0)
        column.addWidget(self.said)
        self.view = DifferenceView(self._tasks.spawn, self._places, _("Before"), _("After"), self._name_of)
        column.addWidget(self.view, 1)
        return side

    # What is shown.

    @property
    def picked(self) -> Row | None:
        """The version selected."""
        row = current_row(self.list)
        return self._model.rows[row] if 0 <= row < len(self._model.rows) else None

    def _look(self) -> None:
        row = current_row(self.list)
        self.restore.setEnabled(row > 0 and not self._busy)
        self.restore.setToolTip(_("It is the newest already.") if row == 0 else "")
        self._older.setVisible(bool(self._after))
        self._older.setEnabled(not self._busy)

    def _sides(self) -> tuple[str | None, str | None]:
        """The ids of the versions compared, before and after."""
        row = current_row(self.list)
        chosen = self._model.rows[row]
        if self.against.currentData() == HERE:
            return chosen["id"], self._model.rows[0]["id"]
        return chosen["parent"], chosen["id"]

    def _choose(self) -> None:
        self._look()
        picked = self.picked
        if picked is None:
            return
        self.said.setText(str(picked["message"]) or _("(no message)"))
        self.said.set_tone("text" if picked["message"] else "text3")
        self._turn += 1
        self._tasks.spawn(self._compare(self._turn))

    async def _compare(self, turn: int) -> None:
        before, after = self._sides()
        self.counts.setText("")
        try:
            found = await self._asked.ask("difference", folder=self._folder, before=before, after=after)
        except Cancelled:
            return
        except WeftError as error:
            self.view.show_waiting(error.message)
            return
        if turn == self._turn:
            self.counts.setText(counts_of(found))
            self.view.show_objects(found)

    async def _places(self, path: str) -> Sequence[Row]:
        before, after = self._sides()
        values = {"folder": self._folder, "path": path, "before": before, "after": after}
        found: Sequence[Row] = await self._asked.ask("object_difference", **values)
        return found

    # What is done.

    def _spawn(self, work: Any) -> None:
        async def alone() -> None:
            try:
                await work
            except Cancelled as stopped:
                self.strip.say(stopped.message)
            except WeftError as error:
                self.strip.tell(error)
            finally:
                self._busy = False
                self._look()

        self._busy = True
        self._look()
        self._tasks.spawn(alone())

    def _more(self) -> None:
        if not self._busy:
            self._spawn(self._read(further=True))

    async def _read(self, *, further: bool = False) -> None:
        known = list(self._model.rows) if further else []
        if not known:
            self.view.show_waiting(_("Reading the versions …"))
        after = self._after if further else ""
        found = await self._asked.ask("history", folder=self._folder, after=after)
        row = max(0, current_row(self.list)) if further else 0
        self._after = found["after"]
        self._model.set_rows([*known, *found["items"]])
        if self._model.rows:
            self.list.setCurrentIndex(self._model.index(row, 0))
        else:
            self.view.show_waiting(_("Nothing was pushed yet."))

    def _ask_restore(self) -> None:
        if self.picked is not None and not self._busy:
            self._tasks.quietly(self._confirm(self.picked))

    async def _confirm(self, version: Row) -> None:
        n = numbers.count(version["number"])
        title = _("Make version {n} the newest again?").format(n=n)
        text = _(
            "The repository gets a new version that is equal to version {n}. What came after it stays in the history. "
            "Your own copy changes with the next pull, and what you have not pushed yet is joined with it."
        )
        if await ask(self, title, text.format(n=n), _("Make it the newest"), _("Leave it"), primary=1) == 0:
            self._spawn(self._do_restore(version))

    async def _do_restore(self, version: Row) -> None:
        n = numbers.count(version["number"])
        self.strip.say(_("Making version {n} the newest …").format(n=n), self._stop)
        made = await self._asked.ask("restore", folder=self._folder, revision=version["id"])
        await self._read()
        said = _("Version {new} is equal to version {n}. Pull it to have it here.")
        self.strip.say(said.format(new=numbers.count(made["number"]), n=n))
        self._restored(made)


def _cells(version: Row) -> Sequence[Cell]:
    n = numbers.count(version["number"])
    text = str(version["message"]).splitlines()[0] if version["message"] else _("(no message)")
    changed = version["added"] + version["changed"] + version["removed"]
    counts = _("{n} · {when} · {count} changed").format(
        n=_("version {n}").format(n=n), when=numbers.when(version["at"]), count=numbers.count(changed)
    )
    return (
        Cell(text, "text" if version["message"] else "text3", second=counts, hint=str(version["message"])),
        Cell(str(version["author_name"]), "text2", icon="user"),
    )
