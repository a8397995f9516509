"""Signing in with the browser: authorization code with PKCE, answered on a port of this computer."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import field, replace
from urllib.parse import unquote_plus, urlencode, urlsplit

import httpx

from studio.base.errors import NotReachable
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.address import DEFAULT_PORT, clean_url
from studio.connectors.salesforce.refusals import SignInRefused, refusal
from studio.connectors.salesforce.session import Grant
from studio.connectors.salesforce.sign_in import token_call
from studio.network.client import FIRST_WORDS, reaching, read_body
from studio.network.loopback import Attempt, listening

PATH = "/OauthRedirect"
# How an org writes on its own page why it does not ask.
_REFUSAL = re.compile(r"\berror=(?P<code>\w+)(?:&error_description=(?P<said>[^&<>\"\r\n]*))?")


@dataclass(frozen=True)
class WebFlow:
    """One attempt; the redirect address must be the one set up in the app."""

    url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    port: int = DEFAULT_PORT
    scope: str = "api refresh_token"
    attempt: Attempt = field(default_factory=Attempt)

    @property
    def redirect(self) -> str:
        """Where the browser is sent back to."""
        return f"http://localhost:{self.port}{PATH}"

    @property
    def address(self) -> str:
        """The page to open in the browser."""
        return f"{clean_url(self.url)}/services/oauth2/authorize?" + urlencode(
            {
                "response_type": "code",
                "client_id": self.client_id,
                "redirect_uri": self.redirect,
                "scope": self.scope,
                "state": self.attempt.state,
                "code_challenge": self.attempt.challenge,
                "code_challenge_method": "S256",
            }
        )


async def sign_in(
    client: httpx.AsyncClient, flow: WebFlow, show: Callable[[str], object], *, patience: float = 300.0
) -> Grant:
    """Show the address, wait for the browser to come back, and exchange the code for a grant.

    Listens on 127.0.0.1 only (port 0: any free one, for apps that take each) and takes one answer carrying our state.
    Raises BadInput when the port is taken, SignInRefused when the user or the org says no, NotReachable after
    `patience` seconds without an answer.
    """
    async with listening(flow.port, PATH, flow.attempt.state) as listener:
        flow = replace(flow, port=listener.port)
        await _ask_first(client, flow)
        show(flow.address)
        try:
            values = await listener.answer(patience)
        except TimeoutError:
            raise NotReachable(
                _("Nobody signed in within {minutes} minutes.").format(minutes=round(patience / 60)),
                next_step=_(
                    "Start the sign-in again; where the browser shows redirect_uri_mismatch, enter {callback} as the "
                    "app's callback address."
                ).format(callback=flow.redirect),
            ) from None
    return await _exchange(client, flow, values)


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
        "code_verifier": flow.attempt.verifier,
    }
    # A public client must not send a secret; a confidential one must send secret and verifier.
    if flow.client_secret:
        form["client_secret"] = flow.client_secret
    return await token_call(client, flow.url, form)
