"""What projects hang up in the server: the place of blobs, and the environment a project's rights come from."""

from __future__ import annotations

from sqlalchemy import select

from cloud.access.guard import leads_to_environment
from cloud.projects.collecting import collect_all
from cloud.server import Server
from cloud.store.blobs import blobs_at
from cloud.store.database import Tenant
from cloud.store.tables_projects import projects


def set_up(server: Server) -> None:
    """Called once for each application."""
    server.parts["blobs"] = blobs_at(server.config.blobs, server.config.folder)
    server.daily += (collect_all,)


@leads_to_environment("project")
def _home(tenant: Tenant, project: str) -> str | None:
    """A project is read and written by whoever may read and write in its home environment."""
    found: str | None = tenant.value(select(projects.c.environment_id).where(projects.c.id == project))
    return found
