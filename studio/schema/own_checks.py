"""What is checked of a schema of our own: its settings, the places of fixed-width fields, how records are told apart."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from typing import Any

from studio.base import yaml_read
from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.flat.layout import columns, record_width
from studio.schema.flat.tell import is_told
from studio.schema.model import Kind, Node

_UNITS = ("character", "byte")


def check_settings(members: Mapping[str, yaml_read.Node], kind: str) -> None:
    """Raise BadInput with the line of a setting that means nothing."""
    delimiter, quote = members.get("delimiter"), members.get("quote")
    if delimiter is not None and len(delimiter.text()) != 1:
        raise delimiter.wrong(_("The delimiter is one character."), _('Write "\\t" for a tab.'))
    if quote is not None and len(quote.text()) > 1:
        raise quote.wrong(_("The quote is one character, or empty for none."))
    if "header" in members:
        members["header"].flag()
    if "encoding" in members:
        _check_encoding(members["encoding"])
    if "length" in members:
        members["length"].whole()
    if kind == "fixed":
        _check_fixed(members)
    if kind == "edi":
        _check_edi(members)


def _check_encoding(node: yaml_read.Node) -> None:
    try:
        codecs.lookup(node.text())
    except (LookupError, ValueError):
        raise node.wrong(
            _("There is no encoding called {name}.").format(name=node.text()),
            _("Use utf-8, utf-16, windows-1252 or iso-8859-1, for example."),
        ) from None


def _check_fixed(members: Mapping[str, yaml_read.Node]) -> None:
    unit = members.get("unit")
    if unit is not None and unit.text() not in _UNITS:
        raise unit.wrong(_("The unit of widths is character or byte."))
    newline = members.get("newline")
    if newline is not None and newline.text() == "none" and "length" not in members:
        raise newline.wrong(
            _("Without line breaks, the length of a record must be known."),
            _("Write length: and the number of characters of each record."),
        )


def _check_edi(members: Mapping[str, yaml_read.Node]) -> None:
    standard = members.get("standard")
    if standard is not None and standard.text() not in ("x12", "edifact"):
        raise standard.wrong(_("The standard is x12 or edifact."))
    for key in ("segment", "element", "component", "repetition", "release"):
        if key in members and len(members[key].text()) > 1:
            raise members[key].wrong(_("{key} must be one character, or empty for none.").format(key=key))


def record_problems(
    roots: tuple[Node, ...], facts: Mapping[str, str], kind: str, file: str
) -> Iterator[Problem]:
    """What does not fit together in the records: fields without width, over each other, beyond the record; kinds alike."""
    several = len(roots) > 1
    waiting = [(node, node.name, several or _has_records(node)) for node in reversed(roots)]
    while waiting:
        node, path, told = waiting.pop()
        if kind == "fixed":
            yield from _fixed_problems(node, path, facts, file)
        if kind in ("fixed", "delimited") and told and _own_fields(node) and not is_told(node):
            yield Problem(
                Severity.WARNING,
                _("Nothing tells records of the kind {name} from others.").format(name=node.name),
                file,
                node.line,
                path=path,
                mend=_(
                    "Give one of its fields a constant value:, or the record a tell: with its first characters."
                ),
            )
        waiting += [
            (child, f"{path}/{child.name}", True)
            for child in reversed(node.type.children)
            if child.kind is Kind.SEGMENT
        ]


def _has_records(node: Node) -> bool:
    return any(child.kind is Kind.SEGMENT for child in node.type.children)


def _own_fields(node: Node) -> bool:
    return any(child.kind is not Kind.SEGMENT for child in node.type.children)


def _fixed_problems(node: Node, path: str, facts: Mapping[str, str], file: str) -> Iterator[Problem]:
    end = 0
    before = ""
    for column in columns(node):
        where: dict[str, Any] = {"file": file, "line": column.node.line, "path": f"{path}/{column.path}"}
        if not column.width:
            yield Problem(
                Severity.ERROR,
                _("The field {name} has no width.").format(name=column.node.name),
                mend=_("Write width: and its number of characters."),
                **where,
            )
        elif column.start < end:
            yield Problem(
                Severity.WARNING,
                _("The field {name} starts inside {other}.").format(name=column.node.name, other=before),
                mend=_("Correct start: unless both are views of the same characters."),
                **where,
            )
        if column.start + column.width > end:
            end, before = column.start + column.width, column.node.name
    length = facts.get("length", "")
    if length.isdigit() and record_width(node) > int(length):
        yield Problem(
            Severity.ERROR,
            _("The fields of {name} take {width} characters, but a record has {length}.").format(
                name=node.name, width=record_width(node), length=length
            ),
            file,
            node.line,
            path=path,
            mend=_("Correct the widths or the length."),
        )
