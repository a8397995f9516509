"""Shows everywhere in the window how the project stands with the repository: panel, status bar, toolbar, marks in the tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from studio.base.i18n import _
from ui.actions import menus
from ui.actions.frame import REPOSITORY, Frame
from ui.actions.repository import folder_of, show
from ui.bridge import numbers
from ui.bridge.project_tree import ProjectModel, object_name
from ui.panels.repository import RepositoryPanel, standing_text
from ui.panels.status import StatusBar
from ui.panels.toolbar import ToolBar


class Shown(Frame, Protocol):
    """The main window as this sees it."""

    status: StatusBar
    toolbar: ToolBar
    model: ProjectModel


class Together(QObject):
    """Lives as long as its window."""

    def __init__(self, window: Shown) -> None:
        super().__init__(window.widget())
        self._window = window
        self._repository = window.session.repository
        self.panel = RepositoryPanel(self._repository, window.table, self._name_of)
        window.bottom.add(_("Repository"), self.panel)
        self.panel.opened.connect(window.open_object)
        self.panel.unqueued.connect(self._unqueue)
        window.status.pressed.connect(self._pressed)
        self._repository.changed.connect(self.refresh)
        self._repository.deployed.connect(self._tell_deployed)
        self.refresh()

    def let_go(self) -> None:
        """Another window takes over."""
        self._repository.changed.disconnect(self.refresh)
        self._repository.changed.disconnect(self.panel.refresh)
        self._repository.deployed.disconnect(self._tell_deployed)

    def refresh(self) -> None:
        """Show how things stand now."""
        window, repository = self._window, self._repository
        standing = repository.standing
        window.status.show_account(repository.account)
        text, icon, _tone = standing_text(repository)
        window.status.show_standing(repository.doing or text, icon, repository.offline)
        opened = window.session.workspace is not None
        window.toolbar.show_groups(menus.toolbar(opened=opened, shared=standing is not None))
        count = len(standing.objects) + len(standing.queued) if standing is not None else 0
        window.bottom.set_count(REPOSITORY, count)
        window.model.refresh_marks()
        window.table.refresh_soon()

    def _name_of(self, id: str) -> str:
        workspace = self._window.session.workspace
        return object_name(workspace.project, id) if workspace is not None else id

    def _unqueue(self, number: int) -> None:
        work = self._repository.clerk.ask("unqueue", folder=folder_of(self._window), number=number)

        async def drop() -> None:
            await work
            await self._repository.look()

        self._window.session.tasks.quietly(drop())

    def _tell_deployed(self, made: Mapping[str, Any]) -> None:
        text = _("The server is there again: {environment} holds version {n} now, as you asked.")
        self._window.notify(text.format(environment=made["environment"], n=numbers.count(made["number"])))

    def _pressed(self, item: str) -> None:
        window = self._window
        if item == "proxy":
            window.table.run("network.doctor")
        elif item == "sync":
            if window.session.workspace is not None:
                show(window)
        elif self._repository.account is None:
            window.table.run("repository.sign_in")
        elif item == "environment":
            window.table.run("repository.choose")
        else:
            self._menu()

    def _menu(self) -> None:
        menu = QMenu(self._window.widget())
        menu.setAccessibleName(_("Account"))
        menu.setToolTipsVisible(True)
        for id in ("repository.choose", "repository.sign_in", "repository.sign_out"):
            menu.addAction(self._window.table.action(id))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(QCursor.pos())
