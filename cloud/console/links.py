"""Pages behind one-time links: a forgotten password, and setting one."""

from __future__ import annotations

from starlette.responses import Response

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.console.frame import done, show
from cloud.identity import routes_links as api
from cloud.pages.api import ask
from cloud.pages.forms import Fields, Form, Pages, field_refused
from cloud.pages.refusals import SIGN_IN
from studio.base.i18n import _

pages = Pages("", "links")


@pages.get("/forgotten", need=Need.public())
async def forgotten(ctx: Ctx, form: Form) -> Response:
    """Ask for a link by mail."""
    return await show(ctx, "forgotten.html", title=_("Forgotten password"), form=form)


@pages.post("/forgotten", does=api.forgotten, again=forgotten)
async def send_link(ctx: Ctx, form: Form) -> Response:
    """The answer is the same whether anybody has the address."""
    await ask(ctx, api.forgotten, body={"email": form["email"]})
    return done(SIGN_IN, "link_sent")


@pages.get("/set-password/{ticket}", need=Need.public())
async def link(ctx: Ctx, form: Form, ticket: str) -> Response:
    """The page behind a link: whose password it sets."""
    found = (await ask(ctx, api.look, body={"ticket": ticket})).data
    title = _("Set your password")
    return await show(ctx, "set_password.html", title=title, found=found, ticket=ticket, form=form)


async def _again(ctx: Context, form: Fields, ticket: str) -> Response:
    return await link(ctx, form, ticket)


@pages.post("/set-password/{ticket}", does=api.set_password, again=_again)
async def set_password(ctx: Ctx, form: Form, ticket: str) -> Response:
    """Set it; signing in comes after."""
    if form.raw("password") != form.raw("again"):
        raise field_refused("again", _("The two are not the same."))
    await ask(ctx, api.set_password, body={"ticket": ticket, "password": form.raw("password")})
    return done(SIGN_IN, "password_set")
