"""Pages: who did what, and whether the record is whole."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from cloud.access import people
from cloud.access.context import Ctx
from cloud.access.rights import Need
from cloud.audit import endpoints as api
from cloud.console.frame import HOME, frame_of, show
from cloud.pages.api import ask
from cloud.pages.forms import Pages
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
    members = (await ask(ctx, people.names, org=org, query={"limit": 200})).data["items"]
    names = {each["user"]: each["name"] for each in members}
    asked = {"actor": actor, "action": action, "since": since, "until": until}
    older = urlencode({name: value for name, value in asked.items() if value} | {"before": found["before"]})
    return await show(
        ctx,
        "audit.html",
        title=_("Audit"),
        frame=frame,
        entries=[_with_text(entry) for entry in found["items"]],
        older=f"?{older}" if found["before"] else "",
        names=names,
        asked=asked,
        verified=None,
    )


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
