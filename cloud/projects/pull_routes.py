"""Reading a project: what leads to its head, contents in packs or one by one, history, differences."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Annotated

from fastapi import Header, Request
from sqlalchemy import select
from starlette.responses import Response, StreamingResponse

from cloud.access.context import Ctx
from cloud.access.rights import Need, Right
from cloud.access.routes import Routes
from cloud.errors import Refused, not_found
from cloud.log import event
from cloud.projects import history, refusals
from cloud.projects.answers import NOT_CHANGED, NOTHING, json_answer, not_changed
from cloud.projects.catalogue import project_row
from cloud.projects.parameters import (
    BINARY,
    PACK_ANSWER,
    AfterNumber,
    AskedRevision,
    HashInPath,
    Limit,
    OptionalRevision,
    ProjectId,
    RevisionId,
    gives,
    store_of,
)
from cloud.projects.segments import BlobReader, DamagedObject, Segment
from cloud.projects.storage import Held
from cloud.store.database import Tenant
from cloud.store.tables_projects import revisions
from studio.base.i18n import _
from studio.protocol import limits
from studio.protocol.manifests import Manifest, difference
from studio.protocol.packs import MEDIA_TYPE, Kind, Packed, written
from studio.protocol.projects import (
    Compared,
    Entry,
    Pull,
    Revision,
    RevisionPage,
    Wanted,
    compared,
    entries,
)

routes = Routes("/organizations/{org}/projects/{project}", "revisions")
READ = Need.in_environment(Right.READ)
_FROM = re.compile(r"bytes=([0-9]{1,12})-")


@routes.get("/pull", need=READ, response_model=Pull, responses=NOT_CHANGED)
def pull(ctx: Ctx, request: Request, project: ProjectId, have: OptionalRevision = None) -> Response:
    """The head, and what leads there from the revision you `have`; from nothing where that is not known here."""
    with ctx.tenant() as tenant:
        row = project_row(tenant, project)
        tag = row.head_id or NOTHING
        same = not_changed(request, tag)
        if same is not None:
            return same
        if row.head_id is None:
            return json_answer(Pull(None, None), tag=tag)
        head = history.load(ctx, tenant, project, row.head_id)
        known = have if have and _is_revision(tenant, project, have) else None
        before: Manifest = history.load(ctx, tenant, project, known).manifest if known else {}
    told = difference(before, head.manifest)
    answer = Pull(head.revision, known, entries(told.added | told.changed), told.removed)
    return json_answer(answer, tag=tag)


@routes.post(
    "/pack",
    need=READ,
    audit=None,
    body=limits.REQUEST_BYTES,
    response_class=Response,
    responses=PACK_ANSWER,
)
def pack(ctx: Ctx, project: ProjectId, body: Wanted) -> Response:
    """Contents of any revision in one pack; large ones are fetched one by one."""
    with ctx.tenant() as tenant:
        held = store_of(ctx).held(tenant, project, body.hashes)
    return pack_answer(held, body.hashes)


@routes.get("/objects/{digest}", need=READ, response_class=Response, responses=gives(BINARY))
def get_object(
    ctx: Ctx, project: ProjectId, digest: HashInPath, range: Annotated[str | None, Header()] = None
) -> Response:
    """One content; `Range: bytes=N-` goes on where an earlier answer was cut off."""
    with ctx.tenant() as tenant:
        held = store_of(ctx).held(tenant, project, [digest])
    return object_answer(held, digest, range)


@routes.get("/revisions", need=READ, response_model=RevisionPage)
def list_revisions(
    ctx: Ctx, project: ProjectId, after: AfterNumber = None, limit: Limit = limits.PAGE
) -> Response:
    """The project's history, newest first; `after` is a revision's number."""
    query = select(revisions).where(revisions.c.project_id == project)
    if after is not None:
        query = query.where(revisions.c.number < after)
    with ctx.tenant() as tenant:
        rows = tenant.rows(query.order_by(revisions.c.number.desc()).limit(limit + 1))
        items = history.revisions_of(ctx, tenant, rows[:limit])
    more = str(items[-1].number) if len(rows) > limit else None
    return json_answer(RevisionPage(tuple(items), more))


@routes.get("/revisions/{revision}", need=READ, response_model=Revision)
def get_revision(ctx: Ctx, project: ProjectId, revision: RevisionId) -> Response:
    """One revision."""
    with ctx.tenant() as tenant:
        [found] = history.revisions_of(ctx, tenant, [history.revision_row(tenant, project, revision)])
    return json_answer(found, tag=found.id)


@routes.get("/revisions/{revision}/manifest", need=READ, response_model=tuple[Entry, ...])
def get_manifest(ctx: Ctx, project: ProjectId, revision: RevisionId) -> Response:
    """Everything a revision holds."""
    with ctx.tenant() as tenant:
        loaded = history.load(ctx, tenant, project, revision)
    return json_answer(entries(dict(sorted(loaded.manifest.items()))), tag=revision)


@routes.get("/difference", need=READ, response_model=Compared)
def get_difference(
    ctx: Ctx, project: ProjectId, after: AskedRevision, before: OptionalRevision = None
) -> Response:
    """What is different between two revisions, path by path; without `before` everything is added."""
    with ctx.tenant() as tenant:
        one: Manifest = history.load(ctx, tenant, project, before).manifest if before else {}
        two = history.load(ctx, tenant, project, after).manifest
    return json_answer(compared(before, after, difference(one, two)))


def pack_answer(held: Held, wanted: tuple[str, ...]) -> Response:
    """Objects in a pack. Raises Refused: 404 for one that is not there, 413 for one too large to travel so."""
    asked = list(dict.fromkeys(wanted))
    absent = [digest for digest in asked if digest not in held.segments]
    if absent:
        refused = not_found()
        refused.extra["hashes"] = absent
        raise refused
    large = [digest for digest in asked if len(held.segments[digest]) > 1]
    if large:
        raise Refused(
            413,
            "object_too_large",
            _("Contents larger than {limit} bytes do not travel in packs.").format(
                limit=limits.PACK_OBJECT_BYTES
            ),
            next_step=_("Fetch them one by one."),
            hashes=large,
        )
    asked.sort(key=lambda digest: (held.segments[digest][0].blob, held.segments[digest][0].offset))
    return StreamingResponse(_gathered(written(_noted(held.packs(asked)))), media_type=MEDIA_TYPE)


def _noted(found: Iterable[Packed]) -> Iterator[Packed]:
    for one in found:
        if one.kind is Kind.DAMAGED:
            event("object_damaged", level=logging.CRITICAL, hash=one.hash)
        yield one


def _gathered(chunks: Iterable[bytes], size: int = 256 * 1024) -> Iterator[bytes]:
    """Fewer, larger pieces: each costs a change of threads."""
    waiting: list[bytes] = []
    for chunk in chunks:
        waiting.append(chunk)
        if sum(map(len, waiting)) >= size or len(waiting) > 500:
            yield b"".join(waiting)
            waiting = []
    yield b"".join(waiting)


def object_answer(held: Held, digest: str, asked: str | None, name: str = "") -> Response:
    """One object as an attachment, from a byte on where that is asked for. Raises Refused: 404, 416, 500 when it is damaged."""
    segments = held.segments.get(digest)
    if not segments:
        raise not_found()
    size = sum(segment.size for segment in segments)
    start = _start(asked, size)
    headers = {
        "content-length": str(size - start),
        "accept-ranges": "bytes",
        "content-disposition": f'attachment; filename="{name or digest}"',
        "etag": f'"{digest}"',
    }
    if asked is not None:
        headers["content-range"] = f"bytes {start}-{size - 1}/{size}"
    try:
        parts = _parts(held.reader, segments, digest, start)
        first = next(parts, b"")
    except DamagedObject as error:
        event("object_damaged", level=logging.CRITICAL, hash=digest)
        raise refusals.damaged(digest) from error
    return StreamingResponse(
        _chain(first, parts), 206 if asked is not None else 200, headers, media_type=BINARY
    )


def contents(held: Held, digest: str) -> Iterator[bytes]:
    """An object's bytes, checked as they are read; none where there is no such object. Raises DamagedObject."""
    return _parts(held.reader, held.segments.get(digest, ()), digest, 0)


def _chain(first: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from parts


def _parts(reader: BlobReader, segments: Iterable[Segment], digest: str, start: int) -> Iterator[bytes]:
    several = list(segments)
    if len(several) == 1 and several[0].position == 0:
        yield reader.plain(several[0], digest)[start:]
        return
    at = 0
    for segment in several:
        if at + segment.size > start:
            yield reader.part(segment, digest)[max(0, start - at) :]
        at += segment.size


def _start(asked: str | None, size: int) -> int:
    if asked is None:
        return 0
    found = _FROM.fullmatch(asked.strip())
    if found is None or int(found[1]) >= max(size, 1):
        raise Refused(
            416,
            "range",
            _("Only ranges of the form bytes=N- inside the content can be asked for."),
            headers={"Content-Range": f"bytes */{size}"},
        )
    return int(found[1])


def _is_revision(tenant: Tenant, project: str, revision: str) -> bool:
    query = select(revisions.c.id).where(revisions.c.project_id == project, revisions.c.id == revision)
    return tenant.value(query) is not None
