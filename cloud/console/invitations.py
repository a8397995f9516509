"""Pages: invitations, made by administrators and accepted by whoever holds the link."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from cloud.access import roles
from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.console.entrance import next_page
from cloud.console.frame import HOME, done, frame_of, show
from cloud.identity import routes_invitations as api
from cloud.pages.api import ask
from cloud.pages.forms import Fields, Form, Pages, field_refused
from studio.base import i18n
from studio.base.i18n import _

pages = Pages(f"{HOME}/organizations/{{org}}/invitations", "console: invitations")
held = Pages("/invitation", "invitations")
# What an organization may want to know of whom it invites; none is needed.
COMPANY = ("company", "position", "department", "address", "city", "country")


async def _roles(ctx: Context, org: str) -> dict[str, dict[str, Any]]:
    return {role["id"]: role for role in (await ask(ctx, roles.names, org=org)).data}


@pages.get("", shows=api.list_invitations)
async def invitations(ctx: Ctx, org: str) -> Response:
    """Who was invited, and who came."""
    frame = await frame_of(ctx, org)
    found = (await ask(ctx, api.list_invitations, org=org)).data
    now = ctx.server.database.clock()
    return await show(
        ctx,
        "invitations.html",
        title=_("Members"),
        frame=frame,
        invitations=found,
        now=now.isoformat(),
        roles=await _roles(ctx, org),
    )


@pages.get("/new", need=Need.admin())
async def new(ctx: Ctx, form: Form, org: str) -> Response:
    """The form of an invitation."""
    frame = await frame_of(ctx, org)
    known = await _roles(ctx, org)
    title = _("Invite somebody")
    return await show(ctx, "invite.html", title=title, frame=frame, roles=known, company=COMPANY, form=form)


@pages.post("/new", does=api.invite, again=new)
async def invite(ctx: Ctx, form: Form, org: str) -> Response:
    """Make it; where no mail is sent the link is shown, this once."""
    body: dict[str, Any] = {name: form[name] for name in ("email", "first_name", "surname", "phone")}
    body["company"] = {name: form[name] for name in COMPANY if form[name]}
    body["roles"] = list(form.all("role"))
    body["days"] = form.whole("days")
    made = (await ask(ctx, api.invite, org=org, body=body)).data
    frame = await frame_of(ctx, org)
    return await show(ctx, "invited.html", title=_("The invitation is made"), frame=frame, made=made)


@pages.post("/{invitation}/withdraw", does=api.withdraw)
async def withdraw(ctx: Ctx, form: Form, org: str, invitation: str) -> Response:  # noqa: ARG001
    """It is worth nothing from now on."""
    await ask(ctx, api.withdraw, org=org, invitation=invitation)
    return done(f"{HOME}/organizations/{org}/invitations", "invitation_withdrawn")


@held.get("/{token}", need=Need.public())
async def invited(ctx: Ctx, form: Form, token: str) -> Response:
    """What the link invites to: a new account, or joining with the one there is."""
    found = (await ask(ctx, api.look, body={"token": token})).data
    title = _("Join {organization}").format(organization=found["organization"])
    own = ctx.user is not None and ctx.user.email == found["email"]
    return await show(
        ctx,
        "invitation.html",
        title=title,
        invited=found,
        token=token,
        own=own,
        form=form,
        spoken=i18n.language(),
    )


async def _again(ctx: Context, form: Fields, token: str) -> Response:
    return await invited(ctx, form, token)


@held.post("/{token}", does=api.accept, again=_again)
async def accept(ctx: Ctx, form: Form, token: str) -> Response:
    """Accept with a new account; what comes then is what comes after a password."""
    if form.raw("password") != form.raw("again"):
        raise field_refused("again", _("The two are not the same."))
    body = {name: form[name] for name in ("first_name", "surname", "phone", "language")}
    step = (await ask(ctx, api.accept, body=body | {"token": token, "password": form.raw("password")})).data
    return await next_page(ctx, form, step)


@held.post("/{token}/join", does=api.join, again=_again)
async def join(ctx: Ctx, form: Form, token: str) -> Response:  # noqa: ARG001
    """Accept with the account that is signed in."""
    await ask(ctx, api.join, body={"token": token})
    return done(HOME, "member_now")
