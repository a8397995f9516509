"""Collecting what nobody needs: uploads never ended, contents no revision took up, blobs and leftovers without a row.

Nothing a revision, a file or a running upload names is ever removed: what is kept is marked in the transaction that
makes it needed, and rows are removed before the blobs they name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, true

from cloud.log import event
from cloud.projects.storage import AT_ONCE
from cloud.server import Server
from cloud.store.blobs import Blobs, DamagedBlob, Piece
from cloud.store.database import Tenant
from cloud.store.tables import organizations
from cloud.store.tables_projects import answers_given, blobs, objects, storage, upload_pieces, uploads

# How long what was uploaded waits for the push that needs it, and an unfinished upload for its next piece.
PATIENCE = timedelta(hours=24)
# How long a repeated request is answered as before.
MEMORY = timedelta(days=30)


@dataclass(frozen=True)
class Collected:
    """What was removed: rows of uploads and of objects, blobs with their bytes, files no row named."""

    uploads: int
    objects: int
    blobs: int
    bytes: int
    leftovers: int


def collect(server: Server, org: str) -> Collected:
    """Remove what an organization does not need and has not touched for a day."""
    place: Blobs = server.parts["blobs"]
    ended, dropped, gone = _rows(server, org)
    size = sum(gone.values())
    for blob in gone:
        place.delete(f"{org}/{blob}")
    return Collected(ended, dropped, len(gone), size, _leftovers(server, org))


def collect_all(server: Server) -> None:
    """Collect for every organization; the server does so every hour."""
    for org in living(server):
        done = collect(server, org)
        if done.blobs or done.leftovers:
            event("collected", organization=org, blobs=done.blobs, bytes=done.bytes, leftovers=done.leftovers)


def living(server: Server) -> dict[str, str]:
    """The organizations whose keys are there: id → short name."""
    query = select(organizations.c.id, organizations.c.slug).where(organizations.c.shredded_at.is_(None))
    with server.database.common() as common:
        return {row.id: row.slug for row in common.rows(query.order_by(organizations.c.slug))}


def _rows(server: Server, org: str) -> tuple[int, int, dict[str, int]]:
    with server.database.tenant(org, write=True) as tenant:
        old = tenant.now() - PATIENCE
        tenant.delete(answers_given, answers_given.c.created_at < tenant.now() - MEMORY)
        resting = select(uploads.c.id).where(uploads.c.changed_at < old)
        tenant.delete(upload_pieces, upload_pieces.c.upload_id.in_(resting))
        ended = tenant.delete(uploads, uploads.c.changed_at < old)
        dropped = tenant.delete(objects, objects.c.kept.is_(False) & (objects.c.created_at < old))
        gone: dict[str, int] = {}
        query = select(blobs.c.id, blobs.c.size).where(
            blobs.c.created_at < old,
            ~select(objects.c.key).where(objects.c.blob_id == blobs.c.id).exists(),
            ~select(upload_pieces.c.position).where(upload_pieces.c.blob_id == blobs.c.id).exists(),
        )
        for row in tenant.rows(query):
            gone[row.id] = row.size
        names = sorted(gone)
        for start in range(0, len(names), AT_ONCE):
            tenant.delete(blobs, blobs.c.id.in_(names[start : start + AT_ONCE]))
        if gone:
            tenant.update(storage, true(), bytes=storage.c.bytes - sum(gone.values()))
    return ended, dropped, gone


def _leftovers(server: Server, org: str) -> int:
    """Remove what killed processes left: blobs that were written and never entered, files that were never whole."""
    place: Blobs = server.parts["blobs"]
    found = 0
    for one in list(place.found(org)):
        with server.database.tenant(org) as tenant:
            old = one.time < tenant.now() - PATIENCE
            if old and (one.name is None or not _entered(tenant, one.name)):
                place.delete(one.place)
                found += 1
    return found


def _entered(tenant: Tenant, name: str) -> bool:
    return tenant.value(select(blobs.c.id).where(blobs.c.id == name.rpartition("/")[2])) is not None


def damaged(server: Server, org: str) -> Iterator[str]:
    """Read every kept content of an organization, and name the places of those that are damaged."""
    place: Blobs = server.parts["blobs"]
    query = (
        select(objects.c.blob_id, objects.c.offset, objects.c.length, objects.c.digest)
        .where(objects.c.kept.is_(True))
        .order_by(objects.c.blob_id, objects.c.offset)
    )
    with server.database.tenant(org) as tenant:
        rows = tenant.rows(query)
    for row in rows:
        try:
            place.read(Piece(f"{org}/{row.blob_id}", row.offset, row.length, bytes(row.digest)))
        except DamagedBlob as error:
            yield str(error)
