"""The device flow: a code to type at another screen, and a program that asks until it was."""

from __future__ import annotations

import secrets
from html import escape

from studio.base.i18n import _
from studio.practice.http.message import Response, json_response, text_response
from studio.practice.router import Call, Route, route
from studio.practice.sign_in.sessions import App

_HTML = "text/html;charset=UTF-8"
# Letters and digits nobody mixes up.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_SECONDS = 5


def begin(call: Call, app: App, scope: str) -> Response:
    """The answer to response_type=device_code."""
    user_code = "".join(secrets.choice(_LETTERS) for _place in range(8))
    more = {"user_code": user_code, "answer": ""}
    code = call.org.sessions.code(call.org.user_id, app.client_id, scope, more, kind="device")
    address = f"{call.request.base}/setup/connect"
    return json_response(
        {"device_code": code, "user_code": user_code, "verification_uri": address, "interval": _SECONDS}
    )


async def page(_call: Call) -> Response:
    """GET /setup/connect: where the code is typed."""
    return _shown("")


async def answer(call: Call) -> Response:
    """POST /setup/connect: allow or deny the program that shows this code."""
    form = await call.request.form()
    typed = form.get("user_code", "").strip().upper()
    grant = call.org.sessions.device(typed) if typed else None
    if grant is None:
        return _shown(_("There is no such code, or it is too old."), 400)
    grant.more["answer"] = "allow" if form.get("answer") == "allow" else "deny"
    return _shown(_("Done. You can go back to your program."))


def _shown(message: str, status: int = 200) -> Response:
    label = escape(_("The code your program shows"))
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(_("Practice org"))}</title></head>'
        f'<body><p>{escape(message)}</p><form method="post"><label>{label} <input name="user_code" autofocus></label>'
        f'<button name="answer" value="allow">{escape(_("Allow"))}</button>'
        f'<button name="answer" value="deny">{escape(_("Deny"))}</button></form></body></html>'
    )
    return text_response(text, _HTML, status)


def routes() -> list[Route]:
    """The routes of this module."""
    return [
        route("GET", "/setup/connect", page, open=True),
        route("POST", "/setup/connect", answer, open=True),
    ]
