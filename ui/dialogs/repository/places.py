"""Choosing the organization and the environment one works in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QDialog, QWidget

from studio.base.i18n import _
from ui.dialogs.ask import finished
from ui.dialogs.frame import form, framed
from ui.widgets.buttons import button
from ui.widgets.fields import Combo
from ui.widgets.labels import Text

Row = Mapping[str, Any]


class PlacesDialog(QDialog):
    """`places` are the organizations, each with its `environments`."""

    def __init__(self, parent: QWidget, account: Row, places: Sequence[Row]) -> None:
        super().__init__(parent)
        self._places, self._account = places, account
        buttons = (button(_("Cancel"), self.reject), button(_("Work there"), self.accept, primary=True))
        body = framed(self, _("Organization and environment"), buttons, width=480, spacing=16)
        about = _("{name} at {server}").format(name=account["name"], server=account["server"])
        body.addWidget(Text(about, "text2", wrap=True))
        grid = form()
        body.addLayout(grid)
        self.organization = Combo(_("Organization"))
        for one in places:
            self.organization.addItem(str(one["name"]), one["id"])
        self.organization.setCurrentIndex(max(0, self.organization.findData(account["organization"])))
        self.environment = Combo(_("Environment"))
        self._about = Text("", "text2", wrap=True)
        for row, control in enumerate((self.organization, self.environment)):
            label = Text(control.accessibleName())
            label.setBuddy(control)
            grid.addWidget(label, row, 0)
            grid.addWidget(control, row, 1)
        grid.addWidget(self._about, 2, 1)
        self.organization.currentIndexChanged.connect(self._fill)
        self.environment.currentIndexChanged.connect(self._say)
        self._fill()

    def _fill(self) -> None:
        self.environment.clear()
        at = self.organization.currentIndex()
        for one in self._places[at]["environments"] if at >= 0 else ():
            self.environment.addItem(str(one["name"]), one["id"])
        self.environment.setCurrentIndex(max(0, self.environment.findData(self._account["environment"])))
        self._say()

    def _say(self) -> None:
        at = self.organization.currentIndex()
        environments = self._places[at]["environments"] if at >= 0 else ()
        chosen = next((one for one in environments if one["id"] == self.environment.currentData()), None)
        if chosen is None:
            self._about.setText(_("Nobody has given you an environment in this organization yet."))
            return
        self._about.setText(rights_text(chosen["rights"]))

    @property
    def chosen(self) -> tuple[str, str]:
        """The ids of organization and environment."""
        return str(self.organization.currentData()), str(self.environment.currentData() or "")


def rights_text(rights: Sequence[str]) -> str:
    """What one may do in an environment, in a sentence."""
    words = {
        "read": _("see its projects"),
        "write": _("change and deploy them"),
        "execute": _("run them"),
        "view_logs": _("read the logs of runs"),
        "install_agents": _("install agents"),
    }
    said = [words[right] for right in words if right in rights]
    return (
        _("There you may: {what}.").format(what=", ".join(said)) if said else _("There you may only look on.")
    )


async def ask_place(parent: QWidget, account: Row, places: Sequence[Row]) -> tuple[str, str] | None:
    """The organization and environment chosen; None where the dialog was cancelled."""
    dialog = PlacesDialog(parent, account, places)
    return dialog.chosen if await finished(dialog) else None
