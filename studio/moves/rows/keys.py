"""Which rows name the same record: exact over any number of rows, in bounded memory."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from studio.base.atomic import told
from studio.base.records import dataclass
from studio.connectors.salesforce.describe import Field

_BUCKETS = 64
_IN_MEMORY = 300_000


@dataclass(frozen=True)
class SameKey:
    """The rows (numbers from 1) whose keys are the same, in order."""

    rows: tuple[int, ...]


class KeyCheck:
    """Takes every row's key once; then tells which rows share one.

    Kept is a 64-bit hash and the row number; beyond 300,000 rows they go to temporary files in `folder`, dealt into
    buckets by hash, so that the memory stays the same at any size.
    """

    def __init__(self, folder: Path, field: Field | None = None) -> None:
        self._folder = folder
        self._hashes = array("q")
        self._rows = array("q")
        self._spilled: tempfile.TemporaryDirectory[str] | None = None
        self._by_id = field is not None and field.type in ("id", "reference")
        self._fold = field is None or not (self._by_id or field.case_sensitive)

    def add(self, rows: Iterable[int], keys: Sequence[str]) -> None:
        """Take the keys of rows, as many as there are rows.

        Capitals count only where the org says so; an id counts by its first 15 characters.
        """
        if self._fold:
            self._hashes.extend(map(hash, map(str.lower, keys)))
        elif self._by_id:
            self._hashes.extend(hash(key[:15] if len(key) == 18 else key) for key in keys)
        else:
            self._hashes.extend(map(hash, keys))
        self._rows.extend(rows)
        if len(self._rows) >= _IN_MEMORY:
            self._spill()

    def same(self) -> Iterator[SameKey]:
        """The groups of rows that share a key; forgets everything afterwards."""
        if self._spilled is None:
            yield from _groups(self._hashes, self._rows)
        else:
            self._spill()
            for index in range(_BUCKETS):
                pairs = array("q")
                pairs.frombytes((Path(self._spilled.name) / str(index)).read_bytes())
                yield from _groups(pairs[0::2], pairs[1::2])
        self.close()

    def close(self) -> None:
        """Forget everything, temporary files too."""
        self._hashes, self._rows = array("q"), array("q")
        if self._spilled is not None:
            self._spilled.cleanup()
            self._spilled = None

    def _spill(self) -> None:
        """Deal what is in memory into buckets by hash, so that equal keys meet in one of them."""
        with told(self._folder):
            self._deal()

    def _deal(self) -> None:
        if self._spilled is None:
            self._spilled = tempfile.TemporaryDirectory(prefix="keys-", dir=self._folder)
        buckets = [array("q") for _n in range(_BUCKETS)]
        for pair in zip(self._hashes, self._rows, strict=True):
            buckets[pair[0] % _BUCKETS].extend(pair)
        for index, bucket in enumerate(buckets):
            with (Path(self._spilled.name) / str(index)).open("ab") as file:
                bucket.tofile(file)
        self._hashes, self._rows = array("q"), array("q")


def _groups(hashes: array[int], rows: array[int]) -> Iterator[SameKey]:
    first = dict(zip(reversed(hashes), reversed(rows), strict=True))
    if len(first) == len(hashes):
        return
    groups: dict[int, list[int]] = {}
    for key, row in zip(hashes, rows, strict=True):
        if first[key] != row:
            groups.setdefault(key, [first[key]]).append(row)
    for found in groups.values():
        yield SameKey(tuple(found))
