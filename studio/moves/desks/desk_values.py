"""What the window asks about values: the first rows of a source as Salesforce will hold them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from studio.base.progress import Progress
from studio.connectors.salesforce.session import Org
from studio.moves import load as loading
from studio.moves.desks.carried import Answer, Message
from studio.moves.judging.values_preview import CellSeen, ValuesPreview
from studio.moves.sources.kept import Kept

RequestOf = Callable[[Message], loading.Request]
_ROWS = 20


def answers(request_of: RequestOf, org: Callable[[], Org], kept: Kept) -> dict[str, Answer]:
    """The desk's answers of this room by name.

    `values_preview` takes what `check` takes and gives
    `{"fields": [{"field", "label", "type", "column", "format", "zone", "question"}],
    "rows": [[{"source", "sent", "holds", "effect", "reason", "doubt"}]]}`; effect is one of set, emptied, kept, default,
    refused.
    """

    async def preview(message: Message, _tell: Any, _stop: asyncio.Event, progress: Progress) -> Any:
        rows = int(message.get("rows") or _ROWS)
        found = await loading.show(
            request_of(message), org(), bringer=kept.bring, progress=progress, rows=rows
        )
        return preview_data(found)

    return {"values_preview": preview}


def preview_data(found: ValuesPreview) -> dict[str, Any]:
    """A preview as JSON data."""
    return {
        "fields": [
            {
                "field": one.field,
                "label": one.label,
                "type": one.type,
                "column": one.column,
                "format": one.format,
                "zone": one.zone,
                "question": one.question,
            }
            for one in found.fields
        ],
        "rows": [[_cell(cell) for cell in row] for row in found.rows],
    }


def _cell(cell: CellSeen) -> dict[str, str]:
    return {
        "source": cell.source,
        "sent": cell.sent,
        "holds": cell.held.value,
        "effect": cell.held.effect.value,
        "reason": cell.held.reason,
        "doubt": cell.doubt,
    }
