"""Secrets shown once and kept as hashes: session and personal tokens, one-time links, recovery codes.

All have 112 random bits and more, so that a plain SHA-256 is as good as a slow one.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import zlib
from enum import StrEnum

_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
RECOVERY_CODES = 10


class Prefix(StrEnum):
    """What a token is for, readable in it: who finds one in a log knows what to revoke."""

    SESSION = "weft_ses_"
    PERSONAL = "weft_pat_"
    TICKET = "weft_one_"
    INVITATION = "weft_inv_"


def new_token(prefix: Prefix) -> str:
    """A token of 256 random bits, with a checksum of six characters that shows a typing error or a false find."""
    body = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return f"{prefix}{body}{_checksum(prefix + body)}"


def well_formed(token: str, *prefixes: Prefix) -> bool:
    """Whether it is a token of one of these kinds, going by its look."""
    return (
        len(token) == 9 + 43 + 6
        and token.isascii()
        and any(token.startswith(prefix) for prefix in prefixes)
        and _checksum(token[:-6]) == token[-6:]
    )


def kept(shown: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(shown.encode()).hexdigest()


def new_recovery_codes() -> list[str]:
    """Ten codes of 24 letters and digits that are hard to mistake, in groups of four: 117 bits each."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _letter in range(4)) for _group in range(6))
        for _code in range(RECOVERY_CODES)
    ]


def kept_code(user: str, code: str) -> str:
    """What is stored of a recovery code; spaces, hyphens and small letters are as good."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(f"{user}\0{letters}".encode()).hexdigest()


def _checksum(text: str) -> str:
    return base64.b32encode(zlib.crc32(text.encode()).to_bytes(4, "big")).decode()[:6].lower()
