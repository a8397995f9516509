"""Members of an organization over HTTP. How somebody becomes one is the invitations' affair (identity)."""

from __future__ import annotations

from sqlalchemy import Row, select

from cloud.access.context import Ctx
from cloud.access.founding import hold, need_an_admin
from cloud.access.organizations import After, Limit
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.access.versions import moment
from cloud.errors import bad_request, not_found
from cloud.store.database import Tenant
from cloud.store.tables import member_roles, members, roles, users
from studio.base.i18n import _
from studio.protocol import limits
from studio.protocol.access import Member, MemberChange, MemberPage

routes = Routes("/organizations/{org}/members", "members")


@routes.get("", need=Need.member())
def names(ctx: Ctx, after: After = "", limit: Limit = limits.PAGE) -> MemberPage:
    """The people of an organization."""
    query = (
        select(members, users.c.first_name, users.c.surname, users.c.email)
        .select_from(members.join(users, users.c.id == members.c.user_id))
        .where(members.c.user_id > after)
        .order_by(members.c.user_id)
        .limit(limit + 1)
    )
    with ctx.tenant() as tenant:
        rows = tenant.rows(query)
        held = _roles(tenant, [row.user_id for row in rows])
    items = tuple(_shown(row, held) for row in rows[:limit])
    return MemberPage(items, items[-1].user if len(rows) > limit else None)


@routes.get("/{member}", need=Need.member())
def show(ctx: Ctx, member: str) -> Member:
    """One member, by id."""
    with ctx.tenant() as tenant:
        return _one(tenant, member)


@routes.patch("/{member}", need=Need.admin(), audit="member.change")
def change(ctx: Ctx, member: str, body: MemberChange) -> Member:
    """Change a member's roles, or shut a member out for a while."""
    with ctx.tenant(write=True) as tenant:
        hold(tenant)
        before = _one(tenant, member)
        if body.roles is not None:
            _set_roles(tenant, member, body.roles)
        if body.disabled is not None and body.disabled != before.disabled:
            at = tenant.now() if body.disabled else None
            tenant.update(members, members.c.user_id == member, disabled_at=at)
        need_an_admin(tenant)
        after = _one(tenant, member)
        ctx.audit(f"member/{member}", _told(before), _told(after))
    return after


@routes.delete("/{member}", need=Need.admin(), audit="member.remove")
def remove(ctx: Ctx, member: str) -> None:
    """Take somebody out of the organization; the account itself stays."""
    with ctx.tenant(write=True) as tenant:
        hold(tenant)
        before = _one(tenant, member)
        tenant.delete(members, members.c.user_id == member)
        need_an_admin(tenant)
        ctx.audit(f"member/{member}", _told(before), None)


def _set_roles(tenant: Tenant, member: str, wanted: tuple[str, ...]) -> None:
    known = {row.id for row in tenant.rows(select(roles.c.id).where(roles.c.id.in_(wanted)))}
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise bad_request(_("There is no role {id}.").format(id=unknown[0]), code="unknown_role")
    tenant.delete(member_roles, member_roles.c.user_id == member)
    tenant.insert_many(member_roles, [{"user_id": member, "role_id": role} for role in sorted(known)])


def _one(tenant: Tenant, member: str) -> Member:
    query = (
        select(members, users.c.first_name, users.c.surname, users.c.email)
        .select_from(members.join(users, users.c.id == members.c.user_id))
        .where(members.c.user_id == member)
    )
    row = tenant.one(query)
    if row is None:
        raise not_found()
    return _shown(row, _roles(tenant, [member]))


def _roles(tenant: Tenant, of: list[str]) -> dict[str, list[str]]:
    query = select(member_roles).where(member_roles.c.user_id.in_(of)).order_by(member_roles.c.role_id)
    held: dict[str, list[str]] = {}
    for row in tenant.rows(query):
        held.setdefault(row.user_id, []).append(row.role_id)
    return held


def _shown(row: Row[tuple[object, ...]], held: dict[str, list[str]]) -> Member:
    name = f"{row.first_name} {row.surname}".strip()
    disabled = row.disabled_at is not None
    given = tuple(held.get(row.user_id, ()))
    return Member(row.user_id, name, row.email, moment(row.joined_at), disabled, given)


def _told(member: Member) -> dict[str, object]:
    return {"roles": list(member.roles), "disabled": member.disabled}
