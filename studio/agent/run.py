"""What is asked of the agent and what it tells: frozen messages, one JSON object a line on the wire."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from studio.base.errors import BadInput, Cancelled, NotAllowed, NotHere, NotReachable, TooLarge, WeftError


class RunState(StrEnum):
    """Where a run is. LOST: its process died without a word; FAILED: it said why."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTLY = "partly"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"

    @property
    def over(self) -> bool:
        """Nothing more will come."""
        return self is not RunState.RUNNING


@dataclass(frozen=True)
class RunRequest:
    """Run one operation of the project in `folder`.

    `operation` is its reference (`send-invoices`). `overlay` holds files as they would be saved now (path relative to
    the project → text, None for a deleted one), so that a run uses the unsaved state. `variables` override the
    project's own. `confirmed` names the org in which a move that may do harm is wanted.
    """

    folder: str
    operation: str
    variables: Mapping[str, str] = field(default_factory=dict)
    overlay: Mapping[str, str | None] = field(default_factory=dict)
    confirmed: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(6))


@dataclass(frozen=True)
class Counts:
    """Records of a run so far: `read` from the source, `written` to the target, `failed`, left out by a condition."""

    read: int = 0
    written: int = 0
    failed: int = 0
    filtered: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.read + other.read,
            self.written + other.written,
            self.failed + other.failed,
            self.filtered + other.filtered,
        )


@dataclass(frozen=True)
class RunEvent:
    """One thing a run tells.

    `kind` is `started`, `activity` (a new step: `text` names it), `progress` (counts, `total` and the
    `share` of the input read, from 0 to 1, where known), `log`
    (`level` and `text`), `file` (`text` is the path of something written, `detail` what it is) or `ended` (state, and
    `error` when it failed).
    """

    run: str
    kind: str
    text: str = ""
    detail: str = ""
    level: str = "info"
    activity: int = 0
    activities: int = 0
    counts: Counts = Counts()
    total: int | None = None
    share: float | None = None
    state: RunState = RunState.RUNNING
    error: Mapping[str, Any] | None = None


def event_to_data(event: RunEvent) -> dict[str, Any]:
    """The event as JSON data."""
    return asdict(event)


def event_from_data(data: Mapping[str, Any]) -> RunEvent:
    """The event of JSON data written by `event_to_data`."""
    values = dict(data)
    values["counts"] = Counts(**values.get("counts", {}))
    values["state"] = RunState(values.get("state", "running"))
    return RunEvent(**values)


_ERRORS: dict[str, type[WeftError]] = {
    kind.__name__: kind
    for kind in (WeftError, BadInput, TooLarge, NotReachable, NotAllowed, NotHere, Cancelled)
}


def error_to_data(error: WeftError) -> dict[str, Any]:
    """An error as JSON data, so that it can be raised again on the other side."""
    known = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _ERRORS)
    code = getattr(error, "code", "")
    return {"type": known, **error.said(), **({"code": code} if isinstance(code, str) and code else {})}


def error_from_data(data: Mapping[str, Any]) -> WeftError:
    """The error of JSON data written by `error_to_data`."""
    kind = _ERRORS.get(str(data.get("type")), WeftError)
    error = kind(
        str(data.get("message", "")),
        file=data.get("file"),
        line=data.get("line"),
        column=data.get("column"),
        path=data.get("path"),
        next_step=str(data.get("next_step") or ""),
    )
    # What programs call it; see `network.refusals` and the repository's refusals.
    error.code = str(data.get("code") or "")  # type: ignore[attr-defined]
    return error
