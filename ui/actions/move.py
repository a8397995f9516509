"""The one-shot move: opened from anywhere."""

from __future__ import annotations

from studio.base.i18n import _
from ui.actions.frame import Frame
from ui.commands import Command
from ui.dialogs.move.window import open_move


def commands(frame: Frame) -> list[Command]:
    """The command that opens a move."""

    def begin() -> None:
        open_move(frame.session)

    return [
        Command("move.open", _("One-shot move…"), _("Tools"), begin, "paper-plane-right", ("Ctrl+M",)),
    ]
