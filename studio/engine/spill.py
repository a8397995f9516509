"""Records put into an order whatever their number: in memory while they are few, else in sorted runs on disk that are merged."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from studio.base.atomic import NotWritten
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.system_errors import reason_of

if TYPE_CHECKING:
    import pickle
    import tempfile
else:
    pickle = Lazily("pickle")
    tempfile = Lazily("tempfile")

# What the records kept in memory may take, in bytes as far as it can be told; more go to disk.
IN_MEMORY = 48_000_000
_EACH = 300  # a record beside its data and its key
_BLOCK = 1 << 17
_MOST_RUNS = 64

Key = tuple[Any, ...]
Record = tuple[Key, int, bytes]
"""Its key, how many came before it, its data."""


class Sorter:
    """Takes records and gives them in the order of their keys, those with the same key as they came.

    Where `sorts` is set to False on the way the keys cannot be compared; stored() has the records then. Raises
    NotWritten where the disk refuses. The files have no names, so that nothing stays of them, however the run ends.
    """

    def __init__(self, limit: int = IN_MEMORY) -> None:
        self.count = 0
        self.sorts = True
        self._limit = limit
        self._held: list[Record] = []
        self._size = 0
        self._runs: list[_Run] = []

    @property
    def spilled(self) -> bool:
        """Some are on disk."""
        return bool(self._runs)

    def add(self, key: Key, data: bytes) -> None:
        """One more record."""
        self._held.append((key, self.count, data))
        self.count += 1
        self._size += _EACH + len(data) + size_of(key)
        if self._size > self._limit:
            self._spill()

    def records(self) -> Iterator[Record]:
        """All of them in order."""
        self._held.sort()
        if not self._runs:
            return iter(self._held)
        return heapq.merge(*self._runs, self._held)

    def stored(self) -> Iterator[Record]:
        """All of them in any order."""
        return chain(*self._runs, self._held)

    def close(self) -> None:
        """Throw everything away."""
        for run in self._runs:
            run.close()
        self._runs, self._held = [], []

    def _spill(self) -> None:
        if self.sorts:
            self._held.sort()
        self._runs.append(_Run(self._held))
        self._held, self._size = [], 0
        if len(self._runs) < _MOST_RUNS:
            return
        # As many files as there are runs would be open at once.
        merged = _Run(heapq.merge(*self._runs) if self.sorts else chain(*self._runs))
        for run in self._runs:
            run.close()
        self._runs = [merged]


class _Run:
    """Records in a file, a block after the other."""

    def __init__(self, records: Iterable[Record]) -> None:
        try:
            self._file = cast("BinaryIO", tempfile.TemporaryFile(prefix="weft-sort-"))
            self._write(records)
        except OSError as error:
            raise _refused(error) from error

    def _write(self, records: Iterable[Record]) -> None:
        block: list[Record] = []
        size = 0
        for record in records:
            block.append(record)
            size += _EACH + len(record[2])
            if size > _BLOCK:
                pickle.dump(block, self._file, pickle.HIGHEST_PROTOCOL)
                block, size = [], 0
        pickle.dump(block, self._file, pickle.HIGHEST_PROTOCOL)
        self._file.flush()
        self._end = self._file.tell()

    def __iter__(self) -> Iterator[Record]:
        self._file.seek(0)
        while self._file.tell() < self._end:
            yield from pickle.load(self._file)  # written above, by this process

    def close(self) -> None:
        self._file.close()


def size_of(key: Key) -> int:
    """About how many bytes a key takes."""
    return sum(60 + len(each) if isinstance(each, str) else 60 for each in key)


def _refused(error: OSError) -> NotWritten:
    return NotWritten(
        _("What is sorted could not be written to the folder for temporary files: {reason}.").format(
            reason=reason_of(error)
        ),
        file=_folder(),
        next_step=_("Free some space there, or name another folder in the variable TMPDIR."),
    )


def _folder() -> Path | None:
    try:
        return Path(tempfile.gettempdir())
    except OSError:
        return None
