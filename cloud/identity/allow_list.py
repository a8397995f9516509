"""The addresses an organization may be reached from; whose request it is, cloud/addresses.py finds out."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from cloud.addresses import Address

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_RANGES = 200


class BadRange(ValueError):
    """A line of an allow-list is neither an address nor a range; `line` is as it was given."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


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
    return not ranges or (caller is not None and any(caller in one for one in ranges))
