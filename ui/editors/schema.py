"""A schema to look at: its roots and tree, searched and explained; its text, problems and dependents beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QPushButton, QSplitter, QVBoxLayout, QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.base.errors import Problem, WeftError
from studio.base.i18n import _, ngettext
from studio.mapping.model import SchemaUse, Transformation
from studio.mapping.tree import Tree, Trees
from studio.project.dependents import Dependent, Role, dependents, rules_of_node
from studio.project.folder import problem_of
from studio.schema.model import Place, Schema
from studio.workspace import Changes, Workspace
from ui.bridge import numbers
from ui.canvas.schema_tree import SchemaTree
from ui.commands import Command
from ui.editors.base import Desk, Editor
from ui.editors.file_view import FileView
from ui.editors.node_facts import NodeFacts
from ui.editors.schema_find import FindPane, root_name
from ui.editors.schema_hand import HandWork
from ui.editors.schema_lists import SchemaProblems, SchemaUses, Use
from ui.editors.schema_sync import TextSync
from ui.editors.schema_text import SourceText
from ui.widgets.buttons import icon_button, link
from ui.widgets.heads import EmptyState
from ui.widgets.stack import TabStack

TREE, TEXT, PROBLEMS, USES, FIELDS = range(5)
# From this width on, in pixels, the text stands beside the tree where nobody said otherwise.
_WIDE = 1000


class SchemaEditor(Editor):
    """Read-only; follows changes of the file made outside. A schema of several roots shows one at a time."""

    def __init__(self, workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> None:
        super().__init__(workspace, agent, ref, desk)
        self._file = FileView(workspace, agent, ref, desk, facts_only=True)
        self._file.hide()
        self._file.setParent(self)
        self._schema: Schema | None = None
        self._tree: SchemaTree | None = None
        self._root = ""
        self._chosen = ""
        self._beside: bool | None = None
        self._searching = False
        # Where to go once the schema has been read.
        self._wanted = ""
        # Where the text is wrong, of a schema that does not read.
        self._wrong: tuple[str, int] | None = None
        self._page: QWidget = QWidget()
        # The Inspector keeps one widget, whatever is in it.
        self._facts = QWidget()
        self._facts_column = QVBoxLayout(self._facts)
        self._facts_column.setContentsMargins(0, 0, 0, 0)
        self._make_pages()
        self._unlisten = workspace.changed.connect(self._change)
        self._load()

    def _make_pages(self) -> None:
        self._find = FindPane()
        self._find.root_wanted.connect(self._show_root)
        self._find.path_wanted.connect(self._go_to_node)
        self._text = SourceText(_("Text of {file}").format(file=self.title()))
        self._sync = TextSync(self._text)
        self._text.placed.connect(lambda file, line: self.desk.spawn(self._select_declared(file, line)))
        self._text.file_wanted.connect(lambda file: self.desk.spawn(self._sync.show_line(file, 1)))
        self._problems = SchemaProblems()
        self._problems.opened.connect(self._open_problem)
        self._uses = SchemaUses(self.desk, lambda: self.workspace.project)
        self._hand = HandWork(self.workspace, self.ref, self.desk, self._hand_changed)
        self._holder = _column(self._page)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        for part, share in ((self._find, 0), (self._holder, 3), (self._text, 2)):
            self._split.addWidget(part)
            self._split.setStretchFactor(self._split.count() - 1, share)
        self._split.setSizes([240, 480, 360])
        self._text_page = _column()
        self._tabs = TabStack(_("Views of the schema"))
        for title, page in (
            (_("Tree"), self._split),
            (_("Text"), self._text_page),
            (_("Problems"), self._problems),
            (_("Used by"), self._uses),
        ):
            self._tabs.add(title, page)
        self._both = icon_button("columns", _("Text beside the tree"), self._turn_beside, checkable=True)
        self._tabs.add_control(self._both)
        self._tabs.turned.connect(lambda _page: self._turned())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._tabs)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is room the text stands beside the tree, unless somebody said otherwise."""
        super().resizeEvent(event)
        shown = self._text.isVisible()
        self._place_text()
        if self._text.isVisible() and not shown:
            self._follow(self._current())

    def showEvent(self, event: QShowEvent) -> None:
        """The text beside the tree begins at the root, or where it is wrong."""
        super().showEvent(event)
        if self._front == TREE and not self._text.file:
            self._follow(self._current())

    # What the window asks of an editor.

    def inspector(self) -> QWidget:
        """The current node's facts; the file's where none is."""
        return self._facts if self._chosen else self._file.inspector()

    def summary(self) -> str:
        """How many roots."""
        if self._schema is None:
            return self._file.summary()
        count = len(self._schema.roots)
        return ngettext("{n} root", "{n} roots", count).format(n=numbers.count(count))

    def commands(self) -> Sequence[Command]:
        """What can be done while a schema is in front."""
        schema = _("Schema")
        return (
            Command(
                "schema.find", _("Find in the schema"), schema, self._start_search, "magnifying-glass", ("Ctrl+F",)
            ),
            Command(
                "schema.beside", _("Text beside the tree"), schema, self._flip_beside, "columns", ("Ctrl+Shift+D",),
                checked=self._is_beside,
            ),
            *self._hand.commands(),
        )  # fmt: skip

    def go_to(self, path: str) -> None:
        """A line of the text, a node of the tree, or `fields:` to build by hand."""
        if path == "fields:":
            if self._tabs.bar.count() > FIELDS:
                self._tabs.show_page(FIELDS)
        elif path.isdigit():
            self._wanted = path if self._schema is None else ""
            self._tabs.show_page(TEXT)
            self.desk.spawn(self._sync.show_mark(str(self._file.file), int(path)))
        else:
            self._tabs.show_page(TREE)
            self._go_to_node(path)

    def layout_state(self) -> Mapping[str, Any]:
        """What is in front, unfolded and current."""
        tree = self._tree.state() if self._tree is not None else {}
        return {
            "page": self._front, "root": self._root, **tree, "line": self._text.line(), "beside": self._beside,
        }  # fmt: skip

    def restore_layout(self, state: Mapping[str, Any]) -> None:
        """Show it again."""
        beside = state.get("beside")
        self._beside = beside if isinstance(beside, bool) else None
        root = state.get("root")
        if isinstance(root, str) and root and root != self._root and self._schema is not None:
            self._show_root(root)
        if self._tree is not None:
            self._tree.restore(state)
        page = state.get("page")
        if isinstance(page, int) and TREE < page <= FIELDS and page < self._tabs.bar.count():
            self._tabs.show_page(page)
            line = state.get("line")
            if page == TEXT and isinstance(line, int) and not self._chosen:
                self.desk.spawn(self._sync.show_line(str(self._file.file), line))
        self._place_text()

    def let_go(self) -> None:
        """Stop following."""
        self._sync.stop()
        self._unlisten()
        self._file.let_go()

    @property
    def _front(self) -> int:
        return self._tabs.bar.currentIndex()

    # Reading.

    def _change(self, changes: Changes, _initiator: str) -> None:
        if changes.schemas:
            self._load()
        elif changes.objects and self._schema is not None:
            self._show_uses()

    def _load(self) -> None:
        use = SchemaUse(self.ref)
        try:
            fresh = self.workspace.schemas.fresh(use)
        except WeftError:
            fresh = True
        if fresh:
            self._read(use)
        else:
            self._say("hourglass", _("Reading {file}…").format(file=self.title()), "")
            self.desk.spawn(self._read_large(use))

    async def _read_large(self, use: SchemaUse) -> None:
        try:
            await self.agent.read_schema(self.workspace.folder, use)
        except WeftError as error:
            self._refuse(error)
        else:
            self._read(use)

    def _refuse(self, error: WeftError) -> None:
        self._schema = None
        self._find.show_schema(None)
        told = f"{error.message} {error.next_step}".rstrip()
        problem = problem_of(error, self.ref)
        own = str(self._file.file)
        file = str(self.workspace.folder / problem.file) if problem.file else own
        self._wrong = file, problem.line or 1
        where = f"{Path(file).name}:{problem.line}" if problem.line else Path(file).name
        place = link(where, lambda: self._open_problem(problem))
        self._say("x-circle", _("The schema does not read"), told, place)
        self._sync.use(list(dict.fromkeys((own, file))), self.workspace.folder)
        self._show_problems((problem,))
        self._place_panes()
        self._turned()

    def _read(self, use: SchemaUse) -> None:
        try:
            schema = self.workspace.schema(use)
        except WeftError as error:
            self._refuse(error)
            return
        if schema is self._schema:
            return
        kept = self._tree.state() if self._tree is not None else {}
        self._schema, self._wrong = schema, None
        folder = self.workspace.folder
        self._sync.use(list(dict.fromkeys(str(folder / name) for name in schema.files)), folder)
        self._find.show_schema(schema)
        known = {root_name(node) for node in schema.roots}
        first = root_name(schema.roots[0]) if schema.roots else ""
        self._show_root(self._root if self._root in known else first, again=True)
        if kept and self._tree is not None:
            self._tree.restore(kept)
        self._place_panes()
        if self._wanted:
            wanted, self._wanted = self._wanted, ""
            self.go_to(wanted)
        if self._hand.take(schema) and self._tabs.bar.count() == FIELDS:
            self._tabs.add(_("Fields"), self._hand.fields)
        self._show_problems(schema.problems)
        self.desk.spawn(self._inspect(schema))
        self._show_uses()
        self._turned()

    def _hand_changed(self) -> None:
        """Something was built: all pages show it, the map editors too."""
        self.workspace.check_outside()
        self._load()

    async def _inspect(self, schema: Schema) -> None:
        """What only a look at every declaration finds, when there is nothing more urgent."""
        await asyncio.sleep(0.05)
        if schema is self._schema:
            self._show_problems(schema.all_problems())

    def _show_problems(self, problems: Sequence[Problem]) -> None:
        self._problems.show_problems(problems)
        self._tabs.set_count(PROBLEMS, len(problems))

    # The tree.

    def _show_root(self, name: str, *, again: bool = False) -> None:
        if name == self._root and self._tree is not None and not again:
            return
        place = self._schema.root(name or None) if self._schema is not None else None
        self._root = name
        if self._schema is None or place is None:
            self._say(
                "tree-structure",
                _("Nothing to show as a tree"),
                _("The file declares no root; read its text."),
            )
            return
        prefixes = {address: prefix for prefix, address in self._schema.namespaces.items() if prefix}
        self._tree = SchemaTree(_("Tree of {file}").format(file=self.title()), place, prefixes)
        self._tree.head.show_title(place.node.name or self.title(), self._schema.kind)
        self._tree.chosen.connect(self._choose)
        self._put(self._tree)
        self._find.show_root(name)
        self._choose("")

    def _say(self, icon: str, title: str, text: str, *links: QPushButton) -> None:
        self._tree = None
        self._chosen = ""
        self._put(EmptyState(icon, title, text, *links))

    def _put(self, page: QWidget) -> None:
        layout = self._holder.layout()
        assert layout is not None
        focus = QApplication.focusWidget()
        inside = focus is not None and (focus is self._page or self._page.isAncestorOf(focus))
        layout.replaceWidget(self._page, page)
        self._page.hide()
        self._page.deleteLater()
        self._page = page
        page.show()
        self.setFocusProxy(page)
        if inside:
            page.setFocus()

    def _go_to_node(self, path: str) -> None:
        """Show a node wherever it stands: its root first."""
        if self._schema is None:
            self._wanted = path
            return
        if self._tree is None or self._tree.place(path) is None:
            names = [root_name(node) for node in self._schema.roots]
            found = next((n for n in names if path == n or path.startswith((f"{n}/", f"{n}~"))), None)
            if found is not None:
                self._show_root(found)
        if self._tree is not None:
            self._tree.go_to(path)

    def _choose(self, path: str) -> None:
        place = self._tree.place(path) if self._tree is not None and path else None
        self._chosen = path if place is not None else ""
        while self._facts_column.count():
            item = self._facts_column.takeAt(0)
            old = item.widget() if item is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        if place is not None:
            page = NodeFacts(path, place)
            page.wanted.connect(self._go_to_node)
            self._facts_column.addWidget(page)
        self.inspected.emit()
        self._follow(place)

    def _follow(self, place: Place | None) -> None:
        """Text and dependents follow the node, as far as they are in sight."""
        shown = place or (self._tree.tree.root if self._tree is not None else None)
        if shown is not None and self._text.isVisible():
            self.desk.spawn(self._sync.show_declaration(shown.node))
        elif self._wrong is not None and self._text.isVisible():
            self.desk.spawn(self._sync.show_mark(*self._wrong))
        if self._front == USES:
            self.desk.spawn(self._show_rules(self._chosen))

    # The text.

    def _is_beside(self) -> bool:
        return self.width() >= _WIDE if self._beside is None else self._beside

    def _flip_beside(self) -> None:
        self._beside = not self._is_beside()
        self._tabs.show_page(TREE)
        self._place_text()
        self._follow(self._current())

    def _turn_beside(self) -> None:
        self._flip_beside()

    def _place_text(self) -> None:
        """One text, beside the tree or on a page of its own."""
        self._both.setChecked(self._is_beside())
        self._both.setVisible(self._front == TREE)
        if self._front == TEXT:
            layout = self._text_page.layout()
            assert layout is not None
            layout.addWidget(self._text)
            self._text.show()
        elif self._front == TREE:
            if self._text.parent() is not self._split:
                self._split.addWidget(self._text)
            self._text.setVisible(self._is_beside())

    def _place_panes(self) -> None:
        several = self._schema is not None and len(self._schema.roots) > 1
        self._find.setVisible(several or self._searching)
        self._place_text()

    def _current(self) -> Place | None:
        return self._tree.place(self._chosen) if self._tree is not None and self._chosen else None

    def _turned(self) -> None:
        self._place_text()
        if self._front == TEXT and self._tree is None and self._wrong is None:
            self.desk.spawn(self._sync.show_line(str(self._file.file), 1))
        self._follow(self._current())
        self.inspected.emit()
        self.summarised.emit()

    def _start_search(self) -> None:
        self._searching = True
        self._tabs.show_page(TREE)
        self._place_panes()
        self._find.setFocus()
        self._find.field.selectAll()

    async def _select_declared(self, file: str, line: int) -> None:
        if self._schema is not None:
            await self._sync.select_declared(self._schema, file, line, self._go_to_node)

    # Problems and dependents.

    def _open_problem(self, problem: Problem) -> None:
        if problem.path and self._schema is not None and self._schema.find(problem.path) is not None:
            self._tabs.show_page(TREE)
            self._go_to_node(problem.path)
        elif problem.file is not None:
            name = str(self.workspace.folder / problem.file)
            known = [file for file in self._sync.files if file == name or file.endswith(f"/{problem.file}")]
            self._tabs.show_page(TEXT)
            line, column = problem.line or 1, problem.column
            self.desk.spawn(self._sync.show_mark(known[0] if known else name, line, column))

    def _show_uses(self) -> None:
        found = dependents(self.workspace.project, self.ref)
        self._uses.show_objects(found)
        self._tabs.set_count(USES, len(found))
        if self._front == USES:
            self.desk.spawn(self._show_rules(self._chosen))

    async def _show_rules(self, path: str) -> None:
        rules: list[Use] = []
        for dependent in dependents(self.workspace.project, self.ref) if path else ():
            await asyncio.sleep(0)
            if path != self._chosen:
                return
            rules += await self._rules_in(dependent, path)
        self._uses.show_rules(path, rules)

    async def _rules_in(self, dependent: Dependent, path: str) -> list[Use]:
        found = self.workspace.project.get(dependent.id)
        if not isinstance(found, Transformation) or dependent.role not in (Role.SOURCE, Role.TARGET):
            return []
        schemas = self.workspace.schemas
        try:
            for use in (found.source, found.target):
                if not schemas.fresh(use):
                    await self.agent.read_schema(self.workspace.folder, use)
            roots = [schemas.get(use).root(use.root) for use in (found.source, found.target)]
        except WeftError:
            # What is wrong with the other schema is told where it is used.
            return []
        trees = Trees(Tree(roots[0]), Tree(roots[1]))
        rules = rules_of_node(found.mapping, trees, path, dependent.role)
        return [Use(dependent.id, "", rule) for rule in rules]


def _column(*parts: QWidget) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        column.addWidget(part)
    return made
