"""Everything a project talks to: the addresses of its connections, orgs, repository and of the services in its schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.moves.access import org_defaults, orgs
from studio.network.target import read_target
from studio.project.folder import load
from studio.repository.link import link_of

_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>]+", re.IGNORECASE)
_SERVICE = re.compile(
    rb"""<[\w.-]*:?address\b[^<>]{0,400}?\blocation\s*=\s*["'](https?://[^"'<>\s]{1,400})"""
)
# What a file names with `host` and `port`, by the kind of its connection.
_BY_HOST = {"sftp": "sftp", "ssh": "sftp", "mail": "smtp", "smtp": "smtp", "ftp": "ftp"}
_OF_SCHEMAS = 4 * 1024 * 1024
_OTHERS = ("endpoints/", "notifications/")


@dataclass(frozen=True)
class Talk:
    """An address, without user, password and path, and what of the project it is for."""

    address: str
    what: str


def talks_to(folder: Path) -> tuple[Talk, ...]:
    """The addresses of the project in `folder`, each once, in the order of the project; this computer is left out.

    Raises BadInput where the folder holds no project.
    """
    found: dict[str, Talk] = {}
    for address, what in _addresses(folder):
        try:
            target = read_target(address)
        except BadInput:
            continue
        url = target.url if target.speaks != "ssh" else f"sftp://{target.name}"
        found.setdefault(target.name, Talk(url, what))
    return tuple(found.values())


def _addresses(folder: Path) -> Iterator[tuple[str, str]]:
    project = load(folder).project
    for ref, connection in project.connections.items():
        what = _("connection {name}").format(name=connection.name or ref)
        for address in _in_settings(connection.settings, connection.kind):
            yield address, what
    for login in _orgs(folder):
        yield login.url, _("org {name}").format(name=login.name)
    link = _link(folder)
    if link:
        yield link, _("repository")
    for id, value in project.others.items():
        if id.startswith(_OTHERS):
            for address in _in_settings(value, ""):
                yield address, id
    for file in project.schemas:
        for address in _in_schema(folder / file):
            yield address, _("schema {name}").format(name=Path(file).name)


def _orgs(folder: Path) -> list[orgs.OrgLogin]:
    """The org that is taken here where none is named, else all of the user's."""
    try:
        name = org_defaults.default(folder)
        found = [orgs.find(name, folder)] if name else list(orgs.known())
    except WeftError:
        return []
    return [login for login in found if login.url]


def _link(folder: Path) -> str:
    try:
        link = link_of(folder)
    except WeftError:
        return ""
    return link.server if link is not None else ""


def _in_settings(value: Any, kind: str) -> Iterator[str]:
    """Addresses anywhere in the settings of a connection, and hosts with their ports."""
    if isinstance(value, str):
        yield from (
            address.partition("+")[0] + address[address.find("://") :] for address in _ADDRESS.findall(value)
        )
    elif isinstance(value, Mapping):
        host = value.get("host")
        if isinstance(host, str) and host and "://" not in host:
            port = value.get("port")
            scheme = _BY_HOST.get(kind, kind if kind in ("http", "https") else "https")
            yield f"{scheme}://{host}" + (
                f":{port}" if isinstance(port, int | str) and str(port).isdigit() else ""
            )
        for member in value.values():
            yield from _in_settings(member, kind)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _in_settings(member, kind)


def _in_schema(file: Path) -> Iterator[str]:
    """Where the services of a WSDL are."""
    if file.suffix.lower() != ".wsdl":
        return
    try:
        with file.open("rb") as stream:
            data = stream.read(_OF_SCHEMAS)
    except OSError:
        return
    for found in _SERVICE.findall(data):
        yield found.decode("utf-8", "replace")
