"""Which proxy a host is reached through: the environment's variables and their exceptions, by one matcher of our own."""

from __future__ import annotations

import fnmatch
import ipaddress
import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from studio.base.records import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class ProxyRules:
    """A proxy address per scheme (None is direct) and the hosts reached without one."""

    https: str | None = None
    http: str | None = None
    bypass: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ProxyRules:
        """The rules of `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy`, lower case before upper case.

        `HTTP_PROXY` in capitals is not read in a CGI program, where a request header can set it.
        """

        def value(name: str) -> str | None:
            found = environment.get(name) or environment.get(name.upper()) or None
            if name == "http_proxy" and "REQUEST_METHOD" in environment:
                found = environment.get(name) or None
            return found

        both = value("all_proxy")
        return cls(
            https=_with_scheme(value("https_proxy") or both),
            http=_with_scheme(value("http_proxy") or both),
            bypass=value("no_proxy") or "",
        )

    def choose(self, scheme: str, host: str, port: int | None = None) -> str | None:
        """The proxy's address for a target, None for a direct connection. This computer is always direct."""
        proxy = self.https if scheme == "https" else self.http
        return None if proxy is None or fitting(self.bypass, host, port) else proxy


def is_loopback(host: str) -> bool:
    """`host` is this computer by name or address."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    return address is not None and address.is_loopback


def fitting(rules: str, host: str, port: int | None = None) -> str:
    """The entry of the list that lets a host be reached without proxy, empty where none does.

    This computer is reached so without being listed (`localhost` is the answer then), but not with `<-loopback>` in the
    list: the entry by which Windows, too, sends even that through the proxy.
    """
    if is_loopback(host) and "<-loopback>" not in _entries(rules):
        return "localhost"
    return bypassed(rules, host, port)


def bypassed(rules: str, host: str, port: int | None = None) -> str:
    """The first entry of a list of exceptions that fits the host, empty where none does.

    Entries are separated by commas, semicolons or spaces: a domain with everything below it, `.domain` the same,
    `*.domain` only what is below, any other wildcard, an address, a network (`10.0.0.0/8`, also short, `169.254/16`),
    `host:port`, `*` for all and Windows' `<local>` for names without a dot. A scheme before an entry is left out.
    """
    name = host.strip("[]").rstrip(".").lower()
    address = _address(name)
    return next((entry for entry in _entries(rules) if _fits(_bare(entry), name, address, port)), "")


def _entries(rules: str) -> list[str]:
    return [entry for entry in re.split(r"[,;\s]+", rules.lower()) if entry]


def _bare(entry: str) -> str:
    """Windows allows `https://host` in its list."""
    return entry.partition("://")[2].rstrip("/") if "://" in entry else entry


def _fits(entry: str, host: str, address: Address | None, port: int | None) -> bool:
    if entry == "*":
        return True
    if entry == "<local>":
        return "." not in host and address is None
    if "/" in entry:
        return address is not None and _in_network(address, entry)
    entry, wanted = _split_port(entry)
    if wanted is not None and wanted != port:
        return False
    if address is not None:
        other = _address(entry)
        return other == address if other is not None else fnmatch.fnmatchcase(host, entry)
    if "*" in entry or "?" in entry:
        return fnmatch.fnmatchcase(host, entry)
    domain = entry.strip(".")
    return bool(domain) and (host == domain or host.endswith("." + domain))


def _split_port(entry: str) -> tuple[str, int | None]:
    if ":" not in entry:
        return entry, None
    match = re.fullmatch(r"(\[[^\]]+\]|[^:]+):(\d{1,5})", entry)
    if match is None:
        return entry.strip("[]"), None
    return match[1].strip("[]"), int(match[2])


def _in_network(address: Address, text: str) -> bool:
    start, _slash, bits = text.partition("/")
    if re.fullmatch(r"\d{1,3}(\.\d{1,3}){0,2}", start):
        start += ".0" * (3 - start.count("."))  # macOS: 169.254/16
    try:
        return address in ipaddress.ip_network(f"{start}/{bits}", strict=False)
    except ValueError:
        return False


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _with_scheme(address: str | None) -> str | None:
    if address is None:
        return None
    return address if "://" in address else f"http://{address}"


def shown(address: str) -> str:
    """A proxy's address without its user and password, for people and logs."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
