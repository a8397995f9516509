"""The passphrase of the file of secrets, on a computer without a key store: asked of a person once, kept in memory only.

Processes that work for a window are given it with what they are asked, on their standard input.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from studio.base.secrets import NO_PASSPHRASE, WRONG_PASSPHRASE

Ask = Callable[[bool], Awaitable[str | None]]


class OpenVault:
    """`passphrase` is what was typed since the start, "" for none."""

    def __init__(self) -> None:
        self.begin(None)

    def begin(self, ask: Ask | None) -> None:
        """A program starts: nothing is known. `ask` has a person type it (True: the one before did not fit)."""
        self._ask = ask
        self.passphrase = ""
        self._declined = False
        self._asking: asyncio.Future[bool] | None = None

    def ask_again(self) -> None:
        """A person wants something done: whoever did not want to type it before may be asked once more."""
        self._declined = False

    def shown(self) -> dict[str, str]:
        """What goes with a request."""
        return {"unlock": self.passphrase} if self.passphrase else {}

    async def opened(self, code: str, tried: str) -> bool:
        """Whether there is another passphrase now than the one tried when this error (its `code`) came."""
        if code not in (NO_PASSPHRASE, WRONG_PASSPHRASE):
            return False
        if self.passphrase != tried:
            return True
        if self._asking is None:
            if self._declined or self._ask is None:
                return False
            self._asking = asyncio.ensure_future(self._have_asked(self._ask, code == WRONG_PASSPHRASE))
        return await asyncio.shield(self._asking)

    async def _have_asked(self, ask: Ask, wrong: bool) -> bool:
        try:
            typed = await ask(wrong)
        finally:
            self._asking = None
        self._declined = not typed
        self.passphrase = typed or ""
        return bool(typed)


vault = OpenVault()
