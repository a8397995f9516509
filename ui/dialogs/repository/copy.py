"""A first copy of a project of the repository on this computer: which one, and where it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from studio.base.i18n import _
from studio.project.layout import ref_for
from ui.bridge import numbers
from ui.dialogs.ask import finished
from ui.dialogs.frame import framed
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import FilterField
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Text
from ui.widgets.trees import Rows, current_row

Row = Mapping[str, Any]
_HEIGHT = 260


class CopyDialog(QDialog):
    """`chosen` is the id of the project and the folder."""

    def __init__(self, parent: QWidget, projects: Sequence[Row], near: str) -> None:
        super().__init__(parent)
        self._near, self._projects = near, projects
        self.go = button(_("Copy and open"), self._done, icon="cloud-arrow-down", primary=True)
        buttons = (button(_("Cancel"), self.reject), self.go)
        body = framed(self, _("Open a project of the repository"), buttons, width=640)
        self.filter = FilterField(_("Filter the projects"), _("Filter"))
        self.filter.textChanged.connect(self._fill)
        self._model: CellTable[Row] = CellTable(
            [_("Project"), _("Version"), _("Changed"), _("By")], _cells, self
        )
        self.list = Rows(_("Projects of the repository"), head=True)
        self.list.setModel(self._model)
        self.list.fit((180, 0), (80, 100), (90, 130), (100, 150))
        self.list.setFixedHeight(_HEIGHT)
        self.filter.left.connect(self.list.setFocus)
        empty = EmptyState(
            "cloud",
            _("There is no project yet"),
            _("Open a project of yours and share it: Repository ▸ Share this project."),
        )
        empty.setFixedHeight(_HEIGHT)
        body.addWidget(self.filter)
        body.addWidget(self.list)
        body.addWidget(empty)
        for widget in (self.filter, self.list):
            widget.setVisible(bool(projects))
        empty.setVisible(not projects)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.folder = QLineEdit()
        self.folder.setAccessibleName(_("Folder"))
        label = Text(_("Folder"))
        label.setBuddy(self.folder)
        row.addWidget(label)
        row.addWidget(self.folder, 1)
        row.addWidget(button(_("Choose…"), self._choose, small=True))
        body.addLayout(row)
        self.list.selectionModel().currentRowChanged.connect(lambda _now, _before: self._follow())
        self.list.opened.connect(lambda _row: self._done())
        self.folder.textChanged.connect(self._look)
        self._fill()

    def _fill(self) -> None:
        wanted = self.filter.text().strip().casefold()
        self._model.set_rows([one for one in self._projects if wanted in str(one["name"]).casefold()])
        if self._model.rows:
            self.list.setCurrentIndex(self._model.index(0, 0))
        self._follow()

    @property
    def _picked(self) -> Row | None:
        row = current_row(self.list)
        return self._model.rows[row] if 0 <= row < len(self._model.rows) else None

    def _follow(self) -> None:
        picked, place = self._picked, Path(self._near)
        taken = {path.name for path in place.iterdir()} if place.is_dir() else set()
        self.folder.setText(str(place / ref_for(str(picked["name"]), taken)) if picked is not None else "")
        self._look()

    def _look(self) -> None:
        self.go.setEnabled(self._picked is not None and bool(self.folder.text().strip()))

    def _choose(self) -> None:
        dialog = QFileDialog(self, _("Choose a folder"), self._near)
        dialog.setAccessibleName(_("Choose a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take(self, folder: str) -> None:
        self._near = folder
        self._follow()

    def _done(self) -> None:
        if self.go.isEnabled():
            self.accept()

    @property
    def chosen(self) -> tuple[str, str, Path]:
        """The project's id and name, and the folder it goes to."""
        picked = self._picked
        assert picked is not None
        return str(picked["id"]), str(picked["name"]), Path(self.folder.text().strip()).expanduser()


def _cells(project: Row) -> Sequence[Cell]:
    head = project["head"]
    return (
        Cell(str(project["name"]), icon="cube", weight=500, hint=str(project["description"])),
        Cell(_("version {n}").format(n=numbers.count(head["number"])) if head else _("empty"), "text2"),
        Cell(numbers.when(head["at"]) if head else "", "text2"),
        Cell(str(head["author_name"]) if head else "", "text2"),
    )


async def ask_copy(parent: QWidget, projects: Sequence[Row], near: str) -> tuple[str, str, Path] | None:
    """The project to copy and where to; None where the dialog was cancelled."""
    dialog = CopyDialog(parent, projects, near)
    return dialog.chosen if await finished(dialog) else None
