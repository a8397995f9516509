"""Answers of the routes: JSON written at once, entity tags, what If-Match and If-None-Match ask for."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from cloud.errors import bad_request, precondition_required
from studio.base.i18n import _

# The entity tag of "nothing yet": a project before its first push.
NOTHING = "none"
_TAG = re.compile(r'"([0-9A-Za-z_-]{1,80})"')
NOT_CHANGED = {304: {"description": "It is as it was"}}


def json_answer(value: Any, status: int = 200, *, tag: str = "", **headers: str) -> Response:
    """The value as JSON; `tag` becomes its ETag."""
    if tag:
        headers["etag"] = f'"{tag}"'
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def not_changed(request: Request, tag: str) -> Response | None:
    """304 where the caller has what the tag names; None where it must be told."""
    asked = request.headers.get("if-none-match", "")
    known = {found.strip().removeprefix("W/").strip('"') for found in asked.split(",")}
    if asked.strip() != "*" and tag not in known:
        return None
    return Response(status_code=304, headers={"etag": f'"{tag}"'})


def _expected(if_match: Annotated[str | None, Header()] = None) -> str:
    """The tag If-Match names."""
    if if_match is None:
        raise precondition_required()
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise bad_request(_("If-Match must name one entity tag, as it was answered."), code="bad_if_match")
    return found[1]


def _parent(expected: Annotated[str, Depends(_expected)]) -> str | None:
    return None if expected == NOTHING else expected


# The entity tag a change is based on.
Expected = Annotated[str, Depends(_expected)]
# The revision a change is based on: the entity tag of the head, `"none"` before the first push.
Parent = Annotated[str | None, Depends(_parent)]
