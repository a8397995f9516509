"""Where a proxy script is read from: http, https, a file or a `data:` address; never large, never long, never by a proxy."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import re
from pathlib import Path
from urllib.parse import SplitResult, unquote, unquote_to_bytes, urljoin, urlsplit
from urllib.request import url2pathname

import httpx

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.base.system_errors import reason_of
from studio.network.pac import ScriptFailed
from studio.network.settings import NetworkPreferences
from studio.network.trust import context_for

LARGEST = 1 << 20
"""The longest script, in bytes."""
SECONDS = 5.0
_REDIRECTS = 3


@dataclass(frozen=True)
class Script:
    """A proxy script and where it is from."""

    text: str
    source: str


async def fetch(source: str, preferences: NetworkPreferences, *, seconds: float = SECONDS) -> Script:
    """The script at an address or in a file; raises ScriptFailed naming it."""
    parts = _split(source)
    try:
        async with asyncio.timeout(seconds):
            if parts.scheme in ("http", "https"):
                data = await _from_web(source, preferences)
            elif parts.scheme == "data":
                data = _from_data(source)
            else:
                data = _from_file(_path(source, parts))
    except TimeoutError:
        raise _failed(source, _("no answer came within {n} seconds").format(n=f"{seconds:g}")) from None
    text = _decoded(data)
    if text.lstrip()[:1] == "<":
        raise _failed(source, _("what is there is a page, not a script"))
    return Script(text, source)


def shown(source: str) -> str:
    """The address for people: without user, password and query; a script in the address itself by its kind only."""
    parts = _split(source)
    if parts.scheme == "data":
        return _("the setting itself")
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return source


def _split(source: str) -> SplitResult:
    try:
        return urlsplit(source.strip())
    except ValueError:
        return SplitResult("", "", source, "", "")


async def _from_web(source: str, preferences: NetworkPreferences) -> bytes:
    for _turn in range(_REDIRECTS + 1):
        try:
            url = httpx.URL(source)
            secure = url.scheme == "https"
            context = context_for(url.host, url.port or 443, preferences)
            async with (
                httpx.AsyncClient(verify=context, trust_env=False, timeout=SECONDS) as client,
                client.stream(
                    "GET", url, headers={"Accept": "application/x-ns-proxy-autoconfig, */*"}
                ) as answer,
            ):
                if answer.is_redirect and answer.headers.get("Location"):
                    moved = urljoin(source, answer.headers["Location"])
                    if urlsplit(moved).scheme not in (("https",) if secure else ("http", "https")):
                        raise _failed(source, _("the server leads away from a secure address"))
                    source = moved
                    continue
                if answer.status_code != 200:
                    raise _failed(source, _("the server answered {status}").format(status=answer.status_code))
                return await _limited(answer, source)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            raise _failed(source, str(error).rstrip(".") or type(error).__name__) from error
    raise _failed(source, _("the server leads from one address to the next without end"))


async def _limited(answer: httpx.Response, source: str) -> bytes:
    found = b""
    async for block in answer.aiter_bytes():
        found += block
        if len(found) > LARGEST:
            raise _too_large(source)
    return found


def _from_data(source: str) -> bytes:
    head, comma, content = source.strip().partition(",")
    if not comma:
        raise _failed(source, _("it holds no script"))
    if len(content) > 2 * LARGEST:
        raise _too_large(source)
    if not head.lower().endswith(";base64"):
        return unquote_to_bytes(content)
    try:
        return base64.b64decode(unquote(content), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _failed(source, _("it holds no script")) from error


def _path(source: str, parts: SplitResult) -> Path:
    if parts.scheme != "file":
        return Path(source).expanduser()
    # file:///C:/proxy.pac, file://C:/proxy.pac and file://server/share/proxy.pac are all met.
    path = url2pathname(parts.path)
    if parts.netloc and parts.netloc.lower() != "localhost":
        drive = re.fullmatch(r"[A-Za-z]:", parts.netloc)
        path = f"{parts.netloc}{path}" if drive else f"{os.sep * 2}{parts.netloc}{path}"
    return Path(path)


def _from_file(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise FileNotFoundError(2, os.strerror(2))
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise _failed(str(path), reason) from error
    if len(data) > LARGEST:
        raise _too_large(str(path))
    return data


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _too_large(source: str) -> ScriptFailed:
    return _failed(source, _("it is larger than {n} MB").format(n=LARGEST >> 20))


def _failed(source: str, reason: str) -> ScriptFailed:
    return ScriptFailed(
        _("The proxy script of {source} cannot be had: {reason}.").format(
            source=shown(source), reason=reason
        ),
        next_step=_("Check its address in a browser, or name the proxy itself: weft proxy set ADDRESS"),
    )
