"""A cable between a client and a server of the tests that can be pulled out and put in again."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class Relay:
    """Hands bytes on from its own port to another one; unplugged, every connection is cut at once; held, it stays
    open and nothing comes."""

    def __init__(self, port: int) -> None:
        self.plugged = True
        self.held = False
        self._port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def unplug(self) -> None:
        """From now on nobody gets through."""
        self.plugged = False
        for one in tuple(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def plug(self) -> None:
        """As before."""
        self.plugged = True

    def serve(self) -> None:
        """Until closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listening.accept()
                if not self.plugged:
                    client.close()
                    continue
                if self.held:
                    self._open.add(client)
                    continue
                server = socket.create_connection(("127.0.0.1", self._port))
                self._open |= {client, server}
                for one, other in ((client, server), (server, client)):
                    thread = threading.Thread(target=self._hand_on, args=(one, other), name="cable")
                    thread.start()
                    self._threads.append(thread)

    def _hand_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Cut everything and wait for it."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.unplug()
        for thread in self._threads:
            thread.join(10)
        for one in self._open:
            one.close()


@contextlib.contextmanager
def relayed(port: int) -> Iterator[Relay]:
    """A cable to a port of this computer."""
    relay = Relay(port)
    thread = threading.Thread(target=relay.serve, name="relay")
    thread.start()
    try:
        yield relay
    finally:
        relay.close()
        thread.join(10)
