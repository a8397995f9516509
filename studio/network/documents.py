"""Files from the web one after the other, for callers that wait: one client, its loop, and the headers that matter."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from types import TracebackType

import httpx

from studio.base.errors import NotAllowed, NotReachable
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.network.client import JSON_LIMIT, NetworkSettings, open_client, reaching, read_body, safe_url

_MAX_AGE = re.compile(r"max-age\s*=\s*(\d{1,9})")
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Document:
    """One answer: its bytes; or where it has moved to; or that what the caller has still holds. `age` is in seconds."""

    body: bytes = b""
    etag: str = ""
    modified: str = ""
    age: float = 0.0
    moved: str = ""
    unchanged: bool = False


class Documents:
    """Fetches files; a context manager, as a client and its loop are kept open in between."""

    def __init__(self, settings: NetworkSettings | None = None) -> None:
        self._settings = settings
        self._runner = asyncio.Runner()
        self._client: httpx.AsyncClient | None = None

    def __enter__(self) -> Documents:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._runner.run(self._client.aclose())
        self._runner.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None, *, limit: int = JSON_LIMIT) -> Document:
        """The file at an https address (http on this computer only), redirects told rather than followed.

        Raises NotReachable, NotAllowed when the server refuses, TooLarge beyond `limit` bytes.
        """
        return self._runner.run(self._get(url, dict(headers or {}), limit))

    async def _get(self, url: str, headers: dict[str, str], limit: int) -> Document:
        if self._client is None:
            self._client = open_client(self._settings)
        with reaching(url):
            async with self._client.stream("GET", url, headers=headers) as response:
                return _document(response, await read_body(response, limit), url)


def _document(response: httpx.Response, body: bytes, url: str) -> Document:
    status = response.status_code
    age = _MAX_AGE.search(response.headers.get("Cache-Control", ""))
    seconds = float(age[1]) if age else 0.0
    if status == 304:
        return Document(age=seconds, unchanged=True)
    if status in _REDIRECTS and response.headers.get("Location"):
        return Document(moved=response.headers["Location"])
    if status in (401, 403, 407):
        raise NotAllowed(
            _("{url} is not given to us: the server answered {status}.").format(
                url=safe_url(url), status=status
            ),
            next_step=_("Check the user and password or the token, and that they may read it."),
        )
    if status != 200:
        raise NotReachable(
            _("{url} could not be fetched: the server answered {status}.").format(
                url=safe_url(url), status=status
            ),
            next_step=_("Check the address."),
        )
    return Document(
        body, response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""), seconds
    )
