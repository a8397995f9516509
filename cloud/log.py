"""Logs as one JSON object a line: what happened, never what was sent. No body, header, query or path value is logged."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

logger = logging.getLogger("weft.cloud")


class JsonLines(logging.Formatter):
    """A record as a line of JSON. Of an exception its kind and place are told, not its text: that may hold data."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        facts = getattr(record, "facts", None)
        # The texts of others (uvicorn …) are kept without their arguments, which may come from a request.
        said |= facts if isinstance(facts, dict) else {"event": str(record.msg)}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)[-12:]
            said["error"] = type(error).__name__
            said["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(said, ensure_ascii=False, default=str)


def event(name: str, *, level: int = logging.INFO, error: BaseException | None = None, **facts: Any) -> None:
    """Log something that happened. Facts are ids, counts, durations: nothing a person typed."""
    logger.log(level, name, extra={"facts": {"event": name, **facts}}, exc_info=error)


def log_request(**facts: Any) -> None:
    """One line for a request that is answered; `route` is the pattern, not the path."""
    event("request", **facts)
