"""Field maps of Data Loader (.sdl): Java properties, `COLUMN=Field`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.system_errors import reason_of
from studio.connectors.salesforce.describe import ObjectFacts
from studio.moves.model import Entry, FieldMap

_LARGEST = 4 * 1024 * 1024
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_LONG = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f"}
_SHORT = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read_sdl(path: Path, header: tuple[str, ...], facts: ObjectFacts) -> FieldMap:
    """The map in a .sdl file for a source with these columns; raises BadInput naming file and line.

    Columns match without regard to capitals; one the source does not have is left out, as Data Loader does. A column in
    quotes is a constant; `F1,F2` feeds two fields; both spellings of a parent's key become `Parent.Key__c`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(
            _("The field map cannot be read: {reason}.").format(reason=reason_of(error)),
            file=path,
        ) from error
    if len(data) > _LARGEST:
        raise BadInput(_("The file is too large for a field map."), file=path)
    text = _decode(data)
    columns = {name.lower(): name for name in header}
    entries: list[Entry] = []
    for line, key, value in properties(text):
        fields = [name.strip() for name in value.split(",") if name.strip()]
        for field in fields:
            name = _field_header(field, facts)
            if len(key) >= 2 and key[0] == key[-1] == '"':
                entries.append(Entry(name, constant=key[1:-1]))
            elif key.lower() in columns:
                entries.append(Entry(name, columns[key.lower()]))
            elif "," in key:
                raise BadInput(
                    _("Joining several columns into one field is not offered: {columns}.").format(
                        columns=key
                    ),
                    file=path,
                    line=line,
                    next_step=_("Join them in the source, or use a transformation as the field map."),
                )
    if not entries:
        raise BadInput(
            _("No line of the field map names a column of the source."),
            file=path,
            next_step=_("Check that the map was made for this file."),
        )
    return FieldMap(tuple(entries))


def sdl_text(fields: FieldMap, title: str) -> str:
    """The map as the text of a .sdl file, which Data Loader and `read_sdl` read alike; fixes have no place in it.

    Raises BadInput for a column whose name stands in quotes: that would be a constant there.
    """
    lines: dict[str, list[str]] = {}
    for entry in fields.entries:
        if entry.constant is not None:
            key = f'"{entry.constant}"'
        elif len(entry.column) >= 2 and entry.column[0] == entry.column[-1] == '"':
            raise BadInput(
                _("The column {column} cannot be named in a .sdl file: it would be a constant there.").format(
                    column=entry.column
                ),
                next_step=_("Rename the column."),
            )
        else:
            key = entry.column
        lines.setdefault(key, []).append(_field_in_sdl(entry.field))
    body = "".join(f"{_escaped(key)}={','.join(fields)}\n" for key, fields in lines.items())
    return f"# {_escaped(title, key=False)}\n{body}"


def _field_in_sdl(header: str) -> str:
    """`Rel.Key` as `Rel\\:Key`, and with a parent in front `Rel\\:Parent-Key`: a colon in a value needs no escape when read."""
    relation, dot, key = header.rpartition(".")
    if not dot:
        return header
    parent, colon, name = relation.partition(":")
    return f"{name}\\:{parent}-{key}" if colon else f"{relation}\\:{key}"


def _escaped(text: str, *, key: bool = True) -> str:
    """Plain ASCII as java.util.Properties reads it."""
    made = []
    for letter in text:
        if letter in _LONG:
            made.append(_LONG[letter])
        elif key and letter in " :=#!\\":
            made.append("\\" + letter)
        elif " " <= letter <= "~":
            made.append(letter)
        else:
            data = letter.encode("utf-16-be")
            made.extend(f"\\u{data[at]:02x}{data[at + 1]:02x}" for at in range(0, len(data), 2))
    return "".join(made)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _field_header(field: str, facts: ObjectFacts) -> str:
    """`Rel:Key` and `Rel:Parent-Key` as Bulk API writes them: `Rel.Key`, with the parent before a relation of several."""
    if ":" not in field:
        known = facts.field(field)
        return known.name if known is not None and "." not in field else field
    relation, _colon, key = field.partition(":")
    parent, dash, name = key.rpartition("-")
    reference = facts.by_relationship.get(relation.lower())
    if dash and reference is not None and len(reference.reference_to) > 1:
        return f"{parent}:{relation}.{name}"
    return f"{relation}.{name}"


def properties(text: str) -> Iterator[tuple[int, str, str]]:
    """The entries of a Java properties text: line number, key, value."""
    for line, logical in _logical_lines(text):
        at = 0
        while at < len(logical) and logical[at] not in "=: \t\f":
            at += 2 if logical[at] == "\\" else 1
        key, rest = logical[:at], logical[at:].lstrip(" \t\f")
        if rest[:1] in ("=", ":"):
            rest = rest[1:].lstrip(" \t\f")
        yield line, _unescape(key), _unescape(rest)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    whole, start = "", 0
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        line = raw.lstrip(" \t\f")
        if not whole and (not line or line[0] in "#!"):
            continue
        start = start if whole else number
        backslashes = len(line) - len(line.rstrip("\\"))
        if backslashes % 2:
            whole += line[:-1]
            continue
        yield start, whole + line
        whole = ""
    if whole:
        yield start, whole


def _unescape(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) == 5 else _SHORT.get(code, code)

    # Letters beyond the first plane are two escapes, which make one letter together.
    return _ESCAPE.sub(plain, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
