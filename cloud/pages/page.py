"""Making a page out of a template: everything put into it is text, and nothing in it is run but our own files."""

from __future__ import annotations

import base64
import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from cloud.access.context import Context
from cloud.pages import assets, csrf
from studio.base import i18n
from studio.base.i18n import _, ngettext

FOLDERS = (
    Path(__file__).parent / "templates",
    Path(__file__).parent.parent / "console" / "templates",
)
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def render(ctx: Context, template: str, /, *, title: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page; `values` are what its template names."""
    response = HTMLResponse(document(ctx, template, title=title, **values), status)
    response.headers["Content-Security-Policy"] = POLICY
    # Our own pages may know where somebody comes from, nobody else: without it a browser that does not say where a
    # form was sent from otherwise would post it as from nowhere.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Vary"] = "Accept-Language, Cookie"
    csrf.keep(ctx, response)
    return response


def document(ctx: Context, template: str, *, title: str, **values: Any) -> str:
    """The text of a page."""

    def hidden() -> Markup:
        return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, csrf.mark(ctx))

    shared = {
        "title": title,
        "user": ctx.user,
        "csrf": hidden,
        "language": i18n.language().replace("_", "-"),
        "request_id": ctx.request_id,
        "here": ctx.request.url.path,
    }
    return _environment().get_template(template).render(shared | values)


def knows(**words: Any) -> None:
    """Give templates more functions and values to use by name."""
    _environment().globals |= words


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"_": _, "ngettext": ngettext, "asset": assets.address}
    made.filters |= {"moment": moment, "day": day, "size": size, "within": within}
    return made


def moment(at: datetime | str | None) -> Markup:
    """A time as people of this language write it, in UTC; a dash for none."""
    return _time(at, "%d/%m/%Y %H:%M UTC" if i18n.language() == "pt_BR" else "%Y-%m-%d %H:%M UTC")


def day(at: datetime | str | None) -> Markup:
    """A day, likewise."""
    return _time(at, "%d/%m/%Y" if i18n.language() == "pt_BR" else "%Y-%m-%d")


def _time(at: datetime | str | None, form: str) -> Markup:
    if at is None or at == "":
        return Markup("–")
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), at.strftime(form))


def size(n: int) -> str:
    """A number of bytes as people say it."""
    if n < 1000:
        return ngettext("{n} byte", "{n} bytes", n).format(n=n)
    power = 1 if n < 999_500 else 2 if n < 999_500_000 else 3
    return f"{i18n.decimal(round(n / 1000**power, 1))} {('KB', 'MB', 'GB')[power - 1]}"


def svg_address(picture: str) -> str:
    """A drawing as the address of an image: inside one, nothing of it is run."""
    return "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()


def within(template: str, **values: Any) -> Markup:
    """A sentence with places filled in by marked-up values: `_("… {name} …") | within(name=link)`."""
    return Markup(escape(template)).format(**values)
