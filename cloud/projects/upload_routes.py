"""Uploads that go on where they were cut: begin, ask for the offset, send from there; of projects and environments."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le
from fastapi import Header, Request
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


@projects.post("/uploads", need=WRITE, audit="upload.begin", status_code=201, response_model=Upload)
def begin_in_project(ctx: Ctx, project: ProjectId, body: NewUpload) -> Response:
    """Begin to bring one large content of a project."""
    return _begin(ctx, project, body)


@projects.get("/uploads/{upload}", need=WRITE, response_model=Upload)
def look_in_project(ctx: Ctx, project: ProjectId, upload: UploadId) -> Response:
    """How far an upload has come: `Upload-Offset` and the body say so."""
    return _look(ctx, project, upload)


@projects.patch(
    "/uploads/{upload}",
    need=WRITE,
    audit="upload.piece",
    body=limits.UPLOAD_PIECE_BYTES,
    response_model=Upload,
    openapi_extra=body_of(TYPE),
)
async def send_in_project(
    ctx: Ctx,
    request: Request,
    project: ProjectId,
    upload: UploadId,
    offset: Offset,
    checksum: Checksum = None,
) -> Response:
    """The next bytes; what arrives before a cut is kept."""
    return await _send(ctx, request, project, upload, offset, checksum)


@projects.delete("/uploads/{upload}", need=WRITE, audit="upload.end")
def end_in_project(ctx: Ctx, project: ProjectId, upload: UploadId) -> None:
    """Give an upload up."""
    uploads.end(ctx, project, upload)


@environments.post("/uploads", need=WRITE, audit="upload.begin", status_code=201, response_model=Upload)
def begin_in_environment(ctx: Ctx, here: Here, body: NewUpload) -> Response:
    """Begin to bring the content of a file of an environment."""
    return _begin(ctx, here, body)


@environments.get("/uploads/{upload}", need=WRITE, response_model=Upload)
def look_in_environment(ctx: Ctx, here: Here, upload: UploadId) -> Response:
    """How far an upload has come."""
    return _look(ctx, here, upload)


@environments.patch(
    "/uploads/{upload}",
    need=WRITE,
    audit="upload.piece",
    body=limits.UPLOAD_PIECE_BYTES,
    response_model=Upload,
    openapi_extra=body_of(TYPE),
)
async def send_in_environment(
    ctx: Ctx,
    request: Request,
    here: Here,
    upload: UploadId,
    offset: Offset,
    checksum: Checksum = None,
) -> Response:
    """The next bytes; what arrives before a cut is kept."""
    return await _send(ctx, request, here, upload, offset, checksum)


@environments.delete("/uploads/{upload}", need=WRITE, audit="upload.end")
def end_in_environment(ctx: Ctx, here: Here, upload: UploadId) -> None:
    """Give an upload up."""
    uploads.end(ctx, here, upload)


def _begin(ctx: Context, owner: str, body: NewUpload) -> Response:
    with ctx.tenant(write=True) as tenant:
        made = uploads.begin(ctx, tenant, store_of(ctx), owner, body)
    return _answer(made, 201)


def _look(ctx: Context, owner: str, upload: str) -> Response:
    with ctx.tenant() as tenant:
        return _answer(uploads.told(ctx, uploads.upload_row(ctx, tenant, owner, upload)))


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
