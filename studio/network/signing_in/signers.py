"""How each scheme answers a proxy, step by step: one signer for one sign-in."""

from __future__ import annotations

from typing import Protocol

from studio.network.signing_in.challenges import Challenge


class CannotSign(Exception):
    """A scheme cannot be used here and now; its text is a sentence that says why. No password has been shown."""


class WrongPassword(Exception):
    """The directory said so before the proxy was asked: as good as refused by the proxy."""


class Signer(Protocol):
    """A sign-in under way. `shown` is true once the proxy can judge who we are; its next 407 is then a refusal."""

    scheme: str
    shown: bool

    async def answer(self, challenge: Challenge | None) -> str:
        """The next Proxy-Authorization; None is for a first step without a challenge. Raises CannotSign."""

    def goes_on(self, challenge: Challenge) -> bool:
        """Another step after a 407 with this challenge is part of the same sign-in."""
