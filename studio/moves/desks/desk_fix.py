"""What the window asks of failed rows: a page of them, edits, what they hold, and to send them again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.connectors.salesforce.session import Org
from studio.moves import load as loading
from studio.moves.desks.carried import Answer, Message, Tell, carried
from studio.moves.mending import again, fix_edits
from studio.moves.mending.fix import Fix, View

_MOST_VALUES = 500


class FixDesk:
    """The table one window works on; another one opened closes it."""

    def __init__(self, stack: AsyncExitStack, org: Callable[[], tuple[Org, str]]) -> None:
        self._org = org
        self._fix: Fix | None = None
        stack.callback(self._close)
        self.answers: dict[str, Answer] = {
            "fix_open": self._open,
            "fix_show": self._show,
            "fix_page": self._page,
            "fix_values": self._values,
            "fix_edit": self._edit,
            "fix_write_out": self._write_out,
            "fix_read_in": self._read_in,
            "fix_resend": self._resend,
        }

    def _close(self) -> None:
        if self._fix is not None:
            self._fix.close()
            self._fix = None

    @property
    def fix(self) -> Fix:
        """The table that is open."""
        if self._fix is None:
            raise BadInput(_("No failed rows are open."), next_step=_("Open a move's failed rows first."))
        return self._fix

    async def _open(self, message: Message, *_more: object) -> Any:
        self._close()
        self._fix = Fix.open(str(message["run"]), held=True)
        record = self._fix.record
        more = {
            "run": record.run,
            "header": list(self._fix.header),
            "unfit": self._fix.unfit,
            "object": record.move.object,
            "action": record.move.action.value,
            "org": record.move.org,
            "source": Path(record.move.source).name,
        }
        return self._standing() | more

    def _standing(self, changed: int = 0) -> dict[str, Any]:
        """What may have changed after an edit: reasons, how many rows are left and shown, what Undo would do."""
        fix = self.fix
        reasons = [asdict(reason) for reason in fix.reasons()]
        told = asdict(fix_edits.steps(fix))
        return {"reasons": reasons, "left": fix.left, "shown": fix.shown, "changed": changed,
                "ready": fix.ready(), "ready_all": fix.ready(unchanged=True), "edited": fix.edited, **told}  # fmt: skip

    async def _show(self, message: Message, *_more: object) -> Any:
        given = message["view"]
        self.fix.show(View(**given))
        return self._standing()

    async def _page(self, message: Message, *_more: object) -> Any:
        found = self.fix.page(int(message["start"]), int(message["count"]))
        return [[row.number, row.answer, row.wrong, row.values, row.changed] for row in found]

    async def _values(self, message: Message, *_more: object) -> Any:
        return self.fix.distinct(int(message["column"]), _MOST_VALUES)

    async def _edit(self, message: Message, *_more: object) -> Any:
        return self._standing(int(_EDITS[str(message["kind"])](self.fix, message)))

    async def _write_out(self, message: Message, *_more: object) -> Any:
        return again.write_out(self.fix, Path(message["file"]))

    async def _read_in(self, message: Message, *_more: object) -> Any:
        return self._standing(again.read_in(self.fix, Path(message["file"])))

    async def _resend(self, message: Message, tell: Tell, stop: asyncio.Event, progress: Progress) -> Any:
        org, name = self._org()
        progress.listener = lambda step: tell("read", rows=step.done)
        with again.sending(self.fix, unchanged=bool(message.get("unchanged"))) as request:
            return await carried(
                tell,
                lambda listener: loading.load(
                    replace(request, org=name),
                    org,
                    listener=listener,
                    note=lambda text: tell("note", text=text),
                    stop=stop,
                    progress=progress,
                ),
            )


def _column(message: Mapping[str, Any]) -> int:
    return int(message["column"])


_EDITS: dict[str, Callable[[Fix, Mapping[str, Any]], int]] = {
    "set": lambda fix, m: fix_edits.set_all(fix, _column(m), m["value"]),
    "replace": lambda fix, m: fix_edits.replace(
        fix, _column(m), m["find"], m["value"], whole=bool(m.get("whole"))
    ),
    "cut": lambda fix, m: fix_edits.cut(fix, _column(m), int(m["length"])),
    "map": lambda fix, m: fix_edits.map_values(fix, _column(m), m["values"]),
    "fill": lambda fix, m: fix_edits.fill_down(fix, _column(m), int(m["first"]), int(m["last"])),
    "write": lambda fix, m: fix_edits.write(fix, int(m["place"]), _column(m), m["block"]),
    "undo": lambda fix, _m: int(fix_edits.undo(fix)),
    "redo": lambda fix, _m: int(fix_edits.redo(fix)),
}
