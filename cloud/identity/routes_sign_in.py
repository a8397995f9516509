"""Routes of signing in by the API: each answers with the next step, or the session's token."""

from __future__ import annotations

from cloud.access.context import Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.identity import passkey_store, sign_in, totp
from cloud.store.tables_identity import sessions
from studio.protocol.identity import (
    Enrolled,
    Enrolment,
    NewPassword,
    PasskeyAnswer,
    PasskeyOptions,
    SecondFactor,
    SignIn,
    SignInStep,
    Ticket,
)

routes = Routes("/sign-in", "sign-in")


@routes.post("", need=Need.public(), audit="sign_in.password", tries=True)
def with_password(ctx: Ctx, body: SignIn) -> SignInStep:
    """Begin with address and password."""
    return sign_in.with_password(ctx, body.email, body.password, sign_in.caller(ctx, body.device))


@routes.post("/second-factor", need=Need.public(), audit="sign_in.second_factor", tries=True)
def with_code(ctx: Ctx, body: SecondFactor) -> SignInStep:
    """Go on with a code of the app, or a recovery code."""
    return sign_in.with_code(ctx, body.ticket, body.code)


@routes.post("/enrol", need=Need.public(), audit="second_factor.offer", tries=True)
def offer_factor(ctx: Ctx, body: Ticket) -> Enrolment:
    """Where an organization demands a second factor and there is none: a secret for the app."""
    secret, address = sign_in.offer_factor(ctx, body.ticket)
    return Enrolment(secret, address, totp.picture(address))


@routes.post("/enrol/confirm", need=Need.public(), audit="second_factor.on", tries=True)
def take_factor(ctx: Ctx, body: SecondFactor) -> Enrolled:
    """The app's first code turns the second factor on; the recovery codes are shown this once."""
    step, codes = sign_in.take_factor(ctx, body.ticket, body.code)
    return Enrolled(step, tuple(codes))


@routes.post("/new-password", need=Need.public(), audit="password.change", tries=True)
def with_new_password(ctx: Ctx, body: NewPassword) -> SignInStep:
    """Replace a password that has expired."""
    return sign_in.with_new_password(ctx, body.ticket, body.password)


@routes.post("/passkey/options", need=Need.public(), audit=None, tries=True)
def passkey_options(ctx: Ctx) -> PasskeyOptions:
    """What to ask `navigator.credentials.get`."""
    with ctx.server.database.common(write=True) as common:
        ticket, options = passkey_store.ask(common, ctx.server.config)
    return PasskeyOptions(ticket, options)


@routes.post("/passkey", need=Need.public(), audit="sign_in.passkey", tries=True)
def with_passkey(ctx: Ctx, body: PasskeyAnswer) -> SignInStep:
    """Sign in with a passkey: no address, no password, no second factor."""
    return sign_in.with_passkey(ctx, body.ticket, body.credential, sign_in.caller(ctx, body.device))


@routes.delete("", need=Need.signed_in(), audit="sign_out")
def sign_out(ctx: Ctx) -> None:
    """End the session that asks."""
    assert ctx.signed_in is not None
    with ctx.common(write=True) as common:
        common.delete(
            sessions, (sessions.c.id == ctx.signed_in.session) & (sessions.c.user_id == ctx.user_id)
        )
