"""What a proxy script may call: the functions browsers give it, over names, addresses, patterns, days and hours.

Netscape's "Navigator Proxy Auto-Config File Format" (1996) names them; where it is vague they do as today's browsers
do. The variants in …Ex, which know IPv6, are Microsoft's. An argument of the wrong kind is false, or null, never an
error: so it is in browsers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from studio.base.records import dataclass

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True)
class Surroundings:
    """What the functions know of the world: the addresses of a name, of this computer, and the time in a zone.

    `now` is called with UTC or with None for the computer's own zone.
    """

    resolve: Callable[[str], Sequence[str]]
    mine: Sequence[str] = ()
    now: Callable[[object], datetime] = lambda zone: datetime.now(UTC) if zone else datetime.now()


def functions(around: Surroundings) -> dict[str, Callable[..., object]]:
    """The functions by their names."""
    return {
        "isPlainHostName": lambda host=None, *_: "." not in _text(host) and ":" not in _text(host),
        "dnsDomainIs": lambda host=None, domain=None, *_: _text(host).endswith(_text(domain)),
        "localHostOrDomainIs": lambda host=None, full=None, *_: (
            _text(host) == _text(full) or _text(full).startswith(_text(host) + ".")
        ),
        "dnsDomainLevels": lambda host=None, *_: _text(host).count("."),
        "shExpMatch": lambda text=None, pattern=None, *_: fits(_text(text), _text(pattern)),
        "convert_addr": lambda address=None, *_: _number(_text(address)),
        "dnsResolve": lambda host=None, *_: next(iter(_addresses(around, host, 4)), None),
        "isResolvable": lambda host=None, *_: bool(_addresses(around, host, 4)),
        "isInNet": lambda host=None, start=None, mask=None, *_: in_net(around, host, start, mask),
        "myIpAddress": lambda *_: next((a for a in around.mine if ":" not in a), "127.0.0.1"),
        "dnsResolveEx": lambda host=None, *_: ";".join(_addresses(around, host)),
        "isResolvableEx": lambda host=None, *_: bool(_addresses(around, host)),
        "isInNetEx": lambda host=None, network=None, *_: in_network(around, host, network),
        "myIpAddressEx": lambda *_: ";".join(around.mine),
        "sortIpAddressList": lambda listed=None, *_: sort_addresses(_text(listed)),
        "getClientVersion": lambda *_: "1.0",
        "weekdayRange": lambda *given: weekday_range(around, *given),
        "dateRange": lambda *given: date_range(around, *given),
        "timeRange": lambda *given: time_range(around, *given),
        "alert": lambda *_: None,
    }


def fits(text: str, pattern: str) -> bool:
    """A shell's pattern, `*` and `?`, in time proportional to both lengths whatever the pattern."""
    at = start = 0
    star, resume = -1, 0
    while at < len(text):
        if start < len(pattern) and pattern[start] == "*":
            star, resume = start, at
            start += 1
        elif start < len(pattern) and pattern[start] in ("?", text[at]):
            at, start = at + 1, start + 1
        elif star >= 0:
            resume += 1
            at, start = resume, star + 1
        else:
            return False
    return not pattern[start:].strip("*")


def in_net(around: Surroundings, host: object, start: object, mask: object) -> bool:
    """The host's IPv4 address is the pattern's where the mask has its bits."""
    found = next(iter(_addresses(around, host, 4)), "")
    try:
        address, wanted, bits = (int(ipaddress.IPv4Address(_text(one))) for one in (found, start, mask))
    except ValueError:
        return False
    return address & bits == wanted & bits


def in_network(around: Surroundings, host: object, network: object) -> bool:
    """One of the host's addresses is in a network such as `2001:db8::/32`."""
    try:
        wanted = ipaddress.ip_network(_text(network), strict=False)
    except ValueError:
        return False
    return any(ipaddress.ip_address(one) in wanted for one in _addresses(around, host))


def sort_addresses(listed: str) -> str:
    """A list with `;` in order, IPv6 before IPv4; empty where one of them is no address."""
    try:
        found = [ipaddress.ip_address(one.strip()) for one in listed.split(";") if one.strip()]
    except ValueError:
        return ""
    return ";".join(str(one) for one in sorted(found, key=lambda one: (-one.version, int(one))))


def weekday_range(around: Surroundings, *given: object) -> bool:
    """`weekdayRange("MON", "FRI", "GMT")`: on these days, the last one included, over the end of the week too."""
    now, words = _when(around, given)
    days = [DAYS.index(word) for word in map(_upper, words) if word in DAYS]
    if not days or len(days) != len(words) or len(days) > 2:
        return False
    return _between(days[0], now.weekday(), days[-1])


def date_range(around: Surroundings, *given: object) -> bool:
    """`dateRange(1, "JUN", 15, "AUG")`: days, months and years, alone or as two ends, both included."""
    now, words = _when(around, given)
    parts = [_date_part(word) for word in words]
    if not parts or len(parts) > 6 or None in parts:
        return False
    known = [part for part in parts if part is not None]
    kinds, values = [part[0] for part in known], [part[1] for part in known]
    today = {"year": now.year, "month": now.month, "day": now.day}
    half = len(kinds) // 2
    if len(kinds) % 2 or kinds[:half] != kinds[half:]:
        return len(set(kinds)) == len(kinds) and all(
            today[k] == v for k, v in zip(kinds, values, strict=True)
        )
    order = [kind for kind in ("year", "month", "day") if kind in kinds]
    first, last = (dict(zip(kinds[:half], ends, strict=True)) for ends in (values[:half], values[half:]))
    start, here, end = ([ends[kind] for kind in order] for ends in (first, today, last))
    return start <= here <= end if "year" in order else _between(start, here, end)


def time_range(around: Surroundings, *given: object) -> bool:
    """`timeRange(8, 30, 17, 0)`: hours, minutes, seconds of two moments; of one hour, or of two, until they are over."""
    now, words = _when(around, given)
    if len(words) not in (1, 2, 4, 6) or not all(isinstance(word, int | float) for word in words):
        return False
    numbers = [int(float(str(word))) for word in words]
    if len(numbers) == 1:
        numbers = numbers * 2
    half = len(numbers) // 2
    start, end = numbers[:half], numbers[half:]
    return _between([*start, 0, 0][:3], [now.hour, now.minute, now.second], [*end, 59, 59][:3])


def _between(start: object, here: object, end: object) -> bool:
    """Between two ends of something that begins anew: from November to March."""
    if start <= end:  # type: ignore[operator]
        return bool(start <= here <= end)  # type: ignore[operator]
    return bool(here >= start or here <= end)  # type: ignore[operator]


def _date_part(word: object) -> tuple[str, int] | None:
    if isinstance(word, int | float) and not isinstance(word, bool):
        number = int(word)
        return ("day", number) if 1 <= number <= 31 else ("year", number)
    month = _upper(word)
    return ("month", MONTHS.index(month) + 1) if month in MONTHS else None


def _when(around: Surroundings, given: Sequence[object]) -> tuple[datetime, list[object]]:
    """The time, and the arguments without `GMT`."""
    words = [word for word in given if word is not None]
    if words and _upper(words[-1]) == "GMT":
        return around.now(UTC), words[:-1]
    return around.now(None), words


def _addresses(around: Surroundings, host: object, version: int = 0) -> list[str]:
    name = _text(host).strip("[]")
    try:
        found = [str(ipaddress.ip_address(name))]
    except ValueError:
        found = list(around.resolve(name)) if name else []
    return [one for one in found if not version or (":" in one) == (version == 6)]


def _number(address: str) -> int:
    """An IPv4 address as the number its four bytes are; 0 where it is none."""
    try:
        return int(ipaddress.IPv4Address(address))
    except ValueError:
        return 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _upper(value: object) -> str:
    return _text(value).upper()
