"""What a reader yields besides records: a stretch of input that is no record."""

from __future__ import annotations

from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass


@dataclass(frozen=True)
class Broken:
    """A row or line that cannot be read: counted and set aside like any record that fails.

    `unit` is what would have been read, where it only does not fit its schema.
    """

    reason: str
    line: int
    unit: Any = None

    def needed(self, name: str) -> BadInput:
        """The error where all of the input called `name` is needed."""
        return BadInput(
            self.reason,
            file=name,
            line=self.line,
            next_step=_("Mend the row: these rules need the whole file at once."),
        )
