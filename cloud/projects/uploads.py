"""Large contents that come in pieces: each piece is kept as it arrives, so that a cut costs what was on its way.

A piece becomes a part of the object where it lies: nothing is copied when the last one is there.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from cloud.access.context import Context
from cloud.errors import Refused, conflict, not_found
from cloud.projects.segments import BlobWriter, Segment
from cloud.projects.storage import Store
from cloud.store.database import Tenant
from cloud.store.metadata import new_id
from cloud.store.tables_projects import upload_pieces, uploads
from studio.base.i18n import _
from studio.protocol import limits
from studio.protocol.packs import Kind, Packed
from studio.protocol.projects import NewUpload, Upload

# How many pieces an upload may be cut into, and how many a person may have on the way at once.
PIECES = 4_096
AT_ONCE = 100
_HASH = "uploads.hash"


def begin(ctx: Context, tenant: Tenant, store: Store, owner: str, body: NewUpload) -> Upload:
    """A new upload; one that is done at once where the owner has the content. Raises Refused (429)."""
    mine = select(uploads.c.id).where(uploads.c.user_id == ctx.user_id, uploads.c.done.is_(False))
    if len(tenant.rows(mine.limit(AT_ONCE))) >= AT_ONCE:
        raise Refused(
            429,
            "too_many_uploads",
            _("You have {n} uploads on the way already.").format(n=AT_ONCE),
            next_step=_("End one of them, or wait a day: those that rest are removed."),
            headers={"Retry-After": "3600"},
        )
    upload = new_id()
    known = bool(store.known(tenant, owner, [body.hash]))
    tenant.insert(
        uploads,
        id=upload,
        owner_id=owner,
        key=store.names.key(owner, body.hash),
        hash=ctx.seal(_HASH, upload, body.hash.encode()),
        size=body.size,
        received=body.size if known else 0,
        pieces=0,
        done=known,
        user_id=ctx.user_id,
        changed_at=tenant.now(),
    )
    ctx.audit(f"upload/{upload}", after={"owner": owner, "size": body.size})
    return told(ctx, upload_row(ctx, tenant, owner, upload))


def upload_row(ctx: Context, tenant: Tenant, owner: str, upload: str) -> Row[Any]:
    """An upload of the user's own; raises Refused (404)."""
    query = select(uploads).where(uploads.c.id == upload, uploads.c.owner_id == owner)
    row = tenant.one(query.where(uploads.c.user_id == ctx.user_id))
    if row is None:
        raise not_found()
    return row


def told(ctx: Context, row: Row[Any]) -> Upload:
    """An upload as it is told."""
    digest = ctx.open(_HASH, row.id, bytes(row.hash)).decode()
    return Upload(row.id, digest, row.size, row.received, row.done)


class Piece:
    """One request's bytes of an upload, from an offset on; `keep` takes what arrived, a part of it too."""

    def __init__(self, ctx: Context, store: Store, owner: str, upload: str, offset: int) -> None:
        self._ctx, self._store, self._owner, self._upload = ctx, store, owner, upload
        self._data = bytearray()
        with ctx.tenant() as tenant:
            self._row = upload_row(ctx, tenant, owner, upload)
        if self._row.done or self._row.received != offset:
            raise _elsewhere(self._row.received)
        if self._row.pieces >= PIECES:
            raise conflict(
                _("The upload came in too many pieces."),
                "too_many_pieces",
                next_step=_("Begin it again, with larger pieces."),
            )

    def feed(self, data: bytes) -> None:
        """More bytes. Raises Refused (413) where they are more than the upload has left, or a piece may have."""
        self._data += data
        left = self._row.size - self._row.received
        if len(self._data) > min(left, limits.UPLOAD_PIECE_BYTES):
            raise Refused(
                413,
                "piece_too_large",
                _("A piece may have {limit} bytes, and no more than the upload has left.").format(
                    limit=limits.UPLOAD_PIECE_BYTES
                ),
                limit=min(left, limits.UPLOAD_PIECE_BYTES),
            )

    def check(self, wanted: str) -> None:
        """Raise Refused (422) when the bytes are not those whose SHA-256 (base64) the request named."""
        if wanted and base64.b64encode(hashlib.sha256(self._data).digest()).decode() != wanted:
            raise Refused(
                422,
                "piece_differs",
                _("The piece was changed on its way."),
                next_step=_("Send it again."),
            )

    def keep(self) -> Upload:
        """On the disk first, then in the database, then told; with the last piece the content becomes an object.

        Raises Refused: 409 when another request was faster, 422 when the whole is not what its hash says.
        """
        writer: BlobWriter | None = None
        segments: list[Segment] = []
        row = self._row
        if self._data or not row.size:
            writer = self._store.writer(self._owner)
            packed = Packed("", Kind.PLAIN, bytes(self._data), len(self._data))
            segments = [writer.add(bytes(row.key), packed, row.pieces)]
            writer.finish()
        last = row.received + len(self._data) == row.size
        if last:
            segments = self._whole(segments)
        with self._ctx.tenant(write=True) as tenant:
            upload_row(self._ctx, tenant, self._owner, self._upload)
            won = tenant.update(
                uploads,
                (uploads.c.id == self._upload)
                & (uploads.c.received == row.received)
                & (uploads.c.pieces == row.pieces),
                received=row.received + len(self._data),
                pieces=row.pieces + (writer is not None),
                done=last,
                changed_at=tenant.now(),
            )
            if not won:
                raise _elsewhere(upload_row(self._ctx, tenant, self._owner, self._upload).received)
            if writer is not None:
                self._store.add_blob(tenant, writer)
                _add_piece(tenant, self._upload, segments[-1])
            if last:
                self._store.add_objects(tenant, self._owner, segments)
            self._ctx.audit(f"upload/{self._upload}", after={"bytes": row.received + len(self._data)})
            return told(self._ctx, upload_row(self._ctx, tenant, self._owner, self._upload))

    def _whole(self, new: Sequence[Segment]) -> list[Segment]:
        """All parts in order, once they were read back and are together what the hash says."""
        query = (
            select(upload_pieces)
            .where(upload_pieces.c.upload_id == self._upload)
            .order_by(upload_pieces.c.position)
        )
        with self._ctx.tenant() as tenant:
            earlier = [
                Segment(
                    bytes(self._row.key),
                    one.position,
                    one.blob_id,
                    0,
                    one.length,
                    bytes(one.digest),
                    one.size,
                )
                for one in tenant.rows(query)
            ]
            reader = self._store.reader_of(tenant, self._owner, earlier)
        digest = hashlib.sha256()
        for segment in earlier:
            digest.update(reader.part(segment, self._upload))
        digest.update(self._data)
        if digest.hexdigest() != told(self._ctx, self._row).hash:
            end(self._ctx, self._owner, self._upload)
            raise Refused(
                422,
                "upload_differs",
                _("What came is not what its hash says; the upload was removed."),
                next_step=_("Begin it again."),
            )
        return [*earlier, *new]


def end(ctx: Context, owner: str, upload: str) -> None:
    """Give an upload up; what came of it goes with the next collection. Raises Refused (404)."""
    with ctx.tenant(write=True) as tenant:
        upload_row(ctx, tenant, owner, upload)
        tenant.delete(upload_pieces, upload_pieces.c.upload_id == upload)
        tenant.delete(uploads, uploads.c.id == upload)
        ctx.audit(f"upload/{upload}")


def _add_piece(tenant: Tenant, upload: str, segment: Segment) -> None:
    tenant.insert(
        upload_pieces,
        upload_id=upload,
        position=segment.position,
        blob_id=segment.blob,
        length=segment.length,
        digest=segment.digest,
        size=segment.size,
    )


def _elsewhere(received: int) -> Refused:
    return Refused(
        409,
        "offset_differs",
        _("The upload goes on at another byte."),
        next_step=_("Ask where it goes on, and send from there."),
        headers={"Upload-Offset": str(received)},
        offset=received,
    )
