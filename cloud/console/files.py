"""Pages: the schema, driver and plug-in files an environment's agents and designers share."""

from __future__ import annotations

from starlette.responses import Response

from cloud.access.context import Ctx
from cloud.console.confirm import must_be_named
from cloud.console.frame import HOME, done, frame_of, show
from cloud.console.projects import environments_of
from cloud.errors import not_found
from cloud.files import routes as api
from cloud.pages.api import ask
from cloud.pages.forms import Form, Pages
from studio.base.i18n import _

pages = Pages(f"{HOME}/organizations/{{org}}/environments/{{environment}}/files", "console: files")


@pages.get("", shows=api.list_files)
async def files(ctx: Ctx, form: Form, org: str, environment: str, after: str = "") -> Response:
    """The files there are, a version a line."""
    frame = await frame_of(ctx, org)
    known = await environments_of(ctx, org)
    here = next((each for each in known if environment in (each["id"], each["slug"])), None)
    if here is None:
        raise not_found()
    query = {"after": after or None, "limit": 100}
    page = (await ask(ctx, api.list_files, org=org, environment=environment, query=query)).data
    return await show(
        ctx,
        "files.html",
        title=_("Files in {environment}").format(environment=here["name"]),
        frame=frame,
        environment=here,
        page=page,
        form=form,
    )


@pages.post("/remove", does=api.delete_file, again=files)
async def remove(ctx: Ctx, form: Form, org: str, environment: str) -> Response:
    """Remove the version chosen."""
    must_be_named(form, form["file"])
    kind, _slash, rest = form["file"].partition("/")
    name, _slash, version = rest.partition("/")
    await ask(ctx, api.delete_file, org=org, environment=environment, kind=kind, name=name, version=version)
    return done(ctx.request.url.path.removesuffix("/remove"), "file_removed")
