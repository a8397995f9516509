"""What the move window remembers between moves: small choices by name, kept beside the moves, the oldest given up."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from studio.base import atomic
from studio.moves import store
from studio.moves.desks.carried import Answer, Message

FILE = "remembered.json"
_MOST = 200
_LARGEST = 4 * 1024 * 1024


def remembered() -> dict[str, Any]:
    """Everything that is remembered, the oldest first; nothing where the file is not there or cannot be read."""
    try:
        path = store.folder() / FILE
        if path.stat().st_size > _LARGEST:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def remember(name: str, value: Any) -> None:
    """Remember a choice; where the disk does not take it, it is forgotten, and the move goes on."""
    known = remembered()
    known.pop(name, None)
    known[name] = value
    with suppress(OSError, atomic.NotWritten):
        atomic.make_folder(store.folder())
        atomic.write_text(store.folder() / FILE, json.dumps(dict(list(known.items())[-_MOST:])))


async def _remember(message: Message, *_more: object) -> Any:
    remember(str(message["name"]), message["value"])
    return None


async def _remembered(message: Message, *_more: object) -> Any:
    return remembered().get(str(message["name"]))


ANSWERS: dict[str, Answer] = {"remember": _remember, "remembered": _remembered}
