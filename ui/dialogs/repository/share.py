"""Sharing a project: as a new project of the repository, or as the one that is there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QDialog, QGridLayout, QLineEdit, QWidget

from studio.base.i18n import _
from ui.dialogs.ask import finished
from ui.dialogs.frame import form, framed
from ui.widgets.buttons import button
from ui.widgets.checks import Check, Radio
from ui.widgets.fields import Combo
from ui.widgets.labels import Text

Row = Mapping[str, Any]


class ShareDialog(QDialog):
    """`wish` is what was chosen: the request's values."""

    def __init__(
        self, parent: QWidget, name: str, account: Row, environments: Sequence[Row], projects: Sequence[Row]
    ) -> None:
        super().__init__(parent)
        self.go = button(_("Share"), self.accept, icon="share-network", primary=True)
        buttons = (button(_("Cancel"), self.reject), self.go)
        body = framed(self, _("Share this project"), buttons, width=540, spacing=16)
        about = _(
            "Everybody in {organization} who has the right can then work on it. Credentials never go along."
        )
        body.addWidget(Text(about.format(organization=account["organization_name"]), "text2", wrap=True))
        grid = form()
        body.addLayout(grid)
        self.new = Radio(_("As a new project"))
        self.known = Radio(_("As one that is there already"))
        ways = QButtonGroup(self)
        for row, way in enumerate((self.new, self.known)):
            ways.addButton(way)
            grid.addWidget(way, row, 0, 1, 2)
        self.new.setChecked(True)
        self.name = QLineEdit(name)
        self.name.setAccessibleName(_("Name"))
        self.environment = Combo(_("Environment"))
        for one in environments:
            self.environment.addItem(str(one["name"]), one["id"])
        self.environment.setCurrentIndex(max(0, self.environment.findData(account["environment"])))
        self.project = Combo(_("Project"))
        for one in projects:
            self.project.addItem(str(one["name"]), one["id"])
        self._rows = {
            control: self._row(grid, 2 + place, control)
            for place, control in enumerate((self.name, self.environment, self.project))
        }
        self._about = Text("", "text2", wrap=True)
        grid.addWidget(self._about, 5, 1)
        self.samples = Check(_("Also share the sample documents"))
        self.samples.setToolTip(_("Samples may hold real data. Without this they stay on this computer."))
        grid.addWidget(self.samples, 6, 1)
        self.known.setEnabled(bool(projects))
        for way in (self.new, self.known):
            way.toggled.connect(self._look)
        self.name.textChanged.connect(self._look)
        self._look()

    def _row(self, grid: QGridLayout, row: int, control: QWidget) -> Text:
        label = Text(control.accessibleName())
        label.setBuddy(control)
        grid.addWidget(label, row, 0)
        grid.addWidget(control, row, 1)
        return label

    def _look(self, *_any: object) -> None:
        new = self.new.isChecked()
        for control, label in self._rows.items():
            for widget in (control, label):
                widget.setVisible((control is self.project) != new)
        self._about.setText(
            _("Whoever may read or write in this environment may read or write the project.")
            if new
            else _("What is here and what is there are joined with the first pull; nothing is overwritten.")
        )
        ready = bool(self.name.text().strip()) and self.environment.count() > 0
        self.go.setEnabled(ready if new else self.project.count() > 0)

    @property
    def wish(self) -> dict[str, Any]:
        """What to ask for: a new project, or the one to join."""
        samples = self.samples.isChecked()
        if self.known.isChecked():
            return {"project": self.project.currentData(), "samples": samples}
        environment = self.environment.currentData()
        return {"name": self.name.text().strip(), "environment": environment, "samples": samples}


async def ask_share(
    parent: QWidget, name: str, account: Row, environments: Sequence[Row], projects: Sequence[Row]
) -> dict[str, Any] | None:
    """How to share a project; None where the dialog was cancelled."""
    dialog = ShareDialog(parent, name, account, environments, projects)
    return dialog.wish if await finished(dialog) else None
