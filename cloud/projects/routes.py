"""All routes of projects."""

from __future__ import annotations

from cloud.projects import project_routes, pull_routes, push_routes

ROUTES = (project_routes.routes, push_routes.routes, pull_routes.routes)
