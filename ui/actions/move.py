"""The one-shot move and the orgs it goes to: opened from anywhere."""

from __future__ import annotations

from studio.base.i18n import _
from ui.actions.frame import Frame
from ui.commands import Command


def commands(frame: Frame) -> list[Command]:
    """The commands that open a move and the orgs."""

    return [
        Command(
            "move.open",
            _("One-shot move…"),
            _("Tools"),
            frame.session.open_move,
            "paper-plane-right",
            ("Ctrl+M",),
        ),
        Command(
            "move.several",
            _("Move several objects…"),
            _("Tools"),
            frame.session.open_several,
            "table",
            ("Ctrl+Alt+M",),
            hint=_("Load parents and children together, from files or another org"),
        ),
        Command(
            "orgs.open",
            _("Salesforce orgs…"),
            _("Tools"),
            frame.session.open_orgs,
            "cloud",
            ("Ctrl+Alt+O",),
            hint=_("Add the orgs you work in, sign in and out, give each its mark"),
        ),
    ]
