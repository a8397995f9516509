"""Versioned files: a list of migrations per kind of file; the version is its length plus one, newer ones are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.yaml_read import Node

Migration = Callable[[Node], Node]

# The n-th function of a kind turns a file of version n into one of version n + 1.
MIGRATIONS: Mapping[str, Sequence[Migration]] = {
    "project": (),
    "transformation": (),
    "operation": (),
    "connection": (),
    "environment": (),
    "schedule": (),
    "notification": (),
    "endpoint": (),
    "test": (),
    "schema": (),
}


class NewerVersion(BadInput):
    """The file was written by a newer version of the program."""


def header(kind: str) -> str:
    """What the first line of a file of this kind says: `transformation/1`."""
    return f"{kind}/{len(MIGRATIONS[kind]) + 1}"


def migrated(node: Node, kind: str, migrations: Sequence[Migration] | None = None) -> Node:
    """The file brought to the newest version; raises BadInput where it is another kind, NewerVersion where too new."""
    steps = MIGRATIONS[kind] if migrations is None else migrations
    newest = len(steps) + 1
    for migration in steps[_version(node, kind, newest) - 1 :]:
        node = migration(node)
    return node


def _version(node: Node, kind: str, newest: int) -> int:
    given = node.members().get("weft")
    expected = f"weft: {kind}/{newest}"
    if given is None:
        raise node.wrong(
            _("The file does not say what it is."),
            _("Its first line should be: {line}").format(line=expected),
        )
    name, _slash, version = given.text().partition("/")
    if name != kind:
        raise given.wrong(
            _("This is a file of kind {found}, not {kind}.").format(found=repr(name), kind=kind),
            _("Move it to the folder of its kind, or write: {line}").format(line=expected),
        )
    if not (version.isascii() and version.isdigit()) or len(version) > 6 or int(version) < 1:
        raise given.wrong(
            _("{version} is not a format version.").format(version=repr(version)),
            _("Its first line should be: {line}").format(line=expected),
        )
    if int(version) > newest:
        raise NewerVersion(
            _("This file has format version {found}; this program knows versions up to {newest}.").format(
                found=version, newest=newest
            ),
            file=given.file,
            line=given.line,
            column=given.column,
            next_step=_("Open it with a newer Weft Studio; nothing was changed."),
        )
    return int(version)
