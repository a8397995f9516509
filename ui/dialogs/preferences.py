"""Preferences: language, theme, what happens on start; and the way out of the building."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.network.settings import NetworkPreferences
from studio.settings import Settings
from ui.bridge.tasks import Tasks
from ui.bridge.way_out import WayOut
from ui.dialogs.ask import finished
from ui.dialogs.frame import form
from ui.dialogs.network.page import NetworkPage
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.checks import Check
from ui.widgets.fields import Combo
from ui.widgets.foot import Foot
from ui.widgets.heads import spaced
from ui.widgets.labels import Text
from ui.widgets.tabs import TabBar, TabFace

GENERAL, NETWORK = 0, 1
_SIZE = QSize(680, 720)


class PreferencesDialog(QDialog):
    """`settings` is what was chosen so far; OK keeps the network page's, and stays where it cannot be kept."""

    def __init__(
        self,
        parent: QWidget,
        settings: Settings,
        tasks: Tasks,
        way_out: WayOut,
        doctor: Callable[[str, NetworkPreferences], object],
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self._tasks = tasks
        self._read = False
        self.setWindowTitle(_("Preferences"))
        self.setAccessibleName(_("Preferences"))
        self.setProperty("band", "base")
        self.resize(_SIZE.boundedTo(self.screen().availableSize()))
        self.setMinimumWidth(560)
        self.tabs = TabBar(_("Pages of the preferences"), editors=True, closable=False)
        self.tabs.add(_("General"), TabFace("sliders-horizontal"))
        self.tabs.add(_("Network"), TabFace("globe-simple"))
        self.network = NetworkPage(way_out, tasks, doctor)
        self.pages = QStackedWidget()
        general = QFrame()
        general.setProperty("band", "base")
        column = QVBoxLayout(general)
        column.setContentsMargins(*(metrics.PAD_DIALOG,) * 4)
        column.addLayout(self._form())
        column.addStretch(1)
        self.pages.addWidget(general)
        self.pages.addWidget(self.network)
        self.go = button(_("OK"), self._keep, primary=True)
        self.go.setDefault(True)
        foot = Foot((button(_("Cancel"), self.reject), self.go))
        whole = spaced(self.tabs, self.pages, foot, spacing=0)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self.tabs.currentChanged.connect(self._turn)

    def show_page(self, page: int) -> None:
        """Bring a page to the front."""
        self.tabs.setCurrentIndex(page)

    def _turn(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        if page == NETWORK and not self._read:
            self._read = True
            self._tasks.spawn(self.network.read())

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

    def _keep(self) -> None:
        if not self._read:
            self.accept()
            return
        self.go.setEnabled(False)
        self._tasks.spawn(self._keeping())

    async def _keeping(self) -> None:
        try:
            await self.network.keep()
        except WeftError as error:
            self.show_page(NETWORK)
            self.network.tell_trouble(error)
            self.go.setEnabled(True)
            return
        self.accept()


async def ask_preferences(
    parent: QWidget,
    settings: Settings,
    show_error: Callable[[BaseException], None],
    way_out: WayOut,
    doctor: Callable[[str, NetworkPreferences], object],
    *,
    page: int = GENERAL,
) -> Settings | None:
    """The preferences as chosen; None where the dialog was cancelled. Those of the network are kept then."""
    tasks = Tasks(show_error, parent)
    dialog = PreferencesDialog(parent, settings, tasks, way_out, doctor)
    dialog.show_page(page)
    try:
        return dialog.settings if await finished(dialog) else None
    finally:
        # Nothing may come back to a dialog that has gone.
        await tasks.close()
