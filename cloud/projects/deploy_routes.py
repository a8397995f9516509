"""Deploying and promoting: the difference first, then the deed, each asking for the rights on both sides."""

from __future__ import annotations

from fastapi import Request
from sqlalchemy import select
from starlette.responses import Response

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need, Right
from cloud.access.routes import Routes
from cloud.projects import deploying, history
from cloud.projects.answers import json_answer
from cloud.projects.catalogue import project_row
from cloud.projects.parameters import (
    PACK_ANSWER,
    AfterNumber,
    AskedEnvironment,
    AskedRevision,
    Here,
    Limit,
    OptionalEnvironment,
    OptionalPath,
    ProjectId,
    readable,
    store_of,
)
from cloud.projects.pull_routes import pack_answer
from cloud.projects.repeated import RepeatKey, once
from cloud.projects.settings import values_of
from cloud.store.database import Tenant
from cloud.store.tables_projects import deployments
from studio.protocol import limits
from studio.protocol.deployments import (
    Deployed,
    Deployment,
    DeploymentPage,
    NewDeployment,
    NewPromotion,
    Planned,
    Scope,
)
from studio.protocol.manifests import difference, tree_hash
from studio.protocol.projects import Wanted, compared, entries

routes = Routes("/organizations/{org}/projects/{project}", "deployments")
HERE = Need.in_environment(Right.READ)
BOTH_SIDES = Need.in_environment(Right.WRITE, by_handler=True)
READ_BOTH = Need.in_environment(Right.READ, by_handler=True)


@routes.get("/deployed/{environment}", need=HERE, response_model=Deployed)
def get_deployed(ctx: Ctx, project: ProjectId, here: Here) -> Response:
    """What an environment holds of the project."""
    with ctx.tenant() as tenant:
        deploying.need_visible(ctx, tenant, project, here)
        now = deploying.state(ctx, tenant, project, here)
        last = deploying.told_rows(ctx, tenant, [now.last])[0] if now.last is not None else None
    manifest = dict(sorted((now.manifest or {}).items()))
    return json_answer(Deployed(here, last, now.tree, entries(manifest)))


@routes.post(
    "/deployed/{environment}/pack",
    need=HERE,
    audit=None,
    body=limits.REQUEST_BYTES,
    response_class=Response,
    responses=PACK_ANSWER,
)
def pack_of_deployed(ctx: Ctx, project: ProjectId, here: Here, body: Wanted) -> Response:
    """Contents of what is deployed, for those who may read the environment and not the project's own."""
    with ctx.tenant() as tenant:
        deploying.need_visible(ctx, tenant, project, here)
        now = deploying.state(ctx, tenant, project, here)
        mine = {content.hash for content in (now.manifest or {}).values()}
        held = store_of(ctx).held(tenant, project, [digest for digest in body.hashes if digest in mine])
    return pack_answer(held, body.hashes)


@routes.get(
    "/deployments", need=Need.in_environment(Right.READ, by_handler=True), response_model=DeploymentPage
)
def list_deployments(
    ctx: Ctx,
    project: ProjectId,
    environment: OptionalEnvironment = None,
    after: AfterNumber = None,
    limit: Limit = limits.PAGE,
) -> Response:
    """The project's deployments to the environments you may read, newest first; `after` counts those to leave out."""
    query = select(deployments).where(
        deployments.c.project_id == project, readable(ctx, deployments.c.environment_id, environment)
    )
    query = query.order_by(deployments.c.id.desc()).offset(after or 0).limit(limit + 1)
    with ctx.tenant() as tenant:
        row = project_row(tenant, project)
        rows = tenant.rows(query)
        if not rows:
            ctx.require(Right.READ, row.environment_id)
        items = deploying.told_rows(ctx, tenant, rows[:limit])
    more = str((after or 0) + limit) if len(rows) > limit else None
    return json_answer(DeploymentPage(tuple(items), more))


@routes.get("/deployment-plan", need=READ_BOTH, response_model=Planned)
def plan_deployment(
    ctx: Ctx,
    project: ProjectId,
    environment: AskedEnvironment,
    revision: AskedRevision,
    scope: Scope = "whole",
    path: OptionalPath = None,
) -> Response:
    """What a deployment would change, before it is made."""
    with ctx.tenant() as tenant:
        target = _sides(ctx, tenant, project, environment, Right.READ)
        now = deploying.state(ctx, tenant, project, target)
        want = deploying.wanted(history.load(ctx, tenant, project, revision), now, scope, path)
    told = compared(now.tree, revision, difference(now.manifest or {}, want.manifest))
    return json_answer(Planned(tree_hash(want.manifest), now.tree, told, ()))


@routes.post(
    "/deployments",
    need=BOTH_SIDES,
    audit="project.deploy",
    status_code=201,
    response_model=Deployment,
)
def make_deployment(
    ctx: Ctx, request: Request, project: ProjectId, body: NewDeployment, key: RepeatKey
) -> Response:
    """Deploy: READ in the project's home environment and WRITE in the target are needed."""
    with ctx.tenant() as tenant:
        target = _sides(ctx, tenant, project, body.environment, Right.WRITE)

    def work(tenant: Tenant) -> tuple[Deployment, str]:
        now = deploying.state(ctx, tenant, project, target, lock=True)
        loaded = history.load(ctx, tenant, project, body.revision)
        want = deploying.wanted(loaded, now, body.scope, body.path)
        made = deploying.deploy(ctx, tenant, project, target, body.seen, want, body.message)
        return made, made.id

    return once(ctx, request, key, body, work)


@routes.get("/promotion-plan", need=READ_BOTH, response_model=Planned)
def plan_promotion(
    ctx: Ctx, project: ProjectId, source: AskedEnvironment, target: AskedEnvironment
) -> Response:
    """What a promotion would change, and which variables are set differently on both sides."""
    with ctx.tenant() as tenant:
        project_row(tenant, project)
        one, two = (ctx.environment_id(tenant, name) for name in (source, target))
        ctx.require(Right.READ, one)
        ctx.require(Right.READ, two)
        before, now = (deploying.state(ctx, tenant, project, side) for side in (one, two))
        want = deploying.promoted(before, one, 0)
        values, others = (values_of(ctx, tenant, project, side).values for side in (one, two))
    names = {name for name in values.keys() | others.keys() if values.get(name) != others.get(name)}
    told = compared(now.tree, before.tree, difference(now.manifest or {}, want.manifest))
    return json_answer(Planned(tree_hash(want.manifest), now.tree, told, tuple(sorted(names))))


@routes.post(
    "/promotions",
    need=BOTH_SIDES,
    audit="project.promote",
    status_code=201,
    response_model=Deployment,
)
def promote(ctx: Ctx, request: Request, project: ProjectId, body: NewPromotion, key: RepeatKey) -> Response:
    """Promote: READ in the source and WRITE in the target are needed; both must be as they were shown."""
    with ctx.tenant() as tenant:
        project_row(tenant, project)
        source, target = (ctx.environment_id(tenant, name) for name in (body.source, body.target))
    ctx.require(Right.READ, source)
    ctx.require(Right.WRITE, target)

    def work(tenant: Tenant) -> tuple[Deployment, str]:
        before = deploying.state(ctx, tenant, project, source)
        if before.tree != body.source_tree and before.last is not None:
            raise deploying.deployed_meanwhile(body.source_tree, before.tree)
        number = deploying.told_rows(ctx, tenant, [before.last])[0].number if before.last is not None else 0
        want = deploying.promoted(before, source, number)
        made = deploying.deploy(ctx, tenant, project, target, body.target_tree, want, body.message)
        return made, made.id

    return once(ctx, request, key, body, work)


def _sides(ctx: Context, tenant: Tenant, project: str, environment: str, right: Right) -> str:
    """The target's id, once the user may read the project and has the right in the target."""
    row = project_row(tenant, project)
    ctx.require(Right.READ, row.environment_id)
    target = ctx.environment_id(tenant, environment)
    ctx.require(right, target)
    return target
