"""Pages: my second factors (authenticator app, recovery codes, passkeys) and my personal tokens."""

from __future__ import annotations

from starlette.responses import Response

from cloud.access.context import Context, Ctx
from cloud.console.account import ACCOUNT
from cloud.console.entrance import credential, offered_secret
from cloud.console.frame import done, show
from cloud.identity import routes_account, routes_factors, routes_tokens
from cloud.pages.api import ask
from cloud.pages.forms import Fields, Form, Pages
from studio.base.i18n import _

pages = Pages(ACCOUNT, "console: account")


@pages.get("/second-factor", shows=routes_factors.list_passkeys)
async def factors(ctx: Ctx, form: Form) -> Response:
    """What proves me besides the password."""
    found = (await ask(ctx, routes_account.read)).data
    keys = (await ask(ctx, routes_factors.list_passkeys)).data
    title = _("Second factor and passkeys")
    return await show(ctx, "factors.html", title=title, account=found, passkeys=keys, form=form)


@pages.post("/second-factor/app", does=routes_factors.offer)
async def offer(ctx: Ctx, form: Form) -> Response:
    """A secret for an authenticator app."""
    offered = (await ask(ctx, routes_factors.offer)).data
    return await _enrolment(ctx, Fields(form.made(secret=offered["secret"], picture=offered["picture"])))


async def _enrolment(ctx: Context, form: Fields) -> Response:
    title = _("Authenticator app")
    return await show(ctx, "enrolment.html", title=title, form=form, **offered_secret(form))


@pages.post("/second-factor/app/confirm", does=routes_factors.confirm, again=_enrolment)
async def confirm(ctx: Ctx, form: Form) -> Response:
    """The app's first code turns it on."""
    codes = (await ask(ctx, routes_factors.confirm, body={"code": form["code"].replace(" ", "")})).data
    return await _codes(ctx, codes["codes"])


@pages.post("/second-factor/app/remove", does=routes_factors.remove, again=factors)
async def remove(ctx: Ctx, form: Form) -> Response:  # noqa: ARG001
    """Turn the app off."""
    await ask(ctx, routes_factors.remove)
    return done(f"{ACCOUNT}/second-factor", "factor_off")


@pages.post("/second-factor/codes", does=routes_factors.new_codes, again=factors)
async def new_codes(ctx: Ctx, form: Form) -> Response:  # noqa: ARG001
    """New recovery codes."""
    codes = (await ask(ctx, routes_factors.new_codes)).data
    return await _codes(ctx, codes["codes"])


async def _codes(ctx: Context, codes: list[str]) -> Response:
    title = _("Your recovery codes")
    return await show(ctx, "recovery_codes.html", title=title, codes=codes, after=f"{ACCOUNT}/second-factor")


@pages.post("/passkeys", does=routes_factors.add_passkey, again=factors)
async def add_passkey(ctx: Ctx, form: Form) -> Response:
    """Keep what the browser made; a script put it into the form."""
    body = {"ticket": form["ticket"], "credential": credential(form), "name": form["passkey_name"]}
    await ask(ctx, routes_factors.add_passkey, body=body)
    return done(f"{ACCOUNT}/second-factor", "passkey_added")


@pages.post("/passkeys/{passkey}/remove", does=routes_factors.remove_passkey, again=factors)
async def remove_passkey(ctx: Ctx, form: Form, passkey: str) -> Response:  # noqa: ARG001
    """Forget a passkey."""
    await ask(ctx, routes_factors.remove_passkey, passkey=passkey)
    return done(f"{ACCOUNT}/second-factor", "passkey_removed")


@pages.get("/tokens", shows=routes_tokens.list_tokens)
async def tokens(ctx: Ctx, form: Form) -> Response:
    """My personal tokens."""
    found = (await ask(ctx, routes_tokens.list_tokens)).data
    account = (await ask(ctx, routes_account.read)).data
    return await show(
        ctx, "tokens.html", title=_("Personal tokens"), tokens=found, account=account, form=form, made=None
    )


@pages.post("/tokens", does=routes_tokens.create, again=tokens)
async def new_token(ctx: Ctx, form: Form) -> Response:
    """A new token, shown this once."""
    chosen = list(form.all("organization"))
    body = {"name": form["token_name"], "days": form.whole("days"), "organizations": chosen or None}
    made = (await ask(ctx, routes_tokens.create, body=body)).data
    found = (await ask(ctx, routes_tokens.list_tokens)).data
    account = (await ask(ctx, routes_account.read)).data
    title = _("Personal tokens")
    return await show(ctx, "tokens.html", title=title, tokens=found, account=account, made=made)


@pages.post("/tokens/{token}/remove", does=routes_tokens.remove)
async def remove_token(ctx: Ctx, form: Form, token: str) -> Response:  # noqa: ARG001
    """A token is worth nothing from now on."""
    await ask(ctx, routes_tokens.remove, token=token)
    return done(f"{ACCOUNT}/tokens", "token_removed")
