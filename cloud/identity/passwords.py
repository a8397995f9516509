"""Passwords: argon2id hashes, what a new password must be, and the strictest rules of all a user's organizations.

The rules follow NIST SP 800-63B: length and a list of common ones count, composition does not; any character goes,
and what is typed is brought to one form (NFKC) before it is hashed.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cloud.identity.breached import Breached
from cloud.identity.common_passwords import is_common

LEAST, LONGEST = 8, 256
# As RFC 9106 advises where memory is limited: three passes over 64 MiB in four lanes.
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
# Each takes 64 MiB: a crowd that signs in at once waits its turn instead of eating the machine.
_turn = threading.BoundedSemaphore(4)


class Fault(StrEnum):
    """Why a new password is not taken."""

    SHORT = "too_short"
    LONG = "too_long"
    COMMON = "too_common"
    BREACHED = "breached"
    ABOUT_YOU = "about_you"
    USED = "used_before"


@dataclass(frozen=True)
class Policy:
    """An organization's rules; 0 switches `history`, `expires_days` and `lock_after` off.

    `history` counts the earlier passwords that may not come again, the present one included; after `lock_after`
    wrong passwords in a row none is taken for `lock_minutes`.
    """

    least: int = 12
    history: int = 5
    expires_days: int = 0
    lock_after: int = 10
    lock_minutes: int = 15
    second_factor: bool = False
    session_idle_minutes: int = 12 * 60
    session_hours: int = 30 * 24

    def expired(self, since: datetime, now: datetime) -> bool:
        """Whether a password set at `since` must be replaced before the next sign-in."""
        return self.expires_days > 0 and now - since >= timedelta(days=self.expires_days)


# What an organization may choose: the smallest and the largest value.
BOUNDS: dict[str, tuple[int, int]] = {
    "least": (LEAST, 64),
    "history": (0, 24),
    "expires_days": (0, 3650),
    "lock_after": (3, 100),
    "lock_minutes": (1, 24 * 60),
    "session_idle_minutes": (5, 30 * 24 * 60),
    "session_hours": (1, 90 * 24),
}
_LARGER_IS_STRICTER = {"least", "history", "lock_minutes"}


def strictest(policies: Iterable[Policy]) -> Policy:
    """For each rule the strictest of all; the standard rules where there is no organization."""
    given = list(policies) or [Policy()]
    chosen: dict[str, int] = {}
    for rule in BOUNDS:
        values: list[int] = [getattr(policy, rule) for policy in given]
        # 0 days means that a password never expires: the least strict of all.
        set_values = [value for value in values if value] if rule == "expires_days" else values
        pick = max if rule in _LARGER_IS_STRICTER else min
        chosen[rule] = pick(set_values, default=0)
    return Policy(second_factor=any(policy.second_factor for policy in given), **chosen)


def out_of_bounds(policy: Policy) -> list[str]:
    """The rules whose values an organization may not choose."""
    found = []
    for rule in (field.name for field in fields(policy) if field.name in BOUNDS):
        low, high = BOUNDS[rule]
        if not low <= getattr(policy, rule) <= high:
            found.append(rule)
    return found


def normal(password: str) -> str:
    """The one form of what was typed: the same letters give the same password on every keyboard and system."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """The argon2id hash, its parameters and salt in the text itself."""
    with _turn:
        return _hasher.hash(normal(password)[: 4 * LONGEST])


@cache
def _of_nobody(hasher: PasswordHasher) -> str:
    """A hash as dear as today's, of a password nobody has."""
    return hasher.hash(secrets.token_urlsafe(32))


def prove(kept: str | None, password: str) -> bool:
    """Whether it is the password; without a kept hash the same work is done on a hash nobody has the password of."""
    right = _verified(kept or _of_nobody(_hasher), password)
    return right and kept is not None


def outdated(kept: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def faults(
    password: str,
    policy: Policy,
    about: Sequence[str],
    earlier: Sequence[str],
    breached: Breached | None = None,
) -> list[Fault]:
    """What is wrong with a new password; `about` are words of the user (names, e-mail), `earlier` hashes, newest first."""
    text = normal(password)
    found: list[Fault] = []
    if len(text) < max(policy.least, LEAST):
        found.append(Fault.SHORT)
    if len(text) > LONGEST:
        return [Fault.LONG]
    if is_common(text):
        found.append(Fault.COMMON)
    elif breached is not None and any(breached.holds(each) for each in {text, password}):
        found.append(Fault.BREACHED)
    if _tells_about(text, about):
        found.append(Fault.ABOUT_YOU)
    if not found and any(_verified(kept, password) for kept in earlier[: policy.history]):
        found.append(Fault.USED)
    return found


def _verified(kept: str, password: str) -> bool:
    with _turn:
        try:
            return _hasher.verify(kept, normal(password)[: 4 * LONGEST])
        except (VerificationError, InvalidHashError):
            return False


def _tells_about(text: str, about: Sequence[str]) -> bool:
    """Whether the password is little more than a name or an address of its user."""
    left = text.casefold()
    for word in sorted(
        {part for one in about for part in _parts(one) if len(part) >= 3}, key=len, reverse=True
    ):
        left = left.replace(word, "")
    return len(left) < min(6, len(text))


def _parts(word: str) -> list[str]:
    whole = normal(word).casefold()
    return [whole, *whole.replace("@", " ").replace(".", " ").replace("-", " ").replace("_", " ").split()]
