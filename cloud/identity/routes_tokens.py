"""Routes of personal tokens: for programs that work as their user, in some organizations, for some time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.errors import bad_request, conflict, forbidden, not_found
from cloud.identity import accounts
from cloud.identity.secrets_shown import Prefix, kept, new_token
from cloud.identity.sessions import need_proof
from cloud.store.metadata import new_id
from cloud.store.tables_identity import personal_tokens
from studio.base.i18n import _
from studio.protocol.identity import NewToken, Token

MOST = 100
routes = Routes("/me/tokens", "personal tokens")


@routes.get("", need=Need.signed_in())
def list_tokens(ctx: Ctx) -> list[Token]:
    """The account's personal tokens; their secrets are not kept."""
    own = personal_tokens.c.user_id == ctx.user_id
    with ctx.common() as common:
        rows = common.rows(
            select(personal_tokens).where(own, *_of_session(ctx)).order_by(personal_tokens.c.id)
        )
    return [_shown(row) for row in rows]


@routes.post("", need=Need.signed_in(), audit="token.new", status_code=201)
def create(ctx: Ctx, body: NewToken) -> Token:
    """A new token, shown this once. In a session of single sign-on it reaches that organization only."""
    _need_session(ctx)
    need_proof(ctx)
    assert ctx.signed_in is not None
    only = next(iter(ctx.signed_in.organizations or ()), None)
    organizations = _organizations(ctx, body.organizations)
    token = new_token(Prefix.PERSONAL)
    with ctx.common(write=True) as common:
        now = common.now()
        common.delete(
            personal_tokens, (personal_tokens.c.user_id == ctx.user_id) & (personal_tokens.c.expires_at < now)
        )
        if (
            len(common.rows(select(personal_tokens.c.id).where(personal_tokens.c.user_id == ctx.user_id)))
            >= MOST
        ):
            raise conflict(
                _("There are too many tokens."), next_step=_("Remove one that is not used any more.")
            )
        id, ends = new_id(), now + timedelta(days=body.days)
        common.insert(
            personal_tokens,
            id=id,
            hash=kept(token),
            user_id=ctx.user_id,
            name=body.name,
            ending=token[-4:],
            organizations=organizations,
            only_org=only,
            created_at=now,
            expires_at=ends,
        )
        ctx.audit(f"token/{id}", after={"name": body.name, "organizations": organizations, "days": body.days})
    limited = None if organizations is None else tuple(organizations)
    return Token(id, body.name, token[-4:], limited, now, ends, None, token)


@routes.delete("/{token}", need=Need.signed_in(), audit="token.remove")
def remove(ctx: Ctx, token: str) -> None:
    """A token is worth nothing from now on."""
    _need_session(ctx)
    own = (personal_tokens.c.id == token) & (personal_tokens.c.user_id == ctx.user_id)
    for limit in _of_session(ctx):
        own &= limit
    with ctx.common(write=True) as common:
        if common.delete(personal_tokens, own) == 0:
            raise not_found()
        ctx.audit(f"token/{token}")


def _need_session(ctx: Context) -> None:
    """A token makes and removes no tokens."""
    if ctx.signed_in is None or ctx.signed_in.via not in ("session", "sso"):
        raise forbidden(
            _("A token does not do this."), "session_needed", _("Sign in with your password or a passkey.")
        )


def _of_session(ctx: Context) -> list[Any]:
    """A session of single sign-on sees the tokens made in such sessions of its organization."""
    limited = ctx.signed_in.organizations if ctx.signed_in else None
    return [] if limited is None else [personal_tokens.c.only_org.in_(sorted(limited))]


def _organizations(ctx: Context, named: tuple[str, ...] | None) -> list[str] | None:
    """The ids of the organizations named; those of the session where none is."""
    assert ctx.signed_in is not None
    limited = ctx.signed_in.organizations
    if named is None:
        return None if limited is None else sorted(limited)
    known = accounts.memberships(ctx.server.database, ctx.user_id)
    reached = {
        name: each.id
        for each in known
        if limited is None or each.id in limited
        for name in (each.id, each.slug)
    }
    if not named or not set(named) <= reached.keys():
        raise bad_request(_("You belong to no organization of this name."), code="unknown_organization")
    return sorted({reached[name] for name in named})


def _shown(row: Any) -> Token:
    limited = None if row.organizations is None else tuple(row.organizations)
    return Token(row.id, row.name, row.ending, limited, row.created_at, row.expires_at, row.used_at)
