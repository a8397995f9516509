"""Pages: who did what, and whether the record is whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from cloud.access import people, roles, stages
from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.audit import endpoints as api
from cloud.console.frame import HOME, frame_of, show
from cloud.pages.api import ask, every
from cloud.pages.forms import Pages
from cloud.projects import project_routes
from studio.base.i18n import _

pages = Pages(f"{HOME}/organizations/{{org}}/audit", "console: audit")


def midnight(day: str, *, after: int = 0) -> str | None:
    """The beginning of a day in UTC, or of one some days later; None for what is no day."""
    try:
        found = date.fromisoformat(day)
        return datetime.combine(found + timedelta(days=after), time(), UTC).isoformat()
    except (ValueError, OverflowError):
        return None


@pages.get("", shows=api.entries)
async def audit(
    ctx: Ctx, org: str, before: str = "", actor: str = "", action: str = "", since: str = "", until: str = ""
) -> Response:
    """The entries, newest first, by person, action and time."""
    frame = await frame_of(ctx, org)
    query = {
        "before": before if before.isdecimal() else None,
        "actor": actor[:100] or None,
        "action": action[:100] or None,
        "since": midnight(since),
        "until": midnight(until, after=1),
        "limit": 50,
    }
    found = (await ask(ctx, api.entries, org=org, query=query)).data
    members = {each["user"]: each["name"] for each in await every(ctx, people.names, org)}
    named = await _named(ctx, org, found["items"], members)
    asked = {"actor": actor, "action": action, "since": since, "until": until}
    older = urlencode({name: value for name, value in asked.items() if value} | {"before": found["before"]})
    return await show(
        ctx,
        "audit.html",
        title=_("Audit"),
        frame=frame,
        entries=[_with_text(entry) | {"named": _name_of(entry, named)} for entry in found["items"]],
        older=f"?{older}" if found["before"] else "",
        names=members,
        asked=asked,
        verified=None,
    )


# What the audit names by id: what it calls it, and the API's list of all there are.
_LISTS: dict[str, Callable[..., Any]] = {
    "role": roles.names,
    "environment": stages.names,
    "project": project_routes.list_projects,
}


async def _named(
    ctx: Context, org: str, entries: list[dict[str, Any]], members: dict[str, str]
) -> dict[str, str]:
    """The names of what the entries are about, by kind and id: as it is called now, else as it was called then."""
    found = {_thing(entry["target"]): _said_name(entry) for entry in entries}
    found |= {f"{kind}/{id}": name for id, name in members.items() for kind in ("user", "member")}
    kinds = {entry["target"].partition("/")[0] for entry in entries}
    for kind, function in _LISTS.items():
        if kind in kinds:
            found |= {f"{kind}/{each['id']}": each["name"] for each in await every(ctx, function, org)}
    return found


def _thing(target: str) -> str:
    """Kind and id of what an entry is about, without the part of it."""
    return "/".join(target.split("/")[:2])


def _said_name(entry: dict[str, Any]) -> str:
    """The name an entry itself gives to what it is about."""
    sides = [entry[side] for side in ("after", "before") if isinstance(entry[side], dict)]
    names = [str(side[word]) for side in sides for word in ("name", "email") if side.get(word)]
    return names[0] if names else ""


def _name_of(entry: dict[str, Any], named: dict[str, str]) -> str:
    """What an entry is about, for people; "" where that is who did it, or has no name."""
    kind, _slash, rest = entry["target"].partition("/")
    if kind == "file":
        return str(rest)
    name = named.get(_thing(entry["target"]), "")
    part = rest.partition("/")[2]
    if part.startswith("credential/"):
        secret = part.partition("/")[2]
        return f"{name}: {secret}" if name else str(secret)
    return name


def _with_text(entry: dict[str, Any]) -> dict[str, Any]:
    texts = {
        side: "" if entry[side] is None else json.dumps(entry[side], indent=2, ensure_ascii=False)
        for side in ("before", "after")
    }
    return entry | {"texts": texts}


@pages.get("/verify", need=Need.admin())
async def verify(ctx: Ctx, org: str) -> Response:
    """Look through the whole chain."""
    frame = await frame_of(ctx, org)
    found = (await ask(ctx, api.verified, org=org)).data
    return await show(ctx, "verified.html", title=_("Is the record whole?"), frame=frame, verified=found)
