"""The routes of identity."""

from __future__ import annotations

from cloud.access.routes import Routes
from cloud.identity import routes_account, routes_factors, routes_policies, routes_sign_in, routes_tokens

ROUTES: tuple[Routes, ...] = (
    routes_sign_in.routes,
    routes_account.routes,
    routes_factors.routes,
    routes_tokens.routes,
    routes_policies.routes,
)
