"""Projects: made in an environment, renamed, put to rest; and where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError

from cloud.access.context import Context
from cloud.errors import Refused, conflict, not_found
from cloud.projects.history import revisions_of
from cloud.projects.texts import from_bytes, to_bytes
from cloud.projects.times import time_text
from cloud.store.database import Tenant
from cloud.store.metadata import new_id
from cloud.store.tables_projects import projects, revisions
from studio.base.i18n import _
from studio.protocol.projects import NewProject, Project, ProjectChange


def project_row(tenant: Tenant, project: str) -> Row[Any]:
    """A project; raises Refused (404)."""
    row = tenant.one(select(projects).where(projects.c.id == project))
    if row is None:
        raise not_found()
    return row


def told(ctx: Context, tenant: Tenant, rows: Sequence[Row[Any]]) -> list[Project]:
    """Projects as they are told, with their heads."""
    heads = [row.head_id for row in rows if row.head_id]
    found = tenant.rows(select(revisions).where(revisions.c.id.in_(heads))) if heads else []
    by_id = {revision.id: revision for revision in revisions_of(ctx, tenant, found)}
    return [
        Project(
            id=row.id,
            name=row.name,
            description=from_bytes(ctx.open("projects.description", row.id, bytes(row.description))),
            environment=row.environment_id,
            archived=row.archived_at is not None,
            created=time_text(row.created_at),
            version=row.version,
            head=by_id.get(row.head_id) if row.head_id else None,
        )
        for row in rows
    ]


def create(ctx: Context, tenant: Tenant, body: NewProject, environment: str) -> Project:
    """A new project without a revision. Raises Refused (409) where the environment has one of this name."""
    project = new_id()
    if _taken(tenant, environment, body.name):
        raise _name_taken()
    try:
        tenant.insert(
            projects,
            id=project,
            environment_id=environment,
            name=body.name,
            folded=body.name.casefold(),
            description=ctx.seal("projects.description", project, to_bytes(body.description)),
            created_at=tenant.now(),
            created_by=ctx.user_id,
            version=1,
            number=0,
        )
    except IntegrityError as error:
        raise _name_taken() from error
    ctx.audit(f"project/{project}", after={"name": body.name, "environment": environment})
    return told(ctx, tenant, [project_row(tenant, project)])[0]


def change(ctx: Context, tenant: Tenant, project: str, version: str, body: ProjectChange) -> Project:
    """Rename, describe anew, archive or take out of the archive. Raises Refused (409, 412)."""
    row = project_row(tenant, project)
    values: dict[str, Any] = {}
    if body.name is not None and body.name != row.name:
        if body.name.casefold() != row.folded and _taken(tenant, row.environment_id, body.name):
            raise _name_taken()
        values |= {"name": body.name, "folded": body.name.casefold()}
    if body.description is not None:
        values["description"] = ctx.seal("projects.description", project, to_bytes(body.description))
    if body.archived is not None and body.archived != (row.archived_at is not None):
        values["archived_at"] = tenant.now() if body.archived else None
    mine = (projects.c.id == project) & (projects.c.version == _number(version))
    try:
        won = tenant.update(projects, mine, version=projects.c.version + 1, **values)
    except IntegrityError as error:
        raise _name_taken() from error
    if not won:
        raise _changed_meanwhile(row.version)
    ctx.audit(
        f"project/{project}",
        before={"name": row.name, "archived": row.archived_at is not None},
        after={"name": body.name, "archived": body.archived, "described": body.description is not None},
    )
    return told(ctx, tenant, [project_row(tenant, project)])[0]


def _taken(tenant: Tenant, environment: str, name: str) -> bool:
    query = select(projects.c.id).where(
        projects.c.environment_id == environment, projects.c.folded == name.casefold()
    )
    return tenant.value(query) is not None


def _number(version: str) -> int:
    """The version of a project in its entity tag; a tag that is none of ours names no version there is."""
    first = version.partition("-")[0]
    return int(first) if first.isascii() and first.isdigit() and len(first) < 9 else -1


def _name_taken() -> Refused:
    return conflict(
        _("The environment has a project of this name."),
        "name_taken",
        next_step=_("Choose another name, or look among the archived projects."),
    )


def _changed_meanwhile(version: int) -> Refused:
    return Refused(
        412,
        "changed_meanwhile",
        _("Somebody changed this project meanwhile."),
        next_step=_("Read it again, and change what is there now."),
        version=version,
    )
