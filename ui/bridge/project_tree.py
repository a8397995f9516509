"""The project as a tree of two levels: kinds, and the objects of each, listed when a kind is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from studio.base.errors import Severity
from studio.base.i18n import _
from studio.project.model import FILES, OTHERS, PROJECT, Project
from ui.widgets.cells import DOT, Cell, cell_data

Index = QModelIndex | QPersistentModelIndex
ID = Qt.ItemDataRole.UserRole + 2
_ROOT = QModelIndex()

CONNECTION_ICONS = {
    "salesforce": "cloud",
    "database": "database",
    "files": "folder-simple",
    "sftp": "folder-simple",
}
FILE_ICONS = {
    ".xsd": "code",
    ".wsdl": "code",
    ".dtd": "code",
    ".json": "brackets-curly",
    ".csv": "table",
    ".tsv": "table",
}


@dataclass(frozen=True)
class Group:
    """A kind of objects: its folder, what it is called, its icon."""

    kind: str
    title: str
    icon: str


def groups() -> tuple[Group, ...]:
    """The kinds in the order of the tree, in the active language."""
    return (
        Group("operations", _("Operations"), "flow-arrow"),
        Group("transformations", _("Transformations"), "arrows-left-right"),
        Group("connections", _("Connections"), "database"),
        Group("schemas", _("Schemas"), "tree-structure"),
        Group("samples", _("Samples"), "file-text"),
        Group("scripts", _("Scripts"), "code"),
        Group("tables", _("Tables"), "table"),
        Group("schedules", _("Schedules"), "calendar-blank"),
        Group("notifications", _("Notifications"), "bell"),
        Group("endpoints", _("Endpoints"), "globe-simple"),
        Group("tests", _("Tests"), "test-tube"),
        Group("environments", _("Environments"), "stack"),
        Group("variables", _("Variables"), "sliders-horizontal"),
    )


def object_name(project: Project, id: str) -> str:
    """What an object is called: its own name, else the last part of its reference; a kind by its title."""
    if "/" not in id and id != PROJECT:
        return next((group.title for group in groups() if group.kind == id), id)
    found = project.get(id)
    name = getattr(found, "name", "") or (found.get("name", "") if isinstance(found, Mapping) else "")
    return str(name) if name else id.rpartition("/")[2]


def object_icon(project: Project, id: str) -> str:
    """The icon of an object: of its kind, of a connection's system, of a file's format."""
    kind, _slash, ref = id.partition("/")
    if kind == PROJECT:
        return "cube"
    if kind == "connections":
        connection = project.connections.get(ref)
        return CONNECTION_ICONS.get(connection.kind if connection else "", "globe-simple")
    if kind == "schemas":
        return FILE_ICONS.get(PurePosixPath(ref).suffix.lower(), "tree-structure")
    return next((group.icon for group in groups() if group.kind == kind), "file")


def connection_kind(kind: str) -> str:
    """What the system behind a connection is called."""
    return {"files": _("Files"), "database": _("Database"), "salesforce": "Salesforce"}.get(kind, kind)


def object_ids(project: Project, kind: str) -> list[str]:
    """The ids of one kind's objects, files included, in the order of their names."""
    if kind == "variables":
        return [f"variables/{name}" for name in project.variables]
    if kind in ("schemas", "samples", "tables"):
        files = (file if file.startswith(f"{kind}/") else f"{kind}/{file}" for file in getattr(project, kind))
        return sorted(files, key=_place)
    return sorted(
        (f"{kind}/{ref}" for ref in project.of_kind(kind)), key=lambda id: object_name(project, id).lower()
    )


def _place(file: str) -> tuple[str, str, str]:
    """Files before folders, each by their names in any case."""
    folder, _slash, name = file.rpartition("/")
    return folder.casefold(), name.casefold(), file


class ProjectModel(QAbstractItemModel):
    """Kinds and objects of a project; `marks` says what stands at the right of an object, `words` what that means."""

    def __init__(
        self,
        marks: Callable[[str], tuple[tuple[str, str], ...]],
        parent: QObject | None = None,
        words: Callable[[str], str] = lambda _id: "",
    ) -> None:
        super().__init__(parent)
        self._marks = marks
        self._words = words
        self._project: Project | None = None
        self._filter = ""
        self._groups: list[Group] = []
        self._ids: dict[str, list[str]] = {}

    def show_project(self, project: Project | None) -> bool:
        """Show another state of the project; tells whether all kinds had to be listed anew, and are closed now.

        Otherwise kinds whose objects stay the same stay open.
        """
        before, self._project = self._project, project
        kinds = [group.kind for group in self._groups]
        if before is None or project is None or self._filter or kinds != [one.kind for one in self._shown()]:
            self._reset()
            return True
        for row, group in enumerate(self._groups):
            self._refresh(row, group, project)
        return False

    def _shown(self) -> list[Group]:
        """The kinds to list: those nothing can be made of here only where the project has some."""
        if self._project is None:
            return []
        return [g for g in groups() if g.kind not in OTHERS or object_ids(self._project, g.kind)]

    def set_filter(self, text: str) -> None:
        """Show only objects whose name holds `text`, and their kinds."""
        self._filter = text.strip().lower()
        self._reset()

    def refresh_marks(self) -> None:
        """The marks may have changed."""
        for row in range(len(self._groups)):
            self._emit(self.index(row, 0))

    def find(self, id: str) -> QModelIndex:
        """Where an object is; invalid where it is not shown."""
        kind = id.partition("/")[0]
        for row, group in enumerate(self._groups):
            if group.kind == kind and id in self._listed(group):
                return self.index(self._listed(group).index(id), 0, self.index(row, 0))
        return QModelIndex()

    def kind_of(self, index: Index) -> str:
        """The kind a row belongs to."""
        row = index.row() if index.internalId() == 0 else index.internalId() - 1
        return self._groups[row].kind

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Qt's question."""
        if not parent.isValid():
            return len(self._groups)
        return len(self._listed(self._groups[parent.row()])) if parent.internalId() == 0 else 0

    def columnCount(self, _parent: Index = _ROOT) -> int:
        """Qt's question."""
        return 1

    def hasChildren(self, parent: Index = _ROOT) -> bool:
        """Kinds have, objects have not."""
        return self.rowCount(parent) > 0

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        """Qt's question."""
        if not 0 <= row < self.rowCount(parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, child: Index = _ROOT) -> Any:
        """Qt's question."""
        number = child.internalId() if child.isValid() else 0
        return self.createIndex(number - 1, 0, 0) if number else QModelIndex()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        if not index.isValid() or self._project is None:
            return None
        if index.internalId() == 0:
            return self._group_data(self._groups[index.row()], role)
        id = self._listed(self._groups[index.internalId() - 1])[index.row()]
        return id if role == ID else cell_data(self._object_cell(self._project, id), role)

    def _group_data(self, group: Group, role: int) -> Any:
        if role == ID:
            return group.kind
        return cell_data(Cell(group.title, icon=group.icon, note=str(len(self._listed(group)))), role)

    def _object_cell(self, project: Project, id: str) -> Cell:
        note = project.variables.get(id.partition("/")[2], "") if id.startswith("variables/") else ""
        kind, _slash, ref = id.partition("/")
        name = object_name(project, id)
        if kind in FILES:
            # Of files in folders below, the folder tells which is which, where there is room for it.
            note, _slash, name = ref.rpartition("/")
        icon = object_icon(project, id)
        words = self._words(id)
        return Cell(name, icon=icon, note=note, marks=self._marks(id), hint=f"{id}\n{words}" if words else id)

    def _listed(self, group: Group) -> list[str]:
        if group.kind not in self._ids:
            self._ids[group.kind] = self._wanted(group)
        return self._ids[group.kind]

    def _wanted(self, group: Group) -> list[str]:
        if self._project is None:
            return []
        ids = object_ids(self._project, group.kind)
        if not self._filter:
            return ids
        return [id for id in ids if self._filter in f"{id} {object_name(self._project, id)}".lower()]

    def _refresh(self, row: int, group: Group, project: Project) -> None:
        known = self._ids.get(group.kind)
        wanted = object_ids(project, group.kind)
        if known is None or known == wanted:
            self._emit(self.index(row, 0))
            return
        parent = self.index(row, 0)
        if known:
            self.beginRemoveRows(parent, 0, len(known) - 1)
            self._ids[group.kind] = []
            self.endRemoveRows()
        if wanted:
            self.beginInsertRows(parent, 0, len(wanted) - 1)
            self._ids[group.kind] = wanted
            self.endInsertRows()
        self.dataChanged.emit(parent, parent)

    def _emit(self, parent: QModelIndex) -> None:
        self.dataChanged.emit(parent, parent)
        count = self.rowCount(parent)
        if count:
            self.dataChanged.emit(self.index(0, 0, parent), self.index(count - 1, 0, parent))

    def _reset(self) -> None:
        self.beginResetModel()
        self._ids.clear()
        self._groups = self._shown()
        if self._filter:
            self._groups = [group for group in self._groups if self._listed(group)]
        self.endResetModel()


def marks_of(
    severity: Severity | None, *, changed: bool, checked: bool, more: tuple[tuple[str, str], ...] = ()
) -> tuple[tuple[str, str], ...]:
    """The marks of an object: its worst problem, `more`, whether it has unsaved changes, a tick if all is well."""
    marks: list[tuple[str, str]] = []
    if severity is Severity.ERROR:
        marks.append(("x-circle-fill", "red"))
    elif severity is Severity.WARNING:
        marks.append(("warning-fill", "orange"))
    marks += more
    if changed:
        marks.append((DOT, "accent"))
    if not marks and checked:
        marks.append(("check", "text2"))
    return tuple(marks)
