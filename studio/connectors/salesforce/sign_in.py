"""Signing in to an org: client credentials, web flow's token calls, password grant (practice org), a given session."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from studio.base.errors import BadInput, NotReachable
from studio.base.i18n import _
from studio.connectors.salesforce.errors import request_error
from studio.connectors.salesforce.session import Grant
from studio.network.client import FIRST_WORDS, reaching, read_body
from studio.network.proxies import is_loopback

_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SHARED_LOGIN_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})


def clean_url(url: str) -> str:
    """The org's address as scheme and host: `https://…`; raises BadInput for anything that is no web address."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    local = parts.hostname is not None and is_loopback(parts.hostname)
    if not parts.hostname or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not local):
        raise BadInput(
            _("{url} is not the https address of an org.").format(url=url),
            next_step=_("Give the address of your My Domain, such as https://example.my.salesforce.com."),
        )
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


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
    host = urlsplit(clean_url(url)).hostname
    if host in _SHARED_LOGIN_HOSTS:
        raise BadInput(
            _("Client credentials are not accepted at {host}.").format(host=host),
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

    The assertion is valid for three minutes and used once. Raises BadInput for a key that is none.
    """
    address = clean_url(url)
    host = urlsplit(address).hostname or ""
    if is_loopback(host):
        audience = address
    else:
        sandbox = host.startswith("test.") or ".sandbox." in host
        audience = "https://test.salesforce.com" if sandbox else "https://login.salesforce.com"
    claims = {"iss": client_id, "sub": username, "aud": audience, "exp": int(time.time()) + 170}
    form = {"grant_type": _JWT_GRANT, "assertion": _signed(claims, private_key)}
    return await token_call(client, url, form)


def _signed(claims: Mapping[str, object], private_key: str) -> str:
    try:
        key = serialization.load_pem_private_key(private_key.encode("utf-8"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadInput(
            _("The private key cannot be used: it must be an unencrypted RSA key in PEM form."),
            next_step=_("Give the key of the certificate that was uploaded to the External Client App."),
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise BadInput(
            _("The private key is no RSA key, which is the only kind Salesforce takes."),
            next_step=_("Make a certificate with an RSA key of 2048 bits or more."),
        )
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


async def token_call(client: httpx.AsyncClient, url: str, form: Mapping[str, str]) -> Grant:
    """POST a form to the token endpoint; raises SalesforceError with the org's reason, NotReachable."""
    address = clean_url(url) + "/services/oauth2/token"
    with reaching(address):
        async with client.stream(
            "POST", address, data=dict(form), headers={"Accept": "application/json"}, timeout=FIRST_WORDS
        ) as response:
            body = await read_body(response, limit=1 << 20)
    if response.status_code >= 300:
        raise request_error(response.status_code, body)
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
            _("{address} did not answer a sign-in as Salesforce does.").format(address=address),
            next_step=_("Check the org's address."),
        ) from error
