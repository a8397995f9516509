"""One-time codes: RFC 6238's own values, the window, and no code twice."""

from __future__ import annotations

import base64

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cloud.identity import totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


# RFC 6238 appendix B, SHA-1, the last six of the eight digits.
@pytest.mark.parametrize(("at", "code"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")])
def test_codes_of_the_standard(at: int, code: str) -> None:
    assert totp.used_step(RFC_SECRET, code, at, 0) == at // 30


@given(st.integers(min_value=100_000, max_value=4_000_000_000))
def test_a_used_code_is_never_taken_again(at: int) -> None:
    code = pyotp.TOTP(RFC_SECRET).at(at)
    step = totp.used_step(RFC_SECRET, code, at, 0)
    assert step == at // 30
    for later in (0, 1, 29, 30, 59):
        assert totp.used_step(RFC_SECRET, code, at + later, step) is None


def test_an_earlier_step_than_the_last_used_is_refused_too() -> None:
    before, here = pyotp.TOTP(RFC_SECRET).at(3000), pyotp.TOTP(RFC_SECRET).at(3030)
    step = totp.used_step(RFC_SECRET, here, 3030, 0)
    assert step is not None
    assert totp.used_step(RFC_SECRET, before, 3030, step) is None


def test_a_clock_one_step_off_is_tolerated_and_not_more() -> None:
    code = pyotp.TOTP(RFC_SECRET).at(3000)
    assert totp.used_step(RFC_SECRET, code, 2975, 0) == 100
    assert totp.used_step(RFC_SECRET, code, 3059, 0) == 100
    assert totp.used_step(RFC_SECRET, code, 3060, 0) is None
    assert totp.used_step(RFC_SECRET, code, 2969, 0) is None


@given(st.text(max_size=12))
def test_other_text_is_no_code(text: str) -> None:
    wanted = pyotp.TOTP(RFC_SECRET).at(59)
    if "".join(text.split()) != wanted:
        assert totp.used_step(RFC_SECRET, text, 59 + 10**6, 0) is None
    assert totp.used_step(RFC_SECRET, f" {wanted[:3]} {wanted[3:]} ", 59, 0) == 1
    assert totp.used_step(RFC_SECRET, "٢٨٧٠٨٢", 59, 0) is None


def test_secrets_differ_and_the_picture_is_plain_svg() -> None:
    assert len({totp.new_secret() for _n in range(50)}) == 50
    where = totp.address(RFC_SECRET, "ana@example.com", "Weft São")
    assert where.startswith("otpauth://totp/Weft%20S%C3%A3o:ana%40example.com?secret=")
    root = etree.fromstring(totp.picture(where))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert {etree.QName(node).localname for node in root.iter()} <= {"svg", "path", "g"}
