"""Files of an environment: each version is kept as it was brought, and never becomes another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from cloud.access.context import Context
from cloud.errors import Refused, conflict, not_found, too_large
from cloud.projects.refusals import objects_missing
from cloud.projects.storage import Store
from cloud.projects.texts import from_bytes, to_bytes
from cloud.projects.times import time_text
from cloud.store.database import Tenant
from cloud.store.tables_projects import files, objects
from studio.base.i18n import _
from studio.protocol import limits
from studio.protocol.files import FileKind, StoredFile
from studio.protocol.projects import NewUpload

_DETAILS = "files.details"


def add(
    ctx: Context,
    tenant: Tenant,
    store: Store,
    environment: str,
    name: tuple[FileKind, str, str],
    body: NewUpload,
) -> StoredFile:
    """Keep an uploaded content under a kind, name and version. Raises Refused: 409 for a version with another
    content and for a content that was not uploaded, 413 for one too large for its kind."""
    kind, title, version = name
    if body.size > limits.FILE_BYTES[kind]:
        raise too_large(limits.FILE_BYTES[kind], "file_too_large")
    row = tenant.one(select(files).where(_place(environment, *name)))
    if row is None:
        if store.keep(tenant, environment, {body.hash: body.size}):
            raise objects_missing([], [body.hash])
        details = to_bytes({"hash": body.hash})
        added = tenant.insert_new(
            files,
            environment_id=environment,
            kind=kind,
            name=title,
            version=version,
            key=store.names.key(environment, body.hash),
            details=ctx.seal(_DETAILS, f"{environment}/{kind}/{title}/{version}", details),
            size=body.size,
            author_id=ctx.user_id,
            created_at=tenant.now(),
        )
        if added:
            ctx.audit(f"file/{kind}/{title}/{version}", after={"environment": environment, "size": body.size})
    [found] = told(ctx, [file_row(tenant, environment, *name)])
    if (found.hash, found.size) != (body.hash, body.size):
        raise conflict(
            _("This version is there with another content, and versions never change."),
            "version_exists",
            next_step=_("Give the file a new version."),
        )
    return found


def file_row(tenant: Tenant, environment: str, kind: str, name: str, version: str) -> Row[Any]:
    """One version of a file. Raises Refused (404)."""
    row = tenant.one(select(files).where(_place(environment, kind, name, version)))
    if row is None:
        raise not_found()
    return row


def told(ctx: Context, rows: Sequence[Row[Any]]) -> list[StoredFile]:
    """Files as they are told."""
    made = []
    for row in rows:
        record = f"{row.environment_id}/{row.kind}/{row.name}/{row.version}"
        digest = from_bytes(ctx.open(_DETAILS, record, bytes(row.details)))["hash"]
        made.append(
            StoredFile(
                row.kind, row.name, row.version, digest, row.size, row.author_id, time_text(row.created_at)
            )
        )
    return made


def remove(ctx: Context, tenant: Tenant, environment: str, kind: str, name: str, version: str) -> None:
    """Remove a version; its content goes with a later collection when no other file has it. Raises Refused (404)."""
    row = file_row(tenant, environment, kind, name, version)
    tenant.delete(files, _place(environment, kind, name, version))
    others = select(files.c.name).where(files.c.environment_id == environment, files.c.key == row.key)
    if tenant.one(others) is None:
        mine = (objects.c.owner_id == environment) & (objects.c.key == row.key)
        tenant.update(objects, mine, kept=False, created_at=tenant.now())
    ctx.audit(f"file/{kind}/{name}/{version}", before={"environment": environment, "size": row.size})


def after(text: str) -> ColumnElement[bool]:
    """The files behind one named `kind/name/version`. Raises Refused (400)."""
    parts = text.split("/")
    if len(parts) != 3:
        raise Refused(400, "bad_page", _("This is no place to go on from."))
    kind, name, version = parts
    return (files.c.kind > kind) | (
        (files.c.kind == kind)
        & ((files.c.name > name) | ((files.c.name == name) & (files.c.version > version)))
    )


def _place(environment: str, kind: str, name: str, version: str) -> ColumnElement[bool]:
    return (
        (files.c.environment_id == environment)
        & (files.c.kind == kind)
        & (files.c.name == name)
        & (files.c.version == version)
    )
