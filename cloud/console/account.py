"""Pages: my account, its password and sessions, and proving once more who I am."""

from __future__ import annotations

from starlette.responses import Response

from cloud.access.context import Ctx
from cloud.console.frame import HOME, done, show
from cloud.identity import routes_account as api
from cloud.pages.api import ask
from cloud.pages.forms import Form, Pages, field_refused
from cloud.pages.refusals import own_path
from studio.base.i18n import _

ACCOUNT = f"{HOME}/account"
pages = Pages(ACCOUNT, "console: account")


@pages.get("", shows=api.read)
async def account(ctx: Ctx, form: Form) -> Response:
    """Names, phone and language."""
    found = (await ask(ctx, api.read)).data
    return await show(ctx, "account.html", title=_("My account"), account=found, form=form)


@pages.post("", does=api.change, again=account)
async def change(ctx: Ctx, form: Form) -> Response:
    """Change them."""
    body = {name: form[name] for name in ("first_name", "surname", "phone", "language")}
    await ask(ctx, api.change, body=body)
    return done(ACCOUNT, "account_changed")


@pages.get("/password", shows=api.read)
async def password(ctx: Ctx, form: Form) -> Response:
    """The form of a new password."""
    found = (await ask(ctx, api.read)).data
    return await show(ctx, "password.html", title=_("Password"), account=found, form=form)


@pages.post("/password", does=api.change_password, again=password)
async def change_password(ctx: Ctx, form: Form) -> Response:
    """Change it."""
    if form.raw("new") != form.raw("again"):
        raise field_refused("again", _("The two are not the same."))
    body = {"present": form.raw("present"), "new": form.raw("new")}
    answer = await ask(ctx, api.change_password, body=body)
    return answer.hand_on(done(f"{ACCOUNT}/password", "password_changed"))


@pages.get("/sessions", shows=api.list_sessions)
async def sessions(ctx: Ctx) -> Response:
    """Where I am signed in."""
    found = (await ask(ctx, api.list_sessions)).data
    return await show(ctx, "sessions.html", title=_("Sessions"), sessions=found)


@pages.post("/sessions/{session}/end", does=api.end_session)
async def end_session(ctx: Ctx, form: Form, session: str) -> Response:  # noqa: ARG001
    """End one of them."""
    await ask(ctx, api.end_session, session=session)
    return done(f"{ACCOUNT}/sessions", "session_ended")


@pages.post("/sessions/end-others", does=api.end_other_sessions)
async def end_others(ctx: Ctx, form: Form) -> Response:  # noqa: ARG001
    """End all but this one."""
    await ask(ctx, api.end_other_sessions)
    return done(f"{ACCOUNT}/sessions", "sessions_ended")


@pages.get("/prove", shows=api.read)
async def prove(ctx: Ctx, form: Form) -> Response:
    """Asked before something dangerous: the password once more."""
    found = (await ask(ctx, api.read)).data
    after = own_path(form["next"] or ctx.request.query_params.get("next", ""), ACCOUNT)
    return await show(ctx, "prove.html", title=_("Is it you?"), account=found, after=after, form=form)


@pages.post("/prove", does=api.prove, again=prove)
async def proven(ctx: Ctx, form: Form) -> Response:
    """Back to what was to be done."""
    body = {"password": form.raw("password"), "code": form["code"].replace(" ", "")}
    answer = await ask(ctx, api.prove, body=body)
    after = own_path(form["next"], ACCOUNT)
    return answer.hand_on(done(after, "proven") if "?" not in after else done(after))
