"""Time-based one-time codes (RFC 6238): the second factor every authenticator app knows."""

from __future__ import annotations

import hmac
import io

import pyotp
import segno

STEP_SECONDS = 30
# A clock may be one step early or late.
WINDOW = 1


def new_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32()


def used_step(secret: str, code: str, now: float, last_step: int) -> int | None:
    """The step (30 s since 1970) whose code was given, to be kept as the last; None when none fits or it was used.

    A step up to `last_step` is never taken again: who reads a code over a shoulder cannot use it.
    """
    given = "".join(code.split())
    if len(given) != 6 or not given.isascii() or not given.isdecimal():
        return None
    otp = pyotp.TOTP(secret)
    here = int(now) // STEP_SECONDS
    for step in range(here - WINDOW, here + WINDOW + 1):
        if hmac.compare_digest(otp.generate_otp(step), given) and step > last_step:
            return step
    return None


def address(secret: str, account: str, issuer: str) -> str:
    """The `otpauth:` address an app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def picture(text: str) -> str:
    """A QR code as SVG, dark on light in every theme."""
    out = io.BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", scale=5, border=4, light="#ffffff", xmldecl=False, svgns=True
    )
    return out.getvalue().decode("utf-8")
