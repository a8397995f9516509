"""Routes of invitations: made by administrators, accepted by whoever holds the link."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.errors import forbidden, not_found
from cloud.identity import accounts, invitations, passwords, sign_in
from cloud.identity.invitations import Found
from cloud.identity.mail import mailer
from cloud.identity.passwords import Policy
from cloud.identity.sessions import need_proof, need_session
from cloud.store.tables_identity import invitations as table
from studio.base.i18n import _
from studio.protocol.identity import (
    Acceptance,
    Company,
    Invitation,
    InvitationToken,
    Invited,
    NewInvitation,
    SignInStep,
)

made = Routes("/organizations/{org}/invitations", "invitations")
held = Routes("/invitations", "invitations")


@made.get("", need=Need.admin())
def list_invitations(ctx: Ctx) -> list[Invitation]:
    """All invitations, accepted ones too."""
    with ctx.tenant() as tenant:
        return [_shown(row) for row in invitations.all_of(tenant)]


@made.post("", need=Need.admin(), audit="invitation.make", status_code=201)
def invite(ctx: Ctx, body: NewInvitation) -> Invitation:
    """Invite somebody. By mail where the server sends mail; else the link is in the answer, once, to be handed over."""
    need_proof(ctx)
    with ctx.tenant(write=True) as tenant:
        id, token = invitations.invite(tenant, ctx.user_id, body)
        row = invitations.living(tenant, table.c.id == id)
        assert row is not None
        shown = _shown(row)
        ctx.audit(f"invitation/{id}", after={"email": shown.email, "roles": list(shown.roles)})
    link = invitations.link(ctx.server, token)
    if _mailed(ctx, shown, link):
        return replace(shown, mailed=True)
    return replace(shown, link=link)


@made.delete("/{invitation}", need=Need.admin(), audit="invitation.withdraw")
def withdraw(ctx: Ctx, invitation: str) -> None:
    """An invitation not accepted yet is worth nothing from now on."""
    with ctx.tenant(write=True) as tenant:
        if tenant.delete(table, (table.c.id == invitation) & table.c.accepted_at.is_(None)) == 0:
            raise not_found()
        ctx.audit(f"invitation/{invitation}")


@held.post("/look", need=Need.public(), audit=None, tries=True)
def look(ctx: Ctx, body: InvitationToken) -> Invited:
    """What a link invites to."""
    found = invitations.find(ctx.server, body.token)
    row = found.row
    least = _rules(ctx, found).least
    return Invited(
        found.organization, row.email, row.first_name, row.surname, row.phone, bool(found.user), least
    )


@held.post("/accept", need=Need.public(), audit="invitation.accept", tries=True)
def accept(ctx: Ctx, body: Acceptance) -> SignInStep:
    """Accept with a new account; the answer is a session, or what is still to do (a second factor …)."""
    found = invitations.find(ctx.server, body.token)
    if found.user:
        raise invitations.account_there()
    rules = _rules(ctx, found)
    about = [found.row.email, body.first_name, body.surname]
    accounts.refuse_faults(ctx.server, body.password, rules, about, [])
    kept = passwords.hashed(body.password)
    with ctx.server.database.tenant(found.org, write=True) as tenant:
        more = {"phone": body.phone, "language": body.language, "company": found.row.company}
        user = invitations.new_user(tenant, found.row.email, body.first_name, body.surname, **more)
        accounts.keep_password(tenant, user, kept)
        invitations.accept(tenant, found.row, user)
        ctx.audit(f"user/{user}", after={"email": found.row.email})
        ctx.leave_entry(tenant)
    with ctx.server.database.common() as common:
        row = accounts.by_id(common, user)
    known = accounts.memberships(ctx.server.database, user)
    with ctx.server.database.common(write=True) as common:
        return sign_in.after_password(ctx, common, row, known, sign_in.caller(ctx))


@held.post("/join", need=Need.signed_in(), audit="invitation.accept", status_code=204, tries=True)
def join(ctx: Ctx, body: InvitationToken) -> None:
    """Accept with the account that is signed in: the one of the address invited."""
    need_session(ctx)
    assert ctx.user is not None
    found = invitations.find(ctx.server, body.token)
    if found.row.email != ctx.user.email:
        raise forbidden(
            _("This invitation is for somebody else."), "not_invited", _("Sign in as the one invited.")
        )
    with ctx.server.database.tenant(found.org, user=ctx.user_id, write=True) as tenant:
        invitations.accept(tenant, found.row, ctx.user_id)
        ctx.audit(f"user/{ctx.user_id}", after={"email": found.row.email})
        ctx.leave_entry(tenant)


def _rules(ctx: Context, found: Found) -> Policy:
    with ctx.server.database.tenant(found.org) as tenant:
        return accounts.policy_in(tenant)


def _mailed(ctx: Context, shown: Invitation, link: str) -> bool:
    by = mailer(ctx.server.config)
    if by is None:
        return False
    text = _("{name}, you are invited to work in a Weft repository.").format(name=shown.first_name)
    text += "\n\n" + _("Open this link to accept; it is good once, until {day}:").format(
        day=shown.expires_at.date()
    )
    return by.send(shown.email, _("An invitation to a Weft repository"), f"{text}\n\n{link}\n")


def _shown(row: Any) -> Invitation:
    return Invitation(
        row.id,
        row.email,
        row.first_name,
        row.surname,
        row.phone,
        Company(**(row.company or {})),
        tuple(row.roles),
        row.created_at,
        row.expires_at,
        row.accepted_at,
    )
