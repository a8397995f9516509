"""The sockets the server listens on: bound before anybody is told that it serves."""

from __future__ import annotations

import contextlib
import errno
import os
import socket

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.system_errors import reason_of

# Connections that wait while the server is busy accepting others.
BACKLOG = 2048


def listen(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of `host`, connections waiting already. Raises BadInput saying why one cannot be."""
    made: list[socket.socket] = []
    try:
        for family, address in _addresses(host, port):
            made.append(_bound(family, address))
            made[-1].listen(BACKLOG)
    except OSError as error:
        close(made)
        raise BadInput(
            _("The server cannot listen at {host}, port {port}: {why}").format(
                host=host, port=port, why=_why(error)
            ),
            next_step=_("Stop what is there, or set another host or port in server.toml."),
        ) from error
    except BaseException:
        close(made)
        raise
    return made


def need_listening(host: str) -> None:
    """Raise BadInput unless `host` is this machine's: a name or an address something can listen at."""
    try:
        for family, address in _addresses(host, 0):
            _bound(family, address).close()
    except OSError as error:
        raise BadInput(
            _("No server can listen at {host} here: {why}").format(host=host, why=_why(error)),
            next_step=_("Name an address of this machine with --host; 0.0.0.0 is all of them."),
        ) from error


def close(sockets: list[socket.socket]) -> None:
    """Let them go."""
    for each in sockets:
        with contextlib.suppress(OSError):
            each.close()


def _addresses(
    host: str, port: int
) -> list[tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError, ValueError) as error:
        raise BadInput(
            _("{host} is not a name or an address known here.").format(host=host or "“”"),
            next_step=_("Write an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them."),
        ) from error
    kinds = (socket.AF_INET, socket.AF_INET6)
    return list(dict.fromkeys((each[0], each[4]) for each in found if each[0] in kinds))  # type: ignore[misc]


def _bound(
    family: socket.AddressFamily, address: tuple[str, int] | tuple[str, int, int, int]
) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # What an earlier server left in TIME_WAIT does not keep this one from its port.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except BaseException:
        made.close()
        raise
    return made


def _why(error: OSError) -> str:
    said = {
        errno.EADDRINUSE: _("the port is taken."),
        errno.EACCES: _("the system does not allow it; ports below 1024 want a right of their own."),
        errno.EADDRNOTAVAIL: _("it is not an address of this machine."),
    }
    return said.get(error.errno or 0, reason_of(error))
