"""Schema: files and addresses taken into the project, and the commands of the schema editor with their reason."""

from __future__ import annotations

from studio.base.i18n import _
from ui.actions.frame import Frame
from ui.commands import Command, never

# The menu; "" is a line.
IDS = ("schema.find", "schema.beside")


def commands(_frame: Frame) -> list[Command]:
    """The declared commands; the schema editor binds its own with the same ids while it is in front."""
    schema, none = _("Schema"), never(_("no schema is open"))
    return [
        Command(
            "schema.find", _("Find in the schema"), schema, lambda: None, "magnifying-glass", ("Ctrl+F",), none,
            hint=_("Find names, types and words in all of the schema, nothing unfolded"),
        ),
        Command(
            "schema.beside", _("Text beside the tree"), schema, lambda: None, "columns", ("Ctrl+Shift+D",), none,
            checked=lambda: False,
        ),
    ]  # fmt: skip
