"""The routes of the console."""

from __future__ import annotations

from cloud.access.routes import Routes
from cloud.console import (
    account,
    audit,
    deployments,
    entrance,
    environments,
    factors,
    members,
    organizations,
    policies,
    projects,
    roles,
)

ROUTES: tuple[Routes, ...] = (
    entrance.pages.routes,
    account.pages.routes,
    factors.pages.routes,
    organizations.pages.routes,
    members.pages.routes,
    roles.pages.routes,
    environments.pages.routes,
    projects.pages.routes,
    deployments.pages.routes,
    policies.pages.routes,
    audit.pages.routes,
)
