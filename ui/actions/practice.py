"""The practice org: one command that finds or starts it and shows where it is."""

from __future__ import annotations

from studio.base.i18n import _
from ui.actions.frame import Frame
from ui.bridge.practice import Practice
from ui.commands import Command
from ui.dialogs.practice import PracticeDialog


def commands(frame: Frame) -> list[Command]:
    """The command that opens the practice org."""
    return [Command("practice.start", _("Practice org"), _("Tools"), lambda: _show(frame), "flask")]


async def _show(frame: Frame) -> None:
    practice = frame.session.findChild(Practice) or Practice(frame.session)
    frame.tell(_("Starting the practice org…"))
    ready = await frame.session.tasks.felt(practice.start())
    frame.tell(_("The practice org is at {address}.").format(address=ready.url))
    PracticeDialog(frame.widget(), ready, lambda: frame.table.run("move.open")).show()
