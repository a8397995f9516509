"""The routes of the console."""

from __future__ import annotations

from cloud.access.routes import Routes
from cloud.console import environments, members, organizations, roles

ROUTES: tuple[Routes, ...] = (
    organizations.pages.routes,
    members.pages.routes,
    roles.pages.routes,
    environments.pages.routes,
)
