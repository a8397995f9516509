"""The one-shot move: opened from anywhere."""

from __future__ import annotations

from studio.base.i18n import _
from ui.actions.frame import Frame
from ui.commands import Command


def commands(frame: Frame) -> list[Command]:
    """The command that opens a move."""

    return [
        Command(
            "move.open",
            _("One-shot move…"),
            _("Tools"),
            frame.session.open_move,
            "paper-plane-right",
            ("Ctrl+M",),
        ),
    ]
