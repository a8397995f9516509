"""JSON values inside sealed columns."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

# A sealed text of this size unpacks to so much at most: what is stored was ours, a flipped bit is no bomb.
_MOST = 64 * 1024**2


def to_bytes(value: Any) -> bytes:
    """The value as packed JSON."""
    return zlib.compress(msgspec.json.encode(value), 6)


def from_bytes(data: bytes) -> Any:
    """The value of `to_bytes`."""
    return msgspec.json.decode(zlib.decompressobj().decompress(data, _MOST))
