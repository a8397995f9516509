"""Whose request it is: the peer's address, or what proxies we trust say about it; nobody else's word counts."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

Address = IPv4Address | IPv6Address


def plain(text: str) -> Address | None:
    """An address as proxies write it (with a port, in brackets, with a zone), IPv4 mapped into IPv6 as IPv4; None for
    what is no address."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1 and "." in bare:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


class Proxies:
    """The proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ip_network(text) for text in networks]

    def trusts(self, address: Address | None) -> bool:
        """Whether the address is one of them."""
        return address is not None and any(address in network for network in self._networks)

    def resolve(self, scope: Scope, headers: Headers) -> tuple[str, bool]:
        """The caller's address as text, and whether the caller speaks TLS.

        The list in X-Forwarded-For is read from its end: the first address that is not a trusted proxy is the
        caller's; what stands before it is hearsay. Where a trusted proxy says what is no address, nobody knows whose
        request it is: the address is "".
        """
        client = scope.get("client")
        peer = client[0] if client else ""
        address, secure = plain(peer), scope.get("scheme") == "https"
        if not self.trusts(address):
            return str(address or peer), secure
        hops = [hop for hop in ",".join(headers.getlist("x-forwarded-for")).split(",") if hop.strip()]
        for text in reversed(hops):
            address = plain(text)
            if not self.trusts(address):
                break
        proto = headers.getlist("x-forwarded-proto")
        if len(proto) == 1:
            secure = proto[0].strip().lower() == "https"
        return str(address or ""), secure
