"""Pages: the people of an organization."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from cloud.access import people as api
from cloud.access import roles
from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.console.confirm import must_be_named
from cloud.console.frame import HOME, done, frame_of, show
from cloud.pages.api import ask
from cloud.pages.forms import Form, Pages
from studio.base.i18n import _

pages = Pages(f"{HOME}/organizations/{{org}}/members", "console: members")


async def _roles(ctx: Context, org: str) -> dict[str, dict[str, Any]]:
    return {role["id"]: role for role in (await ask(ctx, roles.names, org=org)).data}


@pages.get("", shows=api.names)
async def members(ctx: Ctx, org: str, after: str = "") -> Response:
    """The members, by when they joined."""
    frame = await frame_of(ctx, org)
    found = (await ask(ctx, api.names, org=org, query={"after": after, "limit": 100})).data
    known = await _roles(ctx, org)
    return await show(ctx, "members.html", title=_("Members"), frame=frame, page=found, roles=known)


@pages.get("/{member}", need=Need.admin())
async def member(ctx: Ctx, form: Form, org: str, member: str) -> Response:
    """One member, to be changed."""
    frame = await frame_of(ctx, org)
    found = (await ask(ctx, api.show, org=org, member=member)).data
    known = await _roles(ctx, org)
    return await show(
        ctx, "member.html", title=found["name"], frame=frame, member=found, roles=known, form=form
    )


@pages.post("/{member}", does=api.change, again=member)
async def change(ctx: Ctx, form: Form, org: str, member: str) -> Response:
    """Set roles, and whether the member is shut out."""
    body = {"roles": list(form.all("role")), "disabled": "yes" in form.all("disabled")}
    await ask(ctx, api.change, org=org, member=member, body=body)
    return done(f"{HOME}/organizations/{org}/members", "member_changed")


@pages.post("/{member}/remove", does=api.remove, again=member)
async def remove(ctx: Ctx, form: Form, org: str, member: str) -> Response:
    """Take the member out of the organization."""
    found = (await ask(ctx, api.show, org=org, member=member)).data
    must_be_named(form, found["email"])
    await ask(ctx, api.remove, org=org, member=member)
    return done(f"{HOME}/organizations/{org}/members", "member_removed")
