"""What all of the desk's answers share: how they are asked, and how a move that is being done is told about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from studio.base.progress import Progress
from studio.moves.carrying.run import Interrupted
from studio.moves.model import Standing

Message = Mapping[str, Any]


class Tell(Protocol):
    """Sends an event about the request being answered."""

    def __call__(self, event: str, **values: Any) -> None:
        """Send it."""


Answer = Callable[[Message, Tell, asyncio.Event, Progress], Awaitable[Any]]


async def carried(tell: Tell, work: Callable[[Callable[[Standing], object]], Awaitable[Any]]) -> Any:
    """Do a move; one that cannot go on still has a summary beside its error."""

    def listener(standing: Standing) -> None:
        tell("standing", standing=standing.to_data())

    try:
        return {"summary": (await work(listener)).to_data(), "trouble": None}
    except Interrupted as error:
        return {"summary": error.summary.to_data(), "trouble": [error.message, error.next_step]}
