"""The Project panel: the tree of the project's objects with a filter and a mark per object."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QToolButton, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.project.model import Project
from ui.bridge.project_tree import ID, ProjectModel
from ui.widgets.buttons import icon_button
from ui.widgets.fields import FilterField
from ui.widgets.heads import PanelHead
from ui.widgets.trees import Tree

# Kinds that are open when a project is opened for the first time.
OPEN_AT_FIRST = ("operations", "transformations", "connections", "schemas", "scripts")


class ProjectPanel(QWidget):
    """`opened` tells an object was asked for, `context` that its menu is wanted at a place on the screen."""

    opened = Signal(str)
    context = Signal(str, QPoint)

    def __init__(self, model: ProjectModel, add_menu: QMenu) -> None:
        super().__init__()
        self._model = model
        self._expanded_before_filter: list[str] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.head = PanelHead("")
        self.head.add(self._add_button(add_menu))
        column.addWidget(self.head)
        self.filter = FilterField(_("Filter the project"), _("Filter"))
        box = QFrame()
        box.setProperty("band", "window")
        inner = QVBoxLayout(box)
        inner.setContentsMargins(8, 8, 8, 6)
        inner.addWidget(self.filter)
        column.addWidget(box)
        self.tree = Tree(_("Project"), panel=True)
        self.tree.setModel(model)
        self.tree.setExpandsOnDoubleClick(False)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        column.addWidget(self.tree, 1)
        self.setMinimumWidth(160)
        self.setFocusProxy(self.filter)
        self.filter.textChanged.connect(self._filter)
        self.filter.left.connect(self.tree.setFocus)
        self.tree.activated.connect(self._open)
        self.tree.clicked.connect(self._toggle)
        self.tree.customContextMenuRequested.connect(self._menu)

    def _add_button(self, menu: QMenu) -> QToolButton:
        made = icon_button("plus", _("Add to the project"), lambda: None)
        made.setMenu(menu)
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return made

    def show_project(self, project: Project | None, title: str, folder: str = "") -> None:
        """Show a project's state under its name; its folder is the name's tooltip."""
        self.head.title.setText(title)
        self.head.setToolTip(folder)
        fresh = self._model.rowCount() == 0
        opened = self.expanded()
        if self._model.show_project(project):
            if self.filter.text():
                self.tree.expandAll()
            else:
                self.expand(OPEN_AT_FIRST if fresh else opened)

    def selected(self) -> str:
        """The object selected, "" for none."""
        index = self.tree.currentIndex()
        return str(index.data(ID)) if index.isValid() and index.parent().isValid() else ""

    def expanded(self) -> list[str]:
        """The kinds that are open."""
        rows = (self._model.index(row, 0) for row in range(self._model.rowCount()))
        return [str(index.data(ID)) for index in rows if self.tree.isExpanded(index)]

    def expand(self, kinds: list[str] | tuple[str, ...]) -> None:
        """Open exactly these kinds."""
        for row in range(self._model.rowCount()):
            index = self._model.index(row, 0)
            self.tree.setExpanded(index, index.data(ID) in kinds)

    def select(self, id: str) -> None:
        """Show which object the editor in front belongs to."""
        index = self._model.find(id)
        if index.isValid():
            self.tree.setCurrentIndex(index)

    def _filter(self, text: str) -> None:
        if text and self._expanded_before_filter is None:
            self._expanded_before_filter = self.expanded()
        self._model.set_filter(text)
        if text:
            self.tree.expandAll()
        elif self._expanded_before_filter is not None:
            self.expand(self._expanded_before_filter)
            self._expanded_before_filter = None

    def _open(self, index: QModelIndex) -> None:
        if index.parent().isValid():
            self.opened.emit(str(index.data(ID)))

    def _toggle(self, index: QModelIndex) -> None:
        # A click on a kind's name opens it; its caret has already answered a click on itself.
        if not index.parent().isValid():
            self.tree.setExpanded(index, not self.tree.isExpanded(index))

    def _menu(self, where: QPoint) -> None:
        index = self.tree.indexAt(where)
        if index.isValid():
            self.context.emit(str(index.data(ID)), self.tree.viewport().mapToGlobal(where))
