"""One child process that answers requests: started when needed, watched, killed when stuck, started again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from studio.agent.run import error_from_data
from studio.agent.turn import Turn
from studio.agent.wire import MAXIMUM_LINE, decode, encode
from studio.base.child import python_command
from studio.base.errors import WeftError
from studio.base.i18n import _, language
from studio.base.signal import Signal

log = logging.getLogger(__name__)

# A child that dies this often in a row without answering anything is not started again until asked to.
_PATIENCE = 3
# Seconds a child may take until it has loaded what it needs.
_START_LIMIT = 60.0


class Supervised:
    """Requests go out one at a time, in order; each is answered, refused or ends with the child's death.

    `state` is `stopped`, `starting`, `ready`, `busy` or `failed`; `changed` tells each new one.
    """

    def __init__(self, module: str) -> None:
        self.state = "stopped"
        self.changed: Signal[[str]] = Signal()
        self.deaths = 0
        self._module = module
        self._process: asyncio.subprocess.Process | None = None
        self._turn = Turn()
        self._deaths_in_a_row = 0
        self._number = 0
        self._started = 0
        self._asking = ""
        self._given_up: set[str] = set()
        self._stopped = False
        self._sent: set[asyncio.Task[dict[str, Any]]] = set()

    @property
    def process_id(self) -> int | None:
        """The child's number, None while there is none."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the child and wait until it has loaded what it needs."""
        await self.ask("hello", {}, limit=_START_LIMIT)

    async def ask(
        self,
        what: str,
        values: Mapping[str, Any] | Callable[[int], Mapping[str, Any]],
        *,
        limit: float,
        name: str = "",
    ) -> dict[str, Any]:
        """The answer to one request. Raises the error the child reports, or WeftError when it dies or takes longer
        than `limit` seconds (it is killed then, and started again for the next request).

        A function for `values` is asked when it is this request's turn, with a number that every child has for itself.
        `name` is what the request can be given up by, waiting or not.
        """
        async with self._turn:
            self.check(name)
            fresh = self._process is None or self._process.returncode is not None
            process = await self._running()
            self._set("busy")
            self._asking, self._stopped = name, False

            async def asked() -> dict[str, Any]:
                if fresh and what != "hello":
                    # Starting takes its own time, which is not the request's.
                    self._send(process, "hello", {})
                    await asyncio.wait_for(_received(process), _START_LIMIT)
                self._send(process, what, values if isinstance(values, Mapping) else values(self._started))
                return await asyncio.wait_for(_received(process), limit)

            return await self._answered(process, asked(), limit)

    def ask_now(
        self, what: str, values: Callable[[int], Mapping[str, Any]], *, limit: float, name: str = ""
    ) -> asyncio.Task[dict[str, Any]] | None:
        """`ask` where the child has nothing else to do: the request has gone out when this returns. Else None."""
        process = self._process
        if (
            process is None
            or process.returncode is not None
            or self.state != "ready"
            or not self._turn.take()
        ):
            return None
        try:
            self._send(process, what, values(self._started))
        except BaseException:
            self._turn.release()
            raise
        self._asking, self._stopped = name, False
        self._set("busy")

        async def asked() -> dict[str, Any]:
            try:
                return await self._answered(process, asyncio.wait_for(_received(process), limit), limit)
            finally:
                self._turn.release()

        task = asyncio.get_event_loop().create_task(asked())
        self._sent.add(task)
        task.add_done_callback(self._settled)
        return task

    def _settled(self, task: asyncio.Task[dict[str, Any]]) -> None:
        self._sent.discard(task)
        if not task.cancelled():
            # Whoever asked may have gone: then nobody is to be told of an error.
            task.exception()

    async def _answered(
        self, process: asyncio.subprocess.Process, asked: Awaitable[dict[str, Any]], limit: float
    ) -> dict[str, Any]:
        """The result in an answer that is awaited, its error raised; a child that gives none is ended."""
        try:
            answer = await asked
        except TimeoutError:
            await self._end(process)
            self._set("stopped")
            raise WeftError(
                _("The agent did not answer within {seconds} s and was started again.").format(
                    seconds=int(limit)
                ),
                next_step=_("Look for an endless loop in a script, or try a smaller sample."),
            ) from None
        except asyncio.CancelledError:
            # The answer would be taken for that of the next request, so the child has to go.
            await asyncio.shield(self._end(process))
            self._set("stopped")
            raise
        except (ConnectionError, EOFError, ValueError) as error:
            raise await self._died(process) from error
        finally:
            self._asking = ""
        self._deaths_in_a_row = 0
        self._set("ready")
        if "error" in answer:
            raise error_from_data(answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def _send(self, process: asyncio.subprocess.Process, what: str, values: Mapping[str, Any]) -> None:
        assert process.stdin is not None
        self._number += 1
        process.stdin.write(encode({"id": self._number, "do": what, "language": language(), **values}))

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        if self._deaths_in_a_row >= _PATIENCE:
            self._deaths_in_a_row = 0
            self._set("failed")
            raise WeftError(
                _("The agent keeps stopping as soon as it starts."),
                next_step=_("Restart Weft Studio; if it happens again, look at the log in Help ▸ Show log."),
            )
        self._set("starting")
        self._started += 1
        self._process = await asyncio.create_subprocess_exec(
            *python_command(self._module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MAXIMUM_LINE,
        )
        return self._process

    def expect(self, name: str) -> None:
        """A new request of this name is on its way: what was given up was an older one."""
        self._given_up.discard(name)

    def stop(self, name: str) -> None:
        """Give up the request of this name: its child is ended if it is at it, else it never gets its turn."""
        self._given_up.add(name)
        if self._asking == name and self._process is not None:
            self._stopped = True
            kill(self._process)

    def check(self, name: str) -> None:
        """Raise WeftError where the request of this name was given up."""
        if name in self._given_up:
            raise _given_up()

    async def _died(self, process: asyncio.subprocess.Process) -> WeftError:
        code = await self._end(process)
        if self._stopped:
            self._set("stopped")
            return _given_up()
        self.deaths += 1
        self._deaths_in_a_row += 1
        log.info("the agent ended by itself with code %s", code)
        self._set("stopped")
        return WeftError(
            _("The agent stopped unexpectedly; it is started again with the next step."),
            next_step=_("Nothing was lost. If it happens again with the same sample, send us the log."),
        )

    async def _end(self, process: asyncio.subprocess.Process) -> int | None:
        if process is self._process:
            self._process = None
        return await end_process(process)

    def _set(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)

    async def close(self) -> None:
        """End the child and wait for it."""
        if self._process is not None:
            await self._end(self._process)
        await asyncio.gather(*self._sent, return_exceptions=True)
        self._set("stopped")


async def _received(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """The answer to what was sent; raises EOFError where the child has gone."""
    assert process.stdin is not None
    assert process.stdout is not None
    await process.stdin.drain()
    line = await process.stdout.readline()
    if not line:
        raise EOFError
    return decode(line)


def _given_up() -> WeftError:
    return WeftError(
        _("Stopped: the values were not worked out."),
        next_step=_("They are worked out again after the next edit."),
    )


def kill(process: asyncio.subprocess.Process) -> None:
    """Kill a child that may just be ending by itself.

    Process.kill() would look at the child first and so take its exit code away from the loop's own watcher.
    """
    with contextlib.suppress(ProcessLookupError):
        if os.name == "nt":
            process.kill()
        else:
            os.kill(process.pid, signal.SIGKILL)


async def end_process(process: asyncio.subprocess.Process) -> int | None:
    """Kill a child if it still runs and wait until it and its pipes are gone."""
    if process.returncode is None:
        kill(process)
    if process.stdin is not None:
        process.stdin.close()
        with contextlib.suppress(ConnectionError):
            await process.stdin.wait_closed()
    if process.stdout is not None:
        while await process.stdout.read(65536):
            pass
    return await process.wait()
