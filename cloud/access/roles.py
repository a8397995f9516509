"""Roles over HTTP, with the matrix of rights by environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Response
from sqlalchemy import func, select

from cloud.access.context import Ctx
from cloud.access.founding import hold, need_an_admin
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.access.versions import moment, must_match, tell
from cloud.errors import bad_request, conflict, not_found
from cloud.store.database import Tenant
from cloud.store.metadata import new_id
from cloud.store.tables import environments, member_roles, role_rights, roles
from studio.base.i18n import _
from studio.protocol.access import MOST, NewRole, Role

routes = Routes("/organizations/{org}/roles", "roles")


@routes.get("", need=Need.member())
def names(ctx: Ctx) -> tuple[Role, ...]:
    """All roles of the organization, by name."""
    with ctx.tenant() as tenant:
        return _all(tenant)


@routes.get("/{role}", need=Need.member())
def show(ctx: Ctx, role: str, response: Response) -> Role:
    """One role."""
    with ctx.tenant() as tenant:
        changed = tenant.value(select(roles.c.changed_at).where(roles.c.id == role))
        if changed is None:
            raise not_found()
        tell(response, changed)
        return _one(tenant, role)


@routes.post("", need=Need.admin(), audit="role.create", status_code=201)
def create(ctx: Ctx, body: NewRole, response: Response) -> Role:
    """Make a role."""
    id = new_id()
    with ctx.tenant(write=True) as tenant:
        if tenant.value(select(func.count()).select_from(roles)) >= MOST:
            raise conflict(_("An organization has at most {n} roles.").format(n=MOST), "too_many_roles")
        _need_free(tenant, body.name, "")
        now = tenant.now()
        tenant.insert(roles, id=id, name=body.name, admin=body.admin, created_at=now, changed_at=now)
        _set_rights(tenant, id, body.rights)
        made = _one(tenant, id)
        ctx.audit(f"role/{id}", None, _told(made))
    tell(response, now)
    return made


@routes.put("/{role}", need=Need.admin(), audit="role.change")
def change(ctx: Ctx, role: str, body: NewRole, response: Response) -> Role:
    """Set a role's name and rights. Needs If-Match."""
    with ctx.tenant(write=True) as tenant:
        hold(tenant)
        row = tenant.one(select(roles).where(roles.c.id == role).with_for_update())
        if row is None:
            raise not_found()
        must_match(ctx, row.changed_at)
        _need_free(tenant, body.name, role)
        before = _one(tenant, role)
        now = tenant.now()
        tenant.update(roles, roles.c.id == role, name=body.name, admin=body.admin, changed_at=now)
        tenant.delete(role_rights, role_rights.c.role_id == role)
        _set_rights(tenant, role, body.rights)
        need_an_admin(tenant)
        after = _one(tenant, role)
        ctx.audit(f"role/{role}", _told(before), _told(after))
    tell(response, now)
    return after


@routes.delete("/{role}", need=Need.admin(), audit="role.remove")
def remove(ctx: Ctx, role: str) -> None:
    """Remove a role nobody has any more."""
    with ctx.tenant(write=True) as tenant:
        hold(tenant)
        if tenant.one(select(roles.c.id).where(roles.c.id == role)) is None:
            raise not_found()
        before = _one(tenant, role)
        if before.members:
            raise conflict(
                _("Members still have this role."),
                "role_in_use",
                next_step=_("Take the role from them first."),
            )
        tenant.delete(roles, roles.c.id == role)
        ctx.audit(f"role/{role}", _told(before), None)


def _need_free(tenant: Tenant, name: str, but: str) -> None:
    if tenant.one(select(roles.c.id).where(roles.c.name == name, roles.c.id != but)):
        raise conflict(_("A role with this name is there already."), "name_taken")


def _set_rights(tenant: Tenant, role: str, rights: Mapping[str, Sequence[str]]) -> None:
    known = {row.id for row in tenant.rows(select(environments.c.id).where(environments.c.id.in_(rights)))}
    unknown = sorted(set(rights) - known)
    if unknown:
        raise bad_request(
            _("There is no environment {id}.").format(id=unknown[0]), code="unknown_environment"
        )
    given = [
        {"role_id": role, "environment_id": where, "right": right}
        for where, held in rights.items()
        for right in sorted(set(held))
    ]
    tenant.insert_many(role_rights, given)


def _one(tenant: Tenant, role: str) -> Role:
    return next(each for each in _all(tenant) if each.id == role)


def _all(tenant: Tenant) -> tuple[Role, ...]:
    rights: dict[str, dict[str, list[str]]] = {}
    for row in tenant.rows(select(role_rights).order_by(role_rights.c.right)):
        rights.setdefault(row.role_id, {}).setdefault(row.environment_id, []).append(row.right)
    count = func.count().label("n")
    query = select(member_roles.c.role_id, count).group_by(member_roles.c.role_id)
    held = {row.role_id: row.n for row in tenant.rows(query)}
    found = tenant.rows(select(roles).order_by(roles.c.name))
    return tuple(
        Role(
            row.id,
            row.name,
            row.admin,
            {where: tuple(given) for where, given in rights.get(row.id, {}).items()},
            held.get(row.id, 0),
            moment(row.changed_at),
        )
        for row in found
    )


def _told(role: Role) -> dict[str, object]:
    return {"name": role.name, "admin": role.admin, "rights": role.rights}
