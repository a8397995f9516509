"""Projects themselves: list, make, look at, change, and where each stands."""

from __future__ import annotations

from fastapi import Request
from sqlalchemy import func, select
from starlette.responses import Response

from cloud.access.context import Ctx
from cloud.access.rights import Need, Right
from cloud.access.routes import Routes
from cloud.projects import catalogue
from cloud.projects.answers import NOT_CHANGED, NOTHING, Expected, json_answer, not_changed
from cloud.projects.catalogue import project_row
from cloud.projects.history import revision_row, revisions_of
from cloud.projects.parameters import After, Limit, OptionalEnvironment, ProjectId, readable
from cloud.projects.repeated import RepeatKey, once
from cloud.projects.storage import room
from cloud.store.database import Tenant
from cloud.store.tables_projects import objects, projects
from studio.protocol import limits
from studio.protocol.projects import NewProject, Project, ProjectChange, ProjectPage, Status, Usage

routes = Routes("/organizations/{org}", "projects")


@routes.get("/projects", need=Need.member(), response_model=ProjectPage)
def list_projects(
    ctx: Ctx,
    environment: OptionalEnvironment = None,
    archived: bool = False,
    after: After = None,
    limit: Limit = limits.PAGE,
) -> Response:
    """The projects whose home environments you may read, oldest first."""
    query = select(projects).where(readable(ctx, projects.c.environment_id, environment))
    if not archived:
        query = query.where(projects.c.archived_at.is_(None))
    if after is not None:
        query = query.where(projects.c.id > after)
    with ctx.tenant() as tenant:
        rows = tenant.rows(query.order_by(projects.c.id).limit(limit + 1))
        items = catalogue.told(ctx, tenant, rows[:limit])
    return json_answer(ProjectPage(tuple(items), items[-1].id if len(rows) > limit else None))


@routes.post(
    "/projects",
    need=Need.in_environment(Right.WRITE, by_handler=True),
    audit="project.create",
    status_code=201,
    response_model=Project,
)
def create_project(ctx: Ctx, request: Request, body: NewProject, key: RepeatKey) -> Response:
    """Make a project in an environment you may write to."""
    with ctx.tenant() as tenant:
        environment = ctx.environment_id(tenant, body.environment)
    ctx.require(Right.WRITE, environment)

    def work(tenant: Tenant) -> tuple[Project, str]:
        made = catalogue.create(ctx, tenant, body, environment)
        return made, _tag(made)

    return once(ctx, request, key, body, work)


@routes.get("/projects/{project}", need=Need.in_environment(Right.READ), response_model=Project)
def get_project(ctx: Ctx, project: ProjectId) -> Response:
    """One project; its ETag is what a change of it must be based on."""
    with ctx.tenant() as tenant:
        [found] = catalogue.told(ctx, tenant, [project_row(tenant, project)])
    return json_answer(found, tag=_tag(found))


@routes.patch(
    "/projects/{project}",
    need=Need.in_environment(Right.WRITE),
    audit="project.change",
    response_model=Project,
)
def change_project(ctx: Ctx, project: ProjectId, expected: Expected, body: ProjectChange) -> Response:
    """Rename, describe, archive or take out of the archive; If-Match names the project's ETag."""
    with ctx.tenant(write=True) as tenant:
        found = catalogue.change(ctx, tenant, project, expected, body)
    return json_answer(found, tag=_tag(found))


@routes.get(
    "/projects/{project}/status",
    need=Need.in_environment(Right.READ),
    response_model=Status,
    responses=NOT_CHANGED,
)
def status(ctx: Ctx, request: Request, project: ProjectId) -> Response:
    """Where the project stands; its ETag is the head's identity, `"none"` before the first push."""
    with ctx.tenant() as tenant:
        row = project_row(tenant, project)
        tag = row.head_id or NOTHING
        same = not_changed(request, tag)
        if same is not None:
            return same
        found = Status(project, None, 0, None, None)
        if row.head_id:
            [head] = revisions_of(ctx, tenant, [revision_row(tenant, project, row.head_id)])
            found = Status(project, head.id, head.number, head.tree, head.time)
    return json_answer(found, tag=tag)


@routes.get("/storage", need=Need.admin(), response_model=Usage)
def usage(ctx: Ctx) -> Response:
    """What the organization keeps, and how much it may."""
    query = select(
        objects.c.owner_id,
        func.sum(objects.c.length).label("bytes"),
        func.count(objects.c.key.distinct()).label("objects"),
    ).group_by(objects.c.owner_id)
    with ctx.tenant() as tenant:
        used, limit = room(tenant)
        rows = tenant.rows(query)
    by_owner = {row.owner_id: int(row.bytes) for row in rows}
    return json_answer(Usage(used, limit, sum(row.objects for row in rows), by_owner))


def _tag(project: Project) -> str:
    """Changes with everything told of a project; a change of it looks at the part before the dash."""
    return f"{project.version}-{project.head.number if project.head else 0}"
