"""What all routes share: set-up, database, keys, and who vouches for callers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from cloud.config import Config
from cloud.store.database import Database
from cloud.store.envelope import Envelope

if TYPE_CHECKING:
    from cloud.access.context import Context


@dataclass(frozen=True)
class SignedIn:
    """Whom a request comes from: `via` is "session", "token" …, `session` the id of that session or token.

    `organizations` limits a token to some organizations (ids); None is all of the user's.
    """

    user: str
    via: str
    session: str = ""
    organizations: frozenset[str] | None = None


# Looks at a request and tells who asks; None when it finds nothing it knows. Raises Refused for what is spoilt.
Authenticator = Callable[["Server", Request], SignedIn | None]
# Looks at a request already let through by its need, and raises Refused if the organization's policies forbid it.
Gate = Callable[["Context"], None]


@dataclass
class Server:
    """The running server, at `app.state.server`."""

    config: Config
    database: Database
    envelope: Envelope
    authenticators: tuple[Authenticator, ...] = ()
    gates: tuple[Gate, ...] = ()
    # Called every hour while the server runs: they find out by themselves whether it is time.
    daily: tuple[Callable[[Server], object], ...] = ()
    # What packages hang up here for themselves, under their own name ("blobs" …).
    parts: dict[str, Any] = field(default_factory=dict)
