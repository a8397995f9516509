"""Preferences: language, theme, what happens on start."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from studio.base.i18n import _
from studio.settings import Settings
from ui.dialogs.ask import finished
from ui.dialogs.frame import form, framed
from ui.widgets.buttons import button
from ui.widgets.checks import Check
from ui.widgets.fields import Combo
from ui.widgets.labels import Text


class PreferencesDialog(QDialog):
    """`settings` is what was chosen so far."""

    def __init__(self, parent: QWidget, settings: Settings) -> None:
        super().__init__(parent)
        self.settings = settings
        buttons = (button(_("Cancel"), self.reject), button(_("OK"), self.accept, primary=True))
        framed(self, _("Preferences"), buttons, width=480, spacing=16).addLayout(self._form())

    def _form(self) -> QGridLayout:
        grid = form()
        self.language = Combo(_("Language"))
        # A language is called by its own name, in every language.
        for code, name in (("", _("As the system")), ("en", "English"), ("pt_BR", "Português (Brasil)")):
            self.language.addItem(name, code)
        self.language.setCurrentIndex(self.language.findData(self.settings.language))
        self.theme = Combo(_("Theme"))
        for code, name in (("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))):
            self.theme.addItem(name, code)
        self.theme.setCurrentIndex(self.theme.findData(self.settings.theme))
        self.reopen = Check(_("Open the last project on start"))
        self.reopen.setAccessibleName(self.reopen.text())
        self.reopen.setChecked(self.settings.reopen_last)
        for row, (label, control) in enumerate(((_("Language"), self.language), (_("Theme"), self.theme))):
            text = Text(label)
            text.setBuddy(control)
            grid.addWidget(text, row, 0)
            grid.addWidget(control, row, 1)
        grid.addWidget(self.reopen, 2, 1)
        self.language.currentIndexChanged.connect(self._choose)
        self.theme.currentIndexChanged.connect(self._choose)
        self.reopen.toggled.connect(self._choose)
        return grid

    def _choose(self) -> None:
        self.settings = replace(
            self.settings,
            language=self.language.currentData(),
            theme=self.theme.currentData(),
            reopen_last=self.reopen.isChecked(),
        )


async def ask_preferences(parent: QWidget, settings: Settings) -> Settings:
    """The preferences as chosen, or as they were where the dialog was cancelled."""
    dialog = PreferencesDialog(parent, settings)
    return dialog.settings if await finished(dialog) else settings
