"""What SQLite says when a journal cannot be written, in the words every refused write is told in."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from studio.base.atomic import cannot_write

_ERRNO = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
}


@contextlib.contextmanager
def writing_database(path: Path) -> Iterator[None]:
    """Turn a write to the database at `path` that the disk refuses into BadInput: full, read-only, or SQLite's words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        # The lower byte is the kind, what is above it says more than a person needs.
        code = _ERRNO.get(error.sqlite_errorcode & 0xFF, errno.EIO)
        raise cannot_write(path, OSError(code, str(error))) from error
    except OSError as error:
        raise cannot_write(path, error) from error
