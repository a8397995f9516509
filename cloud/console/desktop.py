"""The page on which a user lets a program of this computer in."""

from __future__ import annotations

from dataclasses import asdict, fields
from urllib.parse import urlsplit

from starlette.responses import Response

from cloud.access.context import Ctx
from cloud.access.rights import Need
from cloud.console.frame import show
from cloud.identity import routes_desktop as api
from cloud.identity.desktop import answer_address
from cloud.pages.api import ask
from cloud.pages.forms import Form, Pages
from studio.base.i18n import _
from studio.protocol.identity import DesktopRequest

AUTHORIZE = "/desktop/authorize"
pages = Pages("", "desktop sign-in")


@pages.get(AUTHORIZE, need=Need.signed_in())
async def asked(ctx: Ctx, form: Form) -> Response:
    """Who asks, and for what. A request that is not a program of this computer is refused before anything is offered."""
    given = {
        field.name: form[field.name] or ctx.request.query_params.get(field.name, "")
        for field in fields(DesktopRequest)
    }
    asking = DesktopRequest(**given)
    api.check(asking)
    return await show(
        ctx,
        "desktop.html",
        title=_("Let a program in"),
        form=form,
        asking=asdict(asking),
        device="".join(letter for letter in asking.device if letter.isprintable())[:100]
        or _("a program without a name"),
        place=urlsplit(asking.redirect_uri).netloc,
        refuse=answer_address(asking.redirect_uri, error="access_denied", state=asking.state),
    )


@pages.post(AUTHORIZE, does=api.allow, again=asked)
async def allow(ctx: Ctx, form: Form) -> Response:
    """Let it in: the browser goes to the program by itself, or by a link where it does not."""
    body = {field.name: form[field.name] for field in fields(DesktopRequest)}
    address = (await ask(ctx, api.allow, body=body)).data["address"]
    page = await show(ctx, "desktop_done.html", title=_("The program is let in"), address=address)
    # Not a redirect: our policy holds what follows a form to pages of our own.
    page.headers["Refresh"] = f"0; url={address}"
    return page
