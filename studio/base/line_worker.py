"""A process that works for the window: JSON lines in and out, so that the window never works and Stop always does.

Asked `{"id", "do", …}`, it answers `{"id", "result"}` or `{"id", "error"}`; in between come events `{"id", "event", …}`.
`unlock` in a request is the passphrase of the file of secrets, on a computer without a key store.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, BinaryIO, Protocol

from studio.base import i18n, secrets
from studio.base.child import end_with_parent
from studio.base.errors import BadInput, Cancelled, NotAllowed, NotHere, NotReachable, TooLarge, WeftError
from studio.base.i18n import _
from studio.base.progress import Progress

Message = dict[str, Any]
_ERRORS = (TooLarge, BadInput, NotReachable, NotAllowed, NotHere, Cancelled)


class Desk(Protocol):
    """What the process can be asked: by name, each awaited with the request, `tell`, `stop` and `progress`."""

    @property
    def answers(self) -> Mapping[str, Callable[..., Awaitable[Any]]]:
        """The answers by the name they are asked for by."""
        ...


OpenDesk = Callable[[contextlib.AsyncExitStack], Desk]


class Worker:
    """Answers requests one at a time; `stop` is heard at any moment."""

    def __init__(self, read: BinaryIO, write: Callable[[Message], None], open_desk: OpenDesk) -> None:
        self._read = read
        self._write = write
        self._open_desk = open_desk
        self._waiting: asyncio.Queue[tuple[int, Message] | None] = asyncio.Queue()
        self._progress = Progress()
        self._stop = asyncio.Event()
        # How many requests have come, and how many of them had when Stop came: it is for all of those.
        self._came = self._stopped = 0

    async def serve(self) -> None:
        """Until the other side closes."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(loop,), name="requests", daemon=True).start()
        async with contextlib.AsyncExitStack() as stack:
            desk = self._open_desk(stack)
            while (waiting := await self._waiting.get()) is not None:
                number, message = waiting
                self._progress = Progress()
                if number <= self._stopped:
                    self._progress.stop()
                else:
                    self._stop.clear()
                await self._answer(desk, message)

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Reads requests beside the loop, which may be busy staging rows when Stop comes."""
        for text in iter(self._read.readline, b""):
            with contextlib.suppress(ValueError):
                message = json.loads(text)
                if message.get("do") == "stop":
                    self._progress.stop()
                    loop.call_soon_threadsafe(self._halt)
                else:
                    loop.call_soon_threadsafe(self._take, message)
        self._progress.stop()
        with contextlib.suppress(RuntimeError):  # the loop has gone before us
            loop.call_soon_threadsafe(self._stop.set)
            loop.call_soon_threadsafe(self._waiting.put_nowait, None)

    def _take(self, message: Message) -> None:
        self._came += 1
        self._waiting.put_nowait((self._came, message))

    def _halt(self) -> None:
        self._stopped = self._came
        self._stop.set()

    async def _answer(self, desk: Desk, message: Message) -> None:
        number = message.get("id")

        def tell(event: str, **values: Any) -> None:
            self._write({"id": number, "event": event, **values})

        try:
            i18n.use_language(str(message.get("language") or i18n.language()))
            if passphrase := message.pop("unlock", ""):
                secrets.unlock(str(passphrase))
            work = _work(desk, str(message.get("do")))
            result = await work(message, tell, self._stop, self._progress)
            self._write({"id": number, "result": result})
        except WeftError as error:
            self._write({"id": number, "error": error_data(error)})


def _work(desk: Desk, what: str) -> Callable[..., Awaitable[Any]]:
    found = desk.answers.get(what)
    if found is None:
        raise BadInput(_("There is no request called {name}.").format(name=what))
    return found


def error_data(error: WeftError) -> Message:
    """An error as the window raises it again; one that has a `code` for programs keeps it."""
    known = next((kind.__name__ for kind in _ERRORS if isinstance(error, kind)), "WeftError")
    if known == "WeftError" and error.exit_code == NotReachable.exit_code:
        known = "NotReachable"
    code = getattr(error, "code", "")
    return {"type": known, **error.said(), **({"code": code} if isinstance(code, str) and code else {})}


def writer(stream: BinaryIO) -> Callable[[Mapping[str, Any]], None]:
    """Writes one message a line."""

    def write(message: Mapping[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):
            stream.write(json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
            stream.flush()

    return write


def serve(open_desk: OpenDesk) -> None:
    """Serve on standard input and output until the parent goes."""
    end_with_parent()
    # Ctrl+C in the terminal the window was started from goes to every process of it; ours ends with the window.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = writer(sys.stdout.buffer)
    sys.stdout = sys.stderr
    asyncio.run(Worker(sys.stdin.buffer, out, open_desk).serve())
