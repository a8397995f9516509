"""The routes of organizations, members, roles and environments."""

from __future__ import annotations

from cloud.access import organizations, people, roles, stages

ROUTES = (organizations.routes, people.routes, roles.routes, stages.routes)
