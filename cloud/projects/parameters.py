"""What routes are given: identities in paths, pages, bodies that are no JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen
from fastapi import Depends, Path, Query
from sqlalchemy import ColumnElement, true
from starlette.requests import ClientDisconnect, Request

from cloud.access.context import Context, Ctx
from cloud.access.rights import Right
from cloud.errors import Refused, bad_request, not_found
from cloud.projects.storage import Store
from studio.base.i18n import _
from studio.protocol import limits
from studio.protocol.fields import HASH, IDENTITY, LINE, Pattern
from studio.protocol.packs import MEDIA_TYPE

ProjectId = Annotated[str, IDENTITY, Path()]
RevisionId = Annotated[str, IDENTITY, Path()]
UploadId = Annotated[str, IDENTITY, Path()]
EnvironmentName = Annotated[str, IDENTITY, Path()]
HashInPath = Annotated[str, HASH, Path()]
CREDENTIAL = Pattern(r"^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$")
CredentialName = Annotated[str, CREDENTIAL, Path()]
AskedRevision = Annotated[str, IDENTITY, Query()]
AskedEnvironment = Annotated[str, IDENTITY, Query()]
OptionalRevision = Annotated[str | None, IDENTITY, Query()]
OptionalEnvironment = Annotated[str | None, IDENTITY, Query()]
OptionalPath = Annotated[str | None, LINE, MaxLen(limits.PATH_BYTES), Query()]
After = Annotated[str | None, Pattern(r"^[0-9A-Za-z_-]{1,80}$"), Query()]
AfterNumber = Annotated[int | None, Ge(1), Le(2**31 - 1), Query()]
Limit = Annotated[int, Ge(1), Le(limits.PAGE_MOST), Query()]

BINARY = "application/octet-stream"
# How many bytes are gathered before another thread looks at them.
GATHERED = 256 * 1024


def body_of(media_type: str) -> dict[str, Any]:
    """The description of a body that is bytes."""
    schema = {"type": "string", "format": "binary"}
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def gives(media_type: str) -> dict[int | str, dict[str, Any]]:
    """The description of an answer that is bytes."""
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


PACK_BODY = body_of(MEDIA_TYPE)
PACK_ANSWER = gives(MEDIA_TYPE)


def need_media_type(request: Request, media_type: str) -> None:
    """Raise Refused (415) when the body is of another type."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != media_type:
        raise Refused(
            415,
            "media_type",
            _("This takes {media_type} only.").format(media_type=media_type),
            next_step=_("Send it with this Content-Type."),
        )


async def pieces(request: Request, media_type: str) -> AsyncIterator[bytes]:
    """The body of a request in pieces worth a look. Raises Refused (415) when it is of another type."""
    need_media_type(request, media_type)
    waiting: list[bytes] = []
    size = 0
    try:
        async for piece in request.stream():
            waiting.append(piece)
            size += len(piece)
            if size >= GATHERED:
                yield b"".join(waiting)
                waiting, size = [], 0
    except ClientDisconnect as error:
        # Nobody reads this answer; the log tells a cut line from a mistake by it.
        raise bad_request(_("The connection was cut."), code="cut_off") from error
    if size:
        yield b"".join(waiting)


async def _here(ctx: Ctx, environment: EnvironmentName) -> str:
    """The environment in the path: the guard has looked it up already, by its id or its short name."""
    assert ctx.environment is not None, environment
    return ctx.environment


# The id of the environment in the path.
Here = Annotated[str, Depends(_here)]


def store_of(ctx: Context) -> Store:
    """The objects of the organization in the path."""
    assert ctx.org is not None
    return Store(ctx.server, ctx.org)


def readable(ctx: Context, column: ColumnElement[str], asked: str | None) -> ColumnElement[bool]:
    """The rows of the environments the user may read, or of the one asked for. Raises Refused (404)."""
    mine = [environment for environment, held in ctx.all_rights().items() if Right.READ in held]
    if asked is None:
        return column.in_(mine)
    with ctx.tenant() as tenant:
        wanted = ctx.environment_id(tenant, asked)
    if wanted not in mine:
        raise not_found()
    return (column == wanted) & true()
