"""How objects lie in blobs: each sealed under its blob's own key, bound to its place, checked in three ways when read.

A blob's key is sealed in the database with the organization's key: whoever has the blobs has nothing, and a rotation
changes rows only.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloud.store.blobs import Blobs, DamagedBlob, Piece
from cloud.store.envelope import Envelope, Tampered
from cloud.store.metadata import new_id
from studio.protocol.packs import BadPack, Kind, Packed

_KEY_PURPOSE = "blobs.key"
_NAMES_PURPOSE = "object names"
_OVERHEAD = 1 + 16  # the kind, the seal


class DamagedObject(Tampered):
    """An object cannot be given as it was kept; `hash` names it (empty where only its place is known)."""

    def __init__(self, digest: str, reason: str) -> None:
        super().__init__(f"object {digest}: {reason}")
        self.hash, self.reason = digest, reason


@dataclass(frozen=True, slots=True)
class Segment:
    """Where a part of an object lies; `size` is plain, `length` as stored."""

    key: bytes
    position: int
    blob: str
    offset: int
    length: int
    digest: bytes
    size: int


class Names:
    """What contents are called inside an organization: nobody can tell from a name what another one has."""

    def __init__(self, envelope: Envelope, org: str) -> None:
        self._key = envelope.stable_key(org, _NAMES_PURPOSE)

    def key(self, owner: str, digest: str) -> bytes:
        """The name of a content (SHA-256, hexadecimal) with an owner: 32 bytes."""
        return hmac.digest(self._key, owner.encode() + b"\0" + bytes.fromhex(digest), "sha256")

    def keys(self, owner: str, digests: Sequence[str]) -> dict[bytes, str]:
        """The names of many contents, leading back to them."""
        return {self.key(owner, digest): digest for digest in digests}


class BlobWriter:
    """A new blob that objects are put into, one after the other; `finish` makes it durable, `abandon` leaves nothing."""

    def __init__(self, blobs: Blobs, envelope: Envelope, org: str, owner: str) -> None:
        self.id = new_id()
        self._org, self._owner = org, owner
        self._key = AESGCM.generate_key(256)
        self._envelope = envelope
        self._cipher = AESGCM(self._key)
        self._blobs = blobs
        self._open = contextlib.ExitStack()
        self._file: IO[bytes] | None = None
        self.size = 0
        self.segments: list[Segment] = []

    def sealed_key(self) -> bytes:
        """The blob's key for its row: sealed when the row is written, for a key of the organization that was there when
        a long upload began may be gone by then."""
        return self._envelope.seal(self._org, _KEY_PURPOSE, self.id, self._key)

    def add(self, key: bytes, packed: Packed, position: int = 0) -> Segment:
        """Seal one object, or one part of it."""
        if self._file is None:
            self._file = self._open.enter_context(self._blobs.writing(f"{self._org}/{self.id}"))
        plain = bytes([packed.kind]) + packed.data
        bound = _bound(self._org, self._owner, self.id, key, position)
        data = self._cipher.encrypt(_nonce(self.size), plain, bound)
        self._file.write(data)
        made = Segment(
            key, position, self.id, self.size, len(data), hashlib.sha256(data).digest(), packed.size
        )
        self.size += len(data)
        self.segments.append(made)
        return made

    def finish(self) -> None:
        """From here on it survives whatever happens to the machine."""
        self._open.close()

    def abandon(self) -> None:
        """Leave nothing of it."""
        self._open.__exit__(Abandoned, Abandoned(), None)


class Abandoned(Exception):
    """What ends the writing of a blob nobody wants any more."""


class BlobReader:
    """Opens segments again; `keys` holds the sealed keys of their blobs."""

    def __init__(
        self, blobs: Blobs, envelope: Envelope, org: str, owner: str, keys: dict[str, bytes]
    ) -> None:
        self._blobs, self._org, self._owner = blobs, org, owner
        self._ciphers: dict[str, Any] = {
            blob: AESGCM(envelope.open(org, _KEY_PURPOSE, blob, sealed)) for blob, sealed in keys.items()
        }

    def packed(self, segment: Segment, digest: str) -> Packed:
        """A segment as it was put in; of a whole object `digest` is its hash. Raises DamagedObject."""
        where = f"{self._org}/{segment.blob}"
        try:
            data = self._blobs.read(Piece(where, segment.offset, segment.length, segment.digest))
            bound = _bound(self._org, self._owner, segment.blob, segment.key, segment.position)
            plain = self._ciphers[segment.blob].decrypt(_nonce(segment.offset), data, bound)
        except DamagedBlob as error:
            raise DamagedObject(digest, str(error)) from error
        except (InvalidTag, KeyError) as error:
            raise DamagedObject(digest, f"the seal in {where} is broken") from error
        return Packed(digest, Kind(plain[0]), plain[1:], segment.size)

    def plain(self, segment: Segment, digest: str) -> bytes:
        """A whole object's bytes, checked against its hash. Raises DamagedObject."""
        try:
            return self.packed(segment, digest).plain()
        except BadPack as error:
            raise DamagedObject(digest, "its content is not what its hash says") from error

    def part(self, segment: Segment, digest: str) -> bytes:
        """One part of a large object: its seal vouches for it, the whole was checked against its hash when it came."""
        packed = self.packed(segment, digest)
        if packed.kind is not Kind.PLAIN or len(packed.data) != segment.size:
            raise DamagedObject(digest, "a part is not of its size")
        return packed.data


def _nonce(offset: int) -> bytes:
    """Each key seals one blob, front to back: an offset comes once."""
    return offset.to_bytes(12, "big")


def _bound(org: str, owner: str, blob: str, key: bytes, position: int) -> bytes:
    return f"{org}\0{owner}\0{blob}\0{position}\0".encode() + key
