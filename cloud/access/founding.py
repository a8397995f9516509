"""A new organization, with the environments and roles most begin with; and who must always be left."""

from __future__ import annotations

from sqlalchemy import func, select

from cloud.access.rights import Right
from cloud.errors import conflict
from cloud.store.database import Tenant
from cloud.store.envelope import Envelope
from cloud.store.metadata import new_id
from cloud.store.tables import environments, member_roles, members, organizations, role_rights, roles
from studio.base.i18n import _

STAGES = ("development", "test", "production")
_EVERYTHING = tuple(Right)
# Name, admin, and the rights in the three first environments.
_ROLES: tuple[tuple[str, bool, tuple[tuple[Right, ...], ...]], ...] = (
    ("Administrator", True, (_EVERYTHING, _EVERYTHING, _EVERYTHING)),
    (
        "Developer",
        False,
        (
            (Right.READ, Right.WRITE, Right.EXECUTE, Right.VIEW_LOGS),
            (Right.READ, Right.EXECUTE, Right.VIEW_LOGS),
            (Right.READ, Right.VIEW_LOGS),
        ),
    ),
    (
        "Operator",
        False,
        ((Right.READ,), *((Right.READ, Right.EXECUTE, Right.VIEW_LOGS, Right.INSTALL_AGENTS),) * 2),
    ),
    ("Reader", False, ((Right.READ,), (Right.READ,), (Right.READ,))),
)


def found_organization(tenant: Tenant, envelope: Envelope, name: str, slug: str) -> dict[str, str]:
    """Make the organization the transaction was opened for; returns the ids of its roles by name.

    Raises Refused (409) when the slug is taken.
    """
    now = tenant.now()
    row = {"id": tenant.org, "slug": slug, "name": name, "created_at": now, "changed_at": now}
    if not tenant.insert_new(organizations, **row):
        raise slug_taken()
    envelope.make_keys(tenant)
    stages = [new_id() for _stage in STAGES]
    for position, (id, stage) in enumerate(zip(stages, STAGES, strict=True)):
        named = {"slug": stage, "name": stage.title(), "position": position}
        tenant.insert(environments, id=id, created_at=now, changed_at=now, **named)
    made: dict[str, str] = {}
    for role, admin, rights in _ROLES:
        made[role] = new_id()
        tenant.insert(roles, id=made[role], name=role, admin=admin, created_at=now, changed_at=now)
        given = [
            {"role_id": made[role], "environment_id": stage, "right": str(right)}
            for stage, held in zip(stages, rights, strict=True)
            for right in held
        ]
        tenant.insert_many(role_rights, given)
    return made


def add_member(tenant: Tenant, user: str, role_ids: list[str]) -> None:
    """Make somebody a member with these roles; who is one already gets them besides."""
    tenant.insert_new(members, user_id=user, joined_at=tenant.now())
    for role in role_ids:
        tenant.insert_new(member_roles, user_id=user, role_id=role)


def hold(tenant: Tenant) -> None:
    """Let nobody else change who administers the organization until this transaction ends."""
    tenant.one(select(organizations.c.id).where(organizations.c.id == tenant.org).with_for_update())


def need_an_admin(tenant: Tenant) -> None:
    """Refuse a change that leaves an organization nobody could administer. Raises Refused (409)."""
    left = (
        select(func.count())
        .select_from(
            members.join(member_roles, member_roles.c.user_id == members.c.user_id).join(
                roles, roles.c.id == member_roles.c.role_id
            )
        )
        .where(roles.c.admin, members.c.disabled_at.is_(None))
    )
    if not tenant.value(left):
        raise conflict(
            _("Nobody would be left to administer this organization."),
            "last_administrator",
            next_step=_("Give somebody else a role that administers first."),
        )


def slug_taken() -> Exception:
    """409: another one has this short name."""
    return conflict(_("This short name is taken."), "slug_taken", next_step=_("Choose another one."))
