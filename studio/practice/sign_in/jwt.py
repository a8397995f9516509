"""Signed assertions of the JWT bearer flow: RS256, five minutes at most."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

# The vendor asks for at most three minutes and allows for clocks that differ.
_LONGEST_SECONDS = 300


class BadToken(Exception):
    """An assertion that is not accepted; the text is the answer's error description."""


@dataclass(frozen=True)
class Claims:
    """What an assertion says, and what its signature covers."""

    issuer: str
    subject: str
    audience: str
    expires: float
    signed: bytes
    signature: bytes


def read(assertion: str) -> Claims:
    """Take an assertion apart, trusting nothing yet. Raises BadToken."""
    try:
        head, body, signature = assertion.split(".")
        header, values = json.loads(_bytes(head)), json.loads(_bytes(body))
        if header.get("alg") != "RS256":
            raise BadToken("algorithm not supported")
        return Claims(
            str(values["iss"]),
            str(values.get("sub", values.get("prn", ""))),
            str(values["aud"]),
            float(values["exp"]),
            f"{head}.{body}".encode(),
            _bytes(signature),
        )
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise BadToken("invalid assertion") from error


def check(claims: Claims, public_key: str, audiences: Collection[str], now: datetime) -> None:
    """Check signature (by a PEM key or certificate), audience and time. Raises BadToken."""
    if claims.audience.rstrip("/") not in audiences:
        raise BadToken("audience is invalid")
    if not 0 < claims.expires - now.timestamp() <= _LONGEST_SECONDS:
        raise BadToken("expired authorization code")
    try:
        _key(public_key).verify(claims.signature, claims.signed, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError) as error:
        raise BadToken("invalid assertion") from error


def _key(pem: str) -> rsa.RSAPublicKey:
    data = pem.encode()
    key = load_pem_x509_certificate(data).public_key() if "CERTIFICATE" in pem else load_pem_public_key(data)
    if not isinstance(key, rsa.RSAPublicKey):
        raise BadToken("algorithm not supported")
    return key


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
