"""Files that are either wholly written or not at all, whatever kills the process."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.system_errors import reason_of


class NotWritten(BadInput):
    """The disk is full, or does not allow writing: what was to be written is not there, all else is as it was."""


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` with `data`: temporary file, fsync, rename, fsync of the folder.

    Raises BadInput naming the file when the folder is read-only or the disk is full; the old file is untouched then.
    """
    with writing(path) as file:
        file.write(data)


def write_text(path: Path, text: str) -> None:
    """`write_bytes` of UTF-8 text, line ends as given."""
    write_bytes(path, text.encode("utf-8"))


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file that appears at `path` when the block ends well and leaves no trace when it does not."""
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary, opened = _unfinished(path)
        with opened as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        if temporary is not None:
            discard(temporary)
        raise cannot_write(path, error) from error
    except BaseException:
        if temporary is not None:
            discard(temporary)
        raise


def _unfinished(path: Path) -> tuple[Path, BinaryIO]:
    """A new file beside `path` that nobody takes for a leftover."""
    while True:
        temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
        file = temporary.open("xb")
        hold(file, wait=True)
        if temporary.exists():
            return temporary, file
        file.close()  # taken for a leftover in the moment before it was held


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the disk refuses inside the block into the error `writing` raises; `path` is what is being written."""
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error) from error


def make_folder(path: Path, *, new: bool = False) -> None:
    """Make a folder and those above it; with `new` one that exists is a FileExistsError. Raises BadInput."""
    try:
        path.mkdir(parents=True, exist_ok=not new)
    except FileExistsError:
        if new:
            raise
        raise cannot_write(path, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))) from None
    except OSError as error:
        raise cannot_write(path, error) from error


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut; Windows cannot open folders and does not need it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear_leftovers(path: Path) -> None:
    """Remove the unfinished files that killed processes left of `path`; those that a living one is writing stay."""
    part = re.compile(re.escape(f".{path.name}.") + r"[0-9a-f]{8}\.part")
    with contextlib.suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if part.fullmatch(entry.name):
                _clear(Path(entry.path))


def _clear(leftover: Path) -> None:
    with contextlib.suppress(OSError), leftover.open("rb") as file:
        if hold(file):
            discard(leftover)


def hold(file: BinaryIO, *, wait: bool = False) -> bool:
    """Keep a file from being taken for a leftover while it is open; False where another process holds it."""
    if sys.platform == "win32":
        return True  # a file in use cannot be removed there
    import fcntl  # does not exist on Windows

    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def discard(path: Path) -> None:
    """Remove a file if it is there; an unwritable folder keeps it."""
    with contextlib.suppress(OSError):
        path.unlink()


def cannot_write(path: Path, error: OSError) -> NotWritten:
    """The error for a failed write, in words."""
    if error.errno == errno.ENOSPC:
        return NotWritten(
            _("The disk is full; the file was not written."),
            file=path,
            next_step=_("Free some space and save again: nothing was lost."),
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return NotWritten(
            _("The folder does not allow writing; the file was not written."),
            file=path,
            next_step=_("Save to another folder, or ask for the right to write here."),
        )
    return NotWritten(
        _("The file could not be written: {reason}.").format(reason=reason_of(error)),
        file=path,
        next_step=_("Check the disk and save again."),
    )
