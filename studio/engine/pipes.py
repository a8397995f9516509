"""Input that comes through a pipe: read as it comes, kept for reading again only where a run may have to."""

from __future__ import annotations

import io
from typing import BinaryIO

_WINDOW = 1 << 16


class Piped(io.RawIOBase):
    """A pipe that can be read again from the beginning: from `kept`, a file that takes what has come.

    Without `kept` nothing is stored: going back is possible only while no more than the first bytes were read.
    """

    def __init__(self, pipe: BinaryIO, kept: BinaryIO | None) -> None:
        self._pipe = pipe
        self._all = kept is not None
        self._kept: BinaryIO = kept if kept is not None else io.BytesIO()
        self._at = 0
        self.taken = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """As far as what has come."""
        return True

    def tell(self) -> int:
        """The position."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a byte, to one that has not come by waiting for it. Raises OSError for those that are not kept."""
        if self._all and whence != 1:
            while (whence == 2 or offset > self.taken) and self._come(_WINDOW):
                pass
            offset, whence = (offset + self.taken if whence else min(offset, self.taken)), 0
        if whence != 0 or offset > self.taken or (offset < self.taken and not self._has_all):
            raise io.UnsupportedOperation("seek")
        self._at = offset
        return offset

    @property
    def _has_all(self) -> bool:
        return self._all or self.taken <= _WINDOW

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]
        """The next bytes: kept ones, or as many as the pipe has."""
        if self._at < self.taken:
            self._kept.seek(self._at)
            data = self._kept.read(min(len(buffer), self.taken - self._at))
        else:
            data = self._come(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _come(self, size: int) -> bytes:
        some = getattr(self._pipe, "read1", self._pipe.read)
        data: bytes = some(size) or b""
        if self._all or self.taken < _WINDOW:
            self._kept.seek(self.taken)
            self._kept.write(data)
        self.taken += len(data)
        return data
