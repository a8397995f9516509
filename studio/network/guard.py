"""The lock-out guard: a password a proxy refused is never shown to it again, and the first time only by one of many.

Directories lock a user after a few wrong passwords. Thirty requests at once with a stale one would be thirty: so the
first sign-in with a proxy is made by one request while the others wait for how it ends, and after one refusal nobody
tries again until the user or the password is another, or the network preferences are saved.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import secrets
import time
import weakref
from collections.abc import AsyncIterator, Callable

from studio.base.records import dataclass
from studio.network.refusals import ProxyRefused
from studio.network.signing_in.credentials import LoggedIn, Login

# For so long (s) after a sign-in has worked others go ahead beside each other; later the first of them is alone again.
FRESH = 60.0


@dataclass(frozen=True)
class _Worked:
    mark: bytes
    scheme: str
    at: float


class Guard:
    """What this process knows of sign-ins with proxies, by `host:port`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._worked: dict[str, _Worked] = {}
        self._refused: dict[str, tuple[bytes, ProxyRefused]] = {}
        self._turns: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = (
            weakref.WeakKeyDictionary()
        )

    def mark(self, login: Login | LoggedIn | None, how: str) -> bytes:
        """What tells one sign-in from another without being the password; `how` is what else counts."""
        parts = ["", ""] if not isinstance(login, Login) else [login.user, login.password]
        text = "\0".join([type(login).__name__, *parts, how])
        return hmac.digest(self._key, text.encode("utf-8"), hashlib.sha256)

    def scheme(self, address: str, mark: bytes) -> str:
        """The scheme that worked last for the same sign-in, empty where none has."""
        worked = self._worked.get(address)
        return worked.scheme if worked is not None and worked.mark == mark else ""

    def known(self, address: str) -> bool:
        """A sign-in with this proxy has worked: it need not be asked whether it wants one."""
        return address in self._worked

    @contextlib.asynccontextmanager
    async def turn(self, address: str, mark: bytes) -> AsyncIterator[None]:
        """Inside, sign in; alone, unless the same sign-in has just worked. Raises ProxyRefused if it was refused."""
        if self._is_fresh(address, mark):
            yield
            return
        turns = self._turns.setdefault(asyncio.get_running_loop(), {})
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(turns.setdefault(address, asyncio.Lock()))
            self._stop(address, mark)
            if self._is_fresh(address, mark):
                await stack.aclose()
            yield

    def worked(self, address: str, mark: bytes, scheme: str) -> None:
        """The proxy let us through."""
        self._worked[address] = _Worked(mark, scheme, self._clock())
        self._refused.pop(address, None)

    def refused(self, address: str, mark: bytes, error: ProxyRefused) -> None:
        """The proxy refused who we are: remembered until something of it changes."""
        self._worked.pop(address, None)
        self._refused[address] = (mark, error)

    def stopped(self, address: str, mark: bytes) -> bool:
        """Just this was refused."""
        mark_then, _error = self._refused.get(address, (b"", None))
        return hmac.compare_digest(mark_then, mark)

    def forget(self, address: str = "") -> None:
        """A person asks to try once more with this proxy, or with all."""
        for kept in (self._worked, self._refused):
            for known in [address] if address else list(kept):
                kept.pop(known, None)

    def _is_fresh(self, address: str, mark: bytes) -> bool:
        worked = self._worked.get(address)
        return worked is not None and worked.mark == mark and self._clock() - worked.at < FRESH

    def _stop(self, address: str, mark: bytes) -> None:
        if self.stopped(address, mark):
            raise self._refused[address][1].again()


# All clients of this process know of the same refusals.
GUARD = Guard()
