"""What the move window asks for about undoing a move, and trying one without writing anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from studio.base.progress import Progress
from studio.connectors.salesforce.session import Org
from studio.moves.carrying.run import Interrupted
from studio.moves.desks.carried import Answer, Message, Tell
from studio.moves.undoing import undo as undoing

# Records of each kind that are shown one by one.
_SHOWN = 50


def answers(signed_in: Callable[[], Org]) -> dict[str, Answer]:
    """`undo_preview` {"run", "changed_too"} → what an undo would do (undo.UndoPreview as data); `undo` {the same} → {"undone": the figures of its moves or None, "summary": of a move cut off or None, "trouble"}.

    `undo` tells `standing` and `note` events as a run does; called again it goes on where it was cut off.
    """

    async def preview(message: Message, tell: Tell, _stop: asyncio.Event, progress: Progress) -> Any:
        progress.listener = lambda step: tell("read", rows=step.done)
        found = await undoing.preview(
            str(message["run"]),
            signed_in(),
            changed_too=bool(message.get("changed_too")),
            progress=progress,
            show=_SHOWN,
        )
        return found.to_data()

    async def undo(message: Message, tell: Tell, stop: asyncio.Event, progress: Progress) -> Any:
        progress.listener = lambda step: tell("read", rows=step.done)
        try:
            found = await undoing.undo(
                str(message["run"]),
                signed_in(),
                changed_too=bool(message.get("changed_too")),
                listener=lambda standing: tell("standing", standing=standing.to_data()),
                note=lambda text: tell("note", text=text),
                stop=stop,
                progress=progress,
            )
        except Interrupted as error:
            trouble = [error.message, error.next_step]
            return {"undone": None, "summary": error.summary.to_data(), "trouble": trouble}
        return {"undone": found.to_data(), "summary": None, "trouble": None}

    return {"undo_preview": preview, "undo": undo}
