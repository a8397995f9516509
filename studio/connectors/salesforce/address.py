"""Addresses of orgs: what people copy from a browser's address bar, turned into the one a sign-in goes to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.network.proxies import is_loopback

PRODUCTION_LOGIN = "https://login.salesforce.com"
SANDBOX_LOGIN = "https://test.salesforce.com"
# Where the browser finds us again, unless another port is given.
DEFAULT_PORT = 1717
_SHARED_LOGIN_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})
_WORDS = {
    "production": PRODUCTION_LOGIN,
    "login": PRODUCTION_LOGIN,
    "sandbox": SANDBOX_LOGIN,
    "test": SANDBOX_LOGIN,
}
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# The hosts of one org: its pages, its set-up, and the pages of a package, whose name stands after two hyphens.
_PAGES = re.compile(r"(?P<org>[a-z0-9.-]+)\.(?:lightning\.force\.com|my\.salesforce-setup\.com)")
_PACKAGED = re.compile(
    r"(?P<org>[a-z0-9-]+?)--[a-z0-9_]+(?P<part>(?:\.[a-z]+)?)\.(?:vf\.force\.com|visualforce\.com|visual\.force\.com)"
)
_OF_COPIES = (".sandbox.my.salesforce.", ".scratch.my.salesforce.")


def clean_url(url: str) -> str:
    """The org's address as scheme and host: `https://…`; raises BadInput for anything that is no web address."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise _no_address(url) from None
    local = host is not None and is_loopback(host)
    if not host or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not local):
        raise _no_address(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def org_address(text: str) -> str:
    """Where to sign in, from what a person gives; raises BadInput for what cannot be an org.

    Taken are `production`, `sandbox`, the name of a My Domain (`acme`, `acme--uat`), and any address of the org's
    pages (Lightning, set-up, Visualforce); the answer is the My Domain's own.
    """
    given = text.strip().rstrip("/")
    word = given.lower()
    if word in _WORDS:
        return _WORDS[word]
    if "@" in given and "://" not in given:
        raise BadInput(
            _("{text} is the name of a user, not the address of an org.").format(text=given),
            next_step=_("Give the address of your My Domain, such as https://example.my.salesforce.com."),
        )
    if word != "localhost" and _LABEL.fullmatch(word):
        part = ".sandbox" if "--" in word else ""
        return f"https://{word}{part}.my.salesforce.com"
    clean = clean_url(given)
    host = (urlsplit(clean).hostname or "").lower()
    if (pages := _PAGES.fullmatch(host)) is not None:
        return f"https://{pages['org']}.my.salesforce.com"
    if (packaged := _PACKAGED.fullmatch(host)) is not None:
        return f"https://{packaged['org']}{packaged['part']}.my.salesforce.com"
    return clean


def is_shared_login(url: str) -> bool:
    """login. or test.salesforce.com, which belong to no org."""
    return urlsplit(clean_url(url)).hostname in _SHARED_LOGIN_HOSTS


def audience(url: str) -> str:
    """Whom a signed assertion is meant for: the login of production or of copies, or this computer's org itself."""
    clean = clean_url(url)
    host = urlsplit(clean).hostname or ""
    if is_loopback(host):
        return clean
    copy = host == "test.salesforce.com" or any(part in host for part in _OF_COPIES)
    return SANDBOX_LOGIN if copy else PRODUCTION_LOGIN


def _no_address(url: str) -> BadInput:
    return BadInput(
        _("{url} is not the https address of an org.").format(url=url),
        next_step=_("Give the address of your My Domain, such as https://example.my.salesforce.com."),
    )
