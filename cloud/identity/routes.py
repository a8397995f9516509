"""The routes of identity."""

from __future__ import annotations

from cloud.access.routes import Routes
from cloud.identity import (
    routes_account,
    routes_desktop,
    routes_factors,
    routes_invitations,
    routes_links,
    routes_policies,
    routes_sign_in,
    routes_sso,
    routes_tokens,
)

ROUTES: tuple[Routes, ...] = (
    routes_sign_in.routes,
    routes_links.routes,
    routes_account.routes,
    routes_factors.routes,
    routes_tokens.routes,
    routes_invitations.made,
    routes_invitations.held,
    routes_policies.routes,
    routes_sso.settings,
    routes_sso.ways,
    routes_desktop.routes,
)
