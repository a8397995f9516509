"""Pages of signing in: password, second factor, what an organization demands, passkey, and out again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.console.frame import HOME, done, show
from cloud.errors import bad_request
from cloud.identity import routes_sign_in as api
from cloud.identity.sessions import COOKIE, keep_cookie
from cloud.pages.api import ask
from cloud.pages.forms import Fields, Form, Pages, go
from cloud.pages.page import svg_address
from cloud.pages.refusals import SIGN_IN, own_path
from studio.base.i18n import _

pages = Pages("", "sign-in")


@pages.get(SIGN_IN, need=Need.public())
async def sign_in(ctx: Ctx, form: Form) -> Response:
    """The first step: address and password, or a passkey."""
    after = own_path(form["next"] or ctx.request.query_params.get("next", ""), HOME)
    if ctx.user is not None:
        return go(after)
    return await show(ctx, "sign_in.html", title=_("Sign in"), form=form, after=after)


@pages.post(SIGN_IN, does=api.with_password, again=sign_in)
async def with_password(ctx: Ctx, form: Form) -> Response:
    """What comes after the password."""
    body = {"email": form["email"], "password": form.raw("password")}
    return await next_page(ctx, form, (await ask(ctx, api.with_password, body=body)).data)


@pages.get(f"{SIGN_IN}/elsewhere", need=Need.public())
async def elsewhere(ctx: Ctx, organization: str = "") -> Response:
    """On to an organization's own sign-in."""
    after = own_path(ctx.request.query_params.get("next", ""), HOME)
    return go(f"{SIGN_IN}/sso/{quote(organization.strip(), safe='')}?{urlencode({'next': after})}")


async def code(ctx: Context, form: Fields) -> Response:
    """The second step: a code."""
    return await show(ctx, "sign_in_code.html", title=_("Second factor"), form=form, **_held(form))


@pages.post(f"{SIGN_IN}/code", does=api.with_code, again=code)
async def with_code(ctx: Ctx, form: Form) -> Response:
    """What comes after the code."""
    body = {"ticket": form["ticket"], "code": form["code"].replace(" ", "")}
    return await next_page(ctx, form, (await ask(ctx, api.with_code, body=body)).data)


async def needed(ctx: Context, form: Fields) -> Response:
    """Where an organization demands a second factor and there is none."""
    return await show(
        ctx, "sign_in_needed.html", title=_("A second factor is needed"), form=form, **_held(form)
    )


@pages.post(f"{SIGN_IN}/offer", does=api.offer_factor, again=sign_in)
async def offered(ctx: Ctx, form: Form) -> Response:
    """A secret for an app."""
    made = (await ask(ctx, api.offer_factor, body={"ticket": form["ticket"]})).data
    more = {"secret": made["secret"], "picture": made["picture"]}
    return await enrol(ctx, Fields(form.made(ticket=form["ticket"], next=form["next"], **more)))


async def enrol(ctx: Context, form: Fields) -> Response:
    """The secret, and the place for the app's first code. A wrong code shows the same one again."""
    title = _("Set up the app")
    return await show(
        ctx, "sign_in_enrol.html", title=title, form=form, **offered_secret(form), **_held(form)
    )


def offered_secret(form: Fields) -> dict[str, Any]:
    """What the steps of setting an app up show (`enrolment_steps.html`), from the form that carries it."""
    drawing = form.raw("picture")
    return {"secret": form["secret"], "drawing": drawing, "picture": svg_address(drawing)}


@pages.post(f"{SIGN_IN}/enrol", does=api.take_factor, again=enrol)
async def with_factor(ctx: Ctx, form: Form) -> Response:
    """The app's first code: the recovery codes, and on."""
    body = {"ticket": form["ticket"], "code": form["code"].replace(" ", "")}
    taken = (await ask(ctx, api.take_factor, body=body)).data
    step = taken["step"]
    after = own_path(form["next"], HOME)
    page = await show(
        ctx,
        "recovery_codes.html",
        title=_("Your recovery codes"),
        codes=taken["codes"],
        after=after if step["token"] else f"{SIGN_IN}?next={quote(after)}",
    )
    return _with_cookie(ctx, page, step) if step["token"] else page


async def new_password(ctx: Context, form: Fields) -> Response:
    """Where the password has expired: a new one."""
    return await show(
        ctx, "sign_in_new_password.html", title=_("A new password is needed"), form=form, **_held(form)
    )


@pages.post(f"{SIGN_IN}/new-password", does=api.with_new_password, again=new_password)
async def with_new_password(ctx: Ctx, form: Form) -> Response:
    """What comes after the new password."""
    body = {"ticket": form["ticket"], "password": form.raw("password")}
    return await next_page(ctx, form, (await ask(ctx, api.with_new_password, body=body)).data)


@pages.post(f"{SIGN_IN}/passkey", does=api.with_passkey, again=sign_in)
async def with_passkey(ctx: Ctx, form: Form) -> Response:
    """What the browser's passkey answered; a script put it into the form."""
    body = {"ticket": form["ticket"], "credential": credential(form)}
    return await next_page(ctx, form, (await ask(ctx, api.with_passkey, body=body)).data)


@pages.post("/sign-out", does=api.sign_out)
async def sign_out(ctx: Ctx, form: Form) -> Response:  # noqa: ARG001
    """End this session."""
    await ask(ctx, api.sign_out)
    response = done(SIGN_IN, "signed_out")
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def credential(form: Fields) -> dict[str, Any]:
    """The answer of `navigator.credentials` in a form. Raises Refused."""
    try:
        found = json.loads(form.raw("credential"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise bad_request(_("This needs a script of the page, and the browser did not run it."))
    return found


async def next_page(ctx: Context, form: Fields, step: dict[str, Any]) -> Response:
    """The page of the next step, or into the console."""
    after = own_path(form["next"], HOME)
    if step["token"]:
        return _with_cookie(ctx, go(after), step)
    if step["next"] == "single_sign_on":
        return await show(
            ctx, "sign_in_elsewhere.html", title=_("Sign in with your organization"), address=step["address"]
        )
    held = Fields(form.made(ticket=step["ticket"], next=after, ways=",".join(step["ways"])))
    pages_of = {"second_factor": code, "enrol": needed, "new_password": new_password}
    return await pages_of[step["next"]](ctx, held)


def _held(form: Fields) -> dict[str, Any]:
    return {
        "ticket": form["ticket"],
        "after": own_path(form["next"], HOME),
        "ways": [way for way in form["ways"].split(",") if way],
    }


def _with_cookie(ctx: Context, response: Response, step: dict[str, Any]) -> Response:
    left = datetime.fromisoformat(step["expires_at"]) - ctx.server.database.clock()
    seconds = int(left.total_seconds())
    keep_cookie(response, step["token"], seconds)
    return response
