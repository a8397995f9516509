"""The four schemes as signers: which of them are tried, and what each sends."""

from __future__ import annotations

import asyncio
import base64
import binascii
import importlib.util
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.network.refusals import printable
from studio.network.signing_in.challenges import Challenge
from studio.network.signing_in.credentials import LoggedIn, Login
from studio.network.signing_in.digest import digest_answer
from studio.network.signing_in.signers import CannotSign, Signer, WrongPassword

if TYPE_CHECKING:
    import spnego
else:
    # Most networks need none of it, and it takes its time to load.
    spnego = Lazily("spnego")

# It writes what it sends to its log, out of which a weak password can be found.
logging.getLogger("spnego").setLevel(logging.WARNING)
# Whoever speaks with a directory waits for it: some seconds are usual where it is far away.
_DIRECTORY_SECONDS = 20.0
# What the directory answers for a password that is wrong, or a user that is locked (MIT Kerberos, krb5.h).
_WRONG = {-1765328360, -1765328353, -1765328366, -1765328361}


class BasicSigner:
    """User and password, readable for whoever sees the connection to the proxy (RFC 7617, as UTF-8)."""

    scheme = "basic"
    shown = False

    def __init__(self, login: Login) -> None:
        self._login = login

    async def answer(self, _challenge: Challenge | None) -> str:
        """Always the same."""
        if ":" in self._login.user:
            raise CannotSign(_("Basic cannot carry a user's name with a colon."))
        self.shown = True
        return "Basic " + _text(f"{self._login.user}:{self._login.password}".encode())

    def goes_on(self, _challenge: Challenge) -> bool:
        """One step is all."""
        return False


class DigestSigner:
    """Shows that we know the password, for a number the proxy has chosen."""

    scheme = "digest"
    shown = False

    def __init__(self, login: Login, method: str, target: str) -> None:
        self._login = login
        self._method, self._target = method, target
        self._renewed = False

    async def answer(self, challenge: Challenge | None) -> str:
        """For the challenge's number; there is no step without one."""
        if challenge is None or not challenge.parameters.get("nonce"):
            raise CannotSign(_("Its Digest names no number to sign."))
        self.shown = True
        return digest_answer(self._login, challenge.parameters, self._method, self._target)

    def goes_on(self, challenge: Challenge) -> bool:
        """Once more where the number was too old, which says nothing about the password."""
        stale = challenge.parameters.get("stale", "").lower() == "true" and not self._renewed
        self._renewed = self._renewed or stale
        return stale


class TokenSigner:
    """NTLM and Negotiate: tokens by the system's own means, or NTLM in Python."""

    shown = False

    def __init__(self, scheme: str, login: Login | LoggedIn, host: str) -> None:
        self.scheme = scheme
        self._login = login
        self._host = host
        self._context: Any = None

    async def answer(self, challenge: Challenge | None) -> str:
        """The next token; the directory may be asked for it, in a thread as that takes its time."""
        try:
            received = base64.b64decode(challenge.token, validate=True) if challenge else b""
        except binascii.Error:
            raise CannotSign(_("Its token for {scheme} cannot be read.").format(scheme=self._name)) from None
        try:
            async with asyncio.timeout(_DIRECTORY_SECONDS):
                token = await asyncio.to_thread(self._step, received or None)
        except TimeoutError:
            raise CannotSign(_("No directory answered for {scheme}.").format(scheme=self._name)) from None
        except WrongPassword:
            raise
        except Exception as error:
            raise CannotSign(self._reason(error)) from None
        if not token:
            raise CannotSign(_("{scheme} had nothing more to say.").format(scheme=self._name))
        # NTLM shows its proof in answer to the proxy's token, also inside Negotiate. A ticket, which goes with the first
        # token, is no password, and may be refused for reasons of its own.
        self.shown = bool(received) or bool(self._context.complete)
        return f"{self._name} {_text(token)}"

    def goes_on(self, challenge: Challenge) -> bool:
        """The proxy asks on with a token of its own."""
        return bool(challenge.token) and not self._context.complete

    @property
    def _name(self) -> str:
        return "NTLM" if self.scheme == "ntlm" else "Negotiate"

    def _step(self, received: bytes | None) -> bytes | None:
        if self._context is not None:
            further: bytes | None = self._context.step(received)
            return further
        *before, last = self._protocols()
        for protocol in before:
            try:
                return self._first(protocol)
            except Exception as error:
                if _says_wrong(error):
                    raise WrongPassword from None
        return self._first(last)

    def _first(self, protocol: str) -> bytes | None:
        login = self._login
        user, password = (login.user, login.password) if isinstance(login, Login) else (None, None)
        made = spnego.client(user, password, hostname=self._host, service="HTTP", protocol=protocol)
        token = made.step()
        self._context = made
        return token

    def _protocols(self) -> tuple[str, ...]:
        if self.scheme == "ntlm":
            return ("ntlm",)
        # Negotiate goes from Kerberos to NTLM by itself, also after a wrong password, which it would so try twice.
        if isinstance(self._login, Login) and all(map(importlib.util.find_spec, ("gssapi", "krb5"))):
            return ("kerberos", "negotiate")
        return ("negotiate",)

    def _reason(self, error: Exception) -> str:
        if isinstance(self._login, LoggedIn):
            return _("{scheme}: there is no ticket or Windows sign-in of this user to be had.").format(
                scheme=self._name
            )
        return _("{scheme} could not be used: {reason}.").format(
            scheme=self._name, reason=printable(str(error) or type(error).__name__).rstrip(".")
        )


def _says_wrong(error: BaseException | None) -> bool:
    while error is not None:
        for name in ("err_code", "min_code"):  # of krb5, of gssapi
            code = getattr(error, name, None) or 0
            if (code if code < 1 << 31 else code - (1 << 32)) in _WRONG:
                return True
        error = getattr(error, "base_error", None) or error.__cause__ or error.__context__
    return False


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def signer_for(
    scheme: str, login: Login | LoggedIn | None, host: str, method: str, target: str
) -> Signer | None:
    """A signer, or None where the scheme needs a user and password that nobody gave."""
    if scheme in ("ntlm", "negotiate"):
        return TokenSigner(scheme, login or LoggedIn(), host)
    if not isinstance(login, Login):
        return None
    return BasicSigner(login) if scheme == "basic" else DigestSigner(login, method, target)


def usable(offered: tuple[Challenge, ...], allowed: tuple[str, ...]) -> Iterator[Challenge]:
    """The offered challenges of allowed schemes, in the order of the allowed; of several Digests the strongest."""
    for scheme in allowed:
        of_it = [challenge for challenge in offered if challenge.scheme == scheme]
        if of_it:
            yield max(of_it, key=_strength)


def _strength(challenge: Challenge) -> int:
    algorithm = challenge.parameters.get("algorithm", "").upper()
    return 2 if algorithm.startswith("SHA-512-256") else 1 if algorithm.startswith("SHA-256") else 0
