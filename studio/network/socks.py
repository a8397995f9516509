"""SOCKS version 5 (RFC 1928, 1929): names are looked up by the proxy; with user and password where it wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpcore

from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.network.connect import Deadline
from studio.network.guard import Guard
from studio.network.hops import Hop
from studio.network.refusals import (
    odd_proxy,
    password_refused,
    sign_in_wanted,
    target_not_reached,
    target_refused,
)
from studio.network.signing_in.credentials import Login
from studio.network.signing_in.sign_in import Identity

if TYPE_CHECKING:
    from socksio import exceptions, socks5
else:
    socks5, exceptions = Lazily("socksio.socks5"), Lazily("socksio.exceptions")

_LONGEST = 255
# How long an address is in a reply, by its kind; a name says so itself in its first byte.
_LENGTHS = {1: 4, 4: 16}


async def socks_tunnel(
    stream: httpcore.AsyncNetworkStream,
    hop: Hop,
    host: str,
    port: int,
    identity: Identity | None,
    *,
    guard: Guard,
    seconds: float,
) -> None:
    """Ask for a way through on a fresh connection to the proxy; without an identity none is offered.

    `seconds` is the time for each of its answers. Raises ProxyRefused where it refuses us or the target,
    ProxyNotReachable where it fails or is no such proxy, TimeoutError.
    """
    talk = _Talk(stream, seconds)
    try:
        await _greet(talk, hop, identity, guard)
        reply = await _connect(talk, host, port)
    except (exceptions.ProtocolError, httpcore.ReadError, httpcore.WriteError, EOFError) as error:
        raise odd_proxy(hop, _("it does not speak SOCKS 5")) from error
    target = f"{host}:{port}"
    code = reply.reply_code
    if code == socks5.SOCKS5ReplyCode.CONNECTION_NOT_ALLOWED_BY_RULESET:
        raise target_refused(hop, target, 2, _said(code))
    if code != socks5.SOCKS5ReplyCode.SUCCEEDED:
        raise target_not_reached(hop, target, code.value[0], _said(code))


class _Talk:
    """socksio's state of the connection, and whole messages to and from it."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, seconds: float) -> None:
        self._stream, self._seconds = stream, seconds
        self._deadline = Deadline(seconds)
        # What it gives back depends on its state.
        self.state: Any = socks5.SOCKS5Connection()

    async def send(self, request: object) -> None:
        self._deadline = Deadline(self._seconds)
        self.state.send(request)
        await self._stream.write(self.state.data_to_send(), self._deadline.left())

    async def read(self, size: int) -> bytes:
        """Exactly so many bytes: what follows belongs to the tunnel."""
        data = b""
        while len(data) < size:
            more = await self._stream.read(size - len(data), self._deadline.left())
            if not more:
                raise EOFError
            data += more
        return data


async def _greet(talk: _Talk, hop: Hop, identity: Identity | None, guard: Guard) -> None:
    login = identity.login if identity is not None else None
    methods = [socks5.SOCKS5AuthMethod.NO_AUTH_REQUIRED]
    if isinstance(login, Login):
        methods.append(socks5.SOCKS5AuthMethod.USERNAME_PASSWORD)
    await talk.send(socks5.SOCKS5AuthMethodsRequest(methods))
    chosen = talk.state.receive_data(await talk.read(2)).method
    if chosen == socks5.SOCKS5AuthMethod.NO_AUTH_REQUIRED:
        return
    if (
        chosen != socks5.SOCKS5AuthMethod.USERNAME_PASSWORD
        or not isinstance(login, Login)
        or identity is None
    ):
        raise sign_in_wanted(hop, 0, (_("user and password"),), ())
    async with guard.turn(hop.address, identity.mark):
        user, password = login.user.encode("utf-8"), login.password.encode("utf-8")
        if not 0 < len(user) <= _LONGEST or not 0 < len(password) <= _LONGEST:
            raise sign_in_wanted(
                hop,
                0,
                (_("user and password"),),
                [_("SOCKS carries 1 to 255 bytes of user and of password.")],
            )
        await talk.send(socks5.SOCKS5UsernamePasswordRequest(user, password))
        if not talk.state.receive_data(await talk.read(2)).success:
            error = password_refused(hop, 0, (_("user and password"),), "SOCKS 5", login.user)
            guard.refused(hop.address, identity.mark, error)
            raise error
        guard.worked(hop.address, identity.mark, "socks")


async def _connect(talk: _Talk, host: str, port: int) -> Any:
    await talk.send(
        socks5.SOCKS5CommandRequest.from_address(socks5.SOCKS5Command.CONNECT, (host.encode("ascii"), port))
    )
    head = await talk.read(4)
    if head[1]:  # a refusal says no more that matters, and some proxies close here
        return talk.state.receive_data(head[:3] + b"\x01" + bytes(6))
    kind = head[3]
    length = _LENGTHS.get(kind)
    if length is None:
        if kind != 3:
            raise EOFError
        first = await talk.read(1)
        head, length = head + first, first[0]
    rest = await talk.read(length + 2)
    # The address it listens at is of no use to us, and names in it are not read by the library.
    return talk.state.receive_data(head[:3] + b"\x01" + bytes(4) + rest[-2:])


def _said(code: socks5.SOCKS5ReplyCode) -> str:
    return str(code.name).lower().replace("_", " ")
