"""Sign-in of a desktop program: the system's browser, PKCE (S256 only) and a redirect to loopback (RFC 8252)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

CODE_SECONDS = 60
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_STATE = re.compile(r"[\x21-\x7e]{16,512}")
# Literal addresses only: a name such as localhost may be made to lead elsewhere.
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]):([1-9][0-9]{0,4})(/[A-Za-z0-9/_-]*)?")


def is_loopback(redirect: str) -> bool:
    """Whether an answer may be sent there: `http://127.0.0.1:PORT/…` or `http://[::1]:PORT/…`, no query, no fragment."""
    found = _LOOPBACK.fullmatch(redirect)
    return found is not None and int(found[2]) <= 65535


def is_challenge(challenge: str, method: str) -> bool:
    """Whether it is a PKCE challenge we take: SHA-256 in base64url; `plain` is not taken."""
    return method == "S256" and _CHALLENGE.fullmatch(challenge) is not None


def is_state(state: str) -> bool:
    """Whether a state is long enough to be one and fit for an address."""
    return _STATE.fullmatch(state) is not None


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def proves(verifier: str, challenge: str) -> bool:
    """Whether the one who asks has the verifier of the one who began."""
    return _VERIFIER.fullmatch(verifier) is not None and hmac.compare_digest(
        challenge_of(verifier), challenge
    )


def answer_address(redirect: str, **values: str) -> str:
    """Where the browser is sent: the redirect with `code` and `state`, or with `error`."""
    parts = urlsplit(redirect)
    query = urlencode([*parse_qsl(parts.query), *values.items()])
    return urlunsplit(parts._replace(query=query))
