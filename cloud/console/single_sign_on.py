"""Pages: how an organization's people come in by its own sign-in (OpenID Connect, SAML)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from cloud.access.context import Ctx
from cloud.console.confirm import must_be_named
from cloud.console.frame import HOME, done, frame_of, show
from cloud.errors import not_found
from cloud.identity import routes_sso as api
from cloud.pages.api import ask
from cloud.pages.forms import Form, Pages
from studio.base.i18n import _

pages = Pages(f"{HOME}/organizations/{{org}}/policies/single-sign-on", "console: policies")
KINDS = ("oidc", "saml")
FIELDS = ("name", "issuer", "client_id", "sign_in", "certificate")


@pages.get("", shows=api.list_settings)
async def providers(ctx: Ctx, form: Form, org: str) -> Response:
    """The ways there are."""
    frame = await frame_of(ctx, org)
    found = {each["kind"]: each for each in (await ask(ctx, api.list_settings, org=org)).data}
    return await show(
        ctx, "policy_sso.html", title=_("Policies"), frame=frame, kinds=KINDS, found=found, form=form
    )


@pages.get("/{kind}", shows=api.list_settings)
async def provider(ctx: Ctx, form: Form, org: str, kind: str) -> Response:
    """One way, to be set."""
    if kind not in KINDS:
        raise not_found()
    frame = await frame_of(ctx, org)
    found = {each["kind"]: each for each in (await ask(ctx, api.list_settings, org=org)).data}
    blank: dict[str, Any] = dict.fromkeys((*FIELDS, "our_name", "answer_to", "start"), "")
    blank |= {"enforced": False, "trust_email": False, "has_secret": False, "worked_at": None}
    return await show(
        ctx,
        "policy_sso_kind.html",
        title=_("Policies"),
        frame=frame,
        kind=kind,
        known=kind in found,
        provider=found.get(kind, blank),
        form=form,
    )


@pages.post("/{kind}", does=api.set_settings, again=provider)
async def set_provider(ctx: Ctx, form: Form, org: str, kind: str) -> Response:
    """Set it; a secret left empty stays as it is."""
    body: dict[str, Any] = {name: form[name] for name in FIELDS}
    body["certificate"] = form["certificate"].replace("\r\n", "\n")
    body["secret"] = form.raw("secret") or None
    body["enforced"] = "yes" in form.all("enforced")
    body["trust_email"] = "yes" in form.all("trust_email")
    await ask(ctx, api.set_settings, org=org, kind=kind, body=body)
    return done(f"{HOME}/organizations/{org}/policies/single-sign-on/{kind}", "policy_saved")


@pages.post("/{kind}/remove", does=api.remove_settings, again=provider)
async def remove(ctx: Ctx, form: Form, org: str, kind: str) -> Response:
    """Nobody comes in this way any more."""
    known = (await ask(ctx, api.list_settings, org=org)).data
    found = next((each for each in known if each["kind"] == kind), None)
    if found is None:
        raise not_found()
    must_be_named(form, found["name"])
    await ask(ctx, api.remove_settings, org=org, kind=kind)
    return done(f"{HOME}/organizations/{org}/policies/single-sign-on", "policy_removed")
