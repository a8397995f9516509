"""Routes of one's own account: who I am, sessions, password, proof."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from starlette.responses import Response

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.errors import Refused, not_found
from cloud.identity import accounts, lock_out, passkey_store, passwords, second_factor, sign_in
from cloud.identity import sessions as kept_sessions
from cloud.identity.sessions import need_proof, need_session
from cloud.log import event
from cloud.store.tables import users
from cloud.store.tables_identity import sessions
from studio.base.i18n import _
from studio.protocol.identity import Account, AccountChange, PasswordChange, Proof, Renewed, Session

routes = Routes("/me", "account")


@routes.get("", need=Need.signed_in())
def read(ctx: Ctx) -> Account:
    """Who is signed in, with the organizations this session or token reaches."""
    assert ctx.signed_in is not None
    limited = ctx.signed_in.organizations
    known = accounts.memberships(ctx.server.database, ctx.user_id)
    with ctx.common() as common:
        row = accounts.by_id(common, ctx.user_id)
        assert row is not None
        left = second_factor.codes_left(common, ctx.user_id)
        keys = len(passkey_store.of(common, ctx.user_id))
    seen = [each for each in known if limited is None or each.id in limited]
    return Account(
        row.id,
        row.email,
        row.first_name,
        row.surname,
        row.phone,
        row.language,
        row.server_admin,
        tuple(
            {"id": each.id, "slug": each.slug, "name": each.name, "single_sign_on": each.sign_on}
            for each in seen
        ),
        row.password_set_at,
        bool(row.totp),
        left,
        keys,
        ctx.signed_in.via,
    )


@routes.patch("", need=Need.signed_in(), audit="account.change")
def change(ctx: Ctx, body: AccountChange) -> Account:
    """Change names, phone or language."""
    need_session(ctx)
    said = {name: getattr(body, name) for name in ("first_name", "surname", "phone", "language")}
    changed = {name: value for name, value in said.items() if value is not None}
    with ctx.common(write=True) as common:
        before = common.one(select(users).where(users.c.id == ctx.user_id))
        if changed and before is not None:
            common.update(users, users.c.id == ctx.user_id, **changed)
            ctx.audit(f"user/{ctx.user_id}", {name: getattr(before, name) for name in changed}, changed)
    return read(ctx)


@routes.post("/proof", need=Need.signed_in(), audit="account.proof", tries=True)
def prove(ctx: Ctx, body: Proof, response: Response) -> Renewed:
    """Prove once more who you are, before something dangerous: the password, and a code where there is a second factor.

    The session's token is another one from then on: the answer's, or the new cookie.
    """
    need_session(ctx)
    assert ctx.signed_in is not None
    row = _proven_by_password(ctx, body.password)
    with ctx.server.database.common(write=True) as common:
        right = not row.totp or bool(second_factor.prove(ctx.server, common, ctx.user_id, body.code))
    if not right:
        lock_out.failed(ctx.server, row.email)
        raise sign_in.wrong_code()
    with ctx.common(write=True) as common:
        lock_out.succeeded(common, row.email)
        token = kept_sessions.renew(ctx, common, response)
    return Renewed(token)


@routes.put("/password", need=Need.signed_in(), audit="password.change", tries=True)
def change_password(ctx: Ctx, body: PasswordChange, response: Response) -> Renewed:
    """Change the password; every other session ends, and the token of this one is another from then on."""
    need_session(ctx)
    assert ctx.signed_in is not None
    _proven_by_password(ctx, body.present)
    accounts.check_new_password(ctx.server, ctx.user_id, body.new)
    kept = passwords.hashed(body.new)
    with ctx.common(write=True) as common:
        accounts.keep_password(common, ctx.user_id, kept)
        ended = accounts.end_sessions(common, ctx.user_id, but=ctx.signed_in.session)
        token = kept_sessions.renew(ctx, common, response)
        ctx.audit(f"user/{ctx.user_id}", after={"sessions_ended": ended})
    return Renewed(token)


@routes.get("/sessions", need=Need.signed_in())
def list_sessions(ctx: Ctx) -> list[Session]:
    """The living sessions of the account."""
    need_session(ctx)
    assert ctx.signed_in is not None
    with ctx.common() as common:
        found = kept_sessions.sessions_of(common, ctx.user_id)
    return [_shown(row, ctx.signed_in.session) for row in found]


@routes.delete("/sessions/{session}", need=Need.signed_in(), audit="session.end")
def end_session(ctx: Ctx, session: str) -> None:
    """End one of the sessions."""
    need_session(ctx)
    need_proof(ctx)
    with ctx.common(write=True) as common:
        if common.delete(sessions, (sessions.c.id == session) & (sessions.c.user_id == ctx.user_id)) == 0:
            raise not_found()
        ctx.audit(f"session/{session}")


@routes.delete("/sessions", need=Need.signed_in(), audit="session.end_others")
def end_other_sessions(ctx: Ctx) -> None:
    """End every session but the one that asks."""
    need_session(ctx)
    need_proof(ctx)
    assert ctx.signed_in is not None
    with ctx.common(write=True) as common:
        ended = accounts.end_sessions(common, ctx.user_id, but=ctx.signed_in.session)
        ctx.audit(f"user/{ctx.user_id}", after={"sessions_ended": ended})


def _proven_by_password(ctx: Context, password: str) -> Any:
    """The user's row if the password is right; wrong ones count as they do at sign-in. Raises Refused."""
    with ctx.common() as common:
        row = accounts.by_id(common, ctx.user_id)
    assert row is not None
    locked = lock_out.is_locked(ctx.server, row.email, ctx.user_id)
    if not passwords.prove(row.password, password) or locked:
        if not locked:
            lock_out.failed(ctx.server, row.email)
        event("proof_failed", user=ctx.user_id, address=ctx.address, locked=locked)
        raise Refused(
            403,
            "password_wrong",
            _("This is not your password."),
            next_step=_("After several wrong passwords none is taken for a while."),
        )
    return row


def _shown(row: Any, present: str) -> Session:
    return Session(
        row.id,
        row.kind,
        row.way,
        row.device,
        row.address,
        row.created_at,
        row.used_at,
        row.expires_at,
        row.id == present,
    )
