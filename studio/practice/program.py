"""The practice org as a program: prints one JSON line when ready and ends with its parent, or on a signal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from studio.base import i18n
from studio.base.errors import WeftError
from studio.practice import faults
from studio.practice.server import PracticeOrg


async def serve(org: PracticeOrg, *, with_parent: bool) -> None:
    """Run until told to stop; `with_parent` also ends when standard input closes, which it does with the parent."""
    stop = _stop_wish(with_parent=with_parent)
    ready = await org.start()
    try:
        print(json.dumps(ready.as_data()), flush=True)  # noqa: T201
        await stop.wait()
    finally:
        await org.stop()


def _stop_wish(*, with_parent: bool) -> asyncio.Event:
    """Is set when the program is to end. Asked for before anybody is told that the org is ready."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    # Windows has no handlers on its loop: there a KeyboardInterrupt ends the program.
    with contextlib.suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    if with_parent:
        # A daemon thread, because reading cannot be cancelled; past sys.stdin, whose lock it would hold at the end.
        number_in = sys.stdin.fileno()

        def wait() -> None:
            with contextlib.suppress(OSError):
                while os.read(number_in, 1024):
                    pass
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(stop.set)

        threading.Thread(target=wait, name="parent-watch", daemon=True).start()
    return stop


def main(argv: list[str]) -> int:
    """Run with the settings of the first argument, a JSON object; `error` lines go to stdout as JSON, too."""
    settings: dict[str, Any] = json.loads(argv[1]) if len(argv) > 1 else {}
    i18n.use_language(settings.get("language"))
    try:
        org = PracticeOrg(
            data=Path(settings["data"]) if settings.get("data") else None,
            port=int(settings.get("port", 0)),
            https=bool(settings.get("https")),
            objects=[Path(name) for name in settings.get("objects", ())],
            faults=[faults.parse(text) for text in settings.get("faults", ())],
            seed=bool(settings.get("seed", True)),
            records=int(settings.get("records", 0)),
        )
        asyncio.run(serve(org, with_parent=True))
    except WeftError as error:
        print(json.dumps({"error": str(error)}), flush=True)  # noqa: T201
        return error.exit_code
    except KeyboardInterrupt:
        pass
    return 0
