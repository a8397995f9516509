"""Who asks, and with which wishes: set for the length of a call or a job, read where records are written."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Asking:
    """The user a call is made for; `save_duplicates` and `assign` are what its headers ask for."""

    user_id: str
    save_duplicates: bool = False
    assign: bool = False


# None outside of calls: the org itself acts, as its administrator.
asking: ContextVar[Asking | None] = ContextVar("practice_asking", default=None)


def wish(user_id: str, duplicate_rule: str, auto_assign: str) -> Asking:
    """From the headers of a REST call: assignment rules apply unless told otherwise, duplicates are not saved."""
    allowed = "allowsave=true" in duplicate_rule.replace(" ", "").lower()
    return Asking(user_id, allowed, auto_assign.strip().lower() != "false")
