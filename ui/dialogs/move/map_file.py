"""Field maps of Data Loader in the window: a .sdl file taken as the map, the map written to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from studio.base.i18n import _
from ui.dialogs.ask import ask_file, ask_new_file
from ui.dialogs.move.choices import Choices, Mapped
from ui.dialogs.move.map_memory import mapped_of
from ui.dialogs.move.page import Desk
from ui.widgets.buttons import button


class Mapping(Protocol):
    """The page of the map, as far as it is needed here."""

    choices: Choices
    desk: Desk

    def take_map(self, entries: Sequence[Mapped]) -> None:
        """Another map of the same columns."""

    def window(self) -> QWidget:
        """The window the page is in."""


class MapFile:
    """Two buttons."""

    def __init__(self, page: Any) -> None:
        self._page: Mapping = page
        tasks = self._page.desk.tasks
        self.open = button(
            _("Open a .sdl…"), lambda: tasks.spawn(self._open()), icon="folder-open", small=True
        )
        self.save = button(
            _("Save as .sdl…"), lambda: tasks.spawn(self._save()), icon="floppy-disk", small=True
        )
        self.open.setToolTip(_("Take the field map of Data Loader in a .sdl file"))
        self.save.setToolTip(_("Write this field map as Data Loader reads it; expressions are left out"))

    async def _open(self) -> None:
        choices = self._page.choices
        file = await ask_file(
            self._page.window(), _("Open a field map"), _("Field maps of Data Loader (*.sdl)")
        )
        if file is None or choices.source is None:
            return
        found = await self._page.desk.mover.ask(
            "sdl_read", file=str(file), object=choices.target, header=list(choices.source.header)
        )
        self._page.take_map(mapped_of(found, {}, _("as in {run}").format(run=file.name)))

    async def _save(self) -> None:
        file = await ask_new_file(
            self._page.window(), _("Save the field map"), _("Field maps of Data Loader (*.sdl)"), "sdl"
        )
        if file is not None:
            asked = self._page.choices.request
            await self._page.desk.mover.ask("sdl_write", file=str(file), map=asked["map"])
