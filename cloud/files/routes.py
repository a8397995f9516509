"""Schema, driver and plug-in files of an environment; their contents come as uploads of the environment."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Path, Query
from sqlalchemy import select
from starlette.responses import Response

from cloud.access.context import Ctx
from cloud.access.rights import Need, Right
from cloud.access.routes import Routes
from cloud.files import shelf
from cloud.projects.answers import json_answer
from cloud.projects.parameters import BINARY, Here, Limit, gives, store_of
from cloud.projects.pull_routes import contents, object_answer
from cloud.store.tables_projects import files
from studio.protocol import limits
from studio.protocol.fields import FILE_NAME, Pattern
from studio.protocol.files import FileKind, FilePage, StoredFile
from studio.protocol.projects import NewUpload

routes = Routes("/organizations/{org}/environments/{environment}/files", "files")
READ, WRITE = Need.in_environment(Right.READ), Need.in_environment(Right.WRITE)
NameInPath = Annotated[str, FILE_NAME, Path()]
AfterFile = Annotated[
    str | None, Pattern(r"^[a-z]{1,16}/[0-9A-Za-z._+-]{1,128}/[0-9A-Za-z._+-]{1,128}$"), Query()
]


@routes.get("", need=READ, response_model=FilePage)
def list_files(
    ctx: Ctx,
    here: Here,
    kind: FileKind | None = None,
    after: AfterFile = None,
    limit: Limit = limits.PAGE,
) -> Response:
    """The environment's files by kind, name and version; `after` is `kind/name/version`."""
    query = select(files).where(files.c.environment_id == here)
    if kind is not None:
        query = query.where(files.c.kind == kind)
    if after is not None:
        query = query.where(shelf.after(after))
    with ctx.tenant() as tenant:
        rows = tenant.rows(query.order_by(files.c.kind, files.c.name, files.c.version).limit(limit + 1))
    items = shelf.told(ctx, rows[:limit])
    last = items[-1] if len(rows) > limit else None
    return json_answer(FilePage(tuple(items), f"{last.kind}/{last.name}/{last.version}" if last else None))


@routes.put(
    "/{kind}/{name}/{version}", need=WRITE, audit="file.add", status_code=200, response_model=StoredFile
)
def put_file(
    ctx: Ctx,
    here: Here,
    kind: FileKind,
    name: NameInPath,
    version: NameInPath,
    body: NewUpload,
) -> Response:
    """Name an uploaded content; a version never changes, and naming the same content again is fine.

    Where the server has a virus scanner, it looks at the content first: 422 for one that is not clean.
    """
    if ctx.server.parts["scanner"]:
        # Before the transaction: nobody waits for a scanner to write something else.
        with ctx.tenant() as tenant:
            held = store_of(ctx).held(tenant, here, [body.hash], kept=False)
        ctx.server.parts["scanner"].need_clean(contents(held, body.hash))
    with ctx.tenant(write=True) as tenant:
        found = shelf.add(ctx, tenant, store_of(ctx), here, (kind, name, version), body)
    return json_answer(found, tag=found.hash)


@routes.get("/{kind}/{name}/{version}", need=READ, response_class=Response, responses=gives(BINARY))
def get_file(
    ctx: Ctx,
    here: Here,
    kind: FileKind,
    name: NameInPath,
    version: NameInPath,
    range: Annotated[str | None, Header()] = None,
) -> Response:
    """A file's bytes, checked as they are read; `Range: bytes=N-` goes on where an answer was cut off."""
    with ctx.tenant() as tenant:
        [found] = shelf.told(ctx, [shelf.file_row(tenant, here, kind, name, version)])
        held = store_of(ctx).held(tenant, here, [found.hash])
    return object_answer(held, found.hash, range, f"{name}-{version}")


@routes.delete("/{kind}/{name}/{version}", need=WRITE, audit="file.remove")
def delete_file(ctx: Ctx, here: Here, kind: FileKind, name: NameInPath, version: NameInPath) -> None:
    """Remove a version."""
    with ctx.tenant(write=True) as tenant:
        shelf.remove(ctx, tenant, here, kind, name, version)


ROUTES = (routes,)
