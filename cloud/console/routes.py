"""The routes of the console."""

from __future__ import annotations

from cloud.access.routes import Routes
from cloud.console import (
    account,
    audit,
    deployments,
    desktop,
    entrance,
    environments,
    factors,
    files,
    invitations,
    links,
    members,
    organizations,
    policies,
    projects,
    roles,
    single_sign_on,
    variables,
)

ROUTES: tuple[Routes, ...] = (
    entrance.pages.routes,
    links.pages.routes,
    invitations.held.routes,
    desktop.pages.routes,
    account.pages.routes,
    factors.pages.routes,
    organizations.pages.routes,
    members.pages.routes,
    invitations.pages.routes,
    roles.pages.routes,
    environments.pages.routes,
    files.pages.routes,
    projects.pages.routes,
    deployments.pages.routes,
    variables.pages.routes,
    single_sign_on.pages.routes,
    policies.pages.routes,
    audit.pages.routes,
)
