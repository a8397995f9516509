"""What SQLite says when a journal cannot be written, in the words every refused write is told in."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base.atomic import cannot_write
from studio.base.lazily import Lazily

if TYPE_CHECKING:
    import sqlite3
else:
    sqlite3 = Lazily("sqlite3")

# By what SQLite says in short: full, read-only, cannot be opened.
_ERRNO = {"SQLITE_FULL": errno.ENOSPC, "SQLITE_READONLY": errno.EROFS, "SQLITE_CANTOPEN": errno.EACCES}


@contextlib.contextmanager
def writing_database(path: Path) -> Iterator[None]:
    """Turn a write to the database at `path` that the disk refuses into BadInput: full, read-only, or SQLite's words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        # The lower byte is the kind, what is above it says more than a person needs.
        kind = error.sqlite_errorcode & 0xFF
        code = next((code for name, code in _ERRNO.items() if getattr(sqlite3, name) == kind), errno.EIO)
        raise cannot_write(path, OSError(code, str(error))) from error
    except OSError as error:
        raise cannot_write(path, error) from error
