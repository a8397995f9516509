"""The words people read for the names programs use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from studio.base.i18n import N_, _
from studio.protocol.access import RIGHTS as RIGHTS

_RIGHTS = {
    "view_logs": N_("View logs"),
    "install_agents": N_("Install agents"),
    "read": N_("Read contents"),
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
    "desktop": N_("Weft Studio"),
}
_KINDS = {"oidc": N_("OpenID Connect"), "saml": N_("SAML")}
_FILES = {"schema": N_("Schema"), "driver": N_("Driver"), "plugin": N_("Plug-in")}
_COMPANY = {
    "company": N_("Company"),
    "position": N_("Position"),
    "department": N_("Department"),
    "address": N_("Address"),
    "city": N_("City"),
    "country": N_("Country"),
}
_SCOPES = {"whole": N_("whole"), "variables": N_("variables only"), "object": N_("one object")}
# What the audit calls what was done: the groups a reader chooses from, and the names in each.
_ACTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "organization.": (
        N_("Organization"),
        {"create": N_("Organization made"), "change": N_("Organization changed")},
    ),
    "member.": (
        N_("Members"),
        {
            "change": N_("Member changed"),
            "remove": N_("Member removed"),
            "join": N_("Member joined"),
            "link": N_("Member linked to single sign-on"),
        },
    ),
    "invitation.": (
        N_("Invitations"),
        {
            "make": N_("Invitation made"),
            "withdraw": N_("Invitation withdrawn"),
            "accept": N_("Invitation accepted"),
        },
    ),
    "role.": (
        N_("Roles"),
        {"create": N_("Role made"), "change": N_("Role changed"), "remove": N_("Role removed")},
    ),
    "environment.": (
        N_("Environments"),
        {
            "create": N_("Environment made"),
            "change": N_("Environment changed"),
            "remove": N_("Environment removed"),
        },
    ),
    "project.": (
        N_("Projects"),
        {
            "create": N_("Project made"),
            "change": N_("Project changed"),
            "push": N_("Revision pushed"),
            "restore": N_("Revision restored"),
            "upload": N_("Objects uploaded"),
            "deploy": N_("Revision deployed"),
            "promote": N_("Revision promoted"),
        },
    ),
    "upload.": (
        N_("Large uploads"),
        {
            "begin": N_("Upload begun"),
            "piece": N_("Piece uploaded"),
            "end": N_("Upload ended"),
        },
    ),
    "variables.": (N_("Variables"), {"set": N_("Variables set")}),
    "credential.": (
        N_("Secrets"),
        {
            "set": N_("Secret set"),
            "read": N_("Secret read"),
            "remove": N_("Secret removed"),
        },
    ),
    "sealing_key.": (N_("Sealing key"), {"set": N_("Sealing key set")}),
    "file.": (N_("Files"), {"add": N_("File added"), "remove": N_("File removed")}),
    "policy.": (
        N_("Policies"),
        {"password": N_("Password policy set"), "network": N_("Network policy set")},
    ),
    "single_sign_on.": (
        N_("Single sign-on"),
        {"set": N_("Single sign-on set"), "remove": N_("Single sign-on removed")},
    ),
    "audit.": (N_("Audit"), {"policy": N_("Audit policy set")}),
    "sign_in.": (
        N_("Sign-ins"),
        {
            "done": N_("Signed in"),
            "begun": N_("Sign-in begun, not ended"),
            "failed": N_("Sign-in failed"),
        },
    ),
}
# What a sign-in that was begun still needs, and why one failed.
_SIGN_INS = {
    "second_factor": N_("The password was right; the second factor is missing."),
    "enrol": N_("The password was right; a second factor must be set up first."),
    "new_password": N_("Proven; the password has expired and must be replaced."),
    "single_sign_on": N_("Proven; this organization is entered by single sign-on only."),
    "password": N_("The password was wrong."),
    "locked": N_("Locked after too many wrong passwords."),
    "disabled": N_("The account is disabled."),
    "code": N_("The code of the second factor was wrong."),
    "passkey": N_("The passkey proved nothing."),
    "oidc": N_("The provider’s answer proved nothing."),
    "saml": N_("The provider’s answer proved nothing."),
    "not_invited": N_("The provider knows this person; the organization does not."),
    "account_there": N_("The person has an account, and must accept the invitation with it."),
}
_VIAS = {
    "session": N_("browser or program signed in"),
    "sso": N_("single sign-on"),
    "token": N_("personal token"),
    "sso_token": N_("personal token"),
    "command": N_("command on the server"),
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


def scope_name(scope: str) -> str:
    """How much a deployment took along."""
    return _(_SCOPES[scope]) if scope in _SCOPES else scope


def action_name(action: str) -> str:
    """What an action of the audit is called; one nobody named as it is."""
    group, _dot, name = action.partition(".")
    said = _ACTIONS.get(f"{group}.", ("", {}))[1].get(name)
    return _(said) if said else action


def sign_in_note(entry: Mapping[str, Any]) -> str:
    """What a sign-in that did not end lacked, where the audit kept it; how one that did was made."""
    if not entry["action"].startswith("sign_in.") or not isinstance(entry["after"], Mapping):
        return ""
    said = entry["after"].get("missing") or entry["after"].get("why") or ""
    return _(_SIGN_INS[said]) if said in _SIGN_INS else way_name(entry["after"].get("way", ""))


def action_groups() -> list[dict[str, Any]]:
    """The actions to choose from: each group's name, its prefix and its actions."""
    return [
        {
            "name": _(name),
            "prefix": prefix,
            "actions": [(prefix + action, _(said)) for action, said in actions.items()],
        }
        for prefix, (name, actions) in _ACTIONS.items()
    ]


def via_name(via: str) -> str:
    """By way of what a request came."""
    return _(_VIAS[via]) if via in _VIAS else via


def kind_name(kind: str) -> str:
    """What a kind of single sign-on is called."""
    return _(_KINDS[kind])


def file_kind(kind: str) -> str:
    """What a kind of file is called."""
    return _(_FILES[kind]) if kind in _FILES else kind


def names_of(things: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Things known by their names, for a list to choose from."""
    return [(thing["name"], thing["name"]) for thing in things]


def file_names(files: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Versions of files as the repository names them, likewise."""
    return [(name, name) for name in ("{kind}/{name}/{version}".format(**each) for each in files)]


def company_name(field: str) -> str:
    """What a field about somebody's company is called."""
    return _(_COMPANY[field])


def pairs(things: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Ids and names, for a list to choose from."""
    return [(thing["id"], thing["name"]) for thing in things]
