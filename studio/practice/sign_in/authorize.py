"""The page a browser shows when an app asks to sign in: who, for which app, allow or deny."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from studio.base.i18n import _
from studio.practice.http.message import Response, text_response
from studio.practice.router import Call, Route, route
from studio.practice.sign_in.sessions import App

_HTML = "text/html;charset=UTF-8"
_FIELDS = (
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "code_challenge",
    "code_challenge_method",
    "response_type",
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 16px system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; background: #f4f4f2 }}
main {{ background: #fff; border: 1px solid #ccc; padding: 2rem 2.5rem; max-width: 26rem }}
button {{ font: inherit; padding: .5rem 1.5rem; margin-right: .5rem }}
</style></head>
<body><main><h1>{title}</h1><p>{text}</p>{rest}</main></body></html>"""


async def page(call: Call) -> Response:
    """GET /services/oauth2/authorize: the question."""
    asked = {name: call.request.query[name] for name in _FIELDS if name in call.request.query}
    app, problem = _check(call, asked)
    if app is None:
        return _show(_("Sign-in is not possible"), problem, "", 400)
    if problem:
        return _redirect(asked, {"error": problem})
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in asked.items()
    )
    form = (
        f'<form method="post" action="/services/oauth2/authorize">{hidden}'
        f'<button name="answer" value="allow" autofocus>{escape(_("Allow"))}</button>'
        f'<button name="answer" value="deny">{escape(_("Deny"))}</button></form>'
    )
    text = _("{app} asks to work in the practice org as {user}.").format(
        app=app.name, user=call.org.user.username
    )
    return _show(_("Practice org"), text, form)


async def answer(call: Call) -> Response:
    """POST /services/oauth2/authorize: allowed or denied; back to the app with a code or an error."""
    form = await call.request.form()
    asked = {name: form[name] for name in _FIELDS if name in form}
    app, problem = _check(call, asked)
    if app is None:
        return _show(_("Sign-in is not possible"), problem, "", 400)
    if not problem and form.get("answer") != "allow":
        problem = "access_denied"
    if problem:
        return _redirect(asked, {"error": problem, "error_description": "end-user denied authorization"})
    more = {"redirect_uri": asked["redirect_uri"], "challenge": asked.get("code_challenge", "")}
    scope = asked.get("scope") or "api"
    code = call.org.sessions.code(call.org.user_id, app.client_id, scope, more)
    return _redirect(asked, {"code": code})


def _check(call: Call, asked: dict[str, str]) -> tuple[App | None, str]:
    """The app and what is wrong; without an app the browser must not be sent anywhere."""
    app = call.org.sessions.apps.get(asked.get("client_id", ""))
    if app is None:
        return None, _("No app with this client id is registered in the practice org.") + (
            " error=invalid_client_id&error_description=client identifier invalid"
        )
    if not app.allows(asked.get("redirect_uri", "")):
        return None, _("The address to go back to is not one of the app's: redirect_uri_mismatch.") + (
            " error=redirect_uri_mismatch&error_description=redirect_uri must match configuration"
        )
    if "block-apps" in call.org.faults:
        return app, "OAUTH_APP_BLOCKED"
    if asked.get("response_type") != "code":
        return app, "unsupported_response_type"
    # A public app proves itself by the verifier, so it cannot do without a challenge.
    challenge, method = asked.get("code_challenge"), asked.get("code_challenge_method", "S256")
    if (not challenge and app.secret is None) or method != "S256":
        return app, "invalid_request"
    return app, ""


def _redirect(asked: dict[str, str], values: dict[str, str]) -> Response:
    if "state" in asked:
        values = values | {"state": asked["state"]}
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    return Response(302, b"", [("Location", asked["redirect_uri"] + joint + urlencode(values))])


def _show(title: str, text: str, rest: str, status: int = 200) -> Response:
    shown = text_response(_PAGE.format(title=escape(title), text=escape(text), rest=rest), _HTML, status)
    shown.headers.append(("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"))
    return shown


def routes() -> list[Route]:
    """The routes of this module."""
    return [
        route("GET", "/services/oauth2/authorize", page, open=True),
        route("POST", "/services/oauth2/authorize", answer, open=True),
    ]
