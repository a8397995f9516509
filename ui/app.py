"""Builds everything once and runs it: options, theme, language, agent, window. The only place with imports inside."""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import logging
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLibraryInfo, QTranslator
from PySide6.QtWidgets import QApplication

from studio import __version__, settings
from studio.agent.embedded import EmbeddedAgent
from studio.base import i18n
from studio.base.child import leave_no_core
from studio.base.errors import WeftError
from studio.workspace import Workspace
from ui import theme
from ui.actions import project
from ui.bridge.crash import CrashFile, catch_all
from ui.bridge.errors import ErrorPresenter
from ui.bridge.runs import RunBook
from ui.bridge.session import Session
from ui.bridge.vault import vault
from ui.commands import CommandTable
from ui.editors.base import Desk, Editor
from ui.main_window import MainWindow, Maker
from ui.widgets.logo import window_icon

if TYPE_CHECKING:
    from argparse import Namespace

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window; returns the exit code."""
    leave_no_core()
    options = _options(sys.argv[1:] if arguments is None else arguments)
    if options.scale:
        os.environ["QT_SCALE_FACTOR"] = str(options.scale)
    if not (options.self_test or options.screenshot):
        return _loop(options)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="weft-trial-") as home:
        # Nobody's preferences, runs and recent projects.
        os.environ.setdefault("WEFT_HOME", home)
        return _loop(options)


def _loop(options: Namespace) -> int:
    app = application()
    from qasync import QEventLoop

    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        code: int = loop.run_until_complete(_run(app, options))
    return code


def application() -> QApplication:
    """The one application object."""
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(["weft-studio"])
    app.setApplicationName("Weft Studio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("weft-studio")
    app.setQuitOnLastWindowClosed(False)
    # Large schemas are hundreds of thousands of objects that stay: looking through them all for cycles takes a fifth
    # of a second, in the middle of whatever a person is doing. Rarely is often enough; what is young is looked through in
    # small parts.
    gc.set_threshold(20_000, 5, 200)
    return app


def _options(arguments: Sequence[str]) -> Namespace:
    parser = argparse.ArgumentParser(prog="weft studio", description="Design, preview and run integrations.")
    parser.add_argument("project", nargs="?", type=Path, help="the project's folder")
    parser.add_argument(
        "--self-test", action="store_true", help="open a sample, preview and run it, then exit"
    )
    parser.add_argument(
        "--screenshot", type=Path, metavar="FILE", help="save a picture of the window, then exit"
    )
    parser.add_argument("--size", default="", metavar="WxH", help="the window's size")
    parser.add_argument("--theme", choices=theme.MODES, default="")
    parser.add_argument("--scale", type=float, default=0.0)
    parser.add_argument("--language", choices=i18n.LANGUAGES, default="")
    parser.add_argument(
        "--open", default="", metavar="OBJECT", help="the object to show, such as operations/NAME"
    )
    parser.add_argument(
        "--select", default="", metavar="PATH", help="the node to show in the object, such as order/@id"
    )
    parser.add_argument("--start-page", action="store_true", help="show the start page in the picture")
    parser.add_argument(
        "--do", default="", metavar="COMMAND", help="the command to carry out before the picture"
    )
    return parser.parse_args(arguments)


async def _run(app: QApplication, options: Namespace) -> int:
    studio = Studio(app, theme_mode=options.theme, language=options.language)
    studio.show(options.size)
    studio.session.tasks.spawn(studio.begin(), quiet=True)
    try:
        if options.self_test:
            from ui.actions.trial import self_test

            return await self_test(studio.window)
        if options.screenshot:
            return await _picture(studio, options)
        await studio.start(options.project)
        await studio.ended.wait()
    finally:
        await studio.close()
    return 0


async def _picture(studio: Studio, options: Namespace) -> int:
    from ui.actions.trial import picture

    return await picture(
        studio.window,
        options.screenshot,
        project=options.project,
        start_page=options.start_page,
        open=options.open,
        select=options.select,
        do=options.do,
    )


class Studio:
    """The running program: one session, one window; the window is built anew when the language changes."""

    def __init__(self, app: QApplication, *, theme_mode: str = "", language: str = "") -> None:
        self.app = app
        self.ended = asyncio.Event()
        self.crash = CrashFile()
        self.crash.open()
        self._forced = (theme_mode, language)
        kept, self._settings_problem = settings.load()
        self.errors = ErrorPresenter()
        self.session = Session(EmbeddedAgent(), kept, self.errors)
        self.session.open_move = self._open_move
        self.session.open_several = self._open_several
        self.session.open_orgs = self._open_orgs
        vault.begin(self._ask_passphrase)
        self.book = RunBook(self.session.agent.journal)
        self._translator: QTranslator | None = None
        self._language = self._speak()
        self._theme = ""
        self._dress()
        app.setWindowIcon(window_icon())
        self.window = self._make_window()
        self.session.preferred.connect(self._preferred)
        self._release = catch_all(self.errors.show)
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    def _open_move(self) -> None:
        from ui.dialogs.move.window import open_move

        open_move(self.session)

    def _open_several(self) -> None:
        from ui.dialogs.move.window import open_move

        open_move(self.session, several=True)

    def _open_orgs(self) -> None:
        from ui.dialogs.orgs.window import open_orgs

        open_orgs(self.session, self.window)

    async def _ask_passphrase(self, wrong: bool) -> str | None:
        from ui.dialogs.passphrase import ask_passphrase

        return await ask_passphrase(self.window, wrong=wrong)

    def show(self, size: str = "") -> None:
        """Show the window, at once."""
        if size:
            width, height = (int(part) for part in size.lower().split("x"))
            self.window.resize(width, height)
        self.window.show()

    async def start(self, folder: Path | None) -> None:
        """Open what was asked for, or what was open last time; then tell of a crash, if there was one."""
        await self._load_editors()
        kept = self.session.settings
        wanted = folder or (Path(kept.recent[0]) if kept.reopen_last and kept.recent else None)
        if wanted is not None and (folder is not None or (wanted / "project.yaml").is_file()):
            await project.open_project(self.window, wanted)
        if self._settings_problem is not None:
            self.errors.show(self._settings_problem)
        if self.session.workspace is None:
            self.session.repository.follow(None)
            self.session.tasks.spawn(self._offer_moves(), quiet=True)
        if self.crash.report:
            from ui.dialogs.crash import tell_crash

            self.session.tasks.quietly(tell_crash(self.window, self.crash.report))

    async def _offer_moves(self) -> None:
        """A move that was cut off is offered on the start page; a process tells of it, once, if there were moves."""
        from ui.dialogs.move.mover import Mover
        from ui.dialogs.move.offer import Offer, were_moves

        if not were_moves():
            return
        offer, mover = Offer(self._go_on), Mover()
        self.window.start.show_notice(offer)
        try:
            await offer.look(mover)
        finally:
            await mover.close()

    def _go_on(self, line: Mapping[str, Any]) -> None:
        from ui.dialogs.move.window import open_move

        window = open_move(self.session)
        window.spawn(window.later.go_on(dict(line)))

    async def _load_editors(self) -> None:
        # Here rather than when the first one is opened: that would be one event of a tenth of a second.
        for module in (
            "canvas.canvas",
            "editors.mapping.editor",
            "editors.schema",
            "editors.operation",
            "editors.script",
        ):
            importlib.import_module(f"ui.{module}")
            await asyncio.sleep(0)

    async def close(self) -> None:
        """End everything in order: window, project, tasks, agent."""
        self._release()
        self.app.styleHints().colorSchemeChanged.disconnect(self._system_changed)
        self.errors.close()
        self.window.end()
        await self.session.close()
        self.window.let_go()
        self.window.deleteLater()
        self.crash.close()

    async def begin(self) -> None:
        """Start the agent and wait until it is ready, or has failed."""
        try:
            await self.session.agent.start()
        except WeftError as error:
            # The status bar shows it; whoever needs the agent will be told why.
            log.warning("the agent did not start: %s", error)

    def _make_window(self) -> MainWindow:
        table = CommandTable(self.session.tasks.quietly)
        window = MainWindow(self.session, table, self.book, makers(), _file_view)
        table.setParent(window)
        self.errors.parent = window
        window.status.show_agent(self.session.agent.state)
        window.closing.connect(self.ended.set)
        return window

    def _preferred(self) -> None:
        self._dress()
        if self._speak() != self._language:
            self._language = i18n.language()
            self._rebuild()

    def _rebuild(self) -> None:
        old, geometry = self.window, self.window.geometry()
        old.keep_layout()
        old.let_go()
        self.window = self._make_window()
        self.window.setGeometry(geometry)
        self.window.show()
        if self.session.workspace is not None:
            self.window.restore_project()
        old.end()
        old.deleteLater()

    def _speak(self) -> str:
        language = i18n.use_language(self._forced[1] or self.session.settings.language or None)
        if self._translator is not None:
            self.app.removeTranslator(self._translator)
        self._translator = QTranslator(self.app)
        # English is what Qt speaks by itself.
        if language != "en":
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            self._translator.load(f"qtbase_{language}", folder)
            self.app.installTranslator(self._translator)
        return language

    def _dress(self) -> None:
        wanted = self._forced[0] or self.session.settings.theme
        if wanted != self._theme:
            self._theme = wanted
            theme.apply(self.app, wanted)

    def _system_changed(self) -> None:
        if self._theme == "system":
            theme.apply(self.app, "system")


def makers() -> Mapping[str, Maker]:
    """Who makes the editor of each kind; its modules are imported when the first one is opened."""
    return {
        "transformations": _mapping_editor,
        "operations": _operation_editor,
        "connections": _connection_editor,
        "scripts": _script_editor,
        "project": _project_editor,
        "schemas": _schema_editor,
    }


def _mapping_editor(workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> Editor:
    from ui.editors.mapping.editor import MappingEditor

    return MappingEditor(workspace, agent, ref, desk)


def _operation_editor(workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> Editor:
    from ui.editors.operation import OperationEditor

    return OperationEditor(workspace, agent, ref, desk)


def _connection_editor(workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> Editor:
    from ui.editors.connection import ConnectionEditor

    return ConnectionEditor(workspace, agent, ref, desk)


def _script_editor(workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> Editor:
    from ui.editors.script import ScriptEditor

    return ScriptEditor(workspace, agent, ref, desk)


def _project_editor(workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> Editor:
    from ui.editors.project import ProjectEditor

    return ProjectEditor(workspace, agent, ref, desk)


def _schema_editor(workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> Editor:
    from ui.editors.schema import SchemaEditor

    return SchemaEditor(workspace, agent, ref, desk)


def _file_view(workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> Editor:
    from ui.editors.file_view import FileView

    return FileView(workspace, agent, ref, desk)
