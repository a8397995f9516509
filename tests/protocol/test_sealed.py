"""Sealed secrets open with the private key only, in their own place only, and hold nothing readable."""

from __future__ import annotations

import base64

import pytest

from studio.base.errors import BadInput
from studio.protocol import sealed

PLACE = ("acme", "orders", "production", "crm/password")
CANARY = b"canary-2f9d81c07b"


def test_a_secret_comes_back_for_its_key_and_place() -> None:
    key = sealed.new_key()
    public = sealed.public_key(sealed.public_text(key.public_key()))
    one, two = sealed.seal(public, CANARY, PLACE), sealed.seal(public, CANARY, PLACE)
    assert one != two
    assert CANARY not in one
    assert len(one) == len(CANARY) + sealed.SHORTEST
    assert sealed.opened(key, one, PLACE) == sealed.opened(key, two, PLACE) == CANARY


def test_another_key_another_place_or_a_changed_byte_opens_nothing() -> None:
    key = sealed.new_key()
    kept = sealed.seal(key.public_key(), CANARY, PLACE)
    with pytest.raises(sealed.NotSealed):
        sealed.opened(sealed.new_key(), kept, PLACE)
    moved = ("acme", "orders", "test", "crm/password")
    joined = ("acme", "ordersproduction", "", "crm/password")
    for place in (moved, joined, PLACE[:-1], ()):
        with pytest.raises(sealed.NotSealed):
            sealed.opened(key, kept, place)
    for at in range(len(kept)):
        with pytest.raises(sealed.NotSealed):
            sealed.opened(key, kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :], PLACE)
        with pytest.raises(sealed.NotSealed):
            sealed.opened(key, kept[:at], PLACE)


@pytest.mark.parametrize("text", ["", "x", "AAAA", base64.b64encode(bytes(32)).decode(), "é" * 44])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        sealed.public_key(text)
