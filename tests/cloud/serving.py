"""A server in a process of its own that can be killed: `python -m tests.cloud.serving FOLDER`.

It imports everything once and then, for each line `PORT WRITE` it reads, forks a child that serves; the child kills
itself at its so-manieth write (0: never): each fsync, each rename, each commit of the database is one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cloud.app import create_app
from cloud.config import Config, Limits
from cloud.running import make_server
from cloud.store.database import Database, Tenant
from cloud.store.keys import LocalMaster
from tests.cloud.conftest import by_test_token

MASTER = LocalMaster(bytes(range(32)))


def config_of(folder: Path, port: int) -> Config:
    """A server on loopback without TLS and without limits of rate."""
    limits = Limits(per_minute=10**6, tries_per_minute=10**6)
    return Config(folder=folder, port=port, plain_http=True, limits=limits)


class Killer:
    """Counts writes, before and after each, and ends the process at one of them as a power switch would."""

    def __init__(self, at: int) -> None:
        self._at, self._count, self._lock = at, 0, threading.Lock()

    def step(self) -> None:
        """One more moment at which to die."""
        with self._lock:
            self._count += 1
            if self._count == self._at:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call with a moment before and one after it."""

        def watched(*args: Any, **more: Any) -> Any:
            self.step()
            result = call(*args, **more)
            self.step()
            return result

        return watched


class _Killed(Database):
    """A database with a moment before and after each commit of something written."""

    killer = Killer(0)

    @contextlib.contextmanager
    def tenant(self, org: str, *, user: str | None = None, write: bool = False) -> Iterator[Tenant]:
        with super().tenant(org, user=user, write=write) as opened:
            yield opened
            if write:
                self.killer.step()
        if write:
            self.killer.step()


def serve(folder: Path, port: int, at: int) -> None:
    """Serve until killed."""
    config = config_of(folder, port)
    database = _Killed(config.database_url)
    app = create_app(config, database=database, master=MASTER, authenticators=(by_test_token,))
    server = make_server(app, config)
    if at:
        killer = Killer(at)
        for name in ("fsync", "replace"):
            setattr(os, name, killer.around(getattr(os, name)))
        database.killer = killer
    server.run()


def main(folder: Path) -> None:
    """Fork a server for each line."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        port, at = map(int, line.split())
        child = os.fork()
        if not child:
            serve(folder, port, at)
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
