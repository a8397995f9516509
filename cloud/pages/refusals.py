"""What a browser shows when a request is refused: the same sentences as for programs, as a page."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from cloud.access.context import Context
from cloud.access.rights import Need
from cloud.errors import Refused
from cloud.pages.page import render
from studio.base.i18n import _

SIGN_IN = "/sign-in"
PROVE = "/console/account/prove"


def wants_page(request: Request) -> bool:
    """Whether a person looks at the answer: a browser asks for one of our pages."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def refusal_page(request: Request, refused: Refused) -> Response:
    """The answer to a refused request, for a person."""
    if refused.status == 401 and request.method == "GET" and not request.url.path.startswith(SIGN_IN):
        return _lead(request, _address(request, SIGN_IN))
    context = getattr(request.state, "context", None)
    if not isinstance(context, Context):
        context = Context(request.app.state.server, request, Need.public(), None)
    page = render(
        context,
        "error.html",
        title=refused.title,
        status=refused.status,
        refused=refused,
        advice=_advice(refused),
        way=_way(request, refused),
    )
    for name, value in refused.headers.items():
        page.headers[name] = value
    return page


def own_path(text: str, otherwise: str = "/console") -> str:
    """A path of our own to lead to, never another site: what else is written there is not followed."""
    plain = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if plain and "\\" not in text and len(text) < 2000 else otherwise


def _back(request: Request) -> str:
    """The page to return to: the one asked for, or the one whose form was sent. Browsers do not say which that was (our
    own policy): it is at the form's address, or above it."""
    path = request.url.path
    if request.method == "GET":
        return path + (f"?{request.url.query}" if request.url.query else "")
    while path.count("/") > 1 and not _is_page(request, path):
        path = path.rpartition("/")[0]
    return own_path(path)


def _is_page(request: Request, path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "root_path": ""}
    found = (route.matches(scope)[0] for route in request.app.router.routes)
    return Match.FULL in found


def _address(request: Request, to: str) -> str:
    return f"{to}?next={quote(_back(request), safe='/')}"


def _lead(request: Request, address: str) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def _way(request: Request, refused: Refused) -> tuple[str, str]:
    """Where to go on from here: the address, and what its button says."""
    if refused.status == 401:
        return _address(request, SIGN_IN), _("Sign in")
    if refused.code == "proof_needed":
        return _address(request, PROVE), _("Prove it")
    if refused.code == "single_sign_on_needed":
        return refused.next_step, _("Sign in with your organization")
    return "/console", _("To the start")


def _advice(refused: Refused) -> str:
    if refused.code == "single_sign_on_needed":
        return ""
    if refused.next_step:
        return refused.next_step
    if refused.status == 404:
        return _(
            "The address may be mistyped, or the thing was removed, or its organization has not let you in."
        )
    return ""
