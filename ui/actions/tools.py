"""Tools: the one-shot move, the practice org, preferences."""

from __future__ import annotations

from studio.base.i18n import _
from ui.actions.frame import Frame
from ui.commands import Command
from ui.dialogs.preferences import ask_preferences


def commands(frame: Frame) -> list[Command]:
    """The commands of the Tools menu."""
    return [
        Command(
            "tools.preferences", _("Preferences…"), _("Tools"), lambda: _prefer(frame), "gear", ("Ctrl+,",)
        ),
    ]


async def _prefer(frame: Frame) -> None:
    frame.session.prefer(await ask_preferences(frame.widget(), frame.session.settings))
