"""The process that does the window's moves."""

from __future__ import annotations

from studio.base.errors import WeftError
from studio.base.i18n import _
from ui.bridge.asking import Asked


class Mover(Asked):
    """One child process, started with the first request; requests are answered one at a time, in order."""

    def __init__(self) -> None:
        super().__init__("studio.moves.desks.worker", _died)


def _died() -> WeftError:
    return WeftError(
        _("The process that does the move ended unexpectedly."),
        next_step=_("What was sent is in its journal: open the move again and resume it."),
    )
