"""What an operating system's settings say about proxies, in the one form that all of them are read into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from studio.base.errors import BadInput
from studio.base.records import dataclass
from studio.network.hops import Hop, read_hop


@dataclass(frozen=True)
class SystemSettings:
    """`source` is the system's name; `detect` that a script is to be looked for; `script` the address of one.

    `proxies` are by scheme (`http`, `https`), `socks` for those that have none; `bypass` the list of exceptions;
    `unread` the values that make no sense and were left out, without what they hold.
    """

    source: str
    detect: bool = False
    script: str = ""
    proxies: Mapping[str, Hop] = field(default_factory=dict)
    bypass: str = ""
    unread: tuple[str, ...] = ()

    def proxy(self, scheme: str) -> Hop | None:
        """The proxy for addresses of a scheme; what is not http goes the way of https."""
        return self.proxies.get("http" if scheme == "http" else "https") or self.proxies.get("socks")


class Found:
    """Proxies as they are found, and the names of the values that are none."""

    def __init__(self) -> None:
        self.proxies: dict[str, Hop] = {}
        self.unread: list[str] = []

    def take(self, scheme: str, address: str, value: str) -> None:
        """Keep the proxy at an address, for a scheme; `value` is what the system calls it."""
        if not address.strip():
            return
        if scheme == "socks" and "://" not in address:
            address = f"socks5://{address.strip()}"
        try:
            self.proxies[scheme] = read_hop(address, credentials=True)
        except BadInput:
            self.unread.append(value)
