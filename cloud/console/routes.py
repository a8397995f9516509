"""The routes of the console."""

from __future__ import annotations

from cloud.access.routes import Routes
from cloud.console import account, entrance, environments, factors, members, organizations, roles

ROUTES: tuple[Routes, ...] = (
    entrance.pages.routes,
    account.pages.routes,
    factors.pages.routes,
    organizations.pages.routes,
    members.pages.routes,
    roles.pages.routes,
    environments.pages.routes,
)
