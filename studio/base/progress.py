"""How long work reports where it is and learns that it must stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import field

from studio.base.errors import Cancelled
from studio.base.i18n import _
from studio.base.records import dataclass


@dataclass(frozen=True)
class Step:
    """`done` of `total` units (total None while unknown), and what is being done now, translated."""

    done: int
    total: int | None
    text: str = ""


def ignore(_step: Step) -> None:
    """Report to nobody."""


@dataclass
class Progress:
    """Handed to long work: call `report` now and then, `check` often; `stop` may come from another thread.

    Several may share one `flag`, so that stopping one stops all.
    """

    listener: Callable[[Step], object] = ignore
    flag: threading.Event = field(default_factory=threading.Event)

    def report(self, done: int, total: int | None = None, text: str = "") -> None:
        """Tell the listener; raises Cancelled when stopped."""
        self.check()
        self.listener(Step(done, total, text))

    def check(self) -> None:
        """Raise Cancelled when `stop` was called."""
        if self.flag.is_set():
            raise Cancelled(_("Stopped."))

    @property
    def stopped(self) -> bool:
        """`stop` was called."""
        return self.flag.is_set()

    def stop(self) -> None:
        """Make the next `check` raise."""
        self.flag.set()
