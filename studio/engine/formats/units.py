"""What a reader yields besides records: a stretch of input that is no record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Broken:
    """A row or line that cannot be read: counted and set aside like any record that fails."""

    reason: str
    line: int
