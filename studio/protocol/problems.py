"""An answer that says no: RFC 9457 (application/problem+json), with what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MEDIA_TYPE = "application/problem+json"
_KNOWN = ("status", "code", "title", "detail", "next_step", "request_id")


@dataclass(frozen=True)
class ProblemAnswer:
    """`code` is for programs and never changes; `title`, `detail` and `next_step` are sentences for people.

    `extra` holds what a code promises beside them: the `conflict` of a `revision_conflict`, the `missing` of
    `objects_missing`.
    """

    status: int
    code: str
    title: str
    detail: str = ""
    next_step: str = ""
    request_id: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def problem_answer(told: Mapping[str, Any], status: int) -> ProblemAnswer:
    """The answer a server's JSON is; what something in between said in its place is kept as far as it goes."""
    known = {name: told[name] for name in _KNOWN if isinstance(told.get(name), str)}
    extra = {name: value for name, value in told.items() if name not in (*_KNOWN, "type")}
    return ProblemAnswer(**{"code": "unknown", "title": "", **known, "status": status, "extra": extra})
