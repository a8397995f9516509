"""Which rows name the same record: exact over any number of rows, in bounded memory."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.connectors.salesforce.describe import Field

_BUCKETS = 64
_IN_MEMORY = 2_000_000
_MASK = (1 << 64) - 1


@dataclass(frozen=True)
class SameKey:
    """The rows (numbers from 1) whose keys are the same, in order."""

    rows: tuple[int, ...]


class KeyCheck:
    """Takes every row's key once; then tells which rows share one.

    Kept is a 64-bit hash and the row number, dealt into buckets by hash; beyond two million rows the buckets go to
    temporary files in `folder`, so that the memory stays the same at any size.
    """

    def __init__(self, folder: Path, field: Field | None = None) -> None:
        self._folder = folder
        self._buckets = [array("Q") for _ in range(_BUCKETS)]
        self._held = 0
        self._spilled: tempfile.TemporaryDirectory[str] | None = None
        self._by_id = field is not None and field.type in ("id", "reference")
        self._fold = field is None or not (self._by_id or field.case_sensitive)

    def add(self, row: int, key: str) -> None:
        """Take the key of a row. Capitals count only where the org says so; an id counts by its first 15 characters."""
        if self._fold:
            key = key.lower()
        elif self._by_id and len(key) == 18:
            key = key[:15]
        number = hash(key) & _MASK
        bucket = self._buckets[number % _BUCKETS]
        bucket.append(number)
        bucket.append(row)
        self._held += 1
        if self._held >= _IN_MEMORY:
            self._spill()

    def same(self) -> Iterator[SameKey]:
        """The groups of rows that share a key; forgets everything afterwards."""
        for index, bucket in enumerate(self._buckets):
            first: dict[int, int] = {}
            groups: dict[int, list[int]] = {}
            pairs = self._stored(index) + bucket
            for at in range(0, len(pairs), 2):
                number, row = pairs[at], pairs[at + 1]
                known = first.setdefault(number, row)
                if known != row:
                    groups.setdefault(number, [known]).append(row)
            for rows in groups.values():
                yield SameKey(tuple(rows))
        self.close()

    def close(self) -> None:
        """Forget everything, temporary files too."""
        self._buckets = [array("Q") for _ in range(_BUCKETS)]
        if self._spilled is not None:
            self._spilled.cleanup()
            self._spilled = None

    def _spill(self) -> None:
        if self._spilled is None:
            self._spilled = tempfile.TemporaryDirectory(prefix="keys-", dir=self._folder)
        for index, bucket in enumerate(self._buckets):
            with (Path(self._spilled.name) / str(index)).open("ab") as file:
                bucket.tofile(file)
        self._buckets = [array("Q") for _ in range(_BUCKETS)]
        self._held = 0

    def _stored(self, index: int) -> array[int]:
        stored = array("Q")
        if self._spilled is not None:
            stored.frombytes((Path(self._spilled.name) / str(index)).read_bytes())
        return stored
