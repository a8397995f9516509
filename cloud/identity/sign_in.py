"""Signing in, step by step: password, second factor, new password, passkey, until there is a session.

A wrong address, a wrong password, a locked and a disabled account get one answer, after the same work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cloud.access.context import Context
from cloud.errors import Refused, bad_request
from cloud.identity import accounts, lock_out, passkey_store, passwords, second_factor, tickets
from cloud.identity.accounts import Membership
from cloud.identity.noted import BEGUN, DONE, FAILED, note
from cloud.identity.passkeys import NotProven
from cloud.identity.passwords import Policy
from cloud.identity.sessions import open_session
from cloud.identity.tickets import Held, Purpose
from cloud.log import event
from cloud.store.database import Common
from cloud.store.tables_identity import proofs
from studio.base.i18n import _
from studio.protocol.identity import SignInStep

STEP_SECONDS = 300


@dataclass(frozen=True)
class Caller:
    """From what a user signs in: `kind` is "web" or "desktop"."""

    kind: str
    device: str
    address: str

    def plain(self) -> dict[str, str]:
        """As a ticket keeps it."""
        return {"kind": self.kind, "device": self.device, "address": self.address}


def caller(ctx: Context, device: str = "", kind: str = "web") -> Caller:
    """From what this request signs in."""
    said = device or ctx.request.headers.get("user-agent", "")
    return Caller(kind, "".join(letter for letter in said if letter.isprintable())[:200], ctx.address)


def wrong() -> Refused:
    """The one answer to everything that does not let in."""
    return Refused(
        401,
        "sign_in_refused",
        _("This address and this password do not let you in."),
        next_step=_("Look at both again. After several wrong passwords none is taken for a while."),
    )


def wrong_code() -> Refused:
    """A code that is wrong or was used already; the step goes on."""
    return Refused(
        401,
        "code_refused",
        _("This code is wrong, or was used already."),
        next_step=_("Wait for the app's next code, or take one of your recovery codes."),
    )


def first_code_wrong() -> Refused:
    """The code that would turn an app on is not of the secret that was offered; there are no recovery codes yet."""
    return Refused(
        401,
        "code_refused",
        _("This code is not one of the new secret."),
        next_step=_("Write the code the app shows now; the clock of the device must be right."),
    )


def ticket_over() -> Refused:
    """A step that came too late, twice, or after too many wrong codes."""
    step = _("Begin again with your address and password.")
    return bad_request(_("This step of signing in is over."), next_step=step, code="ticket_over")


def with_password(ctx: Context, email: str, password: str, who: Caller) -> SignInStep:
    """The first step. Raises Refused."""
    server = ctx.server
    with server.database.common() as common:
        row = accounts.by_email(common, email)
    locked = lock_out.is_locked(server, email, row.id if row is not None else "")
    right = passwords.prove(row.password if row is not None else None, password)
    if not right or locked or row is None or row.disabled_at is not None:
        if not locked:
            lock_out.failed(server, email)
        event("sign_in_failed", user=row.id if row is not None else "", address=ctx.address, locked=locked)
        if row is not None:
            note(ctx, row.id, FAILED, why="locked" if locked else "disabled" if right else "password")
        raise wrong()
    fresh = passwords.hashed(password) if passwords.outdated(row.password) else ""
    known = accounts.memberships(server.database, row.id)
    with ctx.common(write=True) as common:
        lock_out.succeeded(common, email)
        if fresh:
            common.update(proofs, proofs.c.id == row.id, password=fresh)
        ctx.audit(f"user/{row.id}", action="sign_in.password")
        step = after_password(ctx, common, row, known, who)
    return _told(ctx, row.id, step, "password")


def _told(ctx: Context, user: str, step: SignInStep, way: str) -> SignInStep:
    """The step, told to the user's organizations: in by this way, or only begun."""
    if step.next:
        note(ctx, user, BEGUN, missing=step.next)
    else:
        note(ctx, user, DONE, way=way)
    return step


def after_password(
    ctx: Context, common: Common, row: Any, known: list[Membership], who: Caller
) -> SignInStep:
    """What is still to do for a user whose password was right."""
    elsewhere = [each for each in known if each.sign_on]
    if known and len(elsewhere) == len(known):
        return _elsewhere(ctx, elsewhere[0])
    rules = accounts.rules_of(ctx.server, known)
    expired = accounts.is_expired(rules, row.password_set_at, common.now())
    about = {"expired": expired, "way": "password", **who.plain()}
    ways = second_factor.ways(common, row, demanded=rules.second_factor)
    if ways:
        ticket = tickets.issue(common, Purpose.SECOND_FACTOR, STEP_SECONDS, user=row.id, content=about)
        return SignInStep("second_factor", ticket=ticket, ways=ways)
    if rules.second_factor:
        ticket = tickets.issue(common, Purpose.ENROL, STEP_SECONDS, user=row.id, content=about)
        return SignInStep("enrol", ticket=ticket, ways=("totp",))
    return _proven(common, row.id, about, rules)


def _elsewhere(ctx: Context, organization: Membership) -> SignInStep:
    """On to the organization's own sign-in."""
    where = f"{ctx.server.config.address}/sign-in/sso/{organization.slug}"
    return SignInStep("single_sign_on", address=where)


def _proven(common: Common, user: str, about: dict[str, Any], rules: Policy) -> SignInStep:
    """After all factors: the session, or first a new password."""
    if about["expired"]:
        ticket = tickets.issue(common, Purpose.NEW_PASSWORD, STEP_SECONDS, user=user, content=about)
        return SignInStep("new_password", ticket=ticket)
    place = {name: about[name] for name in ("kind", "device", "address")}
    opened = open_session(common, user, about["way"], rules, **place)
    return SignInStep("", token=opened.token, expires_at=opened.expires_at)


def held(ctx: Context, purpose: Purpose, ticket: str, *, trying: bool = False) -> tuple[Held, Policy]:
    """What a ticket stands for and the rules of its user; `trying` counts a try. Raises Refused."""
    with ctx.server.database.common(write=trying) as common:
        found = tickets.look(common, purpose, ticket)
        if found is not None and trying:
            tickets.count_try(common, ticket)
    if found is None:
        raise ticket_over()
    return found, accounts.policy_of(ctx.server, found.user)


def _take(common: Common, purpose: Purpose, ticket: str) -> None:
    if tickets.take(common, purpose, ticket) is None:
        raise ticket_over()


def with_code(ctx: Context, ticket: str, code: str) -> SignInStep:
    """The second step: a code of the app or a recovery code. Raises Refused."""
    found, rules = held(ctx, Purpose.SECOND_FACTOR, ticket, trying=True)
    with ctx.common(write=True) as common:
        way = second_factor.prove(ctx.server, common, found.user, code)
        if not way:
            event("sign_in_code_wrong", user=found.user, address=ctx.address)
            note(ctx, found.user, FAILED, why="code")
            raise wrong_code()
        # The last try may have been this one: the ticket is then still there, and still ours.
        tickets.forget(common, found.user)
        ctx.audit(f"user/{found.user}", action=f"sign_in.{way}")
        step = _proven(common, found.user, {**found.content, "way": f"password+{way}"}, rules)
    return _told(ctx, found.user, step, f"password+{way}")


def offer_factor(ctx: Context, ticket: str) -> tuple[str, str]:
    """Where a second factor is demanded and there is none: a new secret and its address. Raises Refused."""
    found, _rules = held(ctx, Purpose.ENROL, ticket)
    with ctx.common(write=True) as common:
        row = accounts.by_id(common, found.user)
        if row is None or row.totp:
            raise ticket_over()
        ctx.audit(f"user/{found.user}")
        return second_factor.offer(ctx.server, common, found.user, row.email)


def take_factor(ctx: Context, ticket: str, code: str) -> tuple[SignInStep, list[str]]:
    """The first code of the new secret: the recovery codes, and on. Raises Refused."""
    found, rules = held(ctx, Purpose.ENROL, ticket, trying=True)
    with ctx.common(write=True) as common:
        codes = second_factor.confirm(ctx.server, common, found.user, code)
        if codes is None:
            note(ctx, found.user, FAILED, why="code")
            raise first_code_wrong()
        tickets.forget(common, found.user)
        ctx.audit(f"user/{found.user}")
        step = _proven(common, found.user, {**found.content, "way": "password+totp"}, rules)
    return _told(ctx, found.user, step, "password+totp"), codes


def with_new_password(ctx: Context, ticket: str, password: str) -> SignInStep:
    """A new password for an expired one; all other sessions end. Raises Refused."""
    found, rules = held(ctx, Purpose.NEW_PASSWORD, ticket)
    accounts.check_new_password(ctx.server, found.user, password)
    kept = passwords.hashed(password)
    with ctx.common(write=True) as common:
        _take(common, Purpose.NEW_PASSWORD, ticket)
        accounts.keep_password(common, found.user, kept)
        accounts.end_sessions(common, found.user)
        ctx.audit(f"user/{found.user}")
        step = _proven(common, found.user, {**found.content, "expired": False}, rules)
    return _told(ctx, found.user, step, found.content["way"])


def with_passkey(ctx: Context, ticket: str, answer: dict[str, Any], who: Caller) -> SignInStep:
    """A passkey is both factors at once. Raises Refused."""
    server = ctx.server
    try:
        with server.database.common(write=True) as common:
            user = passkey_store.prove(common, server.config, ticket, answer)
    except NotProven as error:
        event("sign_in_passkey_refused", address=ctx.address, why=str(error)[:100])
        with server.database.common() as common:
            owner = passkey_store.owner(common, answer)
        if owner:
            note(ctx, owner, FAILED, why="passkey")
        raise Refused(
            401,
            "passkey_refused",
            _("This passkey does not let you in."),
            next_step=_("Try once more, or sign in with your password."),
        ) from error
    known = accounts.memberships(server.database, user)
    elsewhere = [each for each in known if each.sign_on]
    with ctx.common(write=True) as common:
        row = accounts.by_id(common, user)
        if row is None or row.disabled_at is not None:
            note(ctx, user, FAILED, why="disabled")
            raise wrong()
        ctx.audit(f"user/{user}", action="sign_in.passkey")
        if known and len(elsewhere) == len(known):
            step = _elsewhere(ctx, elsewhere[0])
        else:
            rules = accounts.rules_of(server, known)
            step = _proven(common, user, {"expired": False, "way": "passkey", **who.plain()}, rules)
    return _told(ctx, user, step, "passkey")
