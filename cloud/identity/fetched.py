"""What the server asks of an identity provider: JSON over HTTPS, small, soon, and never from inside unless allowed."""

from __future__ import annotations

import ipaddress
import json
import socket
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

LARGEST = 512 * 1024
SECONDS = 10.0


class NotFetched(Exception):
    """The provider could not be asked; the text says why, for an administrator."""


class Fetch:
    """Fetches JSON. `inside` also allows http and addresses of this machine and network (tests, a provider in-house).

    Redirects are not followed: the addresses of a provider are agreed, not told on the way.
    """

    def __init__(self, *, inside: bool = False, transport: httpx.BaseTransport | None = None) -> None:
        self.inside = inside
        self._transport = transport

    def check(self, url: str) -> None:
        """Refuse an address we would not ask; raises NotFetched."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (self.inside and parts.scheme == "http"):
            raise NotFetched(f"{parts.scheme or 'no scheme'}: only https is asked")
        if not parts.hostname or parts.username or parts.password:
            raise NotFetched("the address has no host, or a password in it")

    def json(self, url: str, bearer: str = "") -> Mapping[str, Any]:
        """What is at an address, with an access token if there is one."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return self._ask("GET", url, headers=headers)

    def form(
        self, url: str, values: Mapping[str, str], auth: tuple[str, str] | None = None
    ) -> Mapping[str, Any]:
        """What an address answers to a form."""
        return self._ask("POST", url, data=dict(values), auth=auth)

    def _ask(self, method: str, url: str, **more: Any) -> Mapping[str, Any]:
        self.check(url)
        if not self.inside:
            _outside_only(str(urlsplit(url).hostname), urlsplit(url).port or 443)
        try:
            with (
                httpx.Client(
                    timeout=SECONDS, follow_redirects=False, trust_env=True, transport=self._transport
                ) as client,
                client.stream(method, url, **more) as answer,
            ):
                if answer.status_code != 200:
                    raise NotFetched(f"answered {answer.status_code}")
                return _read(answer)
        except (httpx.HTTPError, ValueError, OSError) as error:
            raise NotFetched(type(error).__name__) from error


def _read(answer: httpx.Response) -> Mapping[str, Any]:
    body = b""
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > LARGEST:
            raise NotFetched("the answer is too large")
    found = json.loads(body)
    if not isinstance(found, dict):
        raise NotFetched("the answer is not an object")
    return found


def _outside_only(host: str, port: int) -> None:
    """Refuse names that lead to this machine or the network around it: a setting must not make us knock at those.

    A name that leads elsewhere a moment later finds no certificate for it there. Where a proxy goes for us, it decides.
    """
    if "https" in urllib.request.getproxies():
        return
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise NotFetched("no such host") from error
    if any(not ipaddress.ip_address(str(one).partition("%")[0]).is_global for one in found):
        raise NotFetched("the address is inside this network")
