"""What a desktop sign-in takes: loopback, S256, and the verifier of whoever began."""

from __future__ import annotations

import pytest

from cloud.identity import desktop

# RFC 7636 appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    "redirect",
    [
        "http://127.0.0.1:49152/done",
        "http://127.0.0.1:1",
        "http://[::1]:65535/a/b-c_d",
        "http://127.0.0.1:80/",
    ],
)
def test_loopback(redirect: str) -> None:
    assert desktop.is_loopback(redirect)


@pytest.mark.parametrize(
    "redirect",
    [
        "https://127.0.0.1:80/", "http://localhost:80/", "http://127.0.0.1/", "http://127.0.0.1:0/", "http://127.0.0.1:65536/",
        "http://127.0.0.1:80@evil.test/", "http://evil.test:80/", "http://127.0.0.1.evil.test:80/", "http://127.0.0.1:80/\n",
        "http://127.0.0.1:80/?a=b", "http://127.0.0.1:80/#x", "http://127.0.0.2:80/", "javascript:alert(1)", "//127.0.0.1:80/",
        "http://127.0.0.1:80\\@evil.test", "http://user@127.0.0.1:80/", "http://[::1%25evil]:80/", "weft://127.0.0.1:80/", "",
    ],
)  # fmt: skip
def test_nowhere_else(redirect: str) -> None:
    assert not desktop.is_loopback(redirect)


def test_only_s256_of_the_right_length() -> None:
    assert desktop.is_challenge(CHALLENGE, "S256")
    assert not desktop.is_challenge(CHALLENGE, "plain")
    assert not desktop.is_challenge(CHALLENGE + "A", "S256")
    assert not desktop.is_challenge("", "S256")


def test_the_verifier_of_the_standard_proves_its_challenge() -> None:
    assert desktop.challenge_of(VERIFIER) == CHALLENGE
    assert desktop.proves(VERIFIER, CHALLENGE)
    assert not desktop.proves(VERIFIER + "x", CHALLENGE)
    assert not desktop.proves(CHALLENGE, CHALLENGE)
    assert not desktop.proves("", desktop.challenge_of(""))


def test_the_answer_keeps_to_the_address() -> None:
    assert (
        desktop.answer_address("http://127.0.0.1:9/x", code="a&b", state="c d")
        == "http://127.0.0.1:9/x?code=a%26b&state=c+d"
    )
    assert desktop.is_state("x" * 16)
    assert not desktop.is_state("short")
    assert not desktop.is_state("x" * 20 + "\n")
