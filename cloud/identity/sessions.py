"""Sessions and personal tokens: who a request comes from, and what may be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from starlette.requests import Request
from starlette.responses import Response

from cloud.access.context import Context
from cloud.errors import forbidden, not_signed_in
from cloud.identity.passwords import Policy
from cloud.identity.secrets_shown import Prefix, kept, new_token, well_formed
from cloud.server import Server, SignedIn
from cloud.store.database import Common, Database
from cloud.store.metadata import new_id
from cloud.store.tables_identity import personal_tokens, sessions
from studio.base.i18n import _

# The prefix keeps the cookie to this host, this path and TLS.
COOKIE = "__Host-weft"
# How long ago a user may have proven who it is, for what is dangerous.
PROOF_MINUTES = 10
# Sessions of one user; the one used longest ago goes when there are more.
MOST = 50
_TOUCH = timedelta(minutes=1)
_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Opened:
    """A new session: its token, shown once."""

    id: str
    token: str
    expires_at: datetime


def open_session(
    common: Common,
    user: str,
    way: str,
    policy: Policy,
    *,
    kind: str,
    device: str,
    address: str,
    only_org: str = "",
    code: str = "",
) -> Opened:
    """A session of a user who has proven who it is."""
    now = common.now()
    token = new_token(Prefix.SESSION)
    opened = Opened(new_id(), token, now + timedelta(hours=policy.session_hours))
    _make_room(common, user, now)
    common.insert(
        sessions,
        id=opened.id,
        hash=kept(token),
        user_id=user,
        kind=kind,
        way=way,
        only_org=only_org or None,
        code_hash=kept(code) if code else None,
        device=device[:200],
        address=address,
        created_at=now,
        proven_at=now,
        used_at=now,
        expires_at=opened.expires_at,
        idle_minutes=policy.session_idle_minutes,
    )
    return opened


def renew(ctx: Context, common: Common, response: Response) -> str:
    """A new token for the session that asks, whose user has proven once more who it is; the one before ends.

    A browser gets it as its cookie, and "" is returned; a program gets the token.
    """
    assert ctx.signed_in is not None
    token, now = new_token(Prefix.SESSION), common.now()
    mine = sessions.c.id == ctx.signed_in.session
    common.update(sessions, mine, hash=kept(token), proven_at=now)
    if not _token_of(ctx.request)[1]:
        return token
    ends: datetime = common.value(select(sessions.c.expires_at).where(mine))
    keep_cookie(response, token, int((ends - now).total_seconds()))
    return ""


def keep_cookie(response: Response, token: str, seconds: int) -> None:
    """Give a browser its session."""
    response.set_cookie(COOKIE, token, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def _make_room(common: Common, user: str, now: datetime) -> None:
    common.delete(sessions, (sessions.c.user_id == user) & (sessions.c.expires_at < now))
    old = (
        select(sessions.c.id)
        .where(sessions.c.user_id == user)
        .order_by(sessions.c.used_at.desc())
        .offset(MOST - 1)
    )
    ids = [row.id for row in common.rows(old)]
    if ids:
        common.delete(sessions, sessions.c.id.in_(ids))


def sessions_of(common: Common, user: str) -> Sequence[Row[Any]]:
    """The living sessions of a user, the newest first."""
    now = common.now()
    query = select(sessions).where(sessions.c.user_id == user, sessions.c.expires_at > now)
    return [row for row in common.rows(query.order_by(sessions.c.id.desc())) if not _is_idle(row, now)]


def authenticate(server: Server, request: Request) -> SignedIn | None:
    """Who asks, by token or cookie. Raises Refused for a token that is not, or no longer, worth anything."""
    token, by_cookie = _token_of(request)
    if not token:
        return None
    if by_cookie and request.method not in _SAFE and not same_origin(request, server.config.address):
        # Another site made the browser send it: whoever is signed in here did not ask for it.
        return None
    if well_formed(token, Prefix.SESSION):
        found = _session(server.database, token)
    elif well_formed(token, Prefix.PERSONAL) and not by_cookie:
        found = _personal(server.database, token)
    else:
        found = None
    if found is None and not by_cookie:
        raise not_signed_in("token_not_valid")
    return found


def same_origin(request: Request, address: str) -> bool:
    """Whether a browser says that the request comes from our own pages (Fetch Metadata, or Origin where there is none)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("origin") == address


def _token_of(request: Request) -> tuple[str, bool]:
    kind, _space, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.startswith("weft_"):
        return token.strip(), False
    return request.cookies.get(COOKIE, ""), True


def _is_idle(row: Row[Any], now: datetime) -> bool:
    return bool(row.used_at + timedelta(minutes=row.idle_minutes) <= now)


def _session(database: Database, token: str) -> SignedIn | None:
    with database.common() as common:
        row = common.one(select(sessions).where(sessions.c.hash == kept(token)))
        now = common.now()
    if row is None or row.expires_at <= now or _is_idle(row, now):
        return None
    if now - row.used_at >= _TOUCH:
        with database.common(write=True) as common:
            common.update(sessions, sessions.c.id == row.id, used_at=now)
    if row.only_org:
        return SignedIn(row.user_id, "sso", row.id, frozenset([row.only_org]))
    return SignedIn(row.user_id, "session", row.id)


def _personal(database: Database, token: str) -> SignedIn | None:
    with database.common() as common:
        row = common.one(select(personal_tokens).where(personal_tokens.c.hash == kept(token)))
        now = common.now()
    if row is None or row.expires_at <= now:
        return None
    if row.used_at is None or now - row.used_at >= _TOUCH:
        with database.common(write=True) as common:
            common.update(personal_tokens, personal_tokens.c.id == row.id, used_at=now)
    limited = None if row.organizations is None else frozenset(row.organizations)
    return SignedIn(row.user_id, "sso_token" if row.only_org else "token", row.id, limited)


def need_session(ctx: Context) -> None:
    """What changes an account's own proofs is done by its user, signed in for all of it: by no token, by no organization's
    single sign-on. Raises Refused."""
    via = ctx.signed_in.via if ctx.signed_in else ""
    if via == "sso":
        raise forbidden(
            _("Single sign-on lets you into one organization; it does not change your account."),
            "own_sign_in_needed",
        )
    if via != "session":
        raise forbidden(
            _("A token does not do this."), "session_needed", _("Sign in with your password or a passkey.")
        )


def need_proof(ctx: Context) -> None:
    """Something dangerous: the session's user has proven who it is in the last minutes. Raises Refused."""
    if ctx.signed_in is None or ctx.signed_in.via not in ("session", "sso"):
        return
    with ctx.server.database.common() as common:
        proven = common.value(select(sessions.c.proven_at).where(sessions.c.id == ctx.signed_in.session))
        now = common.now()
    if proven is None or now - proven > timedelta(minutes=PROOF_MINUTES):
        raise forbidden(
            _("This asks you to prove once more who you are."),
            "proof_needed",
            _("Give your password, or sign in again."),
        )
