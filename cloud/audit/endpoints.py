"""The audit over HTTP: for administrators, newest first."""

from __future__ import annotations

import json
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen
from fastapi import Query
from pydantic import AwareDatetime
from sqlalchemy import func, select

from cloud.access.context import Context, Ctx
from cloud.access.organizations import Limit
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.access.versions import moment
from cloud.audit.entries import PURPOSE, SALT_BYTES
from cloud.audit.heads import public_key
from cloud.audit.policy import policy_of, set_policy
from cloud.audit.verify import verify
from cloud.store.tables_audit import audit_details, audit_entries, signed_heads
from studio.protocol import limits
from studio.protocol.audit import AuditEntry, AuditPage, AuditPolicy, AuditVerdict, SignedHead, SignedHeads

routes = Routes("/organizations/{org}/audit", "audit")
Before = Annotated[int | None, Ge(1), Le(2**31 - 1), Query(description="Entries older than this number")]
When = Annotated[AwareDatetime | None, Query(description="A moment with its zone, ISO 8601")]
Word = Annotated[str, MaxLen(100), Query(description="Only these")]


@routes.get("", need=Need.admin())
def entries(
    ctx: Ctx,
    before: Before = None,
    limit: Limit = limits.PAGE,
    action: Word = "",
    actor: Word = "",
    since: When = None,
    until: When = None,
) -> AuditPage:
    """What was done in the organization; `action` is a name or its beginning up to a dot (`role.`)."""
    query = select(audit_entries, audit_details.c.content).select_from(
        audit_entries.outerjoin(
            audit_details,
            (audit_details.c.org_id == audit_entries.c.org_id)
            & (audit_details.c.number == audit_entries.c.number),
        )
    )
    if before is not None:
        query = query.where(audit_entries.c.number < before)
    if action:
        whole = not action.endswith(".")
        query = query.where(
            audit_entries.c.action == action
            if whole
            else audit_entries.c.action.startswith(action, autoescape=True)
        )
    if since is not None:
        query = query.where(audit_entries.c.at >= since)
    if until is not None:
        query = query.where(audit_entries.c.at < until)
    if actor:
        # A sign-in that failed is nobody's doing, but about somebody.
        about = audit_entries.c.action.startswith("sign_in.") & (audit_entries.c.target == f"user/{actor}")
        query = query.where((audit_entries.c.actor == actor) | about)
    with ctx.tenant() as tenant:
        rows = tenant.rows(query.order_by(audit_entries.c.number.desc()).limit(limit + 1))
    items = tuple(_shown(ctx, row) for row in rows[:limit])
    return AuditPage(items, items[-1].number if len(rows) > limit else None)


@routes.get("/policy", need=Need.admin())
def policy(ctx: Ctx) -> AuditPolicy:
    """How much is recorded."""
    with ctx.tenant() as tenant:
        return policy_of(tenant)


@routes.put("/policy", need=Need.admin(), audit="audit.policy")
def change_policy(ctx: Ctx, body: AuditPolicy) -> AuditPolicy:
    """Set how much is recorded."""
    with ctx.tenant(write=True) as tenant:
        before = policy_of(tenant)
        set_policy(tenant, body)
        ctx.audit("policy/audit", vars(before), vars(body))
    return body


@routes.get("/heads", need=Need.admin())
def heads(ctx: Ctx) -> SignedHeads:
    """The signed ends of the chain, one a day: keep them elsewhere, to prove later that nothing was rewritten."""
    query = select(signed_heads).order_by(signed_heads.c.day.desc()).limit(400)
    with ctx.tenant() as tenant:
        rows = tenant.rows(query)
    items = tuple(
        SignedHead(row.day, row.number, bytes(row.hash).hex(), bytes(row.signature).hex()) for row in rows
    )
    return SignedHeads(public_key(ctx.server), items)


@routes.get("/verify", need=Need.admin())
def verified(ctx: Ctx) -> AuditVerdict:
    """Look through the whole chain: whether it is whole, or the first entry that is not what was written."""
    with ctx.tenant() as tenant:
        entries = int(tenant.value(select(func.count()).select_from(audit_entries)))
        found = verify(tenant, ctx.server.envelope)
    if found is None:
        return AuditVerdict(True, entries)
    return AuditVerdict(False, entries, found.number, found.what)


def _shown(ctx: Context, row: Any) -> AuditEntry:
    said: dict[str, Any] = {}
    if row.content is not None:
        said = json.loads(ctx.open(PURPOSE, str(row.number), bytes(row.content))[SALT_BYTES:])
    return AuditEntry(
        row.number,
        moment(row.at),
        row.action,
        row.target,
        row.actor,
        row.via,
        row.address,
        row.request_id,
        bytes(row.hash).hex(),
        said.get("before"),
        said.get("after"),
    )


ROUTES = (routes,)
