"""Examines the way to one address step by step, as every connection of the product takes it, and says what to do."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import h11
import httpcore

from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.network import chains, verdict
from studio.network.examination import STEPS, Chain, Examination, State, Step
from studio.network.hops import Hop
from studio.network.refusals import ProxyRefused, printable, spelled
from studio.network.routes import Route, route_for
from studio.network.settings import NetworkPreferences, load
from studio.network.signing_in.credentials import Login, StoredCredentials
from studio.network.target import Target, read_target
from studio.network.trust import context_for
from studio.network.watching import Seen, WatchedWay

_SECONDS = 10.0
_ANSWER = 20.0
_BLOCK = 16 * 1024
_AT_ONCE = 4


async def examine(address: str, preferences: NetworkPreferences | None = None) -> Examination:
    """What the way to `address` (a URL, a host, `host:port`) is like now; only its host and port are used.

    Takes at most about a minute. Raises BadInput where the address is none.
    """
    target = read_target(address)
    chosen, spoiled = (preferences, None) if preferences is not None else load()
    return await _Doctor(target, chosen, spoiled).examine()


async def examine_all(
    addresses: Sequence[str], preferences: NetworkPreferences | None = None
) -> AsyncIterator[Examination]:
    """An examination of each, in their order, some at the same time."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(address: str) -> Examination:
        async with turns:
            return await examine(address, preferences)

    tasks = [asyncio.ensure_future(one(address)) for address in addresses]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Failed(Exception):
    """The step that was just noted ended it."""


class _Doctor:
    def __init__(self, target: Target, preferences: NetworkPreferences, spoiled: BadInput | None) -> None:
        self.target, self.preferences, self.spoiled = target, preferences, spoiled
        self.begun = time.monotonic()
        self.when = datetime.now().astimezone()
        self.steps: list[Step] = []
        self.route: Route | None = None
        self.chain: Chain | None = None
        self.error: Exception | None = None
        self.seen = Seen()
        self.hop: Hop | None = None
        self.identity = ""
        self.address = ""

    async def examine(self) -> Examination:
        with contextlib.suppress(_Failed):
            await self._set()
            await self._named()
            await self._answered(await self._secured(await self._connected()))
        return self._told()

    def note(self, name: str, ok: bool, text: str, start: float, seconds: float | None = None) -> None:
        """A step is over; one that failed ends the examination, but for a script, which others stand in for."""
        lasted = time.monotonic() - start if seconds is None else seconds
        state = State.FINE if ok else State.FAILED
        text = printable(text, 400)
        self.steps.append(
            Step(name, verdict.title(name, self.target), state, text, start - self.begun, lasted)
        )
        if not ok and name != "script":
            raise _Failed

    async def _set(self) -> None:
        start = time.monotonic()
        target = self.target
        try:
            self.route = route = await route_for(
                target.scheme, target.host, target.port, self.preferences, explain=True
            )
        except WeftError as error:
            self.error = error
            self.note("setting", False, str(error), start)
            return
        whole = time.monotonic() - start
        thought = route.script.answer.seconds if route.script else 0.0
        said = f"{route.rule}. {self.spoiled}" if self.spoiled else route.rule
        self.note("setting", True, said, start, max(0.0, whole - thought))
        if route.script is not None:
            answer = route.script.answer
            where = _("Line {n}, {words} → ").format(n=answer.line, words=answer.words) if answer.line else ""
            self.note(
                "script",
                True,
                f"{where}{answer.text or _('it names no proxy: direct')}",
                start + whole - thought,
                thought,
            )
        elif route.problem:
            self.note("script", False, route.problem, start + whole, 0.0)

    async def _named(self) -> None:
        """The addresses of the first computer of the way: the proxy, or the target itself."""
        assert self.route is not None
        first = self.route.hops[0]
        name = first.host or self.target.host
        start = time.monotonic()
        try:
            async with asyncio.timeout(_SECONDS):
                found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError, UnicodeError) as error:
            self.error = error
            said = _("no computer called {name} is known here").format(name=name)
            if len(self.route.hops) == 1:
                self.note("name", False, said, start)
            self.note("name", True, said, start)  # another one is tried
            return
        self.address = str(found[0][4][0])
        same = self.address == name
        said = _("{address}, no name to look up") if same else _("{name} is {address}")
        self.note("name", True, said.format(name=name, address=self.address), start)

    async def _connected(self) -> httpcore.AsyncNetworkStream:
        assert self.route is not None
        start = time.monotonic()
        try:
            stream = await WatchedWay(self.route, self.seen, self.preferences).connect_tcp(
                self.target.host, self.target.port, _SECONDS
            )
        except (WeftError, httpcore.ConnectError, httpcore.ConnectTimeout, OSError) as error:
            self.error = error
            self._note_way(start)
            raise _Failed from None
        self._note_way(start)
        return stream

    def _note_way(self, start: float) -> None:
        """Connection, scheme and sign-in, from what was seen of them."""
        made = self.seen.connected
        via = self.seen.hop if self.seen.hop is not None and self.seen.hop.kind != "direct" else None
        self.hop = via or (made[-1].hop if made and self.error is not None else None)
        before = [f"{one.hop.address}: {one.problem}" for one in made if one.problem and one.hop != self.hop]
        prefix = "".join(f"{printable(one)} " for one in before)
        if self.hop is None:
            said = (
                str(self.error)
                if self.error
                else _("TCP to {address}").format(address=self._direct_address())
            )
            self.note("connection", self.error is None, prefix + said, start)
            return
        last = next((one for one in reversed(made) if one.hop == self.hop), None)
        if last is None or last.problem:
            self.note("connection", False, prefix + (last.problem if last else str(self.error)), start)
            return
        said = _("TCP to {address}").format(address=f"{last.address or self.hop.host}:{self.hop.port}")
        if self.hop.kind == "https":
            said = _("{tcp}, TLS with the proxy").format(tcp=said)
        self.note("connection", True, prefix + said, last.start, last.seconds)
        self._note_sign_in(last.start + last.seconds)

    def _note_sign_in(self, start: float) -> None:
        now = time.monotonic()
        told = self.seen.told
        refused = self.error if isinstance(self.error, ProxyRefused) else None
        status = refused.status if refused is not None else 200
        offered = self.seen.fact("scheme", "offered")
        scheme = self.seen.fact("sign-in", "scheme") or (refused.tried if refused is not None else "")
        if offered is None and scheme == "" and (refused is None or not refused.offered):
            # Nobody asked who we are.
            if self.error is not None:
                self.note("scheme", False, str(self.error), start)
            said = _("SOCKS 5, it lets us through") if self.hop and self.hop.kind == "socks5" else None
            self.note("scheme", True, said or _("200: asks for no sign-in"), start, now - start)
            return
        asked_at = told["scheme"][3] if "scheme" in told else start
        names = ", ".join(map(spelled, offered or (refused.offered if refused else ())))
        first = self.seen.fact("scheme", "status") or status
        said = _("{status}: offers {names}.").format(status=first or "SOCKS 5", names=names or _("nothing"))
        if not scheme:
            self.note("scheme", False, f"{said} {self.error}", start)
        chosen = _("{said} {scheme} chosen").format(said=said, scheme=spelled(scheme))
        self.note("scheme", True, chosen, start, max(0.0, asked_at - start))
        self.identity = self._identity()
        if refused is not None and refused.status in (401, 407, 0):
            self.note("sign-in", False, str(refused), asked_at, now - asked_at)
        answer = _("{who} → {status}").format(who=self.identity, status=status)
        self.note(
            "sign-in",
            self.error is None,
            answer if self.error is None else str(self.error),
            asked_at,
            now - asked_at,
        )

    def _identity(self) -> str:
        assert self.hop is not None
        try:
            login = StoredCredentials(self.preferences).for_proxy(self.hop.address)
        except WeftError:
            login = None
        if isinstance(login, Login):
            return _("{user} with the password kept here").format(user=printable(login.user))
        domain = os.environ.get("USERDNSDOMAIN", "")  # Windows
        user = f"{_user()}@{domain}" if domain else _user()
        if self.seen.fact("sign-in", "scheme") == "negotiate":
            return _("{user} by the computer's ticket, no password asked").format(user=user)
        return _("{user} by the computer's own sign-in, no password asked").format(user=user)

    def _direct_address(self) -> str:
        return f"{self.address or self.target.host}:{self.target.port}"

    async def _secured(self, stream: httpcore.AsyncNetworkStream) -> httpcore.AsyncNetworkStream:
        if self.target.speaks != "https":
            return stream
        start = time.monotonic()
        host = self.target.host
        try:
            context = await asyncio.to_thread(context_for, host, self.target.port, self.preferences)
            secure = await stream.start_tls(context, host, _SECONDS)
        except Exception as error:
            await stream.aclose()
            self.error = error
            await self._refused(error)
            said = f"{host}, {self.chain.reason}" if self.chain and self.chain.reason else verdict.why(error)
            self.note("certificate", False, said, start)
            raise _Failed from None
        try:
            connection = secure.get_extra_info("ssl_object")
            self.chain = self._chain(connection, chains.shown_by(connection, verified=True), "")
        except BaseException:
            await secure.aclose()
            raise
        said = _("{host}, issued by “{issuer}”").format(host=host, issuer=self.chain.issuer)
        self.note("certificate", True, said, start)
        return secure

    async def _refused(self, error: Exception) -> None:
        """Look at the certificates that were refused, on another connection, which is closed without a word."""
        cause = verdict.cause_of(error)
        if not isinstance(cause, ssl.SSLCertVerificationError) or self.route is None:
            return
        with contextlib.suppress(
            WeftError, httpcore.NetworkError, httpcore.TimeoutException, OSError, ssl.SSLError, ValueError
        ):
            way = WatchedWay(self.route, Seen(), self.preferences)
            stream = await way.connect_tcp(self.target.host, self.target.port, _SECONDS)
            try:
                stream = await stream.start_tls(chains.looking_only(), self.target.host, _SECONDS)
                connection = stream.get_extra_info("ssl_object")
                shown = chains.shown_by(connection, verified=False)
                self.chain = self._chain(connection, shown, cause.verify_message or str(cause))
            finally:
                await stream.aclose()

    def _chain(self, connection: ssl.SSLObject, shown: list[bytes], refused: str) -> Chain:
        version = (connection.version() or "").replace("v", " ")
        return chains.read_chain(self.target.host, version, shown, refused, by_proxy=self.hop is not None)

    async def _answered(self, stream: httpcore.AsyncNetworkStream) -> None:
        start = time.monotonic()
        try:
            async with asyncio.timeout(_ANSWER):
                said = await self._ask(stream)
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            OSError,
            TimeoutError,
            h11.ProtocolError,
            ssl.SSLError,
        ) as error:
            self.error = error
            self.note("answer", False, verdict.why(error), start)
        else:
            self.note("answer", True, said, start)
        finally:
            await stream.aclose()

    async def _ask(self, stream: httpcore.AsyncNetworkStream) -> str:
        """The system's first words: to a request for nothing in particular, or of its own."""
        if self.target.speaks == "":
            return _("connected; it was not asked anything")
        if self.target.speaks == "ssh":
            banner = (await stream.read(_BLOCK, _SECONDS)).partition(b"\n")[0]
            return printable(banner.decode("latin-1"), 80) or _("it closed the connection")
        http = h11.Connection(h11.CLIENT)
        headers = [("Host", self.target.name), ("User-Agent", "WeftStudio"), ("Connection", "close")]
        for part in (h11.Request(method="HEAD", target="/", headers=headers), h11.EndOfMessage()):
            await stream.write(http.send(part) or b"", _SECONDS)
        while not isinstance(event := http.next_event(), h11.Response):
            if event is h11.NEED_DATA:
                http.receive_data(await stream.read(_BLOCK, _SECONDS))
            elif not isinstance(event, h11.InformationalResponse):
                raise h11.RemoteProtocolError(_("it closed the connection without an answer"))
        reason = printable(event.reason.decode("latin-1"), 40)
        return _("answered {status}").format(status=f"{event.status_code} {reason}".rstrip())

    def _told(self) -> Examination:
        seconds = time.monotonic() - self.begun
        done = {step.name for step in self.steps}
        wanted = verdict.expected(self.target, self.route, self.hop, done)
        last = STEPS.index(self.steps[-1].name)
        rest = [
            Step(name, verdict.title(name, self.target), State.NOT_REACHED, _("not reached"))
            for name in wanted
            if STEPS.index(name) > last and name not in done
        ]
        scheme = self.seen.fact("sign-in", "scheme") or ""
        found = Examination(
            self.target.url,
            _user(),
            self.when,
            seconds,
            (*self.steps, *rest),
            self.route.rule if self.route else "",
            verdict.way_out(self.route, self.hop),
            spelled(scheme) if scheme else "",
            self.chain,
        )
        return verdict.judged(found, self.target, self.route, self.hop, self.error, self.identity)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
