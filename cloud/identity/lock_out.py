"""Too many wrong passwords for one address: none is taken for a while, and nobody is told which it was.

Counted for every address typed, anybody's or not: that a count is kept says nothing about who has an account.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy import select

from cloud.identity.accounts import normal_email, policy_of
from cloud.identity.passwords import BOUNDS
from cloud.server import Server
from cloud.store.database import Common
from cloud.store.tables_identity import sign_in_failures

_FORGOTTEN_AFTER = timedelta(days=1)
_FEWEST = BOUNDS["lock_after"][0]


def is_locked(server: Server, email: str, user: str) -> bool:
    """Whether no password is taken for this address now; `user` is "" where it is nobody's."""
    with server.database.common() as common:
        row = common.one(select(sign_in_failures).where(sign_in_failures.c.id == _key(email)))
        now = common.now()
    if row is None or row.failures < _FEWEST:
        return False
    rules = policy_of(server, user)
    return bool(
        row.failures >= rules.lock_after and now < row.last_at + timedelta(minutes=rules.lock_minutes)
    )


def failed(server: Server, email: str) -> None:
    """Count a wrong password; the count is forgotten a day after the last."""
    key = _key(email)
    with server.database.common(write=True) as common:
        now = common.now()
        common.delete(sign_in_failures, sign_in_failures.c.last_at < now - _FORGOTTEN_AFTER)
        if not common.insert_new(sign_in_failures, id=key, failures=1, last_at=now):
            changed = {"failures": sign_in_failures.c.failures + 1, "last_at": now}
            common.update(sign_in_failures, sign_in_failures.c.id == key, **changed)


def succeeded(common: Common, email: str) -> None:
    """A right password: the count begins anew."""
    common.delete(sign_in_failures, sign_in_failures.c.id == _key(email))


def _key(email: str) -> str:
    return hashlib.sha256(normal_email(email).encode()).hexdigest()
