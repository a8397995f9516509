"""Environments over HTTP."""

from __future__ import annotations

from fastapi import Response
from sqlalchemy import Row, func, select

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.access.versions import moment, must_match, tell
from cloud.errors import conflict, not_found
from cloud.store.database import Tenant
from cloud.store.metadata import new_id
from cloud.store.tables import environments
from studio.base.i18n import _
from studio.protocol.access import MOST, Environment, EnvironmentChange, NewEnvironment

routes = Routes("/organizations/{org}/environments", "environments")


@routes.get("", need=Need.member())
def names(ctx: Ctx) -> tuple[Environment, ...]:
    """The environments I have a right in, by position; all of them for administrators."""
    with ctx.tenant() as tenant:
        rows = tenant.rows(select(environments).order_by(environments.c.position, environments.c.slug))
    rights = ctx.all_rights()
    return tuple(_shown(ctx, row) for row in rows if ctx.admin or row.id in rights)


@routes.get("/{environment}", need=Need.member())
def show(ctx: Ctx, environment: str, response: Response) -> Environment:
    """One environment, by id or short name."""
    with ctx.tenant() as tenant:
        row = _one(tenant, ctx.environment_id(tenant, environment))
    if not ctx.rights(row.id) and not ctx.admin:
        raise not_found()
    tell(response, row.changed_at)
    return _shown(ctx, row)


@routes.post("", need=Need.admin(), audit="environment.create", status_code=201)
def create(ctx: Ctx, body: NewEnvironment, response: Response) -> Environment:
    """Make an environment; nobody has a right in it until a role says so."""
    id = new_id()
    with ctx.tenant(write=True) as tenant:
        if tenant.value(select(func.count()).select_from(environments)) >= MOST:
            raise conflict(
                _("An organization has at most {n} environments.").format(n=MOST), "too_many_environments"
            )
        _need_free(tenant, body.slug, "")
        now = tenant.now()
        given = {"slug": body.slug, "name": body.name, "position": body.position}
        tenant.insert(environments, id=id, created_at=now, changed_at=now, **given)
        ctx.audit(f"environment/{id}", None, given)
        row = _one(tenant, id)
    tell(response, row.changed_at)
    return _shown(ctx, row)


@routes.patch("/{environment}", need=Need.admin(), audit="environment.change")
def change(ctx: Ctx, environment: str, body: EnvironmentChange, response: Response) -> Environment:
    """Rename or move an environment. Needs If-Match."""
    with ctx.tenant(write=True) as tenant:
        before = _one(tenant, ctx.environment_id(tenant, environment))
        must_match(ctx, before.changed_at)
        slug = body.slug or before.slug
        given = {
            "name": body.name or before.name,
            "slug": slug,
            "position": before.position if body.position is None else body.position,
        }
        _need_free(tenant, slug, before.id)
        tenant.update(environments, environments.c.id == before.id, changed_at=tenant.now(), **given)
        ctx.audit(f"environment/{before.id}", {name: getattr(before, name) for name in given}, given)
        row = _one(tenant, before.id)
    tell(response, row.changed_at)
    return _shown(ctx, row)


@routes.delete("/{environment}", need=Need.admin(), audit="environment.remove")
def remove(ctx: Ctx, environment: str) -> None:
    """Remove an environment nothing lives in any more; the rights in it go with it."""
    with ctx.tenant(write=True) as tenant:
        before = _one(tenant, ctx.environment_id(tenant, environment))
        tenant.delete(environments, environments.c.id == before.id)
        ctx.audit(f"environment/{before.id}", {"name": before.name, "slug": before.slug}, None)


def _need_free(tenant: Tenant, slug: str, but: str) -> None:
    if tenant.one(select(environments.c.id).where(environments.c.slug == slug, environments.c.id != but)):
        raise conflict(_("An environment with this short name is there already."), "slug_taken")


def _one(tenant: Tenant, id: str) -> Row[tuple[object, ...]]:
    query = select(environments).where(environments.c.id == id)
    row = tenant.one(query.with_for_update() if tenant.write else query)
    if row is None:
        raise not_found()
    return row


def _shown(ctx: Context, row: Row[tuple[object, ...]]) -> Environment:
    rights = tuple(sorted(map(str, ctx.rights(row.id))))
    return Environment(row.id, row.slug, row.name, row.position, moment(row.changed_at), rights)
