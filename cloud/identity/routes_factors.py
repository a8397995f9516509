"""Routes of one's own second factors: the app, recovery codes, passkeys."""

from __future__ import annotations

from sqlalchemy import select

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.errors import Refused, bad_request, conflict, not_found
from cloud.identity import accounts, passkey_store, second_factor, sign_in, totp
from cloud.identity.passkeys import NotProven
from cloud.identity.sessions import need_proof, need_session
from cloud.store.tables_identity import passkeys, proofs
from studio.base.i18n import _
from studio.protocol.identity import (
    Enrolment,
    Passkey,
    PasskeyAnswer,
    PasskeyOptions,
    RecoveryCodes,
    SecondFactorCode,
)

routes = Routes("/me", "second factors")


def _need(ctx: Context) -> None:
    need_session(ctx)
    need_proof(ctx)


@routes.post("/totp", need=Need.signed_in(), audit="second_factor.offer")
def offer(ctx: Ctx) -> Enrolment:
    """A secret for an authenticator app; the one in use stays until a code of the new one is given."""
    _need(ctx)
    assert ctx.user is not None
    with ctx.common(write=True) as common:
        secret, address = second_factor.offer(ctx.server, common, ctx.user_id, ctx.user.email)
        ctx.audit(f"user/{ctx.user_id}")
    return Enrolment(secret, address, totp.picture(address))


@routes.post("/totp/confirm", need=Need.signed_in(), audit="second_factor.on", tries=True)
def confirm(ctx: Ctx, body: SecondFactorCode) -> RecoveryCodes:
    """The first code of the app turns it on; the recovery codes are shown this once."""
    _need(ctx)
    with ctx.common(write=True) as common:
        codes = second_factor.confirm(ctx.server, common, ctx.user_id, body.code)
        if codes is None:
            raise sign_in.first_code_wrong()
        ctx.audit(f"user/{ctx.user_id}")
    return RecoveryCodes(tuple(codes))


@routes.delete("/totp", need=Need.signed_in(), audit="second_factor.off")
def remove(ctx: Ctx) -> None:
    """Turn the app off; not where an organization demands a second factor and there is no passkey."""
    _need(ctx)
    demanded = accounts.policy_of(ctx.server, ctx.user_id).second_factor
    with ctx.common(write=True) as common:
        if demanded and not passkey_store.of(common, ctx.user_id):
            raise conflict(_("Your organization demands a second factor."), "second_factor_demanded")
        second_factor.remove(common, ctx.user_id)
        ctx.audit(f"user/{ctx.user_id}")


@routes.post("/recovery-codes", need=Need.signed_in(), audit="recovery_codes.new")
def new_codes(ctx: Ctx) -> RecoveryCodes:
    """New recovery codes, shown this once; the old ones are worth nothing."""
    _need(ctx)
    with ctx.common(write=True) as common:
        codes = second_factor.new_codes(common, ctx.user_id)
        ctx.audit(f"user/{ctx.user_id}")
    return RecoveryCodes(tuple(codes))


@routes.get("/passkeys", need=Need.signed_in())
def list_passkeys(ctx: Ctx) -> list[Passkey]:
    """The account's passkeys."""
    need_session(ctx)
    with ctx.common() as common:
        found = passkey_store.of(common, ctx.user_id)
    return [Passkey(row.id, row.name, row.synced, row.created_at, row.used_at) for row in found]


@routes.post("/passkeys/options", need=Need.signed_in(), audit=None)
def passkey_options(ctx: Ctx) -> PasskeyOptions:
    """What to ask `navigator.credentials.create`."""
    _need(ctx)
    assert ctx.user is not None
    user = ctx.user
    with ctx.server.database.common(write=True) as common:
        ticket, options = passkey_store.ask_new(common, ctx.server.config, user.id, user.email, user.name)
    return PasskeyOptions(ticket, options)


@routes.post("/passkeys", need=Need.signed_in(), audit="passkey.add", status_code=201)
def add_passkey(ctx: Ctx, body: PasskeyAnswer) -> Passkey:
    """Keep a new passkey."""
    _need(ctx)
    try:
        with ctx.common(write=True) as common:
            name = body.name or _("Passkey")
            config = ctx.server.config
            id = passkey_store.add(common, config, ctx.user_id, body.ticket, body.credential, name)
            ctx.audit(f"passkey/{id}")
            row = common.one(select(passkeys).where(passkeys.c.id == id))
    except NotProven as error:
        raise bad_request(_("This passkey could not be registered."), code="passkey_refused") from error
    assert row is not None
    return Passkey(row.id, row.name, row.synced, row.created_at, row.used_at)


@routes.delete("/passkeys/{passkey}", need=Need.signed_in(), audit="passkey.remove")
def remove_passkey(ctx: Ctx, passkey: str) -> None:
    """Forget a passkey; the last proof of an account without a password stays."""
    _need(ctx)
    with ctx.common(write=True) as common:
        left = [row for row in passkey_store.of(common, ctx.user_id) if row.id != passkey]
        if not left and not common.value(select(proofs.c.password).where(proofs.c.id == ctx.user_id)):
            raise Refused(409, "last_proof", _("Without this passkey nobody could sign in to the account."))
        own = (passkeys.c.id == passkey) & (passkeys.c.user_id == ctx.user_id)
        if common.delete(passkeys, own) == 0:
            raise not_found()
        ctx.audit(f"passkey/{passkey}")
