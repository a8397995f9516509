"""A part of a file as a stream of its own: the file's beginning, the part, and what closes the document."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, cast

from studio.engine.parts.partition import Partition
from studio.engine.sources import open_input

_BUFFER = 1 << 18


class _Slice(io.RawIOBase):
    """Reads three stretches one after the other; it can be read again from any place."""

    def __init__(self, file: BinaryIO, partition: Partition) -> None:
        self._file = file
        self._head = partition.head
        self._start = partition.start
        self._tail = partition.tail
        self._body = partition.head + partition.end - partition.start
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        base = (0, self._at, self._body + len(self._tail))[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]
        data = self._data(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _data(self, size: int) -> bytes:
        at = self._at
        if at >= self._body:
            return self._tail[at - self._body : at - self._body + size]
        if at < self._head:
            self._file.seek(at)
            return self._file.read(min(size, self._head - at))
        self._file.seek(self._start + at - self._head)
        return self._file.read(min(size, self._body - at))

    def close(self) -> None:
        self._file.close()
        super().close()


def opened(path: Path, partition: Partition) -> BinaryIO:
    """The partition of the file as a seekable stream. Raises BadInput where the file cannot be opened."""
    return cast("BinaryIO", io.BufferedReader(_Slice(open_input(path), partition), _BUFFER))
