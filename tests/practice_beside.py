"""A practice org in a thread of this process: a fresh one for every test costs a twentieth of a second, a process of its own one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from studio.base import atomic
from studio.base.paths import data_folder
from studio.practice.ready import Ready
from studio.practice.server import PracticeOrg


@contextlib.contextmanager
def org_beside(**given: Any) -> Iterator[Ready]:
    """A practice org with a loop and a thread of its own; `given` as `PracticeOrg` takes it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="practice org", daemon=True)
    thread.start()
    org = PracticeOrg(**given)
    try:
        yield asyncio.run_coroutine_threadsafe(org.start(), loop).result(60)
    finally:
        asyncio.run_coroutine_threadsafe(org.stop(), loop).result(60)
        asyncio.run_coroutine_threadsafe(loop.shutdown_asyncgens(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()


@contextlib.contextmanager
def users_org_beside(**given: Any) -> Iterator[Ready]:
    """The same, found by whoever asks for the user's own practice org, as where a window has it running."""
    folder = data_folder() / "practice"
    atomic.make_folder(folder)
    with org_beside(**given) as ready:
        file = folder / "ready.json"
        atomic.write_text(file, json.dumps(asdict(ready)))
        try:
            yield ready
        finally:
            atomic.discard(file)
