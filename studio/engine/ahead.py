"""The record somebody may look at next, evaluated while nobody asks: its values are kept for the preview."""

from __future__ import annotations

from collections.abc import Callable

from studio.base.errors import Cancelled
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.engine.effects import stays
from studio.engine.focused import Focused
from studio.engine.outs import Out
from studio.engine.plan import Target


class Waited(Progress):
    """Work that ends as soon as somebody waits for something else."""

    def __init__(self, waited: Callable[[], bool]) -> None:
        super().__init__()
        self._waited = waited

    def check(self) -> None:
        """Raise Cancelled when somebody waits."""
        if self._waited():
            raise Cancelled(_("Stopped."))


class Ahead(Focused):
    """A judge that fills what is kept, rule by rule, until `progress` stops it; what it has kept by then stays.

    Rules that may give something else when they are asked for are left to that time.
    """

    progress: Progress

    def make(self, target: Target) -> list[Out]:
        """The instances of a target node, for whoever comes later."""
        self.progress.check()
        if not stays(target) and next(target.exprs(), None) is not None:
            return []
        return super().make(target)
