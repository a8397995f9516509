"""Signing in with the browser: authorization code with PKCE, answered on a port of this computer."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import html
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import field, replace
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import httpx

from studio.base.errors import BadInput, NotReachable
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.address import DEFAULT_PORT, clean_url
from studio.connectors.salesforce.refusals import SignInRefused, refusal
from studio.connectors.salesforce.session import Grant
from studio.connectors.salesforce.sign_in import token_call
from studio.network.client import FIRST_WORDS, reaching, read_body

PATH = "/OauthRedirect"
_LONGEST_REQUEST = 16 * 1024
# How an org writes on its own page why it does not ask.
_REFUSAL = re.compile(r"\berror=(?P<code>\w+)(?:&error_description=(?P<said>[^&<>\"\r\n]*))?")
_Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class WebFlow:
    """One attempt. `state` and `verifier` are random; the redirect address must be the one set up in the app."""

    url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    port: int = DEFAULT_PORT
    scope: str = "api refresh_token"
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)

    @property
    def redirect(self) -> str:
        """Where the browser is sent back to."""
        return f"http://localhost:{self.port}{PATH}"

    @property
    def address(self) -> str:
        """The page to open in the browser."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return f"{clean_url(self.url)}/services/oauth2/authorize?" + urlencode(
            {
                "response_type": "code",
                "client_id": self.client_id,
                "redirect_uri": self.redirect,
                "scope": self.scope,
                "state": self.state,
                "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii"),
                "code_challenge_method": "S256",
            }
        )


async def sign_in(
    client: httpx.AsyncClient, flow: WebFlow, show: Callable[[str], object], *, patience: float = 300.0
) -> Grant:
    """Show the address, wait for the browser to come back, and exchange the code for a grant.

    Listens on 127.0.0.1 only (port 0: any free one, for apps that take each) and takes one answer carrying our `state`.
    Raises BadInput when the port is taken, SignInRefused when the user or the org says no, NotReachable after
    `patience` seconds without an answer.
    """
    answer: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, TimeoutError
        ):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            writer.write(_respond(head, flow, answer))
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async with await _listen(serve, flow.port) as server:
        flow = replace(flow, port=server.sockets[0].getsockname()[1])
        await _ask_first(client, flow)
        show(flow.address)
        try:
            values = await asyncio.wait_for(answer, patience)
        except TimeoutError:
            raise NotReachable(
                _("Nobody signed in within {minutes} minutes.").format(minutes=round(patience / 60)),
                next_step=_(
                    "Start the sign-in again; where the browser shows redirect_uri_mismatch, enter {callback} as the "
                    "app's callback address."
                ).format(callback=flow.redirect),
            ) from None
        # Let the browser have its page before the listener goes.
        await asyncio.sleep(0)
    return await _exchange(client, flow, values)


async def _listen(serve: _Serve, port: int) -> asyncio.Server:
    try:
        return await asyncio.start_server(serve, "127.0.0.1", port, limit=_LONGEST_REQUEST)
    except OSError as error:
        raise BadInput(
            _("Port {port} of this computer is taken, so the browser's answer cannot be received.").format(
                port=port
            ),
            next_step=_(
                "Close the other program, or choose another port here and in the External Client App."
            ),
        ) from error


async def _ask_first(client: httpx.AsyncClient, flow: WebFlow) -> None:
    """See whether the org would refuse the page itself: in the browser such a refusal never comes back to us."""
    with reaching(flow.address):
        async with client.stream("GET", flow.address, timeout=FIRST_WORDS) as response:
            body = (await read_body(response, limit=1 << 20)).decode("utf-8", "replace")
    place = response.headers.get("Location", "")
    found = _REFUSAL.search(urlsplit(place).query if place.startswith(flow.redirect) else "")
    if response.status_code in (400, 401, 403):
        found = found or _REFUSAL.search(html.unescape(body))
    if found is not None:
        raise _refused(found["code"], unquote_plus(found["said"] or ""), flow)


def _refused(code: str, message: str, flow: WebFlow) -> SignInRefused:
    error = refusal(code, message, 403)
    if code == "redirect_uri_mismatch":
        error.next_step = _(
            "Enter {callback} as a callback address of the External Client App, exactly like this."
        ).format(callback=flow.redirect)
    return error


async def _exchange(client: httpx.AsyncClient, flow: WebFlow, values: dict[str, str]) -> Grant:
    if "error" in values:
        raise _refused(values["error"], values.get("error_description", ""), flow)
    form = {
        "grant_type": "authorization_code",
        "code": values.get("code", ""),
        "client_id": flow.client_id,
        "redirect_uri": flow.redirect,
        "code_verifier": flow.verifier,
    }
    # A public client must not send a secret; a confidential one must send secret and verifier.
    if flow.client_secret:
        form["client_secret"] = flow.client_secret
    return await token_call(client, flow.url, form)


def _respond(head: bytes, flow: WebFlow, answer: asyncio.Future[dict[str, str]]) -> bytes:
    """The page for the browser; a request that carries our state settles the sign-in."""
    target = head.split(b" ", 2)[1].decode("ascii", "replace") if head.count(b" ") >= 2 else ""
    parts = urlsplit(target)
    values = {name: found[0] for name, found in parse_qs(parts.query).items()}
    if parts.path != PATH or not secrets.compare_digest(values.get("state", ""), flow.state):
        return _page("404 Not Found", _("Nothing is expected here."))
    if not answer.done():
        answer.set_result(values)
    if "error" in values:
        return _page("200 OK", _("The sign-in was refused. Go back to Weft Studio."))
    return _page("200 OK", _("You are signed in. Close this page and go back to Weft Studio."))


def _page(status: str, text: str) -> bytes:
    body = f"<!doctype html><meta charset=utf-8><title>Weft Studio</title><p>{html.escape(text)}".encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
