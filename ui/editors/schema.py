"""A schema to look at: its tree, searched and explained; and the file's text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.base.errors import WeftError
from studio.base.i18n import _, ngettext
from studio.mapping.model import SchemaUse
from studio.schema.model import Node, Place, Schema
from studio.workspace import Changes, Workspace
from ui.bridge import numbers
from ui.canvas.schema_tree import SchemaTree
from ui.editors.base import Desk, Editor
from ui.editors.file_view import FileView
from ui.editors.mapping.inspector import node_head, section
from ui.widgets.fields import Combo
from ui.widgets.heads import EmptyState, SectionHead
from ui.widgets.labels import Elided, Text
from ui.widgets.stack import TabStack

TREE, TEXT = 0, 1


class SchemaEditor(Editor):
    """Read-only; follows changes of the file made outside. A schema of several roots shows one at a time."""

    def __init__(self, workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> None:
        super().__init__(workspace, agent, ref, desk)
        self._file = FileView(workspace, agent, ref, desk)
        self._schema: Schema | None = None
        self._tree: SchemaTree | None = None
        self._page: QWidget = QWidget()
        # The Inspector keeps one widget, whatever is in it.
        self._facts = QWidget()
        self._facts_column = QVBoxLayout(self._facts)
        self._facts_column.setContentsMargins(0, 0, 0, 0)
        self._chosen = ""
        self._root = Combo(_("Root"), small=True)
        self._root.activated.connect(lambda _at: self._show_root(str(self._root.currentData())))
        self._tabs = TabStack(_("Views of the schema"))
        self._holder = QWidget()
        holder = QVBoxLayout(self._holder)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.setSpacing(0)
        holder.addWidget(self._page)
        self._tabs.add(_("Tree"), self._holder)
        self._tabs.add(_("Text"), self._file)
        self._tabs.add_control(self._root)
        self._tabs.turned.connect(lambda _page: self._turned())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._tabs)
        self._unlisten = workspace.changed.connect(self._change)
        self._file.summarised.connect(self.summarised)
        self._load()

    def inspector(self) -> QWidget:
        """The current node's facts; the file's where none is."""
        front = self._tabs.bar.currentIndex()
        return self._facts if self._chosen and front == TREE else self._file.inspector()

    def summary(self) -> str:
        """How many roots, or lines."""
        if self._schema is None or self._tabs.bar.currentIndex() == TEXT:
            return self._file.summary()
        count = len(self._schema.roots)
        return ngettext("{n} root", "{n} roots", count).format(n=numbers.count(count))

    def go_to(self, path: str) -> None:
        """A line of the text, or a node of the tree."""
        if path.isdigit():
            self._tabs.show_page(TEXT)
            self._file.go_to(path)
        elif self._tree is not None:
            self._tabs.show_page(TREE)
            self._tree.go_to(path)

    def layout_state(self) -> Mapping[str, Any]:
        """What is in front, unfolded and current."""
        tree = self._tree.state() if self._tree is not None else {}
        root = self._root.currentData()
        return {"page": self._tabs.bar.currentIndex(), "root": root, **tree, **self._file.layout_state()}

    def restore_layout(self, state: Mapping[str, Any]) -> None:
        """Show it again."""
        root = state.get("root")
        if isinstance(root, str) and self._root.findData(root) > 0:
            self._root.setCurrentIndex(self._root.findData(root))
            self._show_root(root)
        if self._tree is not None:
            self._tree.restore(state)
        self._file.restore_layout(state)
        if state.get("page") == TEXT:
            self._tabs.show_page(TEXT)

    def let_go(self) -> None:
        """Stop following."""
        self._unlisten()
        self._file.let_go()

    def _turned(self) -> None:
        self._root.setVisible(self._root.count() > 1 and self._tabs.bar.currentIndex() == TREE)
        self.inspected.emit()
        self.summarised.emit()

    # Reading.

    def _change(self, changes: Changes, _initiator: str) -> None:
        if changes.schemas:
            self._load()

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
        await self.agent.read_schema(self.workspace.folder, use)
        self._read(use)

    def _read(self, use: SchemaUse) -> None:
        try:
            schema = self.workspace.schema(use)
        except WeftError as error:
            self._schema = None
            self._root.clear()
            self._say("x-circle", _("The schema does not read"), str(error))
            self._turned()
            return
        if schema is self._schema:
            return
        kept = self._tree.state() if self._tree is not None else {}
        before, self._schema = str(self._root.currentData() or ""), schema
        self._root.clear()
        for node in schema.roots:
            self._root.addItem(node.name or _("document"), _root_name(node))
        at = max(0, self._root.findData(before))
        self._root.setCurrentIndex(at)
        self._root.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._show_root(str(self._root.currentData() or ""))
        if kept and self._tree is not None:
            self._tree.restore(kept)
        self._turned()

    def _show_root(self, name: str) -> None:
        place = self._schema.root(name or None) if self._schema is not None else None
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
        self._choose("")

    def _say(self, icon: str, title: str, text: str) -> None:
        self._tree = None
        self._chosen = ""
        self._put(EmptyState(icon, title, text))

    def _put(self, page: QWidget) -> None:
        layout = self._holder.layout()
        assert layout is not None
        layout.replaceWidget(self._page, page)
        self._page.hide()
        self._page.deleteLater()
        self._page = page
        page.show()
        self.setFocusProxy(page)

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
            self._facts_column.addWidget(_facts(path, place))
        self.inspected.emit()


def _root_name(node: Node) -> str:
    return f"{node.prefix}:{node.name}" if node.prefix else node.name


def _facts(path: str, place: Place) -> QWidget:
    """What the schema says about a node."""
    node = place.node
    facts = [(_("Occurs"), str(node.occurs))]
    if node.value is not None:
        facts.append((_("Type"), node.value.name))
    for label, value in (
        (_("Default"), node.default),
        (_("Fixed value"), node.fixed),
        (_("Namespace"), node.namespace),
        (_("Line"), str(node.line) if node.line is not None else ""),
    ):
        if value:
            facts.append((label, value))
    if node.nillable:
        facts.append((_("May be null"), _("yes")))
    facts += list(node.facts.items())
    if node.type.children:
        facts.append((_("Nodes directly inside"), numbers.count(len(node.type.children))))
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(node_head(path, place))
    column.addWidget(section(SectionHead(_("Facts")), *(_fact(label, value) for label, value in facts)))
    if node.value is not None and node.value.enumeration:
        values = [Text(value, mono=True) for value in node.value.enumeration[:40]]
        column.addWidget(section(SectionHead(_("Values")), *values))
    column.addStretch(1)
    return page


def _fact(label: str, value: str) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(12)
    row.addWidget(Text(label, "text2"))
    row.addWidget(Elided(value, mono=True, right=True), 1)
    return holder
