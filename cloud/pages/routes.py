"""The routes every page needs: its assets, and the way in."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.errors import not_found
from cloud.pages import assets

own = Routes("", "pages", base="")


@own.get("/assets/{name}", need=Need.public(), include_in_schema=False)
def asset(name: str) -> Response:
    """A style or script; its name changes with its content."""
    found = assets.find(name)
    if found is None:
        raise not_found()
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(found.content, media_type=found.kind, headers=kept)


@own.get("/", need=Need.public(), include_in_schema=False)
def front() -> Response:
    """Whoever types the server's name wants the console."""
    return RedirectResponse("/console", 303)


ROUTES = (own,)
