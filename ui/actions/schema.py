"""Schema: files and addresses taken into the project, and the commands of the schema editor with their reason."""

from __future__ import annotations

from pathlib import PurePosixPath

from studio.base import atomic
from studio.base.i18n import _, ngettext
from studio.project.layout import ref_for
from studio.schema import editing
from studio.schema.own import own_text
from ui.actions import intake
from ui.actions.frame import Frame, with_project, workspace_of
from ui.commands import Command, never
from ui.dialogs.ask import ask_new_file
from ui.dialogs.new_object import ask_new_object

# What the table of a schema built by hand can do.
HAND = ("schema.add_field", "schema.add_record", "schema.up", "schema.down", "schema.delete")
# The menu; "" is a line.
IDS = (
    "schema.import",
    "schema.import_folder",
    "schema.address",
    "schema.new",
    "",
    *HAND,
    "",
    "schema.find",
    "schema.beside",
)
# Over the kind in the project tree.
OF_ALL = ("schema.import", "schema.import_folder", "schema.address", "schema.new")


def commands(frame: Frame) -> list[Command]:
    """The declared commands; the schema editor binds its own with the same ids while it is in front."""
    schema, none = _("Schema"), never(_("no schema is open"))
    opened = with_project(frame)
    return [
        Command(
            "schema.import", _("Import schemas…"), schema, lambda: intake.import_schema(frame), "download-simple",
            ("Ctrl+Shift+I",), opened, hint=_("Copy schemas, archives or samples into the project, with what they import"),
        ),
        Command(
            "schema.import_folder", _("Import a folder of schemas…"), schema, lambda: intake.import_folder(frame),
            "folder-simple", (), opened,
        ),
        Command(
            "schema.address", _("Schema from an address…"), schema, lambda: intake.import_address(frame),
            "globe-simple", (), opened, hint=_("Fetch a service description or schema with all it imports"),
        ),
        Command(
            "schema.new", _("New schema…"), schema, lambda: _new(frame), "plus", (), opened,
            hint=_("Build a flat schema by hand: its records and fields"),
        ),
        Command(
            "schema.export", _("Export schema…"), schema, lambda: _export(frame), "export", (),
            lambda: opened() or ("" if _chosen(frame) else _("no schema is selected")),
            hint=_("Write the schema as XSD, JSON Schema, DTD or CSV header"),
        ),
        *_by_hand(),
        Command(
            "schema.find", _("Find in the schema"), schema, lambda: None, "magnifying-glass", ("Ctrl+F",), none,
            hint=_("Find names, types and words in all of the schema, nothing unfolded"),
        ),
        Command(
            "schema.beside", _("Text beside the tree"), schema, lambda: None, "columns", ("Ctrl+Shift+D",), none,
            checked=lambda: False,
        ),
    ]  # fmt: skip


def _by_hand() -> list[Command]:
    reason = never(_("no schema is open"))
    return [
        Command(id, text, _("Schema"), lambda: None, icon, (keys,), reason)
        for id, text, icon, keys in (
            ("schema.add_field", _("Add a field"), "plus", "Ctrl+Shift+N"),
            ("schema.add_record", _("Add a record"), "list-numbers", "Ctrl+Alt+N"),
            ("schema.up", _("Move up"), "arrow-up", "Alt+Shift+Up"),
            ("schema.down", _("Move down"), "arrow-down", "Alt+Shift+Down"),
            ("schema.delete", _("Delete the field or record"), "trash", "Ctrl+Del"),
        )
    ]


async def _new(frame: Frame) -> None:
    kinds = [(_("Delimited text"), "delimited"), (_("Fixed width"), "fixed")]
    asked = await ask_new_object(frame.widget(), _("New schema"), {_("Kind"): kinds})
    if asked is None:
        return
    name, (kind,) = asked
    workspace = workspace_of(frame)
    ref = ref_for(name, {PurePosixPath(file).stem for file in workspace.project.schemas})
    file = f"schemas/{ref}.yaml"
    atomic.write_text(workspace.folder / file, own_text(editing.blank(kind)))
    workspace.check_outside()
    frame.open_object(file, "fields:")


def _chosen(frame: Frame) -> str:
    """The schema in front or selected in the project tree."""
    id = frame.selected()
    return id if id.startswith("schemas/") else ""


async def _export(frame: Frame) -> None:
    """Ask in which form, of which root and where; write it."""
    workspace, id, editor = workspace_of(frame), _chosen(frame), frame.area.current
    forms = [
        (_("XML Schema"), "xsd"),
        (_("JSON Schema"), "json-schema"),
        (_("DTD"), "dtd"),
        (_("CSV header"), "csv"),
    ]
    endings = {"xsd": "xsd", "json-schema": "json", "dtd": "dtd", "csv": "csv"}
    root = str(editor.layout_state().get("root") or "") if editor is not None and editor.ref == id else ""
    roots = [(_("All roots"), ""), *([(root, root)] if root else [])]
    stem = PurePosixPath(id).stem
    asked = await ask_new_object(
        frame.widget(),
        _("Export schema"),
        {_("Form"): forms, _("Of"): roots},
        name=f"{stem}-export",
        done=_("Export"),
    )
    if asked is None:
        return
    name, (form, chosen) = asked
    ending = endings[form]
    start = str(workspace.folder / "schemas" / f"{name}.{ending}")
    filters = _("Schemas ({patterns})").format(patterns=f"*.{ending}")
    target = await ask_new_file(frame.widget(), _("Export schema"), filters, ending, start)
    if target is None:
        return
    agent = frame.session.agent
    files = await frame.session.tasks.felt(agent.export(workspace.folder, id, form, chosen, target))
    workspace.check_outside()
    frame.tell(
        ngettext("{name} was written.", "{name} and {n} files beside it were written.", len(files)).format(
            name=files[0], n=len(files) - 1
        )
    )
