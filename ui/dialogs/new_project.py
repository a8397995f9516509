"""Makes a project: its name, the folder it goes to, the sample it starts from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QWidget,
)

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.project.create import create, samples
from studio.project.folder import load_object
from studio.project.layout import ref_for
from studio.project.model import PROJECT, Project
from ui.dialogs.ask import finished
from ui.dialogs.frame import form, framed
from ui.widgets.buttons import button
from ui.widgets.fields import Combo
from ui.widgets.labels import Text


class NewProjectDialog(QDialog):
    """`made` is the folder of the project once it has been made."""

    def __init__(self, parent: QWidget, near: str, sample: str | None) -> None:
        super().__init__(parent)
        self.made: Path | None = None
        self._near = near
        title = _("New project") if sample is None else _("Start from a sample")
        self._done = button(_("Create"), self._create, primary=True)
        buttons = (button(_("Cancel"), self.reject), self._done)
        body = framed(self, title, buttons, width=560, spacing=16)
        grid = form()
        body.addLayout(grid)
        self.sample = Combo(_("Sample"))
        if sample is not None:
            for name in samples():
                self.sample.addItem(sample_title(name), name)
            self.sample.setCurrentIndex(max(0, self.sample.findData(sample)))
            self._row(grid, 0, _("Sample"), self.sample)
            self.sample.currentIndexChanged.connect(self._take_sample)
        self.name = QLineEdit()
        self.name.setAccessibleName(_("Name"))
        self.name.setPlaceholderText(_("Orders to invoices"))
        self._row(grid, 1, _("Name"), self.name)
        self.folder = QLineEdit()
        self.folder.setAccessibleName(_("Folder"))
        self._row(grid, 2, _("Folder"), self.folder)
        self._browse = button(_("Choose…"), self._choose, small=True)
        grid.addWidget(self._browse, 2, 2)
        self._wrong = Text("", "red_text", wrap=True)
        self._wrong.hide()
        body.addWidget(self._wrong)
        self.name.textChanged.connect(self._follow)
        self.folder.textChanged.connect(self._look)
        self._with_sample = sample is not None
        self._take_sample()
        self._follow()

    def _row(self, grid: QGridLayout, row: int, label: str, control: QWidget) -> None:
        text = Text(label)
        text.setBuddy(control)
        grid.addWidget(text, row, 0)
        grid.addWidget(control, row, 1)

    def _take_sample(self) -> None:
        if self._with_sample:
            self.name.setText(sample_title(self.sample.currentData()))

    def _follow(self) -> None:
        name = self.name.text().strip()
        place = Path(self._near)
        taken = {path.name for path in place.iterdir()} if place.is_dir() else set()
        self.folder.setText(str(place / ref_for(name, taken)) if name else "")
        self._look()

    def _look(self) -> None:
        self._done.setEnabled(bool(self.name.text().strip() and self.folder.text().strip()))

    def _choose(self) -> None:
        dialog = QFileDialog(self, _("Choose a folder"), self._near)
        dialog.setAccessibleName(_("Choose a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take_folder)
        dialog.open()

    def _take_folder(self, folder: str) -> None:
        self._near = folder
        self._follow()

    def _create(self) -> None:
        folder = Path(self.folder.text().strip()).expanduser()
        sample = self.sample.currentData() if self._with_sample else ""
        try:
            create(folder, self.name.text().strip(), sample)
        except WeftError as error:
            self._wrong.setText(f"{error.message} {error.next_step}")
            self._wrong.show()
            return
        self.made = folder
        self.accept()


def sample_title(name: str) -> str:
    """What a sample calls itself."""
    found = _sample_project(name)
    return found.name if found is not None else name


def sample_about(name: str) -> str:
    """One line about a sample."""
    found = _sample_project(name)
    return found.description if found is not None else ""


async def ask_new_project(parent: QWidget, near: str, sample: str | None = None) -> Path | None:
    """The folder of a project just made, None where the dialog was cancelled; `sample` offers samples."""
    dialog = NewProjectDialog(parent, near, sample)
    return dialog.made if await finished(dialog) else None


def _sample_project(name: str) -> Project | None:
    folder = samples().get(name)
    try:
        found = load_object(folder, PROJECT) if folder is not None else None
    except WeftError:
        return None
    return found if isinstance(found, Project) else None
