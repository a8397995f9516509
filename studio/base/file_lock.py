"""A lock on a file that the system lets go of when its holder ends, in whatever way."""

from __future__ import annotations

import contextlib
import errno
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# The lock is held on a byte far behind the text, so that others may read who holds it (Windows locks are mandatory).
_LOCKED_BYTE = 1 << 20
BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
_WAIT = 0.02


@contextlib.contextmanager
def waiting_turn(path: Path, patience: float = 20.0) -> Iterator[bool]:
    """One process at a time inside the block; after `patience` seconds it goes on without its turn (False)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + patience
    with path.open("a+b") as stream:
        while not (held := _try(stream)) and time.monotonic() < until:
            time.sleep(_WAIT)
        try:
            yield held
        finally:
            if held:
                let_go(stream)


def _try(stream: BinaryIO) -> bool:
    try:
        hold(stream)
    except OSError as error:
        if error.errno not in BUSY:
            raise
        return False
    return True


if sys.platform == "win32":
    import msvcrt

    def hold(stream: BinaryIO) -> None:
        """Lock at once; raises OSError with one of BUSY where another has it."""
        stream.seek(_LOCKED_BYTE)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)

    def let_go(stream: BinaryIO) -> None:
        """Unlock."""
        stream.seek(_LOCKED_BYTE)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def hold(stream: BinaryIO) -> None:
        """Lock at once; raises OSError with one of BUSY where another has it."""
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def let_go(stream: BinaryIO) -> None:
        """Unlock."""
        fcntl.flock(stream.fileno(), fcntl.LOCK_UN)
