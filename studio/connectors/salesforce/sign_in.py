"""Signing in to an org: client credentials, web flow's token calls, password grant (practice org), a given session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from studio.base.errors import BadInput, NotReachable
from studio.base.i18n import _
from studio.connectors.salesforce.errors import request_error
from studio.connectors.salesforce.session import Grant
from studio.network.client import reaching, read_body
from studio.network.proxies import is_loopback

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
            "POST", address, data=dict(form), headers={"Accept": "application/json"}
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
