"""One step of a way out: a proxy's kind, host and port, read from an address as people and systems write it."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass

Kind = Literal["direct", "http", "https", "socks5"]
_KINDS: dict[str, Kind] = {
    "http": "http",
    "https": "https",
    "socks": "socks5",
    "socks5": "socks5",
    "socks5h": "socks5",
}
# Where an address names none.
_PORTS: dict[Kind, int] = {"direct": 0, "http": 80, "https": 443, "socks5": 1080}
_HOST = re.compile(r"[0-9A-Za-z_.-]{1,253}|[0-9a-fA-F:.]{2,45}")


@dataclass(frozen=True)
class Hop:
    """A direct connection, or a proxy: spoken to in HTTP, in HTTP inside TLS, or in SOCKS version 5."""

    kind: Kind
    host: str = ""
    port: int = 0

    @property
    def address(self) -> str:
        """`host:port`, as a proxy's user and password are kept under; empty for a direct connection."""
        if self.kind == "direct":
            return ""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return _("direct") if self.kind == "direct" else f"{self.kind}://{self.address}"


DIRECT = Hop("direct")


def read_hop(text: str, *, credentials: bool = False) -> Hop:
    """The proxy at an address: `host:port`, `http://host:port`, `https://…` (TLS to the proxy) or `socks5://…`.

    Raises BadInput saying what is wrong with it, without repeating what may be a password. With `credentials` a user
    and password before the host are left out silently, as the environment's addresses may hold them.
    """
    parts = _split(text.strip())
    if not credentials and "@" in parts.netloc:
        raise BadInput(
            _("A proxy's address holds no user and no password here."),
            next_step=_("Give host and port only; the password goes to the key store: weft proxy password."),
        )
    kind = _KINDS.get(parts.scheme.lower())
    if kind is None:
        raise BadInput(
            _("Proxies of the kind {kind} are not offered.").format(kind=parts.scheme),
            next_step=_("Use http://host:port, https://host:port or socks5://host:port."),
        )
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise BadInput(
            _("A proxy's address ends with its port; this looks like the address of a page or a script."),
            next_step=_("Is it a proxy script? Then choose the way script and give it there."),
        )
    try:
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host, port = "", None
    if not _HOST.fullmatch(host) or port == 0:
        raise _unusable()
    return Hop(kind, host, port or _PORTS[kind])


def _split(text: str) -> SplitResult:
    if not text or re.search(r"[\x00-\x20\x7f]", text):
        raise _unusable()
    try:
        return urlsplit(text if "://" in text else f"http://{text}")
    except ValueError:
        raise _unusable() from None


def _unusable() -> BadInput:
    return BadInput(
        _("This is no address of a proxy."), next_step=_("Write it as http://proxy.example.com:8080.")
    )
