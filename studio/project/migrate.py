"""Versioned files: a list of migrations per kind of file; the version is its length plus one, newer ones are refused."""

from __future__ import annotations

import re
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


# How much of a file is looked at for the line that says what it is.
HEAD = 4096
_FIRST_LINE = re.compile(rb"^(?:\xef\xbb\xbf)?weft:[ \t]*[\"']?([a-z]{1,30})/([0-9]{1,6})\b", re.MULTILINE)


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
        raise _newer(version, newest, file=given.file, line=given.line, column=given.column)
    return int(version)


def refuse_newer(start: bytes, file: str) -> None:
    """Raise NewerVersion where a file that begins with these bytes says a newer version; any other content is taken."""
    found = _FIRST_LINE.search(start[:HEAD])
    if found is None or found[1].decode() not in MIGRATIONS:
        return
    newest = len(MIGRATIONS[found[1].decode()]) + 1
    if int(found[2]) > newest:
        line = start[: found.start(1)].count(b"\n") + 1
        raise _newer(found[2].decode(), newest, file=file, line=line)


def _newer(
    found: str, newest: int, *, file: str | None, line: int | None, column: int | None = None
) -> NewerVersion:
    return NewerVersion(
        _("This file has format version {found}; this program knows versions up to {newest}.").format(
            found=found, newest=newest
        ),
        file=file,
        line=line,
        column=column,
        next_step=_("Open it with a newer Weft Studio; nothing was changed."),
    )
