"""Digest sign-in (RFC 7616, and RFC 2069 where a proxy names no quality of protection)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from studio.base.i18n import _
from studio.network.signing_in.credentials import Login
from studio.network.signing_in.signers import CannotSign

_ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}


def digest_answer(
    login: Login, given: Mapping[str, str], method: str, target: str, *, count: int = 1, cnonce: str = ""
) -> str:
    """The value of Proxy-Authorization for a challenge's parameters; raises CannotSign where it asks for other things.

    `count` is how often its nonce has been used, with this time; `cnonce` a value of ours, made where none is given.
    """
    algorithm = given.get("algorithm", "MD5")
    name, session, _rest = algorithm.upper().partition("-SESS")
    if name not in _ALGORITHMS:
        raise CannotSign(
            _("It asks for Digest with {algorithm}, which is not offered.").format(algorithm=algorithm[:40])
        )
    if not login.user.isprintable():
        raise CannotSign(_("Digest cannot carry a user's name with characters that are not visible."))
    qualities = [quality.strip().lower() for quality in given.get("qop", "").split(",") if quality.strip()]
    if qualities and "auth" not in qualities:
        raise CannotSign(_("It asks for Digest over whole messages, which is not offered."))
    realm, nonce = given.get("realm", ""), given.get("nonce", "")
    cnonce = cnonce or secrets.token_hex(16)

    def h(*parts: str) -> str:
        made = hashlib.new(_ALGORITHMS[name], usedforsecurity=False)
        made.update(":".join(parts).encode("utf-8"))
        return made.hexdigest()

    first = h(login.user, realm, login.password)
    if session:
        first = h(first, nonce, cnonce)
    second = h(method, target)
    times = f"{count:08x}"
    response = h(first, nonce, times, cnonce, "auth", second) if qualities else h(first, nonce, second)
    hashed = given.get("userhash", "").lower() == "true"
    parts = [
        f'username="{_quoted(h(login.user, realm) if hashed else login.user)}"',
        f'realm="{_quoted(realm)}"',
        f'nonce="{_quoted(nonce)}"',
        f'uri="{_quoted(target)}"',
        f'response="{response}"',
    ]
    parts += [f"algorithm={algorithm}"] if "algorithm" in given else []
    parts += [f'opaque="{_quoted(given["opaque"])}"'] if "opaque" in given else []
    parts += [f'qop=auth, nc={times}, cnonce="{cnonce}"'] if qualities else []
    parts += ["userhash=true"] if hashed else []
    return "Digest " + ", ".join(parts)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
