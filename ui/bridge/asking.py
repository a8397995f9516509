"""A process that works for a window: asked on the loop, heard as it goes, ended with the window."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from studio.agent.run import error_from_data
from studio.base.child import python_command
from studio.base.errors import Cancelled, WeftError
from studio.base.i18n import _, language
from ui.bridge.vault import vault
from ui.bridge.why import heard

Event = Callable[[dict[str, Any]], object]
_LONGEST_LINE = 64 * 1024 * 1024
_PATIENCE = 20


class Asked:
    """One child process of the module given, started with the first request; requests are answered one at a time.

    `died` makes the error for a process that ended without a word. With `stop_waiting`, Stop is also for requests that
    wait for their turn.
    """

    def __init__(self, module: str, died: Callable[[], WeftError], *, stop_waiting: bool = False) -> None:
        self._module = module
        self._died = died
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._number = 0
        self._stop_waiting = stop_waiting
        self._stops = 0

    async def ask(self, do: str, on_event: Event = lambda _event: None, /, **values: Any) -> Any:
        """The answer to a request; events about it go to `on_event`.

        Raises the error the child reports, or the one of `died` when it ends; the next request starts another. Where
        the file of secrets wants a passphrase, a person is asked for it and the request is made again.
        """
        while True:
            tried = vault.passphrase
            try:
                return await self._once(do, on_event, values)
            except WeftError as error:
                if not await vault.opened(code_of(error), tried):
                    raise

    async def _once(self, do: str, on_event: Event, values: Mapping[str, Any]) -> Any:
        stops = self._stops
        async with self._turn:
            if self._stop_waiting and stops != self._stops:
                raise Cancelled(_("Stopped."))
            process = await self._running()
            self._number += 1
            number = self._number
            self._send(process, {"id": number, "do": do, "language": language(), **vault.shown(), **values})
            while True:
                assert process.stdout is not None
                line = await process.stdout.readline()
                if not line:
                    self._process = None
                    await process.wait()
                    raise self._died()
                message = json.loads(line)
                if message.get("id") != number:
                    continue
                if "event" in message:
                    on_event(message)
                elif "error" in message:
                    error = _error(message["error"])
                    heard(error)
                    raise error
                else:
                    return message["result"]

    @property
    def busy(self) -> bool:
        """A request is being answered."""
        return self._turn.locked()

    def stop(self) -> None:
        """Ask the request being answered to end in order."""
        self._stops += 1
        if self._process is not None:
            self._send(self._process, {"do": "stop"})

    async def close(self) -> None:
        """End the child and wait for it."""
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
        self._process = None

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *python_command(self._module),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LONGEST_LINE,
            )
        return self._process

    def _send(self, process: asyncio.subprocess.Process, message: Mapping[str, Any]) -> None:
        assert process.stdin is not None
        with contextlib.suppress(ConnectionError, RuntimeError):
            process.stdin.write(
                json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
            )


def code_of(error: WeftError) -> str:
    """What an error is called for programs, "" where it has no such name."""
    return str(getattr(error, "code", ""))


def _error(data: Mapping[str, Any]) -> WeftError:
    error = error_from_data(data)
    error.code = str(data.get("code", ""))  # type: ignore[attr-defined]
    return error
