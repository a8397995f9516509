"""Pages: what of a project is where, deploying a revision, and promotion; the difference is shown before the deed."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.responses import Response

from cloud.access.context import Context, Ctx
from cloud.console.confirm import must_be_named
from cloud.console.frame import HOME, Frame, done, show
from cloud.console.projects import environments_of, message, project_of
from cloud.errors import Refused
from cloud.pages.api import ask
from cloud.pages.forms import Form, Pages, field_refused
from cloud.projects import deploy_routes as api
from cloud.projects import pull_routes
from studio.base.i18n import _

pages = Pages(f"{HOME}/organizations/{{org}}/projects/{{project}}", "console: deployments")
SCOPES = ("whole", "variables", "object")
# Of more environments the state is not asked for on one page.
MOST_SHOWN = 20


def final(environments: list[dict[str, Any]]) -> str:
    """The id of the environment at the end of promotion: what reaches it is used in earnest, and its name is typed."""
    return environments[-1]["id"] if len(environments) > 1 else ""


@pages.get("/deployments", shows=pull_routes.list_revisions)
async def deployments(ctx: Ctx, org: str, project: str, after: str = "") -> Response:
    """What is where, and what was deployed."""
    frame, found, _version = await project_of(ctx, org, project)
    query = {"after": after or None, "limit": 50}
    past = (await ask(ctx, api.list_deployments, org=org, project=project, query=query)).data
    environments = await environments_of(ctx, org)
    readable = [each for each in environments if frame.may("read", each["id"])]
    present = [(each, await _present(ctx, org, project, each["id"])) for each in readable[:MOST_SHOWN]]
    return await show(
        ctx,
        "deployments.html",
        title=found["name"],
        frame=frame,
        project=found,
        page=past,
        present=present,
        environments={each["id"]: each for each in environments},
        promotions=_promotions(frame, [(each, now) for each, now in present if now]),
        writable=[each for each in environments if frame.may("write", each["id"])],
    )


async def _present(ctx: Context, org: str, project: str, environment: str) -> dict[str, Any] | None:
    found = await ask(ctx, api.get_deployed, org=org, project=project, environment=environment)
    last: dict[str, Any] | None = found.data["last"]
    return last


def _promotions(frame: Frame, filled: list[tuple[dict[str, Any], Any]]) -> list[dict[str, Any]]:
    """The environments something can be promoted from, if there is one to promote to."""
    return [each for each, _now in filled if any(frame.may("write", other) for other in frame.rights)]


@pages.get("/revisions/{revision}/deploy", shows=pull_routes.get_revision)
async def deploy(ctx: Ctx, form: Form, org: str, project: str, revision: str) -> Response:
    """Choose where to and how much; then what it would change."""
    frame, found, _version = await project_of(ctx, org, project)
    one = (await ask(ctx, pull_routes.get_revision, org=org, project=project, revision=revision)).data
    environments = await environments_of(ctx, org)
    asked = {
        name: form[name] or ctx.request.query_params.get(name, "")
        for name in ("environment", "scope", "path")
    }
    plan = None
    if asked["environment"]:
        query = {
            **asked,
            "revision": revision,
            "path": asked["path"] or None,
            "scope": asked["scope"] or "whole",
        }
        try:
            plan = (await ask(ctx, api.plan_deployment, org=org, project=project, query=query)).data
        except Refused as refused:
            if refused.status == 404 or form.refused:
                raise
            form.refused = refused
    entries = await ask(ctx, pull_routes.get_manifest, org=org, project=project, revision=revision)
    return await show(
        ctx,
        "deploy.html",
        title=_("Deploy revision {n}").format(n=one["number"]),
        frame=frame,
        project=found,
        revision=one,
        paths=[each["path"] for each in entries.data],
        targets=[each for each in environments if frame.may("write", each["id"])],
        target=next((each for each in environments if each["id"] == asked["environment"]), None),
        final=final(environments),
        asked=asked,
        plan=plan,
        key=secrets.token_hex(16),
        form=form,
    )


async def _must_be_typed(ctx: Context, form: Any, org: str, environment: str) -> None:
    """For the last environment its name must be typed. Raises Refused."""
    environments = await environments_of(ctx, org)
    if environment and environment == final(environments):
        must_be_named(form, environments[-1]["name"])


@pages.post("/revisions/{revision}/deploy", does=api.make_deployment, again=deploy)
async def deployed(ctx: Ctx, form: Form, org: str, project: str, revision: str) -> Response:
    """Deploy it, if the environment still holds what was shown."""
    await _must_be_typed(ctx, form, org, form["environment"])
    scope = form["scope"] if form["scope"] in SCOPES else "whole"
    body = {
        "environment": form["environment"],
        "revision": revision,
        "scope": scope,
        "seen": form["seen"] or None,
        "path": form["path"] or None if scope == "object" else None,
        "message": message(form),
    }
    await ask(ctx, api.make_deployment, org=org, project=project, body=body, key=form["key"])
    return done(f"{HOME}/organizations/{org}/projects/{project}/deployments", "deployed")


@pages.get("/promote", shows=api.plan_promotion)
async def promote(ctx: Ctx, form: Form, org: str, project: str) -> Response:
    """Choose from where to where; then what it would change, variables too."""
    frame, found, _version = await project_of(ctx, org, project)
    environments = await environments_of(ctx, org)
    asked = {name: form[name] or ctx.request.query_params.get(name, "") for name in ("source", "target")}
    plan = None
    if asked["source"] and asked["target"]:
        if asked["source"] == asked["target"]:
            form.refused = field_refused("target", _("Choose two different environments."))
        else:
            plan = (await ask(ctx, api.plan_promotion, org=org, project=project, query=asked)).data
    named = {each["id"]: each for each in environments}
    return await show(
        ctx,
        "promote.html",
        title=_("Promote"),
        frame=frame,
        project=found,
        sources=[each for each in environments if frame.may("read", each["id"])],
        targets=[each for each in environments if frame.may("write", each["id"])],
        source=named.get(asked["source"]),
        target=named.get(asked["target"]),
        final=final(environments),
        asked=asked,
        plan=plan,
        key=secrets.token_hex(16),
        form=form,
    )


@pages.post("/promote", does=api.promote, again=promote)
async def promoted(ctx: Ctx, form: Form, org: str, project: str) -> Response:
    """Promote, if both sides still are as they were shown."""
    await _must_be_typed(ctx, form, org, form["target"])
    body = {
        "source": form["source"],
        "target": form["target"],
        "source_tree": form["source_tree"],
        "target_tree": form["target_tree"] or None,
        "message": message(form),
    }
    await ask(ctx, api.promote, org=org, project=project, body=body, key=form["key"])
    return done(f"{HOME}/organizations/{org}/projects/{project}/deployments", "promoted")
