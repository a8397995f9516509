"""Work on the loop that ends when somebody says Stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import TypeVar

from studio.base.errors import Cancelled, WeftError

Result = TypeVar("Result")


async def unless_stopped(
    work: Awaitable[Result], stop: asyncio.Event, said: str, next_step: str = ""
) -> Result:
    """Await `work`; raises Cancelled with what is `said` as soon as `stop` is set, the work broken off."""
    task = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Cancelled(said, next_step=next_step)
        return await task
    finally:
        waiting.cancel()
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, WeftError):
                await task
