"""The window's end of a study: a process of its own that looks at a map for as long as that takes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from studio.agent.supervised import end_process, kill
from studio.agent.wire import MAXIMUM_LINE, decode, encode
from studio.base.child import python_command
from studio.base.i18n import language

# How long a study may take to stop by itself before its process is killed, in seconds.
STOP_PATIENCE = 3.0


class Study:
    """One study. `events` starts it and gives what it tells; the last event is `ended`.

    `ended` has a `result`, an `error`, or `stopped`; `lost` where the process died by itself. `over` is called when
    the process is gone.
    """

    def __init__(self, what: str, values: Mapping[str, Any], over: Callable[[Study], object]) -> None:
        self._asked = {"do": what, "language": language(), **values}
        self._over = over
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Everything it tells, in order."""
        process = self._process = await asyncio.create_subprocess_exec(
            *python_command("studio.agent.study_process"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MAXIMUM_LINE,
        )
        last: dict[str, Any] | None = None
        try:
            if self._stopping:
                # Stopped before there was a process: it is never told what to do.
                kill(process)
            await self._write(self._asked)
            assert process.stdout is not None
            while last is None and (line := await process.stdout.readline()):
                event = decode(line)
                if event.get("event") == "ended":
                    last = event
                else:
                    yield event
        finally:
            self._process = None
            await end_process(process)
            self._over(self)
        # Told when the process is gone, so that nobody has to wait for it after the last event.
        yield last or {"event": "ended", "stopped": self._stopping, "lost": not self._stopping}

    async def say(self, what: str, **values: Any) -> None:
        """Tell it something; nothing where it has ended."""
        await self._write({"do": what, **values})

    async def stop(self) -> None:
        """Ask it to stop; its process is killed when it does not within a few seconds."""
        process = self._process
        self._stopping = True
        if process is None:
            return
        await self._write({"do": "stop"})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(process.wait()), STOP_PATIENCE)
        if process.returncode is None:
            kill(process)

    async def end(self) -> None:
        """Kill it and wait until it is gone."""
        self._stopping = True
        process = self._process
        if process is not None:
            if process.returncode is None:
                kill(process)
            await process.wait()

    async def _write(self, message: Mapping[str, Any]) -> None:
        process = self._process
        if process is None or process.stdin is None or process.returncode is not None:
            return
        with contextlib.suppress(ConnectionError):
            process.stdin.write(encode(message))
            await process.stdin.drain()
