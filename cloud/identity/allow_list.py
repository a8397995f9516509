"""The addresses an organization may be reached from, and the address a request really comes from."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_RANGES = 200
_MOST_HOPS = 20


class BadRange(ValueError):
    """A line of an allow-list is neither an address nor a range; `line` is as it was given."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


def address(text: str) -> Address | None:
    """An address as people and proxies write it: with a port, in brackets, with a zone; IPv4 in IPv6 becomes IPv4."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1 and "." in bare:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def networks(lines: Iterable[str]) -> tuple[Network, ...]:
    """Ranges (`10.0.0.0/8`, `2001:db8::/32`) and single addresses; raises BadRange at the first that is none.

    A range with bits set behind its prefix (`10.1.2.3/8`) is refused: it says two things.
    """
    found: list[Network] = []
    for line in (line.strip() for line in lines):
        try:
            made = ipaddress.ip_network(line)
        except ValueError:
            raise BadRange(line) from None
        mapped = made.network_address.ipv4_mapped if isinstance(made, ipaddress.IPv6Network) else None
        if mapped is not None and made.prefixlen >= 96:
            made = ipaddress.ip_network(f"{mapped}/{made.prefixlen - 96}")
        found.append(made)
    if len(found) > MOST_RANGES:
        raise BadRange(str(found[MOST_RANGES]))
    return tuple(found)


def allows(ranges: Sequence[Network], caller: Address | None) -> bool:
    """Whether the caller may come in: anybody where there is no list, nobody unknown where there is one."""
    return not ranges or (caller is not None and _within(ranges, caller))


def real_caller(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """The address behind trusted proxies.

    `peer` is who opened the connection, `forwarded` the values of all X-Forwarded-For headers in order. Each proxy adds
    whom it saw at the end: read from there as long as the reader is trusted. What a stranger wrote is never looked at.
    """
    here = address(peer)
    if here is None or not _within(trusted, here):
        return here
    hops = [hop for value in forwarded for hop in value.split(",") if hop.strip()]
    for hop in reversed(hops[-_MOST_HOPS:]):
        seen = address(hop)
        if seen is None:
            # A trusted proxy wrote something that is no address: nobody can say who it is.
            return None
        here = seen
        if not _within(trusted, here):
            break
    return here


def locks_out(ranges: Sequence[Network], caller: Address | None) -> bool:
    """Whether whoever saves this list could not come back."""
    return not allows(ranges, caller)


def _within(ranges: Sequence[Network], caller: Address) -> bool:
    return any(caller.version == one.version and caller in one for one in ranges)
