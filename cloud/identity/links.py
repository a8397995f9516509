"""One-time links that set a password: for a new account, a forgotten password, or one that was reset."""

from __future__ import annotations

from cloud.access.context import Context
from cloud.errors import bad_request
from cloud.identity import accounts, passwords, second_factor, tickets
from cloud.identity.passwords import Policy
from cloud.identity.tickets import Purpose
from cloud.server import Server
from cloud.store.database import Common
from cloud.store.tables_identity import passkeys, personal_tokens, proofs
from studio.base.i18n import _

FORGOTTEN_HOURS = 1


def password_link(server: Server, user: str, *, hours: int = 24) -> str:
    """The whole address of a page that sets the user's password, once; links made before are worth nothing."""
    with server.database.common(write=True) as common:
        ticket = _ticket(common, user, hours)
    return link_of(server, ticket)


def link_of(server: Server, ticket: str) -> str:
    """Where a ticket is brought."""
    return f"{server.config.address}/set-password/{ticket}"


def _ticket(common: Common, user: str, hours: int) -> str:
    tickets.forget(common, user)
    return tickets.issue(common, Purpose.RESET, hours * 3600, user=user)


def new_link(ctx: Context, user: str, hours: int) -> str:
    """A link made by a request, whose audit says for whom."""
    with ctx.common(write=True) as common:
        ticket = _ticket(common, user, hours)
        ctx.audit(f"user/{user}")
    return link_of(ctx.server, ticket)


def reset_factors(server: Server, user: str) -> None:
    """Drop all that proves a user: password, app, recovery codes, passkeys, and end sessions and tokens."""
    with server.database.common(write=True) as common:
        second_factor.remove(common, user)
        common.delete(passkeys, passkeys.c.user_id == user)
        common.update(proofs, proofs.c.id == user, password=None, password_set_at=None)
        _end_everything(common, user)


def look(ctx: Context, ticket: str) -> tuple[str, Policy]:
    """Whose password a link sets (the e-mail address), and the rules for it. Raises Refused."""
    with ctx.server.database.common() as common:
        held = tickets.look(common, Purpose.RESET, ticket)
        row = accounts.by_id(common, held.user) if held is not None else None
    if held is None or row is None or row.disabled_at is not None:
        raise over()
    return row.email, accounts.policy_of(ctx.server, held.user)


def set_password(ctx: Context, ticket: str, password: str) -> None:
    """Set the password; every session and personal token ends, the second factor stays. Raises Refused."""
    with ctx.server.database.common() as common:
        held = tickets.look(common, Purpose.RESET, ticket)
    if held is None:
        raise over()
    accounts.check_new_password(ctx.server, held.user, password)
    kept = passwords.hashed(password)
    with ctx.common(write=True) as common:
        if tickets.take(common, Purpose.RESET, ticket) is None:
            raise over()
        accounts.keep_password(common, held.user, kept)
        _end_everything(common, held.user)
        ctx.audit(f"user/{held.user}")


def over() -> Exception:
    """A link that is over, or never was."""
    step = _("Ask for a new one.")
    return bad_request(_("This link was used already, or is over."), next_step=step, code="link_over")


def _end_everything(common: Common, user: str) -> None:
    accounts.end_sessions(common, user)
    common.delete(personal_tokens, personal_tokens.c.user_id == user)
