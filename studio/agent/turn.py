"""One at a time, in the order asked; who comes when nobody is there has the turn without waiting for the loop."""

from __future__ import annotations

import asyncio
from collections import deque


class Turn:
    """`async with` waits for the turn; `take` takes it at once, where it is free."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take the turn; tells whether nobody had it. `release` gives it back."""
        if self._taken:
            return False
        self._taken = True
        return True

    def release(self) -> None:
        """Give the turn to whoever has waited longest."""
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():
                first.set_result(None)
                return
        self._taken = False

    async def __aenter__(self) -> None:
        if self.take():
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                # It was this one's turn already.
                self.release()
            raise

    async def __aexit__(self, *_error: object) -> None:
        self.release()
