"""Building a schema by hand in its editor: what is written goes to the file at once, each step can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from studio.base import atomic
from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.project.history import History
from studio.schema import editing
from studio.schema.model import Schema
from studio.schema.own import own_text
from studio.workspace import Workspace
from ui.commands import Command
from ui.editors.base import Desk
from ui.editors.schema_fields import SchemaFields


class HandWork:
    """The fields of one schema file with their history; `changed` is called when the file was written."""

    def __init__(self, workspace: Workspace, ref: str, desk: Desk, changed: Callable[[], None]) -> None:
        self._workspace, self._ref, self._desk, self._changed = workspace, ref, desk, changed
        self._history: History[Schema] | None = None
        self.fields = SchemaFields(_("Fields of {file}").format(file=ref.partition("/")[2]))
        self.fields.edited.connect(self._edited)
        self.fields.failed.connect(desk.show_error)

    def take(self, schema: Schema) -> bool:
        """Show what was read; tells whether it can be built by hand. A change made outside begins a new history."""
        if not editing.editable(schema):
            self._history = None
            return False
        if self._history is None or own_text(self._history.state) != own_text(schema):
            self._history = History.begin(_("Opened"), schema)
        self.fields.show_schema(schema)
        return True

    def commands(self) -> Sequence[Command]:
        """Undo and redo of this schema before those of the project, and what its table can do."""
        edit, schema, workspace = _("Edit"), _("Schema"), self._workspace

        def command(id: str, text: str, icon: str, keys: str, do: Callable[[], object]) -> Command:
            return Command(id, text, schema, do, icon, (keys,), self._reason)

        return (
            Command(
                "edit.undo", _("Undo"), edit, lambda: self._step(-1), "arrow-u-up-left", ("Ctrl+Z",),
                lambda: "" if self._can(-1) or workspace.history.can_undo else _("nothing to undo"),
                label=lambda: self._label(-1),
            ),
            Command(
                "edit.redo", _("Redo"), edit, lambda: self._step(1), "arrow-u-up-right", ("Ctrl+Shift+Z", "Ctrl+Y"),
                lambda: "" if self._can(1) or workspace.history.can_redo else _("nothing to redo"),
                label=lambda: self._label(1),
            ),
            command("schema.add_field", _("Add a field"), "plus", "Ctrl+Shift+N", self.fields.add_field),
            command("schema.add_record", _("Add a record"), "list-numbers", "Ctrl+Alt+N", self.fields.add_record),
            command("schema.up", _("Move up"), "arrow-up", "Alt+Shift+Up", lambda: self.fields.shift(-1)),
            command("schema.down", _("Move down"), "arrow-down", "Alt+Shift+Down", lambda: self.fields.shift(1)),
            command("schema.delete", _("Delete the field or record"), "trash", "Ctrl+Del", self.fields.delete),
        )  # fmt: skip

    def _reason(self) -> str:
        if self._history is None:
            return _("this schema is given, not built by hand")
        return "" if self.fields.isVisible() else _("its fields are not in front")

    def _can(self, way: int) -> bool:
        history = self._history
        return history is not None and (history.can_undo if way < 0 else history.can_redo)

    def _label(self, way: int) -> str:
        history = self._history if self._can(way) else self._workspace.history
        assert history is not None
        if way < 0:
            label = history.undo_label
            return _("Undo “{edit}”").format(edit=label) if label else _("Undo")
        label = history.redo_label
        return _("Redo “{edit}”").format(edit=label) if label else _("Redo")

    def _step(self, way: int) -> None:
        if not self._can(way):
            (self._workspace.undo if way < 0 else self._workspace.redo)()
            return
        assert self._history is not None
        self._keep(self._history.go_to(self._history.index + way))
        self.fields.show_schema(self._history.state)

    def _edited(self, label: str, schema: Schema) -> None:
        if self._history is not None and own_text(schema) != own_text(self._history.state):
            self._keep(self._history.add(label, schema, frozenset({self._ref})))

    def _keep(self, history: History[Schema]) -> None:
        """Write the file; where that cannot be, everything stays as it was."""
        assert self._history is not None
        try:
            if self._workspace.read_only:
                raise BadInput(
                    _("This project is open for reading only."),
                    file=self._ref,
                    next_step=_("Close it where else it is open, or copy it to a folder you may write."),
                )
            atomic.write_text(self._workspace.folder / self._ref, own_text(history.state))
        except WeftError as error:
            self._desk.show_error(error)
            self.fields.show_schema(self._history.state)
            return
        self._history = history
        self._changed()
