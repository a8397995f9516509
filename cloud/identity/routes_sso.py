"""Routes of single sign-on: the settings, the way to the provider and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Form, Query
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.audit.entries import append
from cloud.errors import Refused, bad_request, conflict, not_found
from cloud.identity import accounts, saml, sign_in, single_sign_on, tickets
from cloud.identity.fetched import NotFetched
from cloud.identity.noted import DONE, LINKED, entry_of, note, note_stranger
from cloud.identity.oidc import Attempt, Identity, NotTrusted
from cloud.identity.sessions import COOKIE, need_proof, open_session
from cloud.identity.single_sign_on import OIDC, SAML
from cloud.identity.tickets import Held, Purpose
from cloud.log import event
from cloud.store.tables_identity import single_sign_on as table
from studio.base.i18n import _
from studio.protocol.identity import SingleSignOn, SingleSignOnShown

# Binds a sign-in under way to the browser that began it.
UNDER_WAY = "__Host-weft-sso"
SECONDS = 600

settings = Routes("/organizations/{org}/single-sign-on", "single sign-on")
ways = Routes("/sign-in", "single sign-on", base="")


@settings.get("", need=Need.admin())
def list_settings(ctx: Ctx) -> list[SingleSignOnShown]:
    """How the organization's people come in besides passwords and passkeys."""
    assert ctx.org is not None
    with ctx.tenant() as tenant:
        rows = tenant.rows(select(table).order_by(table.c.kind))
    return [single_sign_on.shown(ctx.server, ctx.org, row) for row in rows]


@settings.put("/{kind}", need=Need.admin(), audit="single_sign_on.set")
def set_settings(ctx: Ctx, kind: str, body: SingleSignOn) -> SingleSignOnShown:
    """Set the provider of a kind ("oidc" or "saml"). It is enforced only by an administrator who came in by it."""
    need_proof(ctx)
    assert ctx.org is not None
    _check(ctx, kind, body)
    came_by_it = ctx.signed_in is not None and ctx.signed_in.via == "sso"
    with ctx.tenant(write=True) as tenant:
        before = single_sign_on.row_of(tenant, kind)
        single_sign_on.keep(ctx.server, tenant, kind, body)
        after = single_sign_on.row_of(tenant, kind)
        assert after is not None
        newly = body.enforced and not (before is not None and before.enforced)
        if body.enforced and (after.worked_at is None or (newly and not came_by_it)):
            raise conflict(
                _("This way in is enforced once it is known to work."),
                "not_proven_to_work",
                next_step=_("Save it without enforcing it, sign in by it yourself, and enforce it then."),
            )
        told = [
            None if row is None else {"name": row.name, "enforced": row.enforced, **row.content}
            for row in (before, after)
        ]
        ctx.audit(f"single_sign_on/{kind}", *told)
    return single_sign_on.shown(ctx.server, ctx.org, after)


@settings.delete("/{kind}", need=Need.admin(), audit="single_sign_on.remove")
def remove_settings(ctx: Ctx, kind: str) -> None:
    """Nobody comes in this way any more."""
    need_proof(ctx)
    with ctx.tenant(write=True) as tenant:
        if tenant.delete(table, table.c.kind == kind) == 0:
            raise not_found()
        ctx.audit(f"single_sign_on/{kind}")


@ways.get(
    "/oidc/{organization}/done", need=Need.public(), audit="sign_in.oidc", tries=True, include_in_schema=False
)
def oidc_answer(ctx: Ctx, organization: str) -> Response:
    """The browser comes back from an OpenID provider."""
    held, org = _take(ctx, Purpose.OIDC, organization)
    row = single_sign_on.chosen(ctx.server, org, OIDC)
    attempt = Attempt(held.content["state"], held.content["nonce"], held.content["verifier"])
    provider = single_sign_on.provider(ctx.server, org, row)
    answer = dict(parse_qsl(ctx.request.url.query, max_num_fields=20))
    return _enter(ctx, held, OIDC, lambda: provider.finish(attempt, answer))


@ways.post(
    "/saml/{organization}/done", need=Need.public(), audit="sign_in.saml", tries=True, include_in_schema=False
)
def saml_answer(
    ctx: Ctx, organization: str, response: Annotated[str, Form(alias="SAMLResponse")]
) -> Response:
    """The browser comes back from a SAML provider, with a form."""
    held, org = _take(ctx, Purpose.SAML, organization)
    row = single_sign_on.chosen(ctx.server, org, SAML)
    agreement = single_sign_on.agreement(ctx.server, org, row)
    return _enter(ctx, held, SAML, lambda: saml.finish(agreement, held.content["request"], response))


@ways.get("/saml/{organization}/metadata", need=Need.public(), include_in_schema=False)
def saml_metadata(ctx: Ctx, organization: str) -> Response:
    """Our description for the organization's SAML provider."""
    org = single_sign_on.organization_of(ctx.server, organization)
    row = single_sign_on.chosen(ctx.server, org, SAML)
    made = saml.metadata(single_sign_on.agreement(ctx.server, org, row))
    return Response(made, media_type="application/samlmetadata+xml")


@ways.get("/sso", need=Need.public(), include_in_schema=False)
def choose(
    organization: Annotated[str, Query(max_length=200)], then: Annotated[str, Query(alias="next")] = ""
) -> Response:
    """For a form in which somebody writes the short name of the organization: on to its sign-in."""
    query = f"?{urlencode({'next': then})}" if then else ""
    return RedirectResponse(f"/sign-in/sso/{quote(organization.strip().lower(), safe='')}{query}", 303)


@ways.get("/sso/{organization}", need=Need.public(), tries=True, include_in_schema=False)
def begin(
    ctx: Ctx,
    organization: str,
    kind: Annotated[str, Query()] = "",
    then: Annotated[str, Query(alias="next")] = "",
) -> Response:
    """Send the browser to the organization's provider; `next` is the page of ours to go to afterwards."""
    server = ctx.server
    org = single_sign_on.organization_of(server, organization)
    row = single_sign_on.chosen(server, org, kind)
    content = {"org": org, "next": then if is_own_path(then) else "/console"}
    try:
        if row.kind == OIDC:
            attempt = Attempt()
            where = single_sign_on.provider(server, org, row).begin(attempt)
            content |= {"state": attempt.state, "nonce": attempt.nonce, "verifier": attempt.verifier}
        else:
            where, content["request"] = saml.begin(single_sign_on.agreement(server, org, row), "")
    except (NotFetched, NotTrusted) as error:
        raise _not_reached(ctx, org, row.kind, error) from error
    purpose = Purpose.OIDC if row.kind == OIDC else Purpose.SAML
    with server.database.common(write=True) as common:
        ticket = tickets.issue(common, purpose, SECONDS, content=content)
    answer = RedirectResponse(where, 303)
    # A SAML provider posts a form from its own site: only a cookie that says "none" comes along.
    same_site: Literal["lax", "none"] = "lax" if row.kind == OIDC else "none"
    answer.set_cookie(UNDER_WAY, ticket, SECONDS, secure=True, httponly=True, samesite=same_site)
    return answer


def is_own_path(path: str) -> bool:
    """Whether a browser sent there stays with us."""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return plain and path.startswith("/") and not path.startswith("//") and len(path) <= 2000


def _enter(ctx: Context, held: Held, kind: str, prove: Callable[[], Identity]) -> Response:
    """A session for whom the provider vouches for, in its organization only. Raises Refused."""
    server, org = ctx.server, held.content["org"]
    row = single_sign_on.chosen(server, org, kind)
    try:
        who = prove()
    except NotTrusted as error:
        event("single_sign_on_refused", org=org, kind=kind, why=error.why[:100], address=ctx.address)
        note_stranger(ctx, org, why=kind)
        raise Refused(
            401,
            "single_sign_on_refused",
            _("What your organization's sign-in answered proves nothing."),
            next_step=_(
                "Begin again. If it stays so, an administrator must look at the settings of both sides."
            ),
        ) from error
    except NotFetched as error:
        raise _not_reached(ctx, org, kind, error) from error
    try:
        with server.database.tenant(org, write=True) as tenant:
            user, is_new = single_sign_on.enter(tenant, row, who)
            if is_new:
                # A change of the organization's, whatever it wants to know of sign-ins.
                facts: dict[str, object] = {"kind": kind, "subject": who.subject[:200]}
                append(tenant, server.envelope, entry_of(ctx, LINKED, user, facts))
            rules = accounts.policy_in(tenant)
    except Refused as refused:
        note_stranger(ctx, org, why=refused.code, subject=who.subject[:200])
        raise
    from_where = sign_in.caller(ctx)
    with ctx.common(write=True) as common:
        opened = open_session(common, user, kind, rules, **from_where.plain(), only_org=org)
        ctx.audit(f"user/{user}")
    note(ctx, user, DONE, only_org=org, way=kind)
    answer = RedirectResponse(held.content["next"], 303)
    answer.set_cookie(COOKIE, opened.token, secure=True, httponly=True, samesite="lax")
    answer.delete_cookie(UNDER_WAY, secure=True, httponly=True)
    return answer


def _not_reached(ctx: Context, org: str, kind: str, error: Exception) -> Refused:
    event("single_sign_on_not_reached", org=org, kind=kind, why=str(error)[:100], request=ctx.request_id)
    return Refused(
        502,
        "provider_not_reached",
        _("Your organization's sign-in did not answer as agreed."),
        next_step=_("Try again later; an administrator of the server finds the reason in the log."),
    )


def _check(ctx: Context, kind: str, said: SingleSignOn) -> None:
    """Refuse settings that cannot work."""
    if kind not in (OIDC, SAML):
        raise not_found()
    asked = {"issuer": said.issuer} if kind == OIDC else {"sign_in": said.sign_in}
    for name, address in asked.items():
        try:
            ctx.server.parts["fetch"].check(address)
        except NotFetched as error:
            raise bad_request(
                _("The address of {name} cannot be used.").format(name=name), str(error), code="bad_address"
            ) from error
    if kind == OIDC and not said.client_id:
        raise bad_request(_("The provider knows us by a client id."), code="no_client_id")
    if kind == SAML and not saml.is_installed():
        raise Refused(501, "saml_not_installed", _("This server was installed without SAML."))
    if kind == SAML and not saml.is_certificate(said.certificate):
        raise bad_request(_("The provider's certificate is not PEM."), code="bad_certificate")


def _take(ctx: Context, purpose: Purpose, org: str) -> tuple[Held, str]:
    """The sign-in this browser has under way with this organization, once. Raises Refused."""
    with ctx.server.database.common(write=True) as common:
        held = tickets.take(common, purpose, ctx.request.cookies.get(UNDER_WAY, ""))
    if held is None or held.content["org"] != org:
        raise sign_in.ticket_over()
    return held, org
