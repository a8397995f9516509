"""Signing in with user and password over SOAP, for orgs that still have it: versions up to 64.0, until they are gone."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import httpx

from studio.base.errors import NotReachable
from studio.base.i18n import _
from studio.connectors.salesforce import soap
from studio.connectors.salesforce.address import clean_url
from studio.connectors.salesforce.errors import request_error
from studio.connectors.salesforce.refusals import refusal
from studio.connectors.salesforce.session import Grant
from studio.network.client import FIRST_WORDS, reaching, read_body

# login() is not there from version 65.0 on, nor before 31.0, which no org answers any more.
_OLDEST, _NEWEST = 31.0, 64.0
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns="urn:partner.soap.sforce.com"><e:Body><login><username>{user}</username><password>{secret}</password>'
    "</login></e:Body></e:Envelope>"
)
_LIMIT = 1 << 20


async def version(client: httpx.AsyncClient, url: str) -> str:
    """The newest version of the org that still has login(), "" where there is none; raises NotReachable."""
    address = clean_url(url) + "/services/data"
    with reaching(address):
        async with client.stream("GET", address, timeout=FIRST_WORDS) as response:
            body = await read_body(response, limit=_LIMIT)
    try:
        offered = [str(item["version"]) for item in json.loads(body)] if response.status_code < 300 else []
    except (ValueError, KeyError, TypeError):
        offered = []
    numbers = [float(text) for text in offered if re.fullmatch(r"\d{2,3}\.0", text)]
    usable = [number for number in numbers if _OLDEST <= number <= _NEWEST]
    return f"{max(usable):.1f}" if usable else ""


async def sign_in(client: httpx.AsyncClient, url: str, username: str, secret: str) -> Grant:
    """A session for user and password (the security token behind it); raises SignInRefused, NotReachable."""
    found = await version(client, url)
    if not found:
        raise refusal("UNSUPPORTED_API_VERSION", _("no version of the org has login()"))
    address = f"{clean_url(url)}/services/Soap/u/{found}"
    content = _ENVELOPE.format(user=escape(username), secret=escape(secret)).encode("utf-8")
    with reaching(address):
        async with client.stream(
            "POST", address, content=content, headers=soap.HEADERS, timeout=FIRST_WORDS
        ) as response:
            body = await read_body(response, limit=_LIMIT)
    root = soap.parsed(body)
    if response.status_code >= 300:
        if root is None:
            raise request_error(response.status_code, body)
        fault = soap.fault(root)
        raise refusal(fault.code, fault.words)
    server = root.findtext(".//{*}serverUrl") if root is not None else None
    session = root.findtext(".//{*}sessionId") if root is not None else None
    if not server or not session:
        raise NotReachable(
            _("{address} did not answer a sign-in as Salesforce does.").format(address=address),
            next_step=_("Check the org's address."),
        )
    if root.findtext(".//{*}passwordExpired") == "true":
        raise refusal("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "")
    instance = clean_url("{0.scheme}://{0.netloc}".format(urlsplit(server)))
    org, user = root.findtext(".//{*}organizationId") or "", root.findtext(".//{*}userId") or ""
    return Grant(session, instance, identity=f"{instance}/id/{org}/{user}")
