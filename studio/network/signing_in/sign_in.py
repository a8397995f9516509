"""Signing in with a proxy: first without, then the best scheme it offers, and never a second time after a refusal."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Protocol

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.network.guard import Guard
from studio.network.hops import Hop
from studio.network.observing import Observer
from studio.network.refusals import (
    ProxyRefused,
    odd_proxy,
    password_refused,
    sign_in_wanted,
    spelled,
)
from studio.network.signing_in.challenges import Challenge, read_challenges
from studio.network.signing_in.credentials import LoggedIn, Login
from studio.network.signing_in.schemes import signer_for, usable
from studio.network.signing_in.signers import CannotSign, Signer, WrongPassword

# Every scheme is through after three; a proxy that asks for ever is no proxy.
_MOST_REQUESTS = 10
# What can begin without having been asked.
_UNASKED = ("basic", "ntlm", "negotiate")


@dataclass(frozen=True)
class Answer:
    """The head of a proxy's answer; `challenges` are the values of its headers that offer sign-ins."""

    status: int
    reason: str
    challenges: tuple[str, ...]


class Conversation(Protocol):
    """Asking a proxy the same thing again and again, each time with another Proxy-Authorization."""

    method: str
    target: str
    asks: tuple[int, ...]  # what the proxy answers when it wants to know who we are
    unbroken: bool  # the next request goes over the same connection as the last

    async def ask(self, authorization: str, *, anew: bool = True) -> Answer:
        """The proxy's answer; opens a connection where there is none, or `anew`. Raises ProxyNotReachable."""


@dataclass(frozen=True)
class Identity:
    """Who we are for a proxy, which schemes the user allows (best first), and the guard's mark of both.

    `how` is what counts besides user and password: once it is another, what was refused may be tried again.
    """

    login: Login | LoggedIn | None
    allowed: tuple[str, ...]
    how: str
    mark: bytes


class _SignIn:
    def __init__(
        self, talk: Conversation, hop: Hop, identity: Identity, guard: Guard, observer: Observer
    ) -> None:
        self._talk, self._hop, self._identity = talk, hop, identity
        self._guard, self._observer = guard, observer
        self._asked = 0
        self._reasons: list[str] = []
        self.offered: tuple[Challenge, ...] = ()
        self.scheme = ""

    async def begin(self, first: Answer | None) -> Answer:
        """The first question, where it has not been asked: with what worked before, or without anything."""
        if first is not None:
            self.offered = read_challenges(first.challenges)
        before = self._guard.scheme(self._hop.address, self._identity.mark)
        if before in _UNASKED:
            signer = self._signer(before)
            if signer is not None:
                answer = await self._steps(signer, None)
                if answer is not None:
                    return answer
        return first or await self._ask("")

    async def through(self, answer: Answer) -> Answer:
        """The answer of a proxy that knows us; raises ProxyRefused where it does not."""
        if answer.status not in self._talk.asks:
            return answer
        started = time.monotonic()
        names = tuple(dict.fromkeys(challenge.scheme for challenge in self.offered))
        self._observer.step(
            "scheme", True, _("It asks for a sign-in and offers {offered}.").format(
                offered=", ".join(map(spelled, names)) or _("none")
            ), 0.0, offered=names, allowed=self._identity.allowed, status=answer.status,
        )  # fmt: skip
        for challenge in usable(self.offered, self._identity.allowed):
            signer = self._signer(challenge.scheme)
            if signer is None:
                self._reasons.append(self._no_user(challenge.scheme))
                continue
            last = await self._steps(signer, challenge)
            if last is not None:
                self._seen(True, _("Signed in by {scheme}.").format(scheme=spelled(signer.scheme)), started)
                return last
        error = self._wanted(answer.status, names)
        self._seen(False, error.message, started)
        raise error

    async def _ask(self, authorization: str, *, anew: bool = True) -> Answer:
        self._asked += 1
        if self._asked > _MOST_REQUESTS:
            raise odd_proxy(self._hop, _("it asks for a sign-in again and again"))
        answer = await self._talk.ask(authorization, anew=anew)
        if answer.status in self._talk.asks:
            self.offered = read_challenges(answer.challenges)
        return answer

    async def _steps(self, signer: Signer, challenge: Challenge | None) -> Answer | None:
        """The answer after signing in; None where the scheme leads nowhere without having shown who we are."""
        if challenge is not None and challenge.scheme != "digest":
            challenge = None  # a first token answers nothing
        while True:
            try:
                value = await signer.answer(challenge)
            except CannotSign as error:
                self._reasons.append(str(error))
                return None
            except WrongPassword:
                raise self._refuse(407, signer.scheme) from None
            answer = await self._ask(value, anew=challenge is None or signer.scheme == "digest")
            if answer.status not in self._talk.asks:
                self.scheme = signer.scheme
                return answer
            challenge = next((c for c in self.offered if c.scheme == signer.scheme), None)
            if challenge is not None and signer.goes_on(challenge):
                if self._talk.unbroken or signer.scheme == "digest":
                    continue
                self._reasons.append(
                    _("It closed the connection in the middle of {scheme}.").format(
                        scheme=spelled(signer.scheme)
                    )
                )
                return None
            if signer.shown:
                raise self._refuse(answer.status, signer.scheme)
            self._reasons.append(_("{scheme} led nowhere.").format(scheme=spelled(signer.scheme)))
            return None

    def _signer(self, scheme: str) -> Signer | None:
        return signer_for(scheme, self._identity.login, self._hop.host, self._talk.method, self._talk.target)

    def _refuse(self, status: int, scheme: str) -> ProxyRefused:
        login = self._identity.login
        user = login.user if isinstance(login, Login) else ""
        names = tuple(dict.fromkeys(challenge.scheme for challenge in self.offered))
        error = password_refused(self._hop, status, names, scheme, user)
        self._guard.refused(self._hop.address, self._identity.mark, error)
        self._observer.step("sign-in", False, error.message, 0.0, scheme=scheme, status=status)
        return error

    def _wanted(self, status: int, names: tuple[str, ...]) -> ProxyRefused:
        if not self._reasons and names:
            self._reasons.append(
                _("Of these the network preferences allow none; they allow {allowed}.").format(
                    allowed=", ".join(map(spelled, self._identity.allowed)) or _("none")
                )
            )
        return sign_in_wanted(self._hop, status, names, self._reasons)

    def _no_user(self, scheme: str) -> str:
        if isinstance(self._identity.login, LoggedIn):
            return _("{scheme} needs a user and password.").format(scheme=spelled(scheme))
        return _("No user and password are known for {scheme}.").format(scheme=spelled(scheme))

    def _seen(self, ok: bool, text: str, started: float) -> None:
        self._observer.step("sign-in", ok, text, time.monotonic() - started, scheme=self.scheme)


async def sign_in(
    talk: Conversation,
    hop: Hop,
    identity: Identity,
    first: Answer | None,
    *,
    guard: Guard,
    observer: Observer,
) -> Answer:
    """Ask until the proxy knows us; the answer may still be a refusal of the target.

    `first` is what it said to a request without a sign-in, where it was asked. Only one request at a time does so, see Guard. Raises ProxyRefused where the proxy refuses who we are, or wants to
    know it and nobody has said; ProxyNotReachable where it talks nonsense.
    """
    async with guard.turn(hop.address, identity.mark):
        steps = _SignIn(talk, hop, identity, guard, observer)
        answer = await steps.through(await steps.begin(first))
        if steps.scheme:
            guard.worked(hop.address, identity.mark, steps.scheme)
        return answer


def challenges_in(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, ...]:
    """The values of the headers that offer sign-ins."""
    return tuple(
        _text(value)
        for name, value in headers
        if name.lower() in (b"proxy-authenticate", b"www-authenticate")
    )


def _text(value: bytes) -> str:
    """A realm is signed as it was sent, and most send UTF-8."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
