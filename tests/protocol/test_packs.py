"""Packs come in pieces of any size, say when they are whole, and never unpack to more than they say."""

from __future__ import annotations

import random
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.protocol import packs
from studio.protocol.manifests import hash_of
from studio.protocol.packs import BadPack, Kind, Packed, Reader, packed, written

OBJECTS = st.lists(st.binary(max_size=300) | st.integers(0, 400).map(lambda n: b"ab" * n), max_size=8)


def read(data: bytes, cuts: list[int] | None = None, **limits: int) -> list[bytes]:
    """The objects of a pack that comes in pieces."""
    reader, found, last = Reader(**limits), [], 0
    for cut in [*sorted(cuts or []), len(data)]:
        found += [one.plain() for one in reader.feed(data[last:cut])]
        last = max(cut, last)
    assert reader.end() == len(found)
    return found


def pack(*objects: bytes) -> bytes:
    return b"".join(written(packed(one) for one in objects))


def refused(data: bytes, **limits: int) -> str:
    with pytest.raises(BadPack) as caught:
        read(data, **limits)
    assert caught.value.message
    return caught.value.code


@given(OBJECTS, st.lists(st.integers(0, 3000), max_size=6))
def test_what_goes_in_comes_out_however_it_is_cut(objects: list[bytes], cuts: list[int]) -> None:
    data = pack(*objects)
    assert read(data, [cut % (len(data) + 1) for cut in cuts]) == objects


def test_byte_by_byte() -> None:
    data = pack(b"one", b"two" * 100, b"")
    assert read(data, list(range(len(data)))) == [b"one", b"two" * 100, b""]


def test_a_pack_cut_anywhere_is_not_whole() -> None:
    data = pack(b"one", b"two" * 100)
    for end in range(len(data)):
        assert refused(data[:end]) == "pack_cut_off"


def test_a_changed_byte_anywhere_is_noticed() -> None:
    data = pack(b"one", bytes(range(256)) * 2)
    chance = random.Random(3)
    for at in range(len(data)):
        broken = bytearray(data)
        broken[at] ^= 1 << chance.randrange(8)
        refused(bytes(broken))


def test_nothing_follows_the_end() -> None:
    assert refused(pack(b"one") + b"x") == "not_a_pack"
    assert refused(b"PK\x03\x04 this is a zip") == "not_a_pack"


def header(kind: int, length: int, size: int, digest: bytes = bytes(32)) -> bytes:
    return packs.MAGIC + struct.pack(">B32sII", kind, digest, length, size)


def test_a_bomb_is_stopped_at_the_size_it_says() -> None:
    content = bytes(50 * 1024**2)
    bomb = zlib.compress(content, 9)
    assert len(bomb) < 60_000
    lying = Packed(hash_of(content), Kind.ZLIB, bomb, 1000)
    with pytest.raises(BadPack) as caught:
        lying.plain()
    assert caught.value.code == "object_differs"
    told = Packed(hash_of(content), Kind.ZLIB, bomb, len(content))
    assert refused(b"".join(written([told]))) == "object_too_large"
    small = packed(bytes(60_000))
    assert refused(b"".join(written([small] * 3)), content_bytes=120_000) == "pack_too_large"


def test_a_header_that_lies_is_refused_before_anything_is_kept() -> None:
    assert refused(header(Kind.PLAIN, 2**32 - 1, 2**32 - 1)) == "object_too_large"
    assert refused(header(Kind.ZLIB, 10, 2**31)) == "object_too_large"
    assert refused(header(Kind.PLAIN, 5, 6) + b"12345") == "not_a_pack"
    assert refused(header(7, 0, 0)) == "not_a_pack"
    assert refused(header(Kind.DAMAGED, 1, 0) + b"1") == "not_a_pack"


def test_an_object_must_be_what_its_hash_says() -> None:
    for wrong in (
        Packed(hash_of(b"other"), Kind.PLAIN, b"this", 4),
        Packed(hash_of(b"this"), Kind.ZLIB, zlib.compress(b"this") + b"more", 4),
        Packed(hash_of(b"this"), Kind.ZLIB, zlib.compress(b"this")[:-2], 4),
        Packed(hash_of(b"this"), Kind.ZLIB, b"not packed", 4),
    ):
        with pytest.raises(BadPack):
            wrong.plain()


def test_a_damaged_object_is_named_in_its_place() -> None:
    data = b"".join(written([packed(b"good"), packs.damaged(hash_of(b"bad"))]))
    reader = Reader()
    good, bad = reader.feed(data)
    assert good.plain() == b"good"
    assert (bad.kind, bad.hash) == (Kind.DAMAGED, hash_of(b"bad"))
    assert reader.end() == 2


def test_packing_is_left_out_where_it_does_not_help() -> None:
    assert packed(b"ab").kind is Kind.PLAIN
    assert packed(random.Random(1).randbytes(5000)).kind is Kind.PLAIN
    assert packed(b"ab" * 5000).kind is Kind.ZLIB
