"""Pages: what is set for a project in one environment: variables, and which sealed secrets there are."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from cloud.access.context import Ctx
from cloud.console.confirm import must_be_named
from cloud.console.frame import done, show
from cloud.console.projects import PROJECT, environments_of, project_of
from cloud.errors import not_found
from cloud.pages.api import ask
from cloud.pages.forms import Fields, Form, Pages, field_refused
from cloud.projects import setting_routes as api
from studio.base.i18n import _

pages = Pages(f"{PROJECT}/environments/{{environment}}", "console: projects")
# Rows left empty for new variables.
BLANK_ROWS = 3


def typed(form: Fields) -> dict[str, str]:
    """The variables of the form's rows; a row without a name and value is none. Raises Refused."""
    values: dict[str, str] = {}
    for name, value in rows_of(form):
        if not name and not value:
            continue
        if not name or name in values:
            why = _("A value has no name.") if not name else _("The name {name} stands here twice.")
            raise field_refused("values", why.format(name=name))
        values[name] = value
    return values


def rows_of(form: Fields) -> list[tuple[str, str]]:
    """Names and values as they were typed, row by row; browsers end lines in their own way."""
    values = [text.replace("\r\n", "\n") for text in form.all("value")]
    return list(zip((name.strip() for name in form.all("variable")), values, strict=False))


@pages.get("", shows=api.get_variables)
async def variables(ctx: Ctx, form: Form, org: str, project: str, environment: str) -> Response:
    """The values set here, to be changed by who may write here, and the names of secrets."""
    frame, found, _version = await project_of(ctx, org, project)
    known = [each for each in await environments_of(ctx, org) if frame.may("read", each["id"])]
    here = next((each for each in known if environment in (each["id"], each["slug"])), None)
    if here is None:
        raise not_found()
    kept = await ask(ctx, api.get_variables, org=org, project=project, environment=environment)
    listed = await ask(ctx, api.list_credentials, org=org, project=project, environment=environment)
    set_now: list[tuple[str, str]] = sorted(kept.data["values"].items())
    return await show(
        ctx,
        "variables.html",
        title=found["name"],
        frame=frame,
        project=found,
        environment=here,
        environments=known,
        rows=(rows_of(form) if form else set_now + [("", "")] * BLANK_ROWS),
        values=set_now,
        secrets=listed.data["items"],
        version=form.version(kept.version),
        form=form,
    )


@pages.post("", does=api.put_variables, again=variables)
async def set_variables(ctx: Ctx, form: Form, org: str, project: str, environment: str) -> Response:
    """Set the values typed, all of them, if nobody has set others meanwhile."""
    body: dict[str, Any] = {"values": typed(form)}
    await ask(
        ctx,
        api.put_variables,
        org=org,
        project=project,
        environment=environment,
        body=body,
        match=form["version"],
    )
    return done(ctx.request.url.path, "variables_set")


@pages.post("/secrets/remove", does=api.delete_credential, again=variables)
async def remove_secret(ctx: Ctx, form: Form, org: str, project: str, environment: str) -> Response:
    """Remove the secret chosen."""
    must_be_named(form, form["secret"])
    name = form["secret"]
    await ask(ctx, api.delete_credential, org=org, project=project, environment=environment, name=name)
    return done(ctx.request.url.path.removesuffix("/secrets/remove"), "secret_removed")
