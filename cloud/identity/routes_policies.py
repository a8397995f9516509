"""Routes of an organization's policies: passwords and sessions, and the addresses it may be reached from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from cloud.access.context import Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.addresses import plain
from cloud.errors import bad_request, conflict
from cloud.identity import accounts, allow_list
from cloud.identity.accounts import PASSWORD_RULES
from cloud.identity.gates import NETWORK
from cloud.identity.sessions import need_proof
from cloud.store.database import Tenant
from cloud.store.tables import policies
from studio.base.i18n import _
from studio.protocol.identity import AllowList, PasswordRules

routes = Routes("/organizations/{org}/policies", "policies")


@routes.get("/password", need=Need.member())
def read_password_rules(ctx: Ctx) -> PasswordRules:
    """The rules for passwords, second factors and sessions."""
    with ctx.tenant() as tenant:
        return PasswordRules(**asdict(accounts.policy_in(tenant)))


@routes.put("/password", need=Need.admin(), audit="policy.password")
def set_password_rules(ctx: Ctx, body: PasswordRules) -> PasswordRules:
    """Set the rules; they hold from the next sign-in, and the strictest of a user's organizations wins."""
    need_proof(ctx)
    with ctx.tenant(write=True) as tenant:
        before = asdict(accounts.policy_in(tenant))
        _keep(tenant, PASSWORD_RULES, asdict(body))
        ctx.audit(f"policy/{PASSWORD_RULES}", before, asdict(body))
    return body


@routes.get("/network", need=Need.admin())
def read_allow_list(ctx: Ctx) -> AllowList:
    """The addresses the organization may be reached from."""
    with ctx.tenant() as tenant:
        return AllowList(tuple(_ranges(tenant)))


@routes.put("/network", need=Need.admin(), audit="policy.network")
def set_allow_list(ctx: Ctx, body: AllowList) -> AllowList:
    """Set them; a list that would shut out whoever saves it is refused."""
    need_proof(ctx)
    try:
        ranges = allow_list.networks(body.ranges)
    except allow_list.BadRange as error:
        raise bad_request(
            _("“{line}” is neither an address nor a range.").format(line=error.line[:64]),
            next_step=_("Write 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32."),
            code="bad_range",
        ) from error
    if not allow_list.allows(ranges, plain(ctx.address)):
        raise conflict(
            _("This list would shut you out: you are at {address}.").format(address=ctx.address),
            "locks_you_out",
            next_step=_("Add your own address or range first."),
        )
    shown = [str(each) for each in ranges]
    with ctx.tenant(write=True) as tenant:
        before = _ranges(tenant)
        _keep(tenant, NETWORK, {"ranges": shown})
        ctx.audit(f"policy/{NETWORK}", before, shown)
    return AllowList(tuple(shown))


def _ranges(tenant: Tenant) -> list[str]:
    kept = tenant.value(select(policies.c.content).where(policies.c.subject == NETWORK)) or {}
    return list(kept.get("ranges", []))


def _keep(tenant: Tenant, subject: str, content: dict[str, Any]) -> None:
    if not tenant.insert_new(policies, subject=subject, content=content, changed_at=tenant.now()):
        tenant.update(policies, policies.c.subject == subject, content=content, changed_at=tenant.now())
