"""The words people read for the names programs use."""

from __future__ import annotations

import re

from studio.base.i18n import N_, _
from studio.protocol.access import RIGHTS as RIGHTS

_RIGHTS = {
    "view_logs": N_("View logs"),
    "install_agents": N_("Install agents"),
    "read": N_("Read"),
    "execute": N_("Execute"),
    "write": N_("Write"),
}
_WAYS = {
    "password": N_("password"),
    "password+totp": N_("password and app"),
    "password+recovery": N_("password and recovery code"),
    "passkey": N_("passkey"),
    "oidc": N_("single sign-on"),
    "saml": N_("single sign-on"),
}
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def right_name(right: str) -> str:
    """What a right is called."""
    return _(_RIGHTS[right])


def way_name(way: str) -> str:
    """How somebody signed in."""
    return _(_WAYS[way]) if way in _WAYS else way


def device_name(said: str) -> str:
    """What a browser's long name for itself means; another program's name as it is."""
    if not said.startswith("Mozilla/"):
        return said
    browser = next((name for mark, name in _BROWSERS if mark in said), "")
    system = next((name for mark, name in _SYSTEMS if mark in said), "")
    return ", ".join(filter(None, (browser, system))) or re.split(r"[ (]", said, maxsplit=1)[0]
