"""What an organization's projects and environments have of objects: which are there, bringing new ones, reading them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, true

from cloud.errors import Refused
from cloud.projects.segments import BlobReader, BlobWriter, DamagedObject, Names, Segment
from cloud.server import Server
from cloud.store.blobs import Blobs
from cloud.store.database import Tenant
from cloud.store.tables import policies
from cloud.store.tables_projects import blobs, objects, storage
from studio.base.i18n import _
from studio.protocol.packs import BadPack, Packed, damaged

# How many names one question to the database may hold.
AT_ONCE = 1_000
# What an organization may keep unless its policy "storage" says otherwise.
USUAL_BYTES = 20 * 1024**3


@dataclass(frozen=True)
class Held:
    """The objects asked for, by hash: each with its segments in order; and what opens them."""

    segments: Mapping[str, Sequence[Segment]]
    reader: BlobReader

    def packs(self, digests: Iterable[str]) -> Iterator[Packed]:
        """Objects as they travel; one that is damaged is named in its place and not given."""
        for digest in digests:
            [segment] = self.segments[digest]
            try:
                found = self.reader.packed(segment, digest)
                found.plain()
            except (DamagedObject, BadPack):
                yield damaged(digest)
            else:
                yield found


class Store:
    """The objects of one organization."""

    def __init__(self, server: Server, org: str) -> None:
        self.org = org
        self._envelope = server.envelope
        self._blobs: Blobs = server.parts["blobs"]
        self.names = Names(server.envelope, org)

    def known(self, tenant: Tenant, owner: str, digests: Iterable[str], *, kept: bool = False) -> set[str]:
        """Those of the hashes whose objects the owner has whole; with `kept` only those a revision needs."""
        found: set[str] = set()
        for names in self._in_parts(owner, digests):
            query = select(objects.c.key).where(
                objects.c.owner_id == owner, objects.c.position == 0, objects.c.key.in_(list(names))
            )
            if kept:
                query = query.where(objects.c.kept.is_(True))
            found.update(names[bytes(row.key)] for row in tenant.rows(query))
        return found

    def held(self, tenant: Tenant, owner: str, digests: Iterable[str], *, kept: bool = True) -> Held:
        """Where the objects lie; those the owner does not have (or no revision needs) are not in the answer."""
        found: dict[str, list[Segment]] = {}
        for names in self._in_parts(owner, digests):
            query = (
                select(objects)
                .where(objects.c.owner_id == owner, objects.c.key.in_(list(names)))
                .order_by(objects.c.key, objects.c.position)
            )
            if kept:
                query = query.where(objects.c.kept.is_(True))
            for row in tenant.rows(query):
                segment = Segment(
                    bytes(row.key),
                    row.position,
                    row.blob_id,
                    row.offset,
                    row.length,
                    bytes(row.digest),
                    row.size,
                )
                found.setdefault(names[segment.key], []).append(segment)
        wanted = {segment.blob for segments in found.values() for segment in segments}
        return Held(found, self._reader(tenant, owner, wanted))

    def reader_of(self, tenant: Tenant, owner: str, segments: Iterable[Segment]) -> BlobReader:
        """What opens segments that are no object yet."""
        return self._reader(tenant, owner, {segment.blob for segment in segments})

    def writer(self, owner: str) -> BlobWriter:
        """A new blob for objects of an owner."""
        return BlobWriter(self._blobs, self._envelope, self.org, owner)

    def add_blob(self, tenant: Tenant, writer: BlobWriter) -> None:
        """Enter a blob that is on the disk; raises Refused when the organization has no room for it."""
        tenant.insert(blobs, id=writer.id, key=writer.sealed_key(), size=writer.size, created_at=tenant.now())
        tenant.insert_new(storage, bytes=0)
        tenant.update(storage, true(), bytes=storage.c.bytes + writer.size)
        used, limit = room(tenant)
        if used > limit:
            raise full(limit)

    def add_objects(self, tenant: Tenant, owner: str, segments: Sequence[Segment]) -> int:
        """Enter objects that are not there yet; returns how many were new. The storage row is locked by `add_blob`."""
        there: set[bytes] = set()
        for start in range(0, len(segments), AT_ONCE):
            keys = [segment.key for segment in segments[start : start + AT_ONCE]]
            query = select(objects.c.key).where(objects.c.owner_id == owner, objects.c.key.in_(keys))
            there.update(bytes(row.key) for row in tenant.rows(query))
        new = [segment for segment in segments if segment.key not in there]
        now = tenant.now()
        tenant.insert_many(
            objects,
            [
                {
                    "owner_id": owner, "key": one.key, "position": one.position, "blob_id": one.blob,
                    "offset": one.offset, "length": one.length, "digest": one.digest, "size": one.size,
                    "kept": False, "created_at": now,
                }
                for one in new
            ],
        )  # fmt: skip
        return len({segment.key for segment in new})

    def keep(self, tenant: Tenant, owner: str, sizes: Mapping[str, int]) -> list[str]:
        """Mark objects as needed for ever; returns the hashes of those that are not there, or not of that size."""
        missing: list[str] = []
        for names in self._in_parts(owner, sizes):
            chosen = (objects.c.owner_id == owner) & objects.c.key.in_(list(names))
            tenant.update(objects, chosen & objects.c.kept.is_(False), kept=True)
            query = select(objects.c.key, func.sum(objects.c.size).label("size")).where(chosen)
            found = {names[bytes(row.key)]: row.size for row in tenant.rows(query.group_by(objects.c.key))}
            missing += [digest for digest in names.values() if found.get(digest) != sizes[digest]]
        return missing

    def _reader(self, tenant: Tenant, owner: str, wanted: set[str]) -> BlobReader:
        keys: dict[str, bytes] = {}
        names = sorted(wanted)
        for start in range(0, len(names), AT_ONCE):
            query = select(blobs.c.id, blobs.c.key).where(blobs.c.id.in_(names[start : start + AT_ONCE]))
            keys |= {row.id: bytes(row.key) for row in tenant.rows(query)}
        return BlobReader(self._blobs, self._envelope, self.org, owner, keys)

    def _in_parts(self, owner: str, digests: Iterable[str]) -> Iterator[dict[bytes, str]]:
        all_of_them = list(dict.fromkeys(digests))
        for start in range(0, len(all_of_them), AT_ONCE):
            yield self.names.keys(owner, all_of_them[start : start + AT_ONCE])


def room(tenant: Tenant) -> tuple[int, int]:
    """Bytes of blobs an organization has, and how many it may have."""
    policy = tenant.value(select(policies.c.content).where(policies.c.subject == "storage")) or {}
    return tenant.value(select(storage.c.bytes)) or 0, int(policy.get("bytes", USUAL_BYTES))


def full(limit: int) -> Refused:
    """413: the organization's room is used up."""
    return Refused(
        413,
        "storage_full",
        _("The organization may keep {limit} bytes, and has no room for this.").format(limit=limit),
        next_step=_("Ask whoever runs the server for more room."),
        limit=limit,
    )
