"""Secrets sealed to an organization's public key: whoever carries or keeps them cannot open them.

RFC 9180 (HPKE), base mode: X25519, HKDF-SHA256, AES-256-GCM. What a secret is for (organization, project, environment,
name) is bound in, so that one sealed secret cannot be put in another's place.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from studio.base.errors import BadInput
from studio.base.i18n import _

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PURPOSE = b"weft sealed secret 1"
SHORTEST = 32 + 16  # the sender's one-time key and the seal


class NotSealed(BadInput):
    """A sealed secret cannot be opened with this key, or was not sealed for this place."""


def new_key() -> X25519PrivateKey:
    """A new private key; whoever makes it keeps it, the server gets its public half only."""
    return X25519PrivateKey.generate()


def public_text(key: X25519PublicKey) -> str:
    """A public key as it travels: its 32 bytes in base64."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def public_key(text: str) -> X25519PublicKey:
    """The key of `public_text`; raises BadInput for anything that is none."""
    try:
        data = base64.b64decode(text, validate=True)
        key = X25519PublicKey.from_public_bytes(data)
        X25519PrivateKey.generate().exchange(key)  # keys of small order give no secret at all
    except ValueError as error:
        raise BadInput(_("This is not a public key: 32 bytes of X25519 in base64 are needed.")) from error
    return key


def key_id(text: str) -> str:
    """What names a public key: the SHA-256 of its bytes."""
    return hashlib.sha256(base64.b64decode(text)).hexdigest()


def seal(key: X25519PublicKey, secret: bytes, place: tuple[str, ...]) -> bytes:
    """The secret, sealed for one place."""
    return _SUITE.encrypt(secret, key, info=_bound(place))


def opened(key: X25519PrivateKey, sealed: bytes, place: tuple[str, ...]) -> bytes:
    """The secret again; raises NotSealed for another key, another place or a changed byte."""
    try:
        return _SUITE.decrypt(sealed, key, info=_bound(place))
    except (InvalidTag, ValueError) as error:
        raise NotSealed(
            _("This secret cannot be opened: it was sealed to another key or for another place."),
            next_step=_("Enter the secret again and push it."),
        ) from error


def _bound(place: tuple[str, ...]) -> bytes:
    return _PURPOSE + b"".join(b"\0%d:" % len(part.encode()) + part.encode() for part in place)
