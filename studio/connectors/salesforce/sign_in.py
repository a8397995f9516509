"""Signing in to an org without a browser, and the token calls of the flows that have one; signing out."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from studio.base.errors import BadInput, NotReachable
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.connectors.salesforce.address import audience, clean_url, is_shared_login
from studio.connectors.salesforce.errors import code_and_message, request_error
from studio.connectors.salesforce.refusals import SignInRefused, refusal
from studio.connectors.salesforce.session import Grant, date_of
from studio.network.client import FIRST_WORDS, reaching, read_body

if TYPE_CHECKING:
    from cryptography import exceptions
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
else:
    # A sign-in with a key of one's own alone needs it.
    exceptions = Lazily("cryptography.exceptions")
    hashes = Lazily("cryptography.hazmat.primitives.hashes")
    serialization = Lazily("cryptography.hazmat.primitives.serialization")
    padding = Lazily("cryptography.hazmat.primitives.asymmetric.padding")
    rsa = Lazily("cryptography.hazmat.primitives.asymmetric.rsa")

_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# From so many seconds on, a computer's wrong clock explains why an assertion is refused.
_SKEW = 90.0
_KEY_BITS = 2048


async def knock(client: httpx.AsyncClient, url: str) -> None:
    """See that somebody answers at the address, before a person is sent there; raises NotReachable."""
    address = clean_url(url) + "/services/data"
    with reaching(address):
        async with client.stream("GET", address, timeout=FIRST_WORDS):
            pass


def given_session(instance_url: str, token: str) -> Grant:
    """A session someone else opened."""
    if not token.strip():
        raise BadInput(
            _("There is no session token for the org."),
            next_step=_("Put the token into WEFT_ACCESS_TOKEN, or add the org with another kind of sign-in."),
        )
    return Grant(token.strip(), clean_url(instance_url))


async def client_credentials(
    client: httpx.AsyncClient, url: str, client_id: str, client_secret: str
) -> Grant:
    """Sign in as an app; the org must be addressed by its own My Domain."""
    if is_shared_login(url):
        raise BadInput(
            _("Client credentials are not accepted at {host}.").format(
                host=urlsplit(clean_url(url)).hostname
            ),
            next_step=_(
                "Give the address of the org's My Domain, such as https://example.my.salesforce.com."
            ),
        )
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    return await token_call(client, url, form)


async def password(
    client: httpx.AsyncClient,
    url: str,
    username: str,
    secret: str,
    client_id: str = "",
    client_secret: str = "",
) -> Grant:
    """Sign in with user and password: only the practice org still takes this."""
    form = {"grant_type": "password", "username": username, "password": secret}
    form |= {"client_id": client_id} if client_id else {}
    form |= {"client_secret": client_secret} if client_secret else {}
    return await token_call(client, url, form)


async def jwt(client: httpx.AsyncClient, url: str, client_id: str, username: str, private_key: str) -> Grant:
    """Sign in as `username` with a certificate's private key (PEM) instead of a password: for servers.

    The assertion is valid for three minutes and used once. Raises BadInput for a key that is none, and tells where
    this computer's clock is the reason of a refusal.
    """
    claims = {"iss": client_id, "sub": username, "aud": audience(url), "exp": int(time.time()) + 170}
    form = {"grant_type": _JWT_GRANT, "assertion": _signed(claims, private_key)}
    try:
        return await token_call(client, url, form)
    except SignInRefused as refused:
        ahead = time.time() - refused.clock if refused.clock else 0.0
        if refused.code == "invalid_grant" and abs(ahead) > _SKEW:
            raise _wrong_clock(ahead, refused) from refused
        raise


def _wrong_clock(ahead: float, refused: SignInRefused) -> SignInRefused:
    minutes = max(2, round(abs(ahead) / 60))
    said = (
        _("The clock of this computer is {minutes} minutes ahead of the org's, so the org does not accept its signature.")
        if ahead > 0
        else _("The clock of this computer is {minutes} minutes behind the org's, so the org does not accept its signature.")
    )  # fmt: skip
    return SignInRefused(
        f"{said.format(minutes=minutes)} ({refused.code})",
        code=refused.code,
        status=refused.status,
        next_step=_("Set this computer's clock, then sign in again."),
    )


def check_key(private_key: str) -> rsa.RSAPrivateKey:
    """The private key a text holds; raises BadInput saying what it is instead."""
    if "BEGIN CERTIFICATE" in private_key and "PRIVATE KEY" not in private_key:
        raise BadInput(
            _("This is a certificate; what signs is the private key that belongs to it."),
            next_step=_("Give the file of the key; the certificate is uploaded to the External Client App."),
        )
    if "ENCRYPTED PRIVATE KEY" in private_key or "Proc-Type: 4,ENCRYPTED" in private_key:
        raise BadInput(
            _("The private key is protected by a passphrase."),
            next_step=_(
                "Give it without one (an unencrypted RSA key in PEM form); here it is kept in the key store."
            ),
        )
    try:
        key = serialization.load_pem_private_key(private_key.encode("utf-8"), password=None)
    except (ValueError, TypeError, exceptions.UnsupportedAlgorithm) as error:
        raise BadInput(
            _("The private key cannot be used: it must be an unencrypted RSA key in PEM form."),
            next_step=_("Give the key of the certificate that was uploaded to the External Client App."),
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise BadInput(
            _("The private key is no RSA key, which is the only kind Salesforce takes."),
            next_step=_("Make a certificate with an RSA key of 2048 bits or more."),
        )
    if key.key_size < _KEY_BITS:
        raise BadInput(
            _("The private key has {bits} bits, which is too few.").format(bits=key.key_size),
            next_step=_("Make a certificate with an RSA key of 2048 bits or more."),
        )
    return key


def _signed(claims: Mapping[str, object], private_key: str) -> str:
    key = check_key(private_key)
    parts = [_segment(json.dumps(part).encode("utf-8")) for part in ({"alg": "RS256"}, claims)]
    text = ".".join(parts)
    signature = key.sign(text.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{_segment(signature)}"


def _segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


async def refresh(
    client: httpx.AsyncClient, url: str, grant: Grant, client_id: str, client_secret: str = ""
) -> Grant:
    """A new token for a refresh token; the answer may carry a new refresh token, which kills the old one."""
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token or "", "client_id": client_id}
    if client_secret:
        form["client_secret"] = client_secret
    renewed = await token_call(client, url, form)
    return Grant(
        renewed.access_token,
        renewed.instance_url or grant.instance_url,
        renewed.refresh_token or grant.refresh_token,
        renewed.identity or grant.identity,
    )


async def revoke(client: httpx.AsyncClient, url: str, token: str) -> bool:
    """Take a token back: nobody can use it, nor the sessions it opened; False where the org did not know it any more."""
    address = clean_url(url) + "/services/oauth2/revoke"
    with reaching(address):
        async with client.stream("POST", address, data={"token": token}, timeout=FIRST_WORDS) as response:
            body = await read_body(response, limit=1 << 20)
    if response.status_code >= 500:
        raise request_error(response.status_code, body)
    return response.status_code < 300


async def token_answer(client: httpx.AsyncClient, url: str, form: Mapping[str, str]) -> bytes:
    """POST a form to the token endpoint; raises SignInRefused with the org's reason, NotReachable."""
    address = clean_url(url) + "/services/oauth2/token"
    with reaching(address):
        async with client.stream(
            "POST", address, data=dict(form), headers={"Accept": "application/json"}, timeout=FIRST_WORDS
        ) as response:
            body = await read_body(response, limit=1 << 20)
    if response.status_code >= 300:
        code, message = code_and_message(body)
        if not code or response.status_code >= 500:
            raise request_error(response.status_code, body)
        refused = refusal(code, message, response.status_code)
        refused.clock = date_of(response.headers)
        raise refused
    return body


async def token_call(client: httpx.AsyncClient, url: str, form: Mapping[str, str]) -> Grant:
    """The grant a form is answered with; raises as token_answer does."""
    body = await token_answer(client, url, form)
    try:
        data = json.loads(body)
        return Grant(
            str(data["access_token"]),
            clean_url(str(data.get("instance_url") or url)),
            data.get("refresh_token"),
            str(data.get("id") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotReachable(
            _("{address} did not answer a sign-in as Salesforce does.").format(address=clean_url(url)),
            next_step=_("Check the org's address."),
        ) from error
