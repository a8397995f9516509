"""Routes of a desktop program's sign-in: the browser's session gives a code, the program trades it for its own session."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select

from cloud.access.context import Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.errors import Refused, bad_request, not_signed_in
from cloud.identity import accounts, desktop, sign_in, tickets
from cloud.identity.accounts import Membership
from cloud.identity.noted import DONE, note
from cloud.identity.passwords import Policy, strictest
from cloud.identity.secrets_shown import kept
from cloud.identity.sessions import open_session
from cloud.identity.tickets import Purpose
from cloud.store.tables_identity import sessions
from studio.base.i18n import _
from studio.protocol.identity import DesktopAnswer, DesktopCode, DesktopRequest, SignInStep

routes = Routes("", "desktop sign-in")


@routes.post("/desktop/code", need=Need.signed_in(), audit="desktop.allow")
def allow(ctx: Ctx, body: DesktopRequest) -> DesktopAnswer:
    """The user, in the browser, lets a program of this computer in: a code, good once and for a minute, sent to loopback."""
    check(body)
    assert ctx.signed_in is not None
    if ctx.signed_in.via not in ("session", "sso"):
        raise Refused(403, "session_needed", _("A token does not do this."))
    with ctx.common(write=True) as common:
        row = common.one(select(sessions).where(sessions.c.id == ctx.signed_in.session))
        if row is None:
            raise not_signed_in()
        content = {**asdict(body), "way": row.way, "only_org": row.only_org or ""}
        code = tickets.issue(common, Purpose.DESKTOP, desktop.CODE_SECONDS, user=ctx.user_id, content=content)
        ctx.audit(f"user/{ctx.user_id}", after={"device": body.device})
    return DesktopAnswer(desktop.answer_address(body.redirect_uri, code=code, state=body.state))


@routes.post("/sign-in/desktop", need=Need.public(), audit="sign_in.desktop", tries=True)
def trade(ctx: Ctx, body: DesktopCode) -> SignInStep:
    """The program trades its code, with the verifier only it has, for a session of its own."""
    with ctx.server.database.common(write=True) as common:
        # Taken before it is judged: whoever has not the verifier has used the code up.
        held = tickets.take(common, Purpose.DESKTOP, body.code)
        if held is None:
            # Brought a second time, somebody else has seen it: what it gave ends.
            common.delete(sessions, sessions.c.code_hash == kept(body.code))
    fits = held is not None and held.content["redirect_uri"] == body.redirect_uri
    if held is None or not fits or not desktop.proves(body.verifier, held.content["code_challenge"]):
        raise bad_request(
            _("This code was used already, is over, or belongs to another program."),
            next_step=_("Begin signing in again."),
            code="code_over",
        )
    about = held.content
    known = accounts.memberships(ctx.server.database, held.user)
    rules = rules_in(known, about["only_org"])
    who = sign_in.caller(ctx, about["device"], kind="desktop")
    with ctx.common(write=True) as common:
        row = accounts.by_id(common, held.user)
        if row is None or row.disabled_at is not None:
            raise not_signed_in("account_disabled")
        limited = {"only_org": about["only_org"], "code": body.code}
        opened = open_session(common, held.user, about["way"], rules, **who.plain(), **limited)
        ctx.audit(f"user/{held.user}", after={"device": about["device"]})
    note(ctx, held.user, DONE, only_org=about["only_org"], way="desktop", device=about["device"])
    return SignInStep("", token=opened.token, expires_at=opened.expires_at)


def check(asked: DesktopRequest) -> None:
    """Refuse what is not a program of this computer that can prove itself. Raises Refused."""
    if not desktop.is_loopback(asked.redirect_uri):
        raise bad_request(_("A desktop program is answered on this computer only."), code="not_loopback")
    if not desktop.is_challenge(asked.code_challenge, asked.code_challenge_method):
        raise bad_request(_("A desktop program proves itself by PKCE with S256."), code="no_challenge")
    if not desktop.is_state(asked.state):
        raise bad_request(_("The state is too short, or not fit for an address."), code="no_state")


def rules_in(known: list[Membership], only_org: str) -> Policy:
    """The rules of the one organization, or the strictest of all."""
    return strictest(each.policy for each in known if only_org in ("", each.id))
