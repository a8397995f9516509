"""A form is taken only from a page of our own: each carries a mark that no other site can know."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Final

from starlette.responses import Response

from cloud.access.context import Context
from cloud.errors import Refused
from cloud.store.metadata import SERVER
from studio.base.i18n import _

FIELD: Final = "csrf"
# Stands for the session where nobody is signed in yet; the prefix keeps it to this host, this path and TLS.
COOKIE: Final = "__Host-weft-form"
_GIVEN = re.compile(r"[A-Za-z0-9_-]{43}")


def mark(ctx: Context) -> str:
    """What a form on the page now made carries."""
    if ctx.signed_in is not None:
        return _mark(ctx, f"session:{ctx.signed_in.user}:{ctx.signed_in.session}")
    given = _cookie(ctx) or getattr(ctx.request.state, "form_cookie", "")
    if not given:
        given = ctx.request.state.form_cookie = secrets.token_urlsafe(32)
    return _mark(ctx, f"form:{given}")


def keep(ctx: Context, response: Response) -> None:
    """Give the browser the cookie its marks belong to, if `mark` had to make one."""
    made = getattr(ctx.request.state, "form_cookie", "")
    if made:
        response.set_cookie(COOKIE, made, path="/", secure=True, httponly=True, samesite="lax")


def need(ctx: Context, given: str) -> None:
    """Raises Refused unless the form came from a page of ours, made for this session.

    A caller that brings its token in a header by itself was not led here by a foreign page.
    """
    if ctx.signed_in is not None and ctx.request.headers.get("authorization"):
        return
    site = ctx.request.headers.get("sec-fetch-site", "same-origin")
    known = ctx.signed_in is not None or bool(_cookie(ctx))
    if site != "same-origin" or not known or not hmac.compare_digest(mark(ctx).encode(), given.encode()):
        raise Refused(
            403,
            "form_too_old",
            _("This form is from another session, or from another site."),
            next_step=_("Go back, load the page again and send the form from there."),
        )


def _cookie(ctx: Context) -> str:
    given = ctx.request.cookies.get(COOKIE, "")
    return given if _GIVEN.fullmatch(given) else ""


def _mark(ctx: Context, about: str) -> str:
    key = ctx.server.envelope.stable_key(SERVER, "forms")
    return hmac.new(key, about.encode(), hashlib.sha256).hexdigest()
