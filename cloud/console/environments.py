"""Pages: the environments of an organization, in the order of promotion."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from cloud.access import stages as api
from cloud.access.context import Ctx
from cloud.access.rights import Need
from cloud.console.confirm import remove_named
from cloud.console.frame import HOME, done, frame_of, show, show_one
from cloud.pages.api import ask
from cloud.pages.forms import Fields, Form, Pages
from studio.base.i18n import _

pages = Pages(f"{HOME}/organizations/{{org}}/environments", "console: environments")


def _said(form: Fields) -> dict[str, Any]:
    return {"name": form["name"], "slug": form["slug"], "position": form.whole("position")}


@pages.get("", shows=api.names)
async def environments(ctx: Ctx, org: str) -> Response:
    """The environments one has a right in, all of them for administrators."""
    frame = await frame_of(ctx, org)
    found = (await ask(ctx, api.names, org=org)).data
    return await show(ctx, "environments.html", title=_("Environments"), frame=frame, environments=found)


@pages.get("/new", need=Need.admin())
async def new(ctx: Ctx, form: Form, org: str) -> Response:
    """The form of a new environment, after those there are."""
    frame = await frame_of(ctx, org)
    found = (await ask(ctx, api.names, org=org)).data
    last = max((each["position"] for each in found), default=-1)
    blank = {"id": "", "name": "", "slug": "", "position": last + 1}
    title = _("New environment")
    return await show(
        ctx, "environment.html", title=title, frame=frame, environment=blank, version="", form=form
    )


@pages.post("/new", does=api.create, again=new)
async def create(ctx: Ctx, form: Form, org: str) -> Response:
    """Make it."""
    await ask(ctx, api.create, org=org, body=_said(form))
    return done(f"{HOME}/organizations/{org}/environments", "environment_made")


@pages.get("/{environment}", need=Need.admin())
async def environment(ctx: Ctx, form: Form, org: str, environment: str) -> Response:
    """One environment, to be changed."""
    frame = await frame_of(ctx, org)
    found = await ask(ctx, api.show, org=org, environment=environment)
    return await show_one(ctx, form, "environment.html", frame, "environment", found)


@pages.post("/{environment}", does=api.change, again=environment)
async def change(ctx: Ctx, form: Form, org: str, environment: str) -> Response:
    """Rename or move it."""
    await ask(ctx, api.change, org=org, environment=environment, body=_said(form), match=form["version"])
    return done(f"{HOME}/organizations/{org}/environments", "environment_changed")


@pages.post("/{environment}/remove", does=api.remove, again=environment)
async def remove(ctx: Ctx, form: Form, org: str, environment: str) -> Response:
    """Remove an environment nothing lives in."""
    await remove_named(ctx, form, api.show, api.remove, org=org, environment=environment)
    return done(f"{HOME}/organizations/{org}/environments", "environment_removed")
