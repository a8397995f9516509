"""All routes of projects."""

from __future__ import annotations

from cloud.projects import (
    deploy_routes,
    project_routes,
    pull_routes,
    push_routes,
    setting_routes,
    upload_routes,
)

ROUTES = (
    project_routes.routes,
    push_routes.routes,
    pull_routes.routes,
    upload_routes.projects,
    upload_routes.environments,
    deploy_routes.routes,
    setting_routes.organization,
    setting_routes.routes,
)
