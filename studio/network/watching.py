"""A way out that notes what happens on it: when it is connected with whom, what is asked, who we are said to be."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpcore

from studio.base.errors import WeftError
from studio.network.guard import GUARD, Guard
from studio.network.hops import Hop
from studio.network.routes import Route
from studio.network.settings import NetworkPreferences
from studio.network.signing_in.credentials import StoredCredentials
from studio.network.trust import extra_files, tls_context
from studio.network.tunnel import Options, WayOut


@dataclass
class Connected:
    """A connection with a proxy, made or not."""

    hop: Hop
    start: float
    seconds: float
    problem: str = ""
    address: str = ""


@dataclass
class Seen:
    """What an observer was told: its `facts` by the step's name, and the time (monotonic, s) it was told."""

    connected: list[Connected] = field(default_factory=list)
    told: dict[str, tuple[bool, str, float, float, dict[str, Any]]] = field(default_factory=dict)
    hop: Hop | None = None

    def step(self, name: str, ok: bool, text: str, seconds: float, **facts: object) -> None:
        """See Observer."""
        self.told[name] = (ok, text, seconds, time.monotonic(), facts)
        hop = facts.get("hop")
        if name == "connection" and isinstance(hop, Hop):
            self.hop = hop

    def fact(self, step: str, name: str) -> Any:
        """One of them, None where it was not told."""
        return self.told[step][4].get(name) if step in self.told else None

    @contextlib.asynccontextmanager
    async def connecting(self, hop: Hop) -> AsyncIterator[Connected]:
        """Notes how long the connection inside took, or why there is none."""
        start = time.monotonic()
        noted = Connected(hop, start, 0.0)
        try:
            yield noted
        except WeftError as error:
            noted.problem = error.message
            raise
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            noted.problem = str(error) or type(error).__name__
            raise
        finally:
            noted.seconds = time.monotonic() - start
            self.connected.append(noted)


class Asking(Guard):
    """The guard all others share, but proxies are asked for their sign-ins as if for the first time.

    What was refused is not shown again here either: whoever asks ten times does not lock a user out.
    """

    def __init__(self, shared: Guard = GUARD) -> None:
        super().__init__()
        self.__dict__ = shared.__dict__

    def known(self, _address: str) -> bool:
        """Never."""
        return False

    def scheme(self, _address: str, _mark: bytes) -> str:
        """None from before."""
        return ""


class WatchedWay(WayOut):
    """The way of one route by these preferences, with what is `seen` on it."""

    def __init__(self, route: Route, seen: Seen, preferences: NetworkPreferences) -> None:
        async def this(_scheme: str, _host: str, _port: int) -> Route:
            return route

        super().__init__(
            "https",
            routes=this,
            credentials=StoredCredentials(preferences),
            tls=lambda: tls_context(extra_files(preferences)),
            observer=seen,
            guard=Asking(),
            preferences=preferences,
        )
        self._seen = seen

    async def to_proxy(self, hop: Hop, options: Options) -> httpcore.AsyncNetworkStream:
        """See WayOut."""
        async with self._seen.connecting(hop) as noted:
            stream = await super().to_proxy(hop, options)
            noted.address = str((stream.get_extra_info("server_addr") or ("",))[0])
        return stream
