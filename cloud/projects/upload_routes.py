"""Uploads that go on where they were cut: begin, ask for the offset, send from there; of projects and environments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from annotated_types import Ge, Le
from fastapi import Depends, Header, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need, Right
from cloud.access.routes import Routes
from cloud.projects import uploads
from cloud.projects.answers import json_answer
from cloud.projects.parameters import Here, ProjectId, UploadId, body_of, need_media_type, store_of
from studio.protocol import limits
from studio.protocol.fields import Pattern
from studio.protocol.projects import NewUpload, Upload

TYPE = "application/offset+octet-stream"
WRITE = Need.in_environment(Right.WRITE)
Offset = Annotated[int, Ge(0), Le(limits.UPLOAD_BYTES), Header(alias="Upload-Offset")]
Checksum = Annotated[str | None, Pattern(r"^sha256 [0-9A-Za-z+/]{43}=$"), Header(alias="Upload-Checksum")]

projects = Routes("/organizations/{org}/projects/{project}", "uploads")
environments = Routes("/organizations/{org}/environments/{environment}", "uploads")


def _of_project(project: ProjectId) -> str:
    """Whose content it is: a project's."""
    return project


def _of_environment(here: Here) -> str:
    """Whose content it is: that of a file of an environment."""
    return here


async def _owner(ctx: Ctx) -> str:
    """The id of what the path names; its parameter is described and checked by one of the two above."""
    owner = ctx.request.path_params.get("project") or ctx.environment
    assert owner is not None
    return str(owner)


Owner = Annotated[str, Depends(_owner)]


def _offer(routes: Routes, owned_by: Callable[[str], str]) -> None:
    """The routes of uploads for one kind of owner."""
    described: dict[str, Any] = {"dependencies": [Depends(owned_by)]}

    @routes.post(
        "/uploads", need=WRITE, audit="upload.begin", status_code=201, response_model=Upload, **described
    )
    def begin(ctx: Ctx, owner: Owner, body: NewUpload) -> Response:
        """Begin to bring one large content."""
        with ctx.tenant(write=True) as tenant:
            made = uploads.begin(ctx, tenant, store_of(ctx), owner, body)
        return _answer(made, 201)

    @routes.get("/uploads/{upload}", need=WRITE, response_model=Upload, **described)
    def look(ctx: Ctx, owner: Owner, upload: UploadId) -> Response:
        """How far an upload has come: `Upload-Offset` and the body say so."""
        with ctx.tenant() as tenant:
            return _answer(uploads.told(ctx, uploads.upload_row(ctx, tenant, owner, upload)))

    @routes.patch(
        "/uploads/{upload}",
        need=WRITE,
        audit="upload.piece",
        body=limits.UPLOAD_PIECE_BYTES,
        response_model=Upload,
        openapi_extra=body_of(TYPE),
        **described,
    )
    async def send(
        ctx: Ctx, request: Request, owner: Owner, upload: UploadId, offset: Offset, checksum: Checksum = None
    ) -> Response:
        """The next bytes; what arrives before a cut is kept."""
        return await _send(ctx, request, owner, upload, offset, checksum)

    @routes.delete("/uploads/{upload}", need=WRITE, audit="upload.end", **described)
    def end(ctx: Ctx, owner: Owner, upload: UploadId) -> None:
        """Give an upload up."""
        uploads.end(ctx, owner, upload)


async def _send(
    ctx: Context, request: Request, owner: str, upload: str, offset: int, checksum: str | None
) -> Response:
    need_media_type(request, TYPE)
    piece = await run_in_threadpool(uploads.Piece, ctx, store_of(ctx), owner, upload, offset)
    try:
        async for data in request.stream():
            piece.feed(data)
    except ClientDisconnect:
        # Nobody waits for the answer; whoever goes on finds what came.
        return _answer(await run_in_threadpool(piece.keep))
    piece.check((checksum or "").removeprefix("sha256 "))
    return _answer(await run_in_threadpool(piece.keep))


def _answer(upload: Upload, status: int = 200) -> Response:
    return json_answer(upload, status, **{"upload-offset": str(upload.offset)})


_offer(projects, _of_project)
_offer(environments, _of_environment)
