"""Help: what the program is."""

from __future__ import annotations

from studio import __version__
from studio.base.i18n import _
from ui.actions.frame import Frame, with_project
from ui.actions.reference import show_reference
from ui.commands import Command
from ui.dialogs.ask import ask


def commands(frame: Frame) -> list[Command]:
    """The commands of the Help menu."""
    return [
        Command(
            "help.reference", _("Function reference…"), _("Help"), lambda: show_reference(frame), "book-open", ("F1",),
        ),
        Command(
            "help.functions", _("Find a function…"), _("Help"), frame.find_functions, "math-operations", ("Shift+F1",),
            with_project(frame),
        ),
        Command("help.about", _("About Weft Studio"), _("Help"), lambda: _about(frame), "info"),
    ]  # fmt: skip


async def _about(frame: Frame) -> None:
    text = _("Version {version}. Move and map data between systems, on your own computer.").format(
        version=__version__
    )
    await ask(frame.widget(), "Weft Studio", text, _("Close"))
