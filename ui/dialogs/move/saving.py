"""Moves kept as operations of a project: saved from the window, opened in it again."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QPushButton, QWidget

from studio.base.i18n import _
from studio.moves.model import Action
from ui.bridge.session import Session
from ui.dialogs.ask import ask, ask_file, ask_new_file
from ui.dialogs.move.afterwards import Afterwards, Window
from ui.dialogs.move.choices import Choices, Step
from ui.dialogs.move.page import Desk
from ui.widgets.buttons import button


class Saving:
    """The two buttons of the window's foot, and what they do."""

    def __init__(
        self, desk: Desk, window: Window, parent: QWidget, session: Session, later: Afterwards
    ) -> None:
        self._desk, self._window, self._parent, self._session = desk, window, parent, session
        self._later = later
        self.save = self._button(_("Save as an operation…"), "Ctrl+S", "floppy-disk", self._save)
        self.open = self._button(_("Open a saved move…"), "Ctrl+O", "folder-open", self._open)

    def _button(self, text: str, keys: str, icon: str, work: Any) -> QPushButton:
        made = button(text, lambda: self._window.spawn(work()), icon=icon)
        made.setShortcut(keys)
        made.setToolTip(f"{text} ({keys})")
        return made

    def look(self, choices: Choices, step: Step, *, beside: bool, running: bool, busy: bool) -> None:
        """Each stands where it can be used: a map is there to be saved; nothing is begun yet."""
        mapped = choices.source is not None and choices.org is not None and not choices.hint(Step.MAP)
        self.save.setVisible(not beside and not running and step in (Step.MAP, Step.PREFLIGHT, Step.RESULTS))
        self.save.setEnabled(mapped and not busy)
        self.open.setVisible(not beside and step is Step.ACTION)
        self.open.setEnabled(not busy)

    def _start(self, name: str = "") -> str:
        workspace = self._session.workspace
        if workspace is None:
            return ""
        folder = workspace.folder / "operations"
        folder.mkdir(exist_ok=True)
        return str(folder / name if name else folder)

    async def _save(self) -> None:
        choices = self._window.choices
        name = f"{choices.action.value}-{choices.target.lower()}.yaml"
        file = await ask_new_file(
            self._parent, _("Save as an operation"), _("Operations (*.yaml)"), "yaml", self._start(name)
        )
        if file is None:
            return
        await self._desk.mover.ask("save_as", **choices.request, place=str(file))
        await ask(
            self._parent,
            _("The move is saved as an operation"),
            _(
                "{file} does this move whenever it is run, from the project or with weft run. Its map opens in the canvas."
            ).format(file=file.name),
            _("OK"),
        )

    async def _open(self) -> None:
        file = await ask_file(self._parent, _("Open a saved move"), _("Operations (*.yaml)"), self._start())
        if file is None:
            return
        found = await self._desk.mover.ask("saved", place=str(file))
        self._window.choices = Choices(
            action=Action(found["action"]), target=found["object"], key=found["key"], zone=found["zone"]
        )
        await self._later.sign_in(found["org"], near=str(file))
        why = _("as in {run}").format(run=file.stem)
        await self._later.show_map(found, why)
        self._window.show_step(Step.MAP)
