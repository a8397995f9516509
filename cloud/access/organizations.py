"""Organizations over HTTP: those one belongs to, making and renaming one."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le, MaxLen
from fastapi import Query, Response
from sqlalchemy import Row, select

from cloud.access.context import Context, Ctx
from cloud.access.founding import add_member, found_organization, slug_taken
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.access.versions import moment, must_match, tell
from cloud.store.metadata import new_id
from cloud.store.tables import members, organizations
from studio.protocol import limits
from studio.protocol.access import NewOrganization, Organization, OrganizationChange, OrganizationPage

After = Annotated[str, MaxLen(64), Query(description="The last id of the page before")]
Limit = Annotated[int, Ge(1), Le(limits.PAGE_MOST), Query(description="How many at most")]

routes = Routes("/organizations", "organizations")


@routes.get("", need=Need.signed_in())
def mine(ctx: Ctx, after: After = "", limit: Limit = limits.PAGE) -> OrganizationPage:
    """The organizations I am a member of."""
    query = (
        select(organizations)
        .select_from(organizations.join(members, members.c.org_id == organizations.c.id))
        .where(
            members.c.user_id == ctx.user_id,
            members.c.disabled_at.is_(None),
            organizations.c.shredded_at.is_(None),
            organizations.c.id > after,
        )
        .order_by(organizations.c.id)
        .limit(limit + 1)
    )
    only = ctx.signed_in.organizations if ctx.signed_in else None
    if only is not None:
        query = query.where(organizations.c.id.in_(sorted(only)))
    with ctx.common() as common:
        rows = common.rows(query)
    items = tuple(Organization(row.id, row.slug, row.name, moment(row.created_at)) for row in rows[:limit])
    return OrganizationPage(items, items[-1].id if len(rows) > limit else None)


@routes.post("", need=Need.server_admin(), audit="organization.create", status_code=201)
def create(ctx: Ctx, body: NewOrganization) -> Organization:
    """Make an organization, with its own keys, the usual environments and roles; I become its administrator."""
    id = new_id()
    with ctx.server.database.tenant(id, user=ctx.user_id, write=True) as tenant:
        made = found_organization(tenant, ctx.server.envelope, body.name, body.slug)
        add_member(tenant, ctx.user_id, [made["Administrator"]])
        ctx.audit(f"organization/{id}", None, {"name": body.name, "slug": body.slug})
        ctx.leave_entry(tenant)
        now = tenant.value(select(organizations.c.created_at).where(organizations.c.id == id))
    return Organization(id, body.slug, body.name, moment(now), True)


@routes.get("/{org}", need=Need.member())
def show(ctx: Ctx, response: Response) -> Organization:
    """An organization, and what I may do in it."""
    with ctx.tenant() as tenant:
        row = tenant.one(select(organizations).where(organizations.c.id == ctx.org))
    assert row is not None
    tell(response, row.changed_at)
    return _shown(ctx, row)


@routes.patch("/{org}", need=Need.admin(), audit="organization.change")
def change(ctx: Ctx, body: OrganizationChange, response: Response) -> Organization:
    """Rename an organization. Needs If-Match."""
    mine = organizations.c.id == ctx.org
    with ctx.tenant(write=True) as tenant:
        before = tenant.one(select(organizations).where(mine).with_for_update())
        assert before is not None
        must_match(ctx, before.changed_at)
        name, slug = body.name or before.name, body.slug or before.slug
        taken = select(organizations.c.id).where(organizations.c.slug == slug, ~mine)
        if tenant.one(taken):
            raise slug_taken()
        tenant.update(organizations, mine, name=name, slug=slug, changed_at=tenant.now())
        ctx.audit(
            f"organization/{ctx.org}",
            {"name": before.name, "slug": before.slug},
            {"name": name, "slug": slug},
        )
        row = tenant.one(select(organizations).where(mine))
    assert row is not None
    tell(response, row.changed_at)
    return _shown(ctx, row)


def _shown(ctx: Context, row: Row[tuple[object, ...]]) -> Organization:
    rights = {name: tuple(sorted(map(str, held))) for name, held in ctx.all_rights().items()}
    return Organization(row.id, row.slug, row.name, moment(row.created_at), ctx.admin, rights)
