"""What the pages of an organization have around them: its name, its sections, and what was just done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from cloud.access import organizations
from cloud.access.context import Context
from cloud.console.done import DONE
from cloud.pages.api import Answer, ask
from cloud.pages.forms import Fields, go
from cloud.pages.page import render
from studio.base.i18n import _

HOME = "/console"


@dataclass(frozen=True)
class Frame:
    """An organization as whoever looks at it may see it; `rights` are by environment id."""

    id: str
    slug: str
    name: str
    admin: bool
    rights: dict[str, list[str]]
    version: str

    @property
    def base(self) -> str:
        """Where its pages begin."""
        return f"{HOME}/organizations/{self.slug}"

    def sections(self) -> list[tuple[str, str]]:
        """The pages offered: address and name."""
        found = [
            (self.base, _("Overview")),
            (f"{self.base}/projects", _("Projects")),
            (f"{self.base}/environments", _("Environments")),
            (f"{self.base}/members", _("Members")),
            (f"{self.base}/roles", _("Roles")),
        ]
        if self.admin:
            found += [
                (f"{self.base}/policies", _("Policies")),
                (f"{self.base}/audit", _("Audit")),
                (f"{self.base}/settings", _("Settings")),
            ]
        return found

    def may(self, right: str, environment: str) -> bool:
        """Whether the one who looks has this right in an environment (its id)."""
        return right in self.rights.get(environment, [])


async def frame_of(ctx: Context, org: str) -> Frame:
    """The organization in the path. Raises Refused."""
    answer = await ask(ctx, organizations.show, org=org)
    told = answer.data
    return Frame(told["id"], told["slug"], told["name"], told["admin"], told["rights"], answer.version)


async def show(
    ctx: Context, template: str, /, *, title: str, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page of the console."""
    said = DONE.get(ctx.request.query_params.get("done", ""), "")
    shared = {"frame": None, "form": Fields(), "done": _(said) if said else ""}
    return await run_in_threadpool(render, ctx, template, title=title, status=status, **(shared | values))


async def show_one(
    ctx: Context, form: Fields, template: str, frame: Frame, what: str, found: Answer, **values: Any
) -> HTMLResponse:
    """The page of one thing by its own name, to be changed: `what` is how the template calls it."""
    values |= {what: found.data, "version": form.version(found.version), "form": form}
    return await show(ctx, template, title=found.data["name"], frame=frame, **values)


def done(address: str, what: str = "", **query: str) -> Response:
    """Lead to a page that says what was done."""
    more = ({"done": what} if what else {}) | query
    return go(f"{address}?{urlencode(more)}" if more else address)


def chosen(frame: Frame, here: str) -> str:
    """The section a page belongs to; invitations belong to the members."""
    here = here.replace(f"{frame.base}/invitations", f"{frame.base}/members")
    for address, _name in reversed(frame.sections()):
        if here == address or here.startswith(f"{address}/"):
            return address
    return frame.base
