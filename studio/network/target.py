"""The address of a system, as people write it and as connections hold it: which host, which port, and in which language."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass

_PORTS = {
    "https": 443, "http": 80, "sftp": 22, "ssh": 22, "ftp": 21, "ftps": 990, "smtp": 25, "smtps": 465,
    "postgresql": 5432, "mysql": 3306, "mssql": 1433, "oracle": 1521,
}  # fmt: skip
_SSH = ("sftp", "ssh")
_HOST = re.compile(r"[0-9A-Za-z_.-]{1,253}|[0-9a-fA-F:.]{2,45}")


@dataclass(frozen=True)
class Target:
    """`scheme` is the way's: `http` for plain HTTP, else `https`; `speaks` is http, https, ssh or empty for others."""

    host: str
    port: int
    scheme: str
    speaks: str

    @property
    def name(self) -> str:
        """Host, with its port where that is not the usual one of https or http."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}.get(self.speaks)
        return host if self.port == usual else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """As a URL without a path, where it speaks HTTP; else host and port."""
        return f"{self.speaks}://{self.name}" if self.speaks in ("http", "https") else self.name


def read_target(address: str) -> Target:
    """The target of a URL, a host, or `host:port`; raises BadInput without repeating what may be a password."""
    text = address.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        scheme, host, port = parts.scheme.lower(), (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        scheme, host, port = "", "", None
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    number = port or _PORTS.get(scheme)
    if not _HOST.fullmatch(host) or number is None or re.search(r"[\x00-\x20\x7f]", text):
        raise BadInput(
            _("This is no address of a system."),
            next_step=_("Give a URL such as https://login.salesforce.com, or a host and its port."),
        )
    if "://" not in text and number in (22, 2222):
        scheme = "ssh"
    speaks = "ssh" if scheme in _SSH else scheme if scheme in ("http", "https") else ""
    return Target(host, number, "http" if speaks == "http" else "https", speaks)
