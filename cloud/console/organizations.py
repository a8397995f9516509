"""Pages: my organizations, a new one, one's overview and settings."""

from __future__ import annotations

from starlette.responses import Response

from cloud.access import organizations as api
from cloud.access import people, roles, stages
from cloud.access.context import Ctx
from cloud.access.rights import Need
from cloud.console.frame import HOME, done, frame_of, show
from cloud.pages.api import ask
from cloud.pages.forms import Form, Pages
from studio.base.i18n import _

pages = Pages(HOME, "console: organizations")


@pages.get("", shows=api.mine)
async def mine(ctx: Ctx, form: Form) -> Response:
    """The organizations I belong to."""
    found = await ask(ctx, api.mine, query={"limit": 200})
    return await show(
        ctx, "organizations.html", title=_("Organizations"), found=found.data["items"], form=form
    )


@pages.get("/new", shows=api.create)
async def new(ctx: Ctx, form: Form) -> Response:
    """The form of a new organization."""
    return await show(ctx, "organization_new.html", title=_("New organization"), form=form)


@pages.post("/new", does=api.create, again=new)
async def create(ctx: Ctx, form: Form) -> Response:
    """Make it."""
    made = await ask(ctx, api.create, body={"name": form["name"], "slug": form["slug"]})
    return done(f"{HOME}/organizations/{made.data['slug']}", "organization_made")


@pages.get("/organizations/{org}", shows=api.show)
async def overview(ctx: Ctx, org: str) -> Response:
    """What there is in an organization, and what to do next."""
    frame = await frame_of(ctx, org)
    members = (await ask(ctx, people.names, org=org, query={"limit": 200})).data
    found = (await ask(ctx, stages.names, org=org)).data
    counts = {
        "members": len(members["items"]),
        "more_members": members["after"] is not None,
        "roles": len((await ask(ctx, roles.names, org=org)).data),
    }
    return await show(ctx, "overview.html", title=frame.name, frame=frame, counts=counts, environments=found)


@pages.get("/organizations/{org}/settings", need=Need.admin())
async def settings(ctx: Ctx, form: Form, org: str) -> Response:
    """The organization's names."""
    frame = await frame_of(ctx, org)
    return await show(ctx, "settings.html", title=_("Settings"), frame=frame, form=form)


@pages.post("/organizations/{org}/settings", does=api.change, again=settings)
async def change(ctx: Ctx, form: Form, org: str) -> Response:
    """Rename it."""
    body = {"name": form["name"], "slug": form["slug"]}
    changed = await ask(ctx, api.change, org=org, body=body, match=form["version"])
    return done(f"{HOME}/organizations/{changed.data['slug']}/settings", "organization_changed")
