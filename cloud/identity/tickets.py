"""Tickets: something begun that is ended once and soon by whoever holds its secret (second step, reset, desktop code …)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from cloud.identity.secrets_shown import Prefix, kept, new_token, well_formed
from cloud.store.database import Common
from cloud.store.tables_identity import tickets

# Wrong codes after which a ticket is worth nothing.
MOST_TRIES = 5


class Purpose(StrEnum):
    """What a ticket is for: it serves nothing else."""

    SECOND_FACTOR = "second_factor"
    ENROL = "enrol"
    NEW_PASSWORD = "new_password"
    RESET = "reset"
    PASSKEY_NEW = "passkey_new"
    PASSKEY_SIGN_IN = "passkey_sign_in"
    DESKTOP = "desktop"
    OIDC = "oidc"
    SAML = "saml"


@dataclass(frozen=True)
class Held:
    """What a ticket stands for."""

    user: str
    content: dict[str, Any]


def issue(
    common: Common, purpose: Purpose, seconds: int, *, user: str = "", content: dict[str, Any] | None = None
) -> str:
    """A new ticket's secret; tickets long over are cleared away."""
    now = common.now()
    common.delete(tickets, tickets.c.expires_at < now - timedelta(hours=1))
    secret = new_token(Prefix.TICKET)
    common.insert(
        tickets,
        id=kept(secret),
        purpose=str(purpose),
        user_id=user or None,
        content=content or {},
        tries=0,
        expires_at=now + timedelta(seconds=seconds),
    )
    return secret


def look(common: Common, purpose: Purpose, secret: str) -> Held | None:
    """What a living ticket stands for; it stays."""
    if not well_formed(secret, Prefix.TICKET):
        return None
    query = select(tickets).where(
        tickets.c.id == kept(secret),
        tickets.c.purpose == str(purpose),
        tickets.c.expires_at > common.now(),
        tickets.c.tries < MOST_TRIES,
    )
    row = common.one(query)
    return None if row is None else Held(row.user_id or "", row.content)


def take(common: Common, purpose: Purpose, secret: str) -> Held | None:
    """What a living ticket stands for, and the ticket is gone: of two who bring it at once one gets it."""
    held = look(common, purpose, secret)
    if held is None or common.delete(tickets, tickets.c.id == kept(secret)) != 1:
        return None
    return held


def count_try(common: Common, secret: str) -> None:
    """Count a try before it is judged: who tries at once many times has no more tries for it."""
    common.update(tickets, tickets.c.id == kept(secret), tries=tickets.c.tries + 1)


def forget(common: Common, user: str) -> None:
    """All tickets of a user are worth nothing from now on."""
    common.delete(tickets, tickets.c.user_id == user)
