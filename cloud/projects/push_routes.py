"""A push in three requests: what is missing, one pack of it, the new revision. And restoring an old one."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need, Right
from cloud.access.routes import Routes
from cloud.projects import pushing, refusals
from cloud.projects.answers import Parent, json_answer
from cloud.projects.parameters import PACK_BODY, ProjectId, pieces, store_of
from cloud.projects.repeated import RepeatKey, once
from cloud.projects.storage import Store, full, room
from cloud.store.database import Tenant
from studio.protocol import limits
from studio.protocol.packs import MEDIA_TYPE, BadPack, Kind, Reader
from studio.protocol.projects import Change, Missing, Push, Restore, Revision, Stored

routes = Routes("/organizations/{org}/projects/{project}", "revisions")
WRITE = Need.in_environment(Right.WRITE)


@routes.post("/missing", need=WRITE, audit=None, body=limits.REQUEST_BYTES, response_model=Missing)
def missing(ctx: Ctx, project: ProjectId, parent: Parent, body: Change) -> Response:
    """Which contents a push of this change must bring; If-Match names the revision it is made from."""
    with ctx.tenant() as tenant:
        planned = pushing.plan(ctx, tenant, project, parent, body)
        return json_answer(pushing.missing(tenant, store_of(ctx), planned))


@routes.post(
    "/revisions",
    need=WRITE,
    audit="project.push",
    body=limits.REQUEST_BYTES,
    status_code=201,
    response_model=Revision,
)
def push(
    ctx: Ctx, request: Request, project: ProjectId, parent: Parent, body: Push, key: RepeatKey
) -> Response:
    """A new revision, all or nothing; 412 with both heads when somebody was faster."""

    def work(tenant: Tenant) -> tuple[Revision, str]:
        planned = pushing.plan(ctx, tenant, project, parent, body)
        made = pushing.commit(ctx, tenant, store_of(ctx), planned, body.message)
        return made, made.id

    return once(ctx, request, key, body, work)


@routes.post("/restore", need=WRITE, audit="project.restore", status_code=201, response_model=Revision)
def restore(
    ctx: Ctx, request: Request, project: ProjectId, parent: Parent, body: Restore, key: RepeatKey
) -> Response:
    """A new revision equal to an old one; nothing in between is lost."""

    def work(tenant: Tenant) -> tuple[Revision, str]:
        made = pushing.restore(ctx, tenant, project, parent, body.revision, body.message)
        return made, made.id

    return once(ctx, request, key, body, work)


@routes.post(
    "/objects",
    need=WRITE,
    audit="project.upload",
    body=limits.PACK_BYTES,
    response_model=Stored,
    openapi_extra=PACK_BODY,
)
async def upload_pack(ctx: Ctx, request: Request, project: ProjectId) -> Response:
    """Bring contents in one pack. They stay for a day; a push that needs them keeps them for ever."""
    taking = await run_in_threadpool(_Taking, ctx, project)
    try:
        async for piece in pieces(request, MEDIA_TYPE):
            await run_in_threadpool(taking.feed, piece)
        stored = await run_in_threadpool(taking.finish)
    except BaseException as error:
        await run_in_threadpool(taking.abandon)
        if isinstance(error, BadPack):
            raise refusals.broken_rule(error) from error
        raise
    return json_answer(stored)


class _Taking:
    """One pack on its way into one blob; an object at a time is in memory."""

    def __init__(self, ctx: Context, project: str) -> None:
        self._ctx, self._project = ctx, project
        self._store: Store = store_of(ctx)
        self._reader = Reader()
        self._writer = self._store.writer(project)
        self._seen: set[bytes] = set()
        with ctx.tenant() as tenant:
            used, self._limit = room(tenant)
        self._left = self._limit - used

    def feed(self, data: bytes) -> None:
        """Check and keep the objects these bytes complete. Raises BadPack, and Refused where there is no room."""
        for packed in self._reader.feed(data):
            if packed.kind is Kind.DAMAGED:
                raise BadPack("not_a_pack", "")
            packed.plain()
            key = self._store.names.key(self._project, packed.hash)
            if key not in self._seen:
                self._seen.add(key)
                self._writer.add(key, packed)
            if self._writer.size > self._left:
                raise full(self._limit)

    def finish(self) -> Stored:
        """The pack was whole: on the disk first, then in the database, then told."""
        count = self._reader.end()
        if not self._writer.segments:
            return Stored(0, count)
        self._writer.finish()
        with self._ctx.tenant(write=True) as tenant:
            self._store.add_blob(tenant, self._writer)
            new = self._store.add_objects(tenant, self._project, self._writer.segments)
            after = {"objects": new, "bytes": self._writer.size}
            self._ctx.audit(f"project/{self._project}", after=after)
        return Stored(new, count - new)

    def abandon(self) -> None:
        """Nothing of it stays; a blob that was finished and not entered goes with the next collection."""
        self._writer.abandon()
