"""Passkeys: registration and sign-in by a software authenticator; what is forged, replayed or copied is refused."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from cloud.identity import passkeys
from cloud.identity.passkeys import NotProven, Passkey, Site
from tests.cloud.identity.authenticator import PRESENT, Authenticator

SITE = Site("weft.example", "https://weft.example:8470")


def made() -> tuple[Authenticator, Passkey]:
    device = Authenticator(SITE.origin, SITE.id)
    options, challenge = passkeys.registration(SITE, "u1", "ana@example.com", "Ana", [])
    return device, passkeys.registered(SITE, challenge, device.register(options))


def test_a_passkey_is_registered_and_signs_in() -> None:
    device, kept = made()
    assert (kept.id, kept.count) == (device.id, 0)
    options, challenge = passkeys.sign_in(SITE)
    assert options["userVerification"] == "required"
    answer = device.sign(options)
    assert passkeys.answered_id(answer) == device.id
    assert passkeys.signed_in(SITE, challenge, answer, kept) == 1


def test_a_passkey_already_there_is_not_offered_again() -> None:
    options, _challenge = passkeys.registration(SITE, "u1", "ana@example.com", "Ana", [b"known"])
    assert [one["id"] for one in options["excludeCredentials"]] == [
        base64.urlsafe_b64encode(b"known").decode().rstrip("=")
    ]


def test_the_same_answer_twice_is_refused() -> None:
    device, kept = made()
    options, challenge = passkeys.sign_in(SITE)
    answer = device.sign(options)
    after = replace(kept, count=passkeys.signed_in(SITE, challenge, answer, kept))
    with pytest.raises(NotProven):
        passkeys.signed_in(SITE, challenge, answer, after)


def test_a_counter_that_goes_back_is_a_copy() -> None:
    device, kept = made()
    options, challenge = passkeys.sign_in(SITE)
    with pytest.raises(NotProven, match="sign count"):
        passkeys.signed_in(SITE, challenge, device.sign(options), replace(kept, count=5))


def changed_challenge(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    return device.sign(options | {"challenge": base64.urlsafe_b64encode(b"y" * 64).decode().rstrip("=")})


def changed_signature(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    answer = device.sign(options)
    answer["response"]["signature"] = answer["response"]["signature"][:-8] + "AAAAAAAA"
    return answer


def other_origin(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    device.origin = "https://weft.example.evil.test"
    return device.sign(options)


def other_site(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    device.site = "evil.test"
    return device.sign(options)


def not_verified(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    device.flags = PRESENT
    return device.sign(options)


def other_key(device: Authenticator, options: dict[str, Any]) -> dict[str, Any]:
    return Authenticator(device.origin, device.site, id=device.id).sign(options)


def nothing(_device: Authenticator, _options: dict[str, Any]) -> dict[str, Any]:
    return {}


@pytest.mark.parametrize(
    "answer_of",
    [changed_challenge, changed_signature, other_origin, other_site, not_verified, other_key, nothing],
)
def test_what_does_not_prove_it_is_refused(answer_of: Any) -> None:
    device, kept = made()
    options, challenge = passkeys.sign_in(SITE)
    with pytest.raises(NotProven):
        passkeys.signed_in(SITE, challenge, answer_of(device, options), kept)


@pytest.mark.parametrize(
    "broken", [{}, {"id": 1}, {"rawId": "!!", "id": "x"}, {"rawId": None, "x": "y" * 70_000}]
)
def test_broken_answers_are_refused_not_crashed_on(broken: dict[str, Any]) -> None:
    with pytest.raises(NotProven):
        passkeys.signed_in(SITE, b"c", broken, Passkey(b"x", b"y", 0))
    with pytest.raises(NotProven):
        passkeys.registered(SITE, b"c", broken)


def test_registration_at_another_origin_or_without_verification_is_refused() -> None:
    for device in (
        Authenticator("https://evil.test", SITE.id),
        Authenticator(SITE.origin, SITE.id, flags=PRESENT),
    ):
        options, challenge = passkeys.registration(SITE, "u1", "ana@example.com", "Ana", [])
        with pytest.raises(NotProven):
            passkeys.registered(SITE, challenge, device.register(options))
