"""A signed-in org: requests with the token, renewed once when it has run out, retried where that can do no harm."""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import gzip
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from studio.base.errors import NotAllowed, NotReachable, WeftError
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.errors import SalesforceError, request_error
from studio.connectors.salesforce.pace import Pace
from studio.network.client import FIRST_WORDS, WrongAddress, reaching, read_body
from studio.network.retry_after import retry_after

# The newest version this client was tested with; an org that offers less is spoken to in its own newest.
TESTED_VERSION = 66.0
OLDEST_VERSION = 47.0
_SAFE = frozenset({"GET", "HEAD", "DELETE"})
# Twice in a row a new token may be refused (several processes renewing at once); then it is the sign-in that is wrong.
_RENEWALS = 2
# Bodies up to so many bytes go as they are.
_WORTH_PACKING = 2000
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")

Params = Mapping[str, str]


@dataclass(frozen=True)
class Grant:
    """What a sign-in gives. `identity` is the address naming org and user; `refresh_token` may be replaced on use."""

    access_token: str = field(repr=False)
    instance_url: str
    refresh_token: str | None = field(default=None, repr=False)
    identity: str = ""

    @property
    def org_id(self) -> str:
        """The org's id from the identity address, empty when unknown."""
        parts = urlsplit(self.identity).path.strip("/").split("/")
        return parts[1] if len(parts) == 3 and parts[0] == "id" else ""

    @property
    def user_id(self) -> str:
        """The user's id from the identity address, empty when unknown."""
        parts = urlsplit(self.identity).path.strip("/").split("/")
        return parts[2] if len(parts) == 3 and parts[0] == "id" else ""


Renew = Callable[[Grant], Awaitable[Grant]]


@dataclass
class Usage:
    """Requests made in this session, and of the org's day: `used` of `allowed` (0 while unknown).

    `clock` is the org's time in the last answer, to the second (0 while unknown).
    """

    calls: int = 0
    used: int = 0
    allowed: int = 0
    clock: float = 0.0

    def read(self, headers: httpx.Headers) -> None:
        """Take the day's figures from an answer."""
        self.calls += 1
        match = _USAGE.search(headers.get("Sforce-Limit-Info", ""))
        if match:
            self.used, self.allowed = int(match[1]), int(match[2])
        self.clock = date_of(headers) or self.clock


def date_of(headers: httpx.Headers) -> float:
    """The other side's time in an answer, 0 where it names none."""
    with contextlib.suppress(ValueError, TypeError):
        return email.utils.parsedate_to_datetime(headers.get("Date", "")).timestamp()
    return 0.0


@dataclass(frozen=True)
class Answer:
    """A whole answer with a status below 300."""

    status: int
    headers: httpx.Headers
    body: bytes

    def json(self) -> Any:
        """The body as JSON data; raises NotReachable when it is something else (a proxy's page)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise NotReachable(
                _("The answer is not what Salesforce sends: {start}").format(
                    start=self.body[:120].decode("utf-8", "replace")
                ),
                next_step=_("Check the org's address, and that no proxy answers in its place."),
            ) from error


class Org:
    """One signed-in org. `version` is such as `66.0`; `renew` makes a new grant when the token is refused."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        grant: Grant,
        *,
        version: str = "",
        renew: Renew | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.client = client
        self.grant = grant
        self.version = version
        self.pace = pace or Pace()
        self.usage = Usage()
        # To this computer nothing is gained by it.
        self.compress = not grant.instance_url.startswith("http://")
        # Somebody has answered here: from now on, silence is trouble on the way and no wrong address.
        self.answered = False
        self._renew = renew
        self._renewing = asyncio.Lock()
        self._identity: OrgIdentity | None = None

    @property
    def data(self) -> str:
        """The path all data calls start with: `/services/data/v66.0`."""
        return f"/services/data/v{self.version}"

    def address(self, path: str) -> str:
        """The full address of a path; raises NotAllowed for one that leads to another host (the token stays here)."""
        base = self.grant.instance_url.rstrip("/") + "/"
        url = urljoin(base, path)
        if urlsplit(url)[:2] != urlsplit(base)[:2]:
            raise NotAllowed(_("The org named an address on another host: {url}").format(url=url))
        return url

    async def get(self, path: str, params: Params | None = None, headers: Params | None = None) -> Answer:
        """GET, retried while the org is busy or out of reach, within the pace's patience."""
        return await self.request("GET", path, params=params, headers=headers)

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Params | None = None,
        headers: Params | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """One call with a JSON body or none.

        Reads and deletes (or what is called `repeatable`) are tried again on broken connections and busy answers; a
        write is sent once, so that no network trouble can make it happen twice. Raises SalesforceError, NotReachable.
        """
        again = method in _SAFE if repeatable is None else repeatable
        content = json.dumps(body).encode("utf-8") if body is not None else None
        extra = dict(headers or {})
        if content is not None:
            extra["Content-Type"] = "application/json; charset=UTF-8"
            if self.compress and len(content) > _WORTH_PACKING:
                content = gzip.compress(content, 1)
                extra["Content-Encoding"] = "gzip"

        async def once() -> Answer:
            async with self._sending(method, path, content=content, params=params, headers=extra) as response:
                return Answer(response.status_code, response.headers, await read_body(response))

        return await (self.patiently(once) if again else once())

    @contextlib.asynccontextmanager
    async def streaming(
        self, method: str, path: str, *, content: AsyncIterator[bytes] | None = None, headers: Params | None = None,
        params: Params | None = None,
    ) -> AsyncIterator[httpx.Response]:  # fmt: skip
        """An answer read as it comes; raises as `request` does, without trying again by itself."""
        async with self._sending(method, path, content=content, headers=headers, params=params) as response:
            yield response

    @contextlib.asynccontextmanager
    async def _sending(
        self,
        method: str,
        path: str,
        *,
        content: bytes | AsyncIterator[bytes] | None = None,
        headers: Params | None = None,
        params: Params | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """Send; when the token is refused, renew it and (unless a stream was consumed) send again."""
        url = self.address(path)
        for attempt in range(_RENEWALS + 1):
            token = self.grant.access_token
            with reaching(url):
                async with self.client.stream(
                    method,
                    url,
                    content=content,
                    params=params,
                    headers={**(headers or {}), "Authorization": f"Bearer {token}"},
                ) as response:
                    self.usage.read(response.headers)
                    self.answered = True
                    if response.status_code < 300:
                        yield response
                        return
                    error = request_error(response.status_code, await read_body(response))
                    wait = retry_after(response.headers.get("Retry-After"))
            if not error.session_over or attempt == _RENEWALS or self._renew is None:
                raise _Busy(error, wait) if error.passing else error
            await self.renew(token)
            if content is not None and not isinstance(content, bytes):
                raise error

    async def renew(self, refused: str) -> None:
        """Replace the token `refused`, once, however many requests noticed at the same time."""
        async with self._renewing:
            if self.grant.access_token == refused and self._renew is not None:
                self.grant = await self._renew(self.grant)

    async def patiently(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Call again after broken connections and busy answers, waiting as asked, until the patience is used up.

        An org that has not answered at all yet is soon given up, and at once where its address cannot work.
        """
        started = time.monotonic()
        for wait in self.pace.waits():
            try:
                return await call()
            except (NotReachable, _Busy) as error:
                asked = error.wait if isinstance(error, _Busy) else None
                pause = wait if asked is None else asked
                if time.monotonic() + pause - started > self._patience(error):
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("waits never end")

    def _patience(self, error: WeftError) -> float:
        """For how long (s) this kind of trouble is borne."""
        if self.answered or isinstance(error, _Busy):
            return self.pace.patience
        return 0.0 if isinstance(error, WrongAddress) else min(self.pace.patience, self.pace.opening)

    async def identify(self) -> OrgIdentity:
        """Who and where we are: asks for the Organization record, once in a session."""
        if self._identity is None:
            self._identity = await self._identify()
        return self._identity

    async def _identify(self) -> OrgIdentity:
        query = "SELECT Id, Name, OrganizationType, IsSandbox, TrialExpirationDate, InstanceName FROM Organization"
        answer = (await self.get(f"{self.data}/query", {"q": query})).json()
        record = (answer.get("records") or [{}])[0]
        return OrgIdentity(
            id=str(record.get("Id") or self.grant.org_id),
            name=str(record.get("Name") or urlsplit(self.grant.instance_url).netloc),
            kind=str(record.get("OrganizationType") or ""),
            sandbox=bool(record.get("IsSandbox")),
            instance_url=self.grant.instance_url,
            trial_ends=str(record.get("TrialExpirationDate") or ""),
        )


class _Busy(SalesforceError):
    """The org is busy; `wait` is how long it asked us to wait."""

    def __init__(self, error: SalesforceError, wait: float | None) -> None:
        super().__init__(error.message, code=error.code, status=error.status, next_step=error.next_step)
        self.wait = wait


@dataclass(frozen=True)
class OrgIdentity:
    """The org behind a session: `kind` is its edition, `sandbox` Salesforce's own word for a copy."""

    id: str
    name: str
    kind: str
    sandbox: bool
    instance_url: str
    trial_ends: str = ""

    @property
    def sort(self) -> str:
        """`production`, `sandbox`, `scratch`, `developer` or `practice`: an org on trial counts as production."""
        if (urlsplit(self.instance_url).hostname or "") in ("127.0.0.1", "localhost"):
            return "practice"
        if self.sandbox:
            # Sandboxes live until they are deleted; scratch orgs call themselves sandboxes with an end.
            return "scratch" if self.trial_ends else "sandbox"
        return "developer" if self.kind == "Developer Edition" else "production"

    @property
    def production(self) -> bool:
        """Real people work here: neither a copy, nor a developer's org, nor this computer's practice org."""
        return self.sort == "production"


async def connect(
    client: httpx.AsyncClient,
    grant: Grant,
    *,
    renew: Renew | None = None,
    version: str = "",
    pace: Pace | None = None,
) -> Org:
    """The org of a grant, its API version agreed with it; raises NotReachable, SalesforceError."""
    org = Org(client, grant, renew=renew, pace=pace)
    org.version = await org.patiently(lambda: negotiate_version(client, grant.instance_url, version))
    org.answered = True
    return org


async def negotiate_version(client: httpx.AsyncClient, instance_url: str, wanted: str = "") -> str:
    """The lower of the org's newest version and the newest we tested, or `wanted` when the org has it.

    The list of versions is open, no token is sent. Raises WeftError when there is no version both speak.
    """
    url = instance_url.rstrip("/") + "/services/data"
    with reaching(url):
        async with client.stream("GET", url, timeout=FIRST_WORDS) as response:
            body = await read_body(response)
    if response.status_code >= 300:
        error = request_error(response.status_code, body)
        if error.passing:
            raise _Busy(error, retry_after(response.headers.get("Retry-After")))
        raise _not_salesforce(url, error) if error.code.startswith("HTTP ") else error
    try:
        data = Answer(response.status_code, response.headers, body).json()
    except NotReachable as trouble:
        raise _not_salesforce(url, trouble) from trouble
    texts = [str(item.get("version", "")) for item in data if isinstance(item, dict)]
    offered = sorted(float(text) for text in texts if re.fullmatch(r"\d{1,3}\.\d", text))
    usable = [v for v in offered if OLDEST_VERSION <= v <= TESTED_VERSION]
    if wanted:
        usable = [v for v in offered if v == float(wanted)]
    if not usable:
        raise WeftError(
            _("The org offers no API version that we speak; it offers {versions}.").format(
                versions=", ".join(f"{v:.1f}" for v in offered[-5:]) or "–"
            ),
            next_step=_("Check the address of the org."),
        )
    return f"{usable[-1]:.1f}"


def _not_salesforce(url: str, reason: WeftError) -> WrongAddress:
    return WrongAddress(
        _("{host} does not answer as Salesforce does. {reason}").format(
            host=urlsplit(url).netloc, reason=reason.message
        ),
        next_step=_("Check the org's address, and that no proxy answers in its place."),
    )
