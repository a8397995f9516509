"""Schema: files and addresses taken into the project, and the commands of the schema editor with their reason."""

from __future__ import annotations

from studio.base.i18n import _
from ui.actions import intake
from ui.actions.frame import Frame, with_project
from ui.commands import Command, never

# The menu; "" is a line.
IDS = ("schema.import", "schema.import_folder", "", "schema.find", "schema.beside")
# Over the kind in the project tree.
OF_ALL = ("schema.import", "schema.import_folder")


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
            "schema.find", _("Find in the schema"), schema, lambda: None, "magnifying-glass", ("Ctrl+F",), none,
            hint=_("Find names, types and words in all of the schema, nothing unfolded"),
        ),
        Command(
            "schema.beside", _("Text beside the tree"), schema, lambda: None, "columns", ("Ctrl+Shift+D",), none,
            checked=lambda: False,
        ),
    ]  # fmt: skip
