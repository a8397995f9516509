"""What proves a user: the password and its history, and the rules of all the user's organizations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from cloud.errors import Refused
from cloud.identity import passwords
from cloud.identity.passwords import Fault, Policy
from cloud.identity.tickets import forget
from cloud.server import Server
from cloud.store.database import Common, Database, Transaction
from cloud.store.metadata import new_id
from cloud.store.tables import members, organizations, policies, users
from cloud.store.tables_identity import earlier_passwords, proofs, sessions, single_sign_on
from studio.base.i18n import _, ngettext

PASSWORD_RULES = "password"


@dataclass(frozen=True)
class Membership:
    """An organization a user belongs to; `sign_on` is the kind of single sign-on it enforces, or ""."""

    id: str
    slug: str
    name: str
    policy: Policy
    sign_on: str


def normal_email(text: str) -> str:
    """An e-mail address as it is kept and looked for."""
    return passwords.normal(text).strip().lower()


def by_email(common: Common, email: str) -> Row[Any] | None:
    """The user with this address, and what proves it."""
    joined = users.outerjoin(proofs, proofs.c.id == users.c.id)
    query = select(users, proofs.c.password, proofs.c.password_set_at, proofs.c.totp).select_from(joined)
    return common.one(query.where(users.c.email == normal_email(email)))


def by_id(common: Common, user: str) -> Row[Any] | None:
    """The user with this id, and what proves it."""
    joined = users.outerjoin(proofs, proofs.c.id == users.c.id)
    query = select(users, proofs.c.password, proofs.c.password_set_at, proofs.c.totp).select_from(joined)
    return common.one(query.where(users.c.id == user))


def memberships(database: Database, user: str) -> list[Membership]:
    """The organizations of a user with their rules; each is asked by itself."""
    with database.common(user=user) as common:
        joined = members.join(organizations, organizations.c.id == members.c.org_id)
        query = (
            select(organizations.c.id, organizations.c.slug, organizations.c.name)
            .select_from(joined)
            .where(
                members.c.user_id == user,
                members.c.disabled_at.is_(None),
                organizations.c.shredded_at.is_(None),
            )
            .order_by(organizations.c.name)
        )
        found = common.rows(query)
    made = []
    for row in found:
        with database.tenant(row.id, user=user) as tenant:
            enforced = select(single_sign_on.c.kind).where(single_sign_on.c.enforced)
            made.append(
                Membership(row.id, row.slug, row.name, policy_in(tenant), tenant.value(enforced) or "")
            )
    return made


def policy_in(tenant: Transaction) -> Policy:
    """The rules of the transaction's organization; the standard ones where it has said nothing."""
    said = tenant.value(select(policies.c.content).where(policies.c.subject == PASSWORD_RULES)) or {}
    known = {field.name for field in fields(Policy)}
    return Policy(**{name: value for name, value in said.items() if name in known})


def rules_of(server: Server, known: Iterable[Membership]) -> Policy:
    """The strictest rules of these organizations and of the server itself."""
    found = passwords.strictest(each.policy for each in known)
    return replace(found, second_factor=found.second_factor or server.config.second_factor)


def policy_of(server: Server, user: str) -> Policy:
    """The strictest rules of all the user's organizations."""
    return rules_of(server, memberships(server.database, user))


def check_new_password(server: Server, user: str, password: str) -> None:
    """Raises Refused when a user may not have this password. Takes as long as some sign-ins: not inside a transaction."""
    with server.database.common() as common:
        row = by_id(common, user)
        earlier = common.rows(
            select(earlier_passwords.c.password)
            .where(earlier_passwords.c.user_id == user)
            .order_by(earlier_passwords.c.id.desc())
        )
    about = [] if row is None else [row.email, row.first_name, row.surname]
    present = [row.password] if row is not None and row.password else []
    rules = policy_of(server, user)
    refuse_faults(server, password, rules, about, [*present, *(one.password for one in earlier)])


def refuse_faults(
    server: Server, password: str, policy: Policy, about: list[str], earlier: list[str]
) -> None:
    """Raises Refused naming everything that is wrong with a new password."""
    found = passwords.faults(password, policy, about, earlier, server.parts["breached"])
    if found:
        raise Refused(
            422,
            "password_refused",
            _("This password is not taken."),
            " ".join(_said(fault, policy) for fault in found),
            _("Choose another one: four or five words that have nothing to do with each other are good."),
            faults=[str(fault) for fault in found],
        )


def _said(fault: Fault, policy: Policy) -> str:
    return {
        Fault.SHORT: ngettext(
            "It needs at least {n} character.", "It needs at least {n} characters.", policy.least
        ).format(n=policy.least),
        Fault.LONG: _("It has more than {n} characters.").format(n=passwords.LONGEST),
        Fault.COMMON: _("It is one of those that are tried first."),
        Fault.BREACHED: _("It is known from a breach: those who attack try it."),
        Fault.ABOUT_YOU: _("It is made of your name or address."),
        Fault.USED: _("You have had it before."),
    }[fault]


def keep_password(common: Transaction, user: str, kept: str, *, history: int = 24) -> None:
    """Keep a new password's hash; the one before goes to the history, tickets end."""
    now = common.now()
    row = common.one(select(proofs.c.password).where(proofs.c.id == user))
    if row is None:
        common.insert(proofs, id=user, password=kept, password_set_at=now, totp_step=0)
        return
    if row.password:
        common.insert(earlier_passwords, id=new_id(), user_id=user, password=row.password)
    common.update(proofs, proofs.c.id == user, password=kept, password_set_at=now)
    old = common.rows(
        select(earlier_passwords.c.id)
        .where(earlier_passwords.c.user_id == user)
        .order_by(earlier_passwords.c.id.desc())
        .offset(history)
    )
    if old:
        common.delete(earlier_passwords, earlier_passwords.c.id.in_([one.id for one in old]))


def end_sessions(common: Common, user: str, *, but: str = "") -> int:
    """End the sessions of a user, all or all but one, and everything begun; returns how many."""
    forget(common, user)
    return common.delete(sessions, (sessions.c.user_id == user) & (sessions.c.id != but))


def policy_content(policy: Policy) -> dict[str, int | bool]:
    """The rules as they are kept."""
    return asdict(policy)


def is_expired(policy: Policy, set_at: datetime | None, now: datetime) -> bool:
    """Whether a password has to be replaced."""
    return set_at is not None and policy.expired(set_at, now)
