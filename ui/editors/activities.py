"""Activities of an operation: what they are called, how they look in the list, and the form of each kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.project.edits import ACTIVITY_REFS
from studio.project.model import Activity, Project
from ui.bridge.project_tree import object_name
from ui.editors.forms import Form
from ui.theme import fonts
from ui.widgets.cells import Cell
from ui.widgets.labels import Text

KINDS = ("read", "transform", "write", "script", "run")
ICONS = {
    "read": "sign-in", "transform": "arrows-left-right", "write": "sign-out", "script": "code", "run": "flow-arrow",
    "call": "flow-arrow", "move": "paper-plane-right",
}  # fmt: skip
ACTIONS = ("insert", "update", "upsert", "delete", "undelete", "hard-delete")


def kind_names() -> dict[str, str]:
    """What each kind does, in the active language."""
    return {
        "read": _("Read a document"),
        "transform": _("Transform it"),
        "write": _("Write it"),
        "script": _("Run a script"),
        "run": _("Run another operation"),
        "move": _("Move rows into an org"),
    }


def activity_cell(activity: Activity, project: Project) -> Cell:
    """An activity in the list: what it does, and to what."""
    title = kind_names().get(activity.kind, activity.kind)
    kind = ACTIVITY_REFS.get(activity.kind)
    if kind is not None:
        second = object_name(project, f"{kind}/{activity.ref}")
    else:
        parts = [object_name(project, f"connections/{activity.connection}") if activity.connection else ""]
        parts += [
            str(activity.settings[key])
            for key in ("path", "object", "action", "query")
            if activity.settings.get(key)
        ]
        second = " · ".join(part for part in parts if part)
    return Cell(title, icon=ICONS.get(activity.kind, "question"), second=second or _("not decided yet"))


def new_activity(kind: str, project: Project) -> Activity:
    """An activity of a kind, with the only object it could name already chosen."""
    named = ACTIVITY_REFS.get(kind)
    if named is not None:
        refs = list(project.of_kind(named))
        return Activity(kind, ref=refs[0] if len(refs) == 1 else "")
    connections = list(project.connections)
    return Activity(kind, {"connection": connections[0]} if len(connections) == 1 else {})


class ActivityForm(QWidget):
    """The form of one activity; `write` takes each new version of it."""

    def __init__(self, activity: Activity, project: Project, write: Callable[[Activity], object]) -> None:
        super().__init__()
        self._activity = activity
        self._project = project
        self._write = write
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(Text(kind_names().get(activity.kind, activity.kind), step=fonts.TITLE, weight=600))
        self._form = Form()
        column.addWidget(self._form)
        named = ACTIVITY_REFS.get(activity.kind)
        if named is not None:
            self._form.choice(_label(named), self._objects(named), activity.ref, self._choose)
        else:
            self._system(activity)

    def commit(self) -> None:
        """Write what is being typed."""
        self._form.commit()

    def _system(self, activity: Activity) -> None:
        self._form.choice(
            _("Connection"), self._objects("connections"), activity.connection, self._setting("connection")
        )
        connection = self._project.connections.get(activity.connection)
        if connection is not None and connection.kind == "salesforce":
            self._salesforce(activity)
        else:
            hint = _("relative to the connection’s folder")
            self._text(_("File"), "path", hint)

    def _salesforce(self, activity: Activity) -> None:
        if activity.kind == "read":
            self._text(_("Query"), "query", "select Id, Name from Account")
            return
        names = {
            "insert": _("Insert"),
            "update": _("Update"),
            "upsert": _("Upsert"),
            "delete": _("Delete"),
            "undelete": _("Undelete"),
            "hard-delete": _("Hard delete"),
        }
        actions = [(names[code], code) for code in ACTIONS]
        self._form.choice(
            _("Action"), actions, str(activity.settings.get("action", "")), self._setting("action")
        )
        self._text(_("Object"), "object", "Account")
        self._text(_("Key field"), "key", "ERP_Id__c")
        if activity.kind == "move":
            self._form.choice(
                _("Transformation"),
                self._objects("transformations"),
                str(activity.settings.get("transformation", "")),
                self._setting("transformation"),
            )
            self._text(_("Source"), "source", _("a file of the project, or an address"))

    def _text(self, label: str, key: str, hint: str) -> None:
        value = str(self._activity.settings.get(key, ""))
        self._form.text(label, value, self._setting(key), mono=True, hint=hint)

    def _objects(self, kind: str) -> Sequence[tuple[str, str]]:
        return [(object_name(self._project, f"{kind}/{ref}"), ref) for ref in self._project.of_kind(kind)]

    def _choose(self, ref: str) -> None:
        self._put(replace(self._activity, ref=ref))

    def _setting(self, key: str) -> Callable[[str], None]:
        def write(text: str) -> None:
            settings = {**self._activity.settings, key: text}
            if not text:
                settings.pop(key)
            self._put(replace(self._activity, settings=settings))

        return write

    def _put(self, activity: Activity) -> None:
        self._activity = activity
        self._write(activity)


def _label(kind: str) -> str:
    return {
        "transformations": _("Transformation"), "operations": _("Operation"), "scripts": _("Script"),
    }.get(kind, kind)  # fmt: skip
