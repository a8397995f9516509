"""Invitations into an organization: a link that is good once, for some days, for one address."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select

from cloud.access.founding import add_member
from cloud.errors import Refused, bad_request, conflict
from cloud.identity.accounts import normal_email
from cloud.identity.links import over
from cloud.identity.secrets_shown import Prefix, kept, new_token, well_formed
from cloud.server import Server
from cloud.store.database import Common, Tenant
from cloud.store.metadata import new_id
from cloud.store.tables import members, organizations, roles, users
from cloud.store.tables_identity import invitations
from studio.base.i18n import _
from studio.protocol.identity import NewInvitation

MOST_OPEN = 1_000


@dataclass(frozen=True)
class Found:
    """A living invitation and where it leads; `user` is the account of its address, if there is one."""

    org: str
    organization: str
    row: Row[Any]
    user: str


def invite(tenant: Tenant, by: str, asked: NewInvitation) -> tuple[str, str]:
    """A new invitation's id and token; earlier ones of the address are worth nothing. Raises Refused."""
    now, email = tenant.now(), normal_email(asked.email)
    joined = members.join(users, users.c.id == members.c.user_id)
    if tenant.one(select(members.c.user_id).select_from(joined).where(users.c.email == email)) is not None:
        raise conflict(_("{email} is a member already.").format(email=email), "member_already")
    role_ids = _role_ids(tenant, asked.roles)
    pending = invitations.c.accepted_at.is_(None)
    tenant.delete(invitations, pending & or_(invitations.c.email == email, invitations.c.expires_at < now))
    if len(tenant.rows(select(invitations.c.id).where(pending))) >= MOST_OPEN:
        raise conflict(_("There are too many open invitations."), "too_many_invitations")
    id, secret = new_id(), new_token(Prefix.INVITATION)
    tenant.insert(
        invitations,
        id=id,
        hash=kept(secret),
        email=email,
        first_name=asked.first_name,
        surname=asked.surname,
        phone=asked.phone,
        company={name: value for name, value in asdict(asked.company).items() if value},
        roles=role_ids,
        invited_by=by,
        created_at=now,
        expires_at=now + timedelta(days=asked.days),
    )
    return id, f"{tenant.org}.{secret}"


def all_of(tenant: Tenant) -> Sequence[Row[Any]]:
    """The invitations of an organization, the newest first."""
    return tenant.rows(select(invitations).order_by(invitations.c.id.desc()).limit(MOST_OPEN))


def link(server: Server, token: str) -> str:
    """Where an invitation is accepted."""
    return f"{server.config.address}/invitation/{token}"


def find(server: Server, token: str) -> Found:
    """What a token invites to. Raises Refused: the same for a wrong, a used and a late one."""
    org, _dot, secret = token.partition(".")
    if not org or org == "server" or not well_formed(secret, Prefix.INVITATION):
        raise over()
    with server.database.tenant(org) as tenant:
        row = living(tenant, invitations.c.hash == kept(secret))
    if row is None or not hmac.compare_digest(row.hash, kept(secret)):
        raise over()
    with server.database.common() as common:
        named = select(organizations.c.name).where(
            organizations.c.id == org, organizations.c.shredded_at.is_(None)
        )
        name = common.value(named)
        user = common.value(select(users.c.id).where(users.c.email == row.email))
    if name is None:
        raise over()
    return Found(org, name, row, user or "")


def living(tenant: Tenant, which: ColumnElement[bool]) -> Row[Any] | None:
    """An invitation that may still be accepted."""
    fresh = invitations.c.accepted_at.is_(None) & (invitations.c.expires_at > tenant.now())
    return tenant.one(select(invitations).where(which, fresh))


def accept(tenant: Tenant, row: Row[Any], user: str) -> None:
    """Make the user a member with the roles that are still there; of two who bring one link, one does. Raises Refused."""
    unused = (invitations.c.id == row.id) & invitations.c.accepted_at.is_(None)
    if tenant.update(invitations, unused, accepted_at=tenant.now()) != 1:
        raise over()
    there = tenant.rows(select(roles.c.id).where(roles.c.id.in_(list(row.roles))))
    add_member(tenant, user, sorted(one.id for one in there))


def new_user(transaction: Tenant | Common, email: str, first_name: str, surname: str, **more: Any) -> str:
    """An account for an address that has none; its id. Raises Refused where there is one by now."""
    id = new_id()
    made = transaction.insert_new(
        users,
        id=id,
        email=normal_email(email),
        first_name=first_name,
        surname=surname,
        server_admin=False,
        created_at=transaction.now(),
        **more,
    )
    if not made:
        raise account_there()
    return id


def account_there() -> Refused:
    """The address has an account: its owner accepts, signed in."""
    return conflict(
        _("There is an account for this address already."),
        "account_there",
        next_step=_("Sign in with it, then open the link again."),
    )


def _role_ids(tenant: Tenant, named: tuple[str, ...]) -> list[str]:
    found = tenant.rows(select(roles.c.id, roles.c.name))
    known = {row.name: row.id for row in found} | {row.id: row.id for row in found}
    unknown = [name for name in named if name not in known]
    if unknown:
        raise bad_request(_("There is no role {name}.").format(name=unknown[0]), code="unknown_role")
    return sorted({known[name] for name in named})
