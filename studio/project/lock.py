"""One writer per project folder: a lock the system lets go of when its holder dies."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from studio.base.atomic import cannot_write, sync_folder
from studio.base.errors import BadInput
from studio.base.file_lock import BUSY, hold, let_go
from studio.base.i18n import _
from studio.base.lazily import Lazily

if TYPE_CHECKING:
    import socket
else:
    socket = Lazily("socket")

LOCAL = ".weft"
LOCK_FILE = "lock"


class InUse(BadInput):
    """Another program, or another window, has the project open for writing."""


class Lock:
    """Held from `take` until `release`, or until the process ends in whatever way."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream = stream
        self.path = path

    @staticmethod
    def take(folder: Path) -> Lock:
        """Lock the project in `folder`; raises InUse saying who has it, BadInput where nothing can be written."""
        path = local_folder(folder) / LOCK_FILE
        try:
            stream = path.open("a+b")
        except OSError as error:
            raise cannot_write(path, error) from error
        try:
            hold(stream)
        except OSError as error:
            holder = _holder(stream)
            stream.close()
            if error.errno in BUSY:
                raise InUse(
                    _("This project is already open: {holder}.").format(holder=holder),
                    file=folder,
                    next_step=_("Close it there, then open it here."),
                ) from None
            raise cannot_write(path, error) from error
        lock = Lock(stream, path)
        lock._say_who()
        return lock

    def release(self) -> None:
        """Let others have the project; the file stays, since removing it would race with the next holder."""
        if self._stream.closed:
            return
        with contextlib.suppress(OSError):
            self._stream.truncate(0)
            self._stream.flush()
        with contextlib.suppress(OSError):
            let_go(self._stream)
        self._stream.close()

    def _say_who(self) -> None:
        who = {"process": os.getpid(), "host": socket.gethostname(), "since": int(time.time())}
        # Only for the message another opener shows: the lock holds without it, on a full disk too.
        with contextlib.suppress(OSError):
            self._stream.truncate(0)
            self._stream.write(json.dumps(who).encode())
            self._stream.flush()


def local_folder(folder: Path) -> Path:
    """The project's `.weft`, made if need be; raises BadInput where it cannot be made or leads out of the project."""
    local = folder / LOCAL
    if local.is_symlink():
        raise BadInput(
            _("The folder .weft is a link that leads elsewhere."),
            file=local,
            next_step=_("Remove the link; the folder will be made anew."),
        )
    try:
        if not local.is_dir():
            local.mkdir(exist_ok=True)
            sync_folder(folder)
    except OSError as error:
        raise cannot_write(local, error) from error
    return local


def _holder(stream: BinaryIO) -> str:
    try:
        stream.seek(0)
        who = json.loads(stream.read(1000))
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(int(who["since"])))
        return _("process {process} on {host}, since {since}").format(
            process=int(who["process"]), host=str(who["host"]), since=since
        )
    except (OSError, ValueError, KeyError, TypeError):
        return _("another program holds its lock")
