"""Sorts of orgs, ways of signing in and colours of marks, in words of the people who use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.base.i18n import _
from studio.moves.access.guard import sort_name


def ways() -> Mapping[str, tuple[str, str]]:
    """Each way of signing in: its name and whom it is for."""
    return {
        "web": (
            _("In the browser"),
            _("You sign in on the org's own page, with all its checks. Right for people; needs an app made in the org."),
        ),
        "device": (
            _("With a code on another screen"),
            _("For computers without a browser: a code is typed into a page of the org. Only for apps of the org itself."),
        ),
        "jwt": (
            _("With a certificate"),
            _("Nobody has to be there: for jobs at night. Needs a key file, and a user who is approved for the app."),
        ),
        "client": (
            _("As the app itself"),
            _("With the app's key and secret, as the user the app names under Run As. For jobs; no person signs in."),
        ),
        "token": (
            _("With a session id"),
            _("For a session that was opened elsewhere. It ends after some hours and cannot be renewed here."),
        ),
        "soap": (
            _("With user and password"),
            _("The old way, with the security token behind the password. Many orgs have it no more; it ends in 2027."),
        ),
    }  # fmt: skip


def way_name(flow: str) -> str:
    """A way of signing in, by its name."""
    return ways().get(flow, (flow, ""))[0]


def colors() -> Mapping[str, str]:
    """The marks' colours by name."""
    return {
        "teal": _("Teal"),
        "sky": _("Sky blue"),
        "olive": _("Olive"),
        "indigo": _("Indigo"),
        "slate": _("Slate"),
    }


def sort_text(sort: str) -> str:
    """`Production`, `Sandbox` …; a dash while nobody was signed in yet."""
    name = sort_name(sort)
    return name[:1].upper() + name[1:] if name else "–"


def mark_role(color: str) -> str:
    """The colour role of an org's mark."""
    return f"mark_{color}" if color else "text3"


def welcome(name: str, found: Mapping[str, Any]) -> str:
    """One line about an org we got into."""
    return _("Signed in to {name}: {org}, {sort}, API v{version}.").format(
        name=name, org=found["name"], sort=sort_name(str(found["sort"])), version=found["version"]
    )
