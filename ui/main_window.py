"""The main window: places menus, panels and editors, and brings them up to date; it does nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.mapping.model import SchemaUse
from studio.project.model import KINDS, PROJECT
from studio.workspace import Changes, Workspace
from ui.actions import add, conflicts, intake, menus, project
from ui.actions.checks import CALM, ProjectCheck, worst_of
from ui.actions.frame import HISTORY, PROBLEMS
from ui.actions.network import Network
from ui.actions.open import command_entries, function_entries, object_entries
from ui.actions.places import WindowLayout
from ui.actions.together import Together
from ui.bridge.project_tree import ProjectModel, marks_of, object_icon, object_name
from ui.bridge.runs import RunBook
from ui.bridge.session import Session
from ui.commands import CommandTable
from ui.dialogs.run_log import RunLog, show_file
from ui.editors.area import EditorArea
from ui.editors.base import Desk, Editor
from ui.editors.functions import function_card
from ui.panels.conflict import ConflictBar
from ui.panels.history import HistoryPanel
from ui.panels.inspector import InspectorPanel
from ui.panels.problems import ProblemsPanel
from ui.panels.project import ProjectPanel
from ui.panels.repository import mark_of, mark_text
from ui.panels.runs import RunsPanel, state_text
from ui.panels.start import StartPage
from ui.panels.status import StatusBar
from ui.panels.toolbar import SearchBox, ToolBar
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.finder import Finder
from ui.widgets.notice import Notice
from ui.widgets.stack import TabStack

Maker = Callable[[Workspace, EmbeddedAgent, str, Desk], Editor]
CHECK_AFTER = 150
# The first check of a project waits until its editors stand.
CHECK_FIRST = 600


class MainWindow(QMainWindow):
    """One project at a time; without one, the start page. `closing` asks the composition root to end the program."""

    closing = Signal()

    def __init__(
        self,
        session: Session,
        table: CommandTable,
        book: RunBook,
        makers: Mapping[str, Maker],
        fallback: Maker,
    ) -> None:
        super().__init__()
        self.session = session
        self.table = table
        self.book = book
        self.desk = Desk(
            table, session.tasks.spawn, self.open_object, self.tell, session.errors.show, session.debugging
        )
        self._marks: dict[str, Severity] = {}
        self._unsaved: frozenset[str] = frozenset()
        self._checked = False
        self._ending = False
        self._placed = False
        self._unbind_editor: Callable[[], None] = lambda: None
        self.setAccessibleName("Weft Studio")
        self.setAcceptDrops(True)
        self._make_panels(makers, fallback)
        self._unbind = table.bind(menus.all_commands(self))
        self._make_frame()
        self._together = Together(self)
        self._network = Network(self)
        self._checks = ProjectCheck(session, lambda: self._hurried, self._show_problems, self)
        self._follow_soon = QTimer(self, singleShot=True)
        self._follow_soon.timeout.connect(self._follow)
        self._connect()
        self.places = WindowLayout(self)
        self.places.restore()
        self._show_project()

    # What actions ask for (see actions.frame.Frame).

    def widget(self) -> QMainWindow:
        """The window itself, to put dialogs over."""
        return self

    def panel(self, name: str) -> QWidget:
        """The panel called `project`, `inspector` or `bottom`."""
        return {"project": self.project_panel, "inspector": self.inspector, "bottom": self.bottom}[name]

    def make_room(self, height: int) -> None:
        """Make the panel at the bottom at least this high, where the window has the room; 0 gives the room back."""
        self.places.make_room(height)

    def open_object(self, id: str, path: str = "") -> None:
        """Bring an object's editor to the front."""
        kind, _slash, ref = id.partition("/")
        if kind == "variables":
            id, path = PROJECT, ref
        if self.session.workspace is None or not self._exists(id):
            return
        stale = self.session.stale_schemas([ref]) if kind == "transformations" else ()
        if stale:
            self.session.tasks.spawn(self._open_when_parsed(id, path, stale))
        else:
            self.area.open(id, path)

    async def _open_when_parsed(self, id: str, path: str, stale: Sequence[SchemaUse]) -> None:
        self.tell(_("Reading {file}…").format(file=stale[0].schema))
        await self.session.tasks.felt(self.session.parse_schemas(stale))
        if self._exists(id):
            self.area.open(id, path)

    def tell(self, sentence: str) -> None:
        """Say one sentence in the status bar."""
        self.status.tell(sentence)

    def notify(self, sentence: str) -> None:
        """Say one sentence that stays until it is read."""
        self.notice.say(sentence)

    def selected(self) -> str:
        """The object selected in the project tree while it has the focus, else the one in front."""
        chosen = self.project_panel.selected()
        if chosen and self.project_panel.tree.hasFocus():
            return chosen
        return self.area.current.ref if self.area.current is not None else chosen

    def find_commands(self) -> None:
        """Open the command palette; what is being typed counts for what can be done."""
        if self.area.current is not None:
            self.area.current.commit()
        self.finder.ask(command_entries(self), _("Find a command"), _("{found} of {all} commands"))

    def find_objects(self) -> None:
        """Open quick open."""
        self.finder.ask(object_entries(self), _("Find an object, field or function"), _("{found} of {all}"))

    def find_functions(self) -> None:
        """Open quick open over the functions of the script language."""
        self.finder.ask(function_entries(self), _("Find a function"), _("{found} of {all} functions"))

    def show_function(self, name: str) -> None:
        """Show a function of the script language in the Inspector."""
        self.inspect(function_card(name))

    def inspect(self, widget: QWidget) -> None:
        """Show something in the Inspector, over what the editor in front shows."""
        self.inspector.show()
        self.inspector.offer(widget)

    def restore_project(self) -> None:
        """Bring back the tabs of the open project; a step of its own, since it makes editors."""
        self.places.restore_project()
        (self.area.current or self.project_panel.tree).setFocus()

    def show_conflicts(self) -> None:
        """Show over the editor in front what both it and somebody outside changed."""
        id = self.area.current.ref if self.area.current is not None else ""
        self.conflict.show_conflicts(conflicts.sentence(self.session.workspace, id))

    def keep_layout(self) -> None:
        """Keep panels and tabs for the next start."""
        self.places.keep()

    # Building.

    def _make_panels(self, makers: Mapping[str, Maker], fallback: Maker) -> None:
        self.model = ProjectModel(self._object_marks, self, self._mark_words)
        self.add_menu = QMenu(self)
        self.project_panel = ProjectPanel(self.model, self.add_menu)
        self.area = EditorArea(
            {kind: lambda id, maker=maker: self._make(maker, id) for kind, maker in makers.items()},  # type: ignore[misc]
            lambda id: self._make(fallback, id),
            self._icon_of,
            [
                button(text, lambda id=id: self.table.action(id).trigger(), icon=icon)  # type: ignore[misc]
                for id, text, icon in (
                    ("add.schema", _("Add a schema"), "tree-structure"),
                    ("add.sample", _("Add a sample"), "file-text"),
                    ("add.transformation", _("New transformation"), "arrows-left-right"),
                )
            ],
        )
        keep, take, compare = (
            partial(self.table.run, id) for id in ("conflict.keep", "conflict.take", "conflict.compare")
        )
        self.conflict = ConflictBar(keep, take, compare)
        self.area.put_over(self.conflict)
        self.inspector = InspectorPanel()
        self.bottom = TabStack(_("Panel at the bottom"))
        self.problems = ProblemsPanel(self._name_of)
        self.runs = RunsPanel(self.book, lambda ref: self._name_of(f"operations/{ref}"))
        self.history = HistoryPanel(self._name_of)
        for title, page in (
            (_("Problems"), self.problems),
            (_("Runs"), self.runs),
            (_("History"), self.history),
        ):
            self.bottom.add(title, page)

    def _make_frame(self) -> None:
        menus.fill(self.menuBar(), self.table, self)
        for id in add.IDS:
            self.add_menu.addAction(self.table.action(id))
        self.toolbar = ToolBar(self.table, SearchBox("Ctrl+Shift+P", self.find_commands))
        self.start = StartPage(self.table, menus.start_groups())
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.finder = Finder(self, _("Find"))
        self.finder.add_foot(_("choose"), _("run"), _("close"), _("objects, fields and functions:"), "Ctrl+P")
        self.upright = _splitter(Qt.Orientation.Vertical, self.area, self.bottom)
        self.across = _splitter(Qt.Orientation.Horizontal, self.project_panel, self.upright, self.inspector)
        self.across.setStretchFactor(1, 1)
        self.upright.setStretchFactor(0, 1)
        self.middle = QStackedWidget()
        self.middle.addWidget(self.start)
        self.middle.addWidget(self.across)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        self.notice = Notice(_("Close the message"))
        column.addWidget(self.notice)
        column.addWidget(self.middle, 1)
        self.setCentralWidget(central)
        self.menuBar().setFixedHeight(metrics.MENU_BAR)
        # Every command's keys act in the whole window, whether or not a menu shows it.
        for command in self.table:
            if not command.local:
                self.addAction(self.table.action(command.id))

    def _connect(self) -> None:
        session = self.session
        session.opened.connect(self._show_project)
        session.closing.connect(self.area.close_all)
        session.changed.connect(self._change)
        session.merging.connect(self.area.commit)
        session.agent_changed.connect(self.status.show_agent)
        session.ran.connect(self.book.take)
        session.tasks.busy.connect(self.status.busy.setVisible)
        self.book.changed.connect(self._count_runs)
        self.project_panel.opened.connect(self.open_object)
        self.project_panel.context.connect(self._context_menu)
        self.area.turned.connect(self._turn)
        self.area.unread_turned.connect(self._refresh)
        self.area.inspected.connect(self._inspect)
        self.problems.opened.connect(self.open_object)
        self.runs.opened.connect(self._open_log)
        self.history.wanted.connect(self._go_to)
        self.start.recent_wanted.connect(self._open_recent)
        self.start.sample_wanted.connect(self._open_sample)

    def let_go(self) -> None:
        """Give the commands back: another window takes over."""
        self._checks.stop()
        self._follow_soon.stop()
        self.places.let_go()
        self._together.let_go()
        self._network.let_go()
        self._unbind_editor()
        self._unbind()

    def _make(self, maker: Maker, id: str) -> Editor:
        workspace = self.session.workspace
        assert workspace is not None
        return maker(workspace, self.session.agent, id, self.desk)

    # Following the session.

    def _show_project(self) -> None:
        workspace = self.session.workspace
        opened = workspace is not None
        self._marks, self._checked = {}, False
        self.notice.dismiss()
        self.middle.setCurrentIndex(1 if opened else 0)
        self._together.refresh()
        self.project_panel.show_project(None, "")
        self.book.show_folder(str(workspace.folder) if workspace is not None else "")
        if workspace is not None:
            self._show_objects(workspace)
            self._checks.start(CHECK_FIRST)
        else:
            self.start.setFocus()
            self.problems.show_problems(())
            self.places.show_start()
        self._refresh()

    def _show_objects(self, workspace: Workspace) -> None:
        project = workspace.project
        self.project_panel.show_project(project, _name(workspace), str(workspace.folder))
        used = project.schemas or project.samples or any(project.of_kind(kind) for kind in KINDS)
        self.area.offer_first(empty=not used)

    def _change(self, changes: Changes, _initiator: str) -> None:
        workspace = self.session.workspace
        if workspace is None:
            return
        self.area.close_missing(self._exists)
        project.tell_conflicts(self)
        if not changes.saved or changes.objects:
            self._checks.start(CHECK_AFTER)
        self._follow_soon.start(CALM)
        if not self._hurried:
            self._follow()

    @property
    def _hurried(self) -> bool:
        return self.area.current is not None and self.area.current.hurried

    def _follow(self) -> None:
        """Show what the project is like now, once nobody waits for something else."""
        if self._hurried:
            self._follow_soon.start(CALM)
            return
        self._follow_soon.stop()
        if self.session.workspace is not None:
            self._show_objects(self.session.workspace)
            self._refresh()

    def _refresh(self) -> None:
        workspace = self.session.workspace
        saved: frozenset[str] = workspace.unsaved if workspace is not None else frozenset()
        self._unsaved = unsaved = saved | self.area.unread()
        self.area.refresh(unsaved.__contains__)
        self.model.refresh_marks()
        self.history.show_history(workspace.history if workspace is not None else None)
        self.status.show_project(opened=workspace is not None, changed=len(unsaved))
        self._show_title()
        self.table.refresh_soon()

    def _show_problems(self, found: tuple[Problem, ...]) -> None:
        self._marks = worst_of(found)
        self._checked = True
        self.problems.show_problems(found)
        self.bottom.set_count(PROBLEMS, len(found))
        self.model.refresh_marks()

    def _turn(self) -> None:
        self._unbind_editor()
        self._unbind_editor = lambda: None
        editor = self.area.current
        if editor is not None:
            self._unbind_editor = self.table.bind(editor.commands())
            self.project_panel.select(editor.ref)
        self.inspector.offer(editor.inspector() if editor is not None else None)
        self.show_conflicts()
        self._show_title()
        self.table.refresh_soon()

    def _inspect(self) -> None:
        editor = self.area.current
        self.inspector.offer(editor.inspector() if editor is not None else None)
        self.table.refresh_soon()

    def _show_title(self) -> None:
        workspace, editor = self.session.workspace, self.area.current
        parts = [editor.title()] if editor is not None else []
        parts += [_name(workspace)] if workspace is not None else []
        self.setWindowTitle(" – ".join([*parts, "Weft Studio"]))

    def _count_runs(self) -> None:
        self.bottom.set_count(1, len(self.book.going()))
        self.table.refresh_soon()

    def _go_to(self, index: int) -> None:
        if self.session.workspace is not None:
            self.session.workspace.go_to(index, initiator="history")
            self.bottom.show_page(HISTORY)

    # Answers to panels.

    def _context_menu(self, id: str, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAccessibleName(_("Menu of {name}").format(name=self._name_of(id)))
        menu.setToolTipsVisible(True)
        for name in menus.context(id):
            menu.addAction(self.table.action(name))
        self.table.refresh()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(where)

    def _open_log(self, id: str) -> None:
        workspace = self.session.workspace
        run = next((run for run in self.book.runs() if run.id == id), None)
        if workspace is not None and run is not None:
            title = self._name_of(f"operations/{run.operation}")
            lines = self.book.log(id)
            RunLog(self, title, state_text(run), lines, workspace.folder, show_file).show()

    def _open_recent(self, folder: str) -> None:
        self.session.tasks.quietly(project.open_folder(self, folder))

    def _open_sample(self, name: str) -> None:
        self.session.tasks.quietly(project.start_sample(self, name))

    def _exists(self, id: str) -> bool:
        workspace = self.session.workspace
        if workspace is None:
            return False
        kind = id.partition("/")[0]
        if kind in ("schemas", "samples", "tables"):
            return (workspace.folder / id).is_file()
        return workspace.project.get(id) is not None

    def _name_of(self, id: str) -> str:
        workspace = self.session.workspace
        return object_name(workspace.project, id) if workspace is not None else id

    def _icon_of(self, id: str) -> str:
        workspace = self.session.workspace
        return object_icon(workspace.project, id) if workspace is not None else "file"

    def _object_marks(self, id: str) -> tuple[tuple[str, str], ...]:
        differs = self.session.repository.mark(id)
        more = (mark_of(differs),) if differs is not None else ()
        return marks_of(self._marks.get(id), changed=id in self._unsaved, checked=self._checked, more=more)

    def _mark_words(self, id: str) -> str:
        differs = self.session.repository.mark(id)
        return mark_text(differs) if differs is not None else ""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A project's folder, a package, or anything that may be a schema or a sample can be dropped on the window."""
        if intake.paths_of(event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped, or take it into the open project."""
        urls = event.mimeData().urls()
        path = project.droppable(urls, opened=self.session.workspace is not None)
        event.acceptProposedAction()
        if path is not None:
            self.session.tasks.quietly(project.open_dropped(self, path))
        else:
            self.session.tasks.quietly(intake.take(self, intake.paths_of(urls)))

    def showEvent(self, event: QShowEvent) -> None:
        """The first time, give the panels their places: only now there is room to share."""
        super().showEvent(event)
        if not self._placed:
            self._placed = True
            QTimer.singleShot(0, self.places.settle)

    def event(self, event: QEvent) -> bool:
        """A key that may be a shortcut finds the commands as they are now, not as they were painted last."""
        if event.type() == QEvent.Type.ShortcutOverride:
            self.table.refresh_now()
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved work first; `end` then closes for good."""
        if self._ending:
            event.accept()
            return
        event.ignore()
        self.session.tasks.quietly(self._close())

    def end(self) -> None:
        """Close without asking."""
        self._ending = True
        self.close()

    async def _close(self) -> None:
        if await project.close_project(self):
            self.keep_layout()
            self.closing.emit()


def _splitter(direction: Qt.Orientation, *parts: QWidget) -> QSplitter:
    made = QSplitter(direction)
    made.setHandleWidth(1)
    made.setChildrenCollapsible(False)
    for part in parts:
        made.addWidget(part)
    return made


def _name(workspace: Workspace) -> str:
    """A project is called what it calls itself; one without a name, like its folder."""
    return workspace.project.name.strip() or workspace.folder.name
