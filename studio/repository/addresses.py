"""Addresses of repository servers."""

from __future__ import annotations

from urllib.parse import urlsplit

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.network.proxies import is_loopback


def clean_server(text: str) -> str:
    """A server's address as `https://host:port`; raises BadInput. http is for this computer only."""
    given = text.strip() if "://" in text else f"https://{text.strip()}"
    try:
        parts = urlsplit(given)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    odd = parts.username is not None or parts.query or parts.fragment or parts.path.strip("/")
    if not host or odd or parts.scheme not in ("https", "http") or any(c.isspace() for c in host):
        raise BadInput(
            _("{text} is not the address of a repository server.").format(text=text),
            next_step=_("Give it as https://host:port."),
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise BadInput(
            _("{host} is addressed without encryption.").format(host=host),
            next_step=_("Use its https address."),
        )
    name = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{name}" + (f":{port}" if port and port != usual else "")
