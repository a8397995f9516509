"""The user's own practice org: one set of records, found where it already runs, started where it does not."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from studio.base import atomic
from studio.base.paths import data_folder
from studio.practice.process import PracticeProcess
from studio.practice.ready import Ready

# A start that has not written its address after this many seconds has failed, and the next one may try.
_PATIENCE = 20.0


class SharedPractice:
    """Somebody's running practice org, or our own child: `close` ends it only if we started it.

    Making one blocks for a moment: off the window's loop, do it in a thread.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or data_folder() / "practice"
        atomic.make_folder(self._folder)
        self._ready_file = self._folder / "ready.json"
        self._claim = self._folder / "starting"
        self._process: PracticeProcess | None = None
        self.ready = self._found() or self._start()

    @property
    def ours(self) -> bool:
        """We started it, and it ends with us."""
        return self._process is not None

    def close(self) -> None:
        """End the org if we started it; its records stay in the folder."""
        if self._process is not None:
            atomic.discard(self._ready_file)
            self._process.stop()
            self._process = None

    def _found(self) -> Ready | None:
        try:
            ready = Ready(**json.loads(self._ready_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return ready if _answers(ready) else None

    def _start(self) -> Ready:
        end = time.monotonic() + _PATIENCE
        while not self._claimed():
            found = self._found()
            if found is not None:
                return found
            if time.monotonic() > end:
                atomic.discard(self._claim)
            time.sleep(0.1)
        try:
            found = self._found()
            if found is not None:
                return found
            self._process = PracticeProcess(self._folder / "records")
            ready = self._process.ready
            atomic.write_text(self._ready_file, json.dumps(asdict(ready)))
            return ready
        finally:
            atomic.discard(self._claim)

    def _claimed(self) -> bool:
        """We alone may start it now: the first to make the file, or the one to find a forgotten one."""
        with contextlib.suppress(OSError):
            if time.time() - self._claim.stat().st_mtime > _PATIENCE:
                self._claim.unlink()
        try:
            os.close(os.open(self._claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            return False
        except OSError as error:
            raise atomic.cannot_write(self._claim, error) from error
        return True


@contextlib.contextmanager
def practice_org(folder: Path | None = None) -> Iterator[Ready]:
    """The user's practice org for the length of a block."""
    shared = SharedPractice(folder)
    try:
        yield shared.ready
    finally:
        shared.close()


def _answers(ready: Ready) -> bool:
    """Something at the address knows the token: the port may have gone to another program since."""
    address = urlsplit(ready.url)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=5)
    try:
        connection.request(
            "GET", "/services/oauth2/userinfo", headers={"Authorization": f"Bearer {ready.access_token}"}
        )
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
