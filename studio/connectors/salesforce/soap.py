"""The few calls that only the partner SOAP API has: the session travels in the envelope, refusals come as faults."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from studio.base.errors import NotReachable
from studio.base.i18n import _
from studio.connectors.salesforce.errors import SESSION_CODES, SalesforceError, fault_error, request_error
from studio.connectors.salesforce.session import Org
from studio.network.client import reaching, read_body
from studio.network.retry_after import retry_after

SPACE = "{urn:partner.soap.sforce.com}"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns="urn:partner.soap.sforce.com"><e:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader>'
    "</e:Header><e:Body>{body}</e:Body></e:Envelope>"
)
HEADERS = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
_RENEWALS = 2


async def call(org: Org, body: str) -> Any:
    """Send the XML of one call, once, and return the answer's root; a token that has run out is renewed first.

    Raises SalesforceError for a fault (nothing was done then) and NotReachable where no answer came that can be read.
    """
    for attempt in range(_RENEWALS + 1):
        token = org.grant.access_token
        try:
            return await _once(org, _ENVELOPE.format(token=escape(token), body=body).encode("utf-8"))
        except SalesforceError as error:
            if error.code not in SESSION_CODES or attempt == _RENEWALS:
                raise
        await org.renew(token)
    raise AssertionError("the last attempt returns or raises")


async def _once(org: Org, content: bytes) -> Any:
    url = org.address(f"/services/Soap/u/{org.version}")
    with reaching(url):
        async with org.client.stream("POST", url, content=content, headers=HEADERS) as response:
            org.usage.read(response.headers)
            answer = await read_body(response)
    root = parsed(answer)
    if response.status_code >= 300:
        error = request_error(response.status_code, answer) if root is None else fault(root)
        error.wait = retry_after(response.headers.get("Retry-After"))
        raise error
    if root is None:
        raise NotReachable(
            _("The answer is not what Salesforce sends: {start}").format(
                start=answer[:120].decode("utf-8", "replace")
            ),
            next_step=_("Check the org's address, and that no proxy answers in its place."),
        )
    return root


def fault(root: Any) -> SalesforceError:
    """The error a fault's envelope stands for."""
    code = next((text for text in root.itertext("{*}exceptionCode")), "")
    message = next((text for text in root.itertext("{*}exceptionMessage", "faultstring")), "")
    return fault_error(code, message)


def parsed(body: bytes) -> Any:
    """The root of an envelope, None where the body is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    if b"<!DOCTYPE" in body:
        return None
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
