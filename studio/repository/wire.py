"""Requests to one repository server: signed in, bounded in time and size, tried again only where that can do no harm."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from studio.base.errors import NotReachable
from studio.base.i18n import _, language
from studio.base.records import dataclass
from studio.network.client import limited, never_sent, reaching, read_body
from studio.network.retry_after import retry_after
from studio.repository.addresses import clean_server
from studio.repository.refusals import NotARepository, ServerFailed, refusal

API = "/api/v1"
# 20,000 files of a manifest with the longest paths are a third of it.
ANSWER_BYTES = 32 * 1024 * 1024
_PROBLEM_BYTES = 1024 * 1024
T = TypeVar("T")
Body = Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True)
class Patience:
    """How often a request is tried and how long (s) is waited in between; longer than `longest` is told, not waited.

    `whole`: how long (s) one request may take from its first byte to the last of its answer, even if something comes.
    """

    tries: int = 4
    first: float = 0.3
    longest: float = 15.0
    whole: float = 900.0
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep, compare=False)

    def wait(self, tried: int) -> float:
        """The pause after so many tries; not the same for all clients of a server that comes back."""
        grown = self.first * 3.0 ** (tried - 1)
        return min(grown, self.longest) * random.uniform(0.7, 1.3)


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def tag(self) -> str:
        """The entity tag without its quotation marks."""
        return self.headers.get("etag", "").removeprefix("W/").strip('"')


@dataclass(frozen=True)
class Asked:
    """One request. `again`: a second time does nothing further. `json` is sent as JSON; `body` makes bytes, once a try."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    body: Body | None = None
    again: bool = False


class Wire:
    """One server, one client, one token (empty: not signed in)."""

    def __init__(
        self, server: str, token: str, client: httpx.AsyncClient, patience: Patience | None = None
    ) -> None:
        self.server = clean_server(server)
        self.patience = patience or Patience()
        self._token = token
        self._client = client

    async def ask(self, asked: Asked, limit: int = ANSWER_BYTES) -> Answer:
        """The answer, of a status below 300 or 304.

        Raises Refused and its kinds, ServerFailed, NotARepository, NotReachable, TooLarge.
        """

        # Contents that go up take as long as they take; each piece of them has its own limit of silence.
        whole = self.patience.whole if asked.body is None else None

        async def once() -> Answer:
            try:
                async with asyncio.timeout(whole), self._response(asked) as response:
                    body = await read_body(response, limit)
                    return Answer(response.status_code, response.headers, body)
            except TimeoutError as error:
                raise NotReachable(
                    _("{server} did not come to the end of its answer in time.").format(server=self.server),
                    next_step=_("Check the connection and try again."),
                ) from error

        return await self.patiently(once, again=asked.again)

    async def json(self, asked: Asked, kind: type[T]) -> T:
        """The answer as a value of the protocol; raises NotARepository for anything else."""
        return self.read(await self.ask(asked), kind)

    def read(self, answer: Answer, kind: type[T]) -> T:
        """The value an answer's JSON is; raises NotARepository."""
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise self._strange(_("its answer cannot be read")) from error

    @contextlib.asynccontextmanager
    async def streaming(self, asked: Asked, limit: int) -> AsyncIterator[tuple[int, AsyncIterator[bytes]]]:
        """One try: the status and the body in pieces, of which more than `limit` bytes raise TooLarge."""
        async with self._response(asked) as response:
            yield response.status_code, limited(response.aiter_bytes(), limit, self.server)

    async def patiently(self, once: Callable[[], Awaitable[T]], *, again: bool) -> T:
        """Do it, and do it again where the server is busy or the line was cut and `again` says it can do no harm."""
        tried = 0
        while True:
            tried += 1
            try:
                return await once()
            except NotReachable as error:
                pause = self.pause(error, tried, again=again)
                if pause is None:
                    raise
            await self.patience.sleep(pause)

    def pause(self, error: NotReachable, tried: int, *, again: bool) -> float | None:
        """How long to wait before another try; None for none."""
        if tried >= self.patience.tries or isinstance(error, NotARepository) or never_sent(error):
            return None
        if isinstance(error.__cause__, httpx.TimeoutException | TimeoutError):
            return None  # it had all the time there is
        asked = None
        if isinstance(error, ServerFailed):
            asked = error.wait
            again = again or error.status == 429  # counted, and not looked at
        if not again or (asked is not None and asked > self.patience.longest):
            return None
        return max(asked or 0.0, self.patience.wait(tried))

    @contextlib.asynccontextmanager
    async def _response(self, asked: Asked) -> AsyncIterator[httpx.Response]:
        headers = {"Accept-Language": language().replace("_", "-"), **asked.headers}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        content: Any = None
        if asked.json is not None:
            headers["Content-Type"] = "application/json"
            content = msgspec.json.encode(asked.json)
        elif asked.body is not None:
            content = asked.body()
        url = self.server + asked.path
        try:
            with reaching(self.server):
                async with self._client.stream(
                    asked.method, url, params=dict(asked.params) or None, headers=headers, content=content
                ) as response:
                    await self._check(response)
                    yield response
        except (httpx.DecodingError, httpx.InvalidURL) as error:
            raise self._strange(str(error)) from error

    async def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status < 300 or (status == 304 and "If-None-Match" in response.request.headers):
            return
        if status == 304:
            raise self._strange(_("it says that nothing changed, and was not asked whether"))
        if status < 400:
            raise self._strange(
                _("it sends us on to {place}").format(
                    place=urlsplit(response.headers.get("Location", "")).netloc or "?"
                )
            )
        body = await read_body(response, _PROBLEM_BYTES)
        wait = retry_after(response.headers.get("Retry-After"))
        raise refusal(self.server, status, response.headers.get("Content-Type", ""), body, wait)

    def _strange(self, reason: str) -> NotARepository:
        return NotARepository(
            _("{server} does not answer as a repository server does: {reason}.").format(
                server=self.server, reason=reason.rstrip(".")
            ),
            next_step=_("Check the address, and whether a proxy answers in its place: weft proxy doctor"),
        )
