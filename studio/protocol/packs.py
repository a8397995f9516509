"""A pack: many objects in one stream, each packed by zlib where that helps, with an end that says it is whole.

"WEFTPACK1\\n", then for each object: kind (1 byte), SHA-256 of the plain bytes (32), bytes that follow (4), plain
size (4), the bytes; at last kind 0xFF, SHA-256 of all headers before it (32), objects (4), zero (4). Big-endian.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import BinaryIO

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.protocol import limits

MEDIA_TYPE = "application/vnd.weft.pack"
MAGIC = b"WEFTPACK1\n"
_HEADER = struct.Struct(">B32sII")
_LEVEL = 6
_WORTH = 64  # bytes below which packing costs more than it saves


class Kind(IntEnum):
    """How an object's bytes follow its header."""

    PLAIN = 0
    ZLIB = 1
    DAMAGED = 2  # the server has it, but not as it was: nothing follows
    END = 0xFF


class BadPack(BadInput):
    """A pack is broken, too large, or holds something else than it says; `code` says which."""

    def __init__(self, code: str, message: str, *, path: str | None = None) -> None:
        super().__init__(message, path=path, next_step=_("Push or pull again; nothing was changed."))
        self.code = code


@dataclass(frozen=True, slots=True)
class Packed:
    """An object as it travels and as it is stored: `data` is plain or zlib as `kind` says; `size` is the plain size."""

    hash: str
    kind: Kind
    data: bytes
    size: int

    def plain(self) -> bytes:
        """The object's bytes, checked against hash and size; raises BadPack. Memory: the size said, and no more."""
        content = self.data if self.kind is Kind.PLAIN else _unpacked(self)
        if len(content) != self.size or hashlib.sha256(content).hexdigest() != self.hash:
            raise BadPack("object_differs", _("An object is not what its hash says."), path=self.hash)
        return content


def _unpacked(packed: Packed) -> bytes:
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(packed.data, packed.size + 1)
    except zlib.error as error:
        raise BadPack("object_not_packed", _("An object cannot be unpacked."), path=packed.hash) from error
    if len(content) > packed.size or not stream.eof or stream.unused_data:
        raise BadPack("object_differs", _("An object is not of the size it says."), path=packed.hash)
    return content


def packed(content: bytes, digest: str | None = None) -> Packed:
    """An object ready to travel, packed when that makes it smaller."""
    digest = digest or hashlib.sha256(content).hexdigest()
    small = zlib.compress(content, _LEVEL) if len(content) >= _WORTH else content
    if len(small) < len(content):
        return Packed(digest, Kind.ZLIB, small, len(content))
    return Packed(digest, Kind.PLAIN, content, len(content))


def damaged(digest: str) -> Packed:
    """Stands in a pack for an object the server could not read back as it was."""
    return Packed(digest, Kind.DAMAGED, b"", 0)


def written(objects: Iterable[Packed]) -> Iterator[bytes]:
    """The pack's bytes, piece by piece."""
    yield MAGIC
    whole, count = hashlib.sha256(), 0
    for one in objects:
        header = _HEADER.pack(one.kind, bytes.fromhex(one.hash), len(one.data), one.size)
        whole.update(header)
        count += 1
        yield header + one.data
    yield _HEADER.pack(Kind.END, whole.digest(), count, 0)


def header_of(stream: BinaryIO) -> tuple[str, Kind, int, int] | None:
    """The next object's hash, kind, bytes that follow and plain size in the file of a pack; None at its end.

    Raises BadPack where no header stands there.
    """
    data = stream.read(_HEADER.size)
    if len(data) < _HEADER.size:
        raise BadPack("pack_cut_off", _("The pack was cut off."))
    kind, digest, length, size = _HEADER.unpack(data)
    if kind == Kind.END:
        return None
    if kind not in (Kind.PLAIN, Kind.ZLIB):
        raise BadPack("not_a_pack", _("The pack holds an object of an unknown kind."))
    return digest.hex(), Kind(kind), length, size


class Reader:
    """Takes a pack's bytes as they come and gives its objects as they are complete; holds one object at most.

    The objects are checked for their form here and for their content by `Packed.plain`. `end` says the pack was whole.
    """

    def __init__(
        self, *, object_bytes: int = limits.PACK_OBJECT_BYTES, content_bytes: int = limits.PACK_CONTENT_BYTES
    ) -> None:
        self._waiting = bytearray()
        self._object_bytes = object_bytes
        self._left = content_bytes
        self._whole = hashlib.sha256()
        self._count = 0
        self._started = self._ended = False

    def feed(self, data: bytes) -> Iterator[Packed]:
        """The objects these bytes complete; raises BadPack."""
        self._waiting += data
        if not self._started:
            if len(self._waiting) < len(MAGIC):
                return
            if not self._waiting.startswith(MAGIC):
                raise BadPack("not_a_pack", _("What was sent is not a pack."))
            del self._waiting[: len(MAGIC)]
            self._started = True
        while (one := self._next()) is not None:
            yield one

    def end(self) -> int:
        """How many objects there were; raises BadPack when the pack was cut off."""
        if not self._ended:
            raise BadPack("pack_cut_off", _("The pack was cut off."))
        return self._count

    def _next(self) -> Packed | None:
        if self._ended:
            if self._waiting:
                raise BadPack("not_a_pack", _("Something follows the end of the pack."))
            return None
        if len(self._waiting) < _HEADER.size:
            return None
        header = bytes(self._waiting[: _HEADER.size])
        kind, digest, length, size = _HEADER.unpack(header)
        if kind == Kind.END:
            self._finish(digest, length, size)
            return None
        self._check(kind, length, size)
        if len(self._waiting) < _HEADER.size + length:
            return None
        data = bytes(self._waiting[_HEADER.size : _HEADER.size + length])
        del self._waiting[: _HEADER.size + length]
        self._whole.update(header)
        self._count += 1
        self._left -= size
        return Packed(digest.hex(), Kind(kind), data, size)

    def _check(self, kind: int, length: int, size: int) -> None:
        if kind not in (Kind.PLAIN, Kind.ZLIB, Kind.DAMAGED):
            raise BadPack("not_a_pack", _("The pack holds an object of an unknown kind."))
        if max(length, size) > self._object_bytes:
            raise BadPack(
                "object_too_large",
                _("An object in a pack may have {limit} bytes; larger ones are uploaded in pieces.").format(
                    limit=self._object_bytes
                ),
            )
        if size > self._left:
            raise BadPack("pack_too_large", _("The objects of the pack are too large together."))
        if (kind == Kind.PLAIN and length != size) or (kind == Kind.DAMAGED and length + size):
            raise BadPack("not_a_pack", _("The pack contradicts itself about an object's size."))

    def _finish(self, digest: bytes, count: int, zero: int) -> None:
        if digest != self._whole.digest() or count != self._count or zero:
            raise BadPack("pack_damaged", _("The pack was changed on its way."))
        del self._waiting[: _HEADER.size]
        self._ended = True
        if self._waiting:
            raise BadPack("not_a_pack", _("Something follows the end of the pack."))
