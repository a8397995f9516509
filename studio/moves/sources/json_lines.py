"""JSON as rows: an object a line, or an array of objects; objects inside as columns with a dot, lists as the JSON they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.system_errors import unreadable
from studio.moves.places import Place
from studio.moves.sources.cells import cell_text, plain_number
from studio.moves.sources.json_array import objects_of_array
from studio.moves.sources.kinds import Pick, Row, Table

_LONGEST = 16 * 1024 * 1024
_MOST_COLUMNS = 5000
_MARK = b"\xef\xbb\xbf"


@contextmanager
def opened(place: Place, pick: Pick) -> Iterator[Table]:
    """The file as a table: every line is read once for the names of the columns, which may differ from line to line."""
    del pick
    assert isinstance(place, Path)
    try:
        file = place.open("rb")
    except OSError as error:
        raise unreadable(place, error) from error
    with file:
        names: dict[str, None] = {}
        for number, record in _records(file, place):
            names.update(dict.fromkeys(record))
            if len(names) > _MOST_COLUMNS:
                raise _bad(
                    place, number, _("the lines have more than {count} names").format(count=_MOST_COLUMNS)
                )
        file.seek(0)
        shown = _("JSON array") if _is_array(file) else _("JSON lines")
        yield Table(tuple(names), _rows(file, place, tuple(names)), shown)


def _rows(file: IO[bytes], place: Path, names: tuple[str, ...]) -> Iterator[Row]:
    for _number, record in _records(file, place):
        yield [record.get(name, "") for name in names], ""


def _is_array(file: IO[bytes]) -> bool:
    """The first sign of the file is the bracket of an array; the file is at its beginning afterwards."""
    file.seek(0)
    head = file.read(4096).removeprefix(_MARK).lstrip()
    file.seek(0)
    return head.startswith(b"[")


def _records(file: IO[bytes], place: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The objects with the numbers of the lines they begin in; blank lines are passed over."""
    if _is_array(file):
        for number, text in objects_of_array(file, place):
            yield number, _record(text, place, number)
        return
    number = 0
    while line := file.readline(_LONGEST + 1):
        number += 1
        if len(line) > _LONGEST:
            raise _bad(place, number, _("the line is longer than {limit} MB").format(limit=_LONGEST >> 20))
        if number == 1:
            line = line.removeprefix(_MARK)
        if line.strip():
            yield number, _record(line, place, number)


def _record(line: bytes, place: Path, number: int) -> dict[str, str]:
    try:
        value = json.loads(
            line.decode("utf-8"),
            parse_float=_Number,
            parse_int=_Number,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError:
        raise _bad(place, number, _("its bytes are no UTF-8")) from None
    except _Twice as error:
        raise _bad(place, number, _("the name {name} is there twice").format(name=error)) from None
    except RecursionError:
        raise _bad(place, number, _("objects lie too deep in one another")) from None
    except ValueError as error:
        raise _bad(place, number, _("it is no JSON ({reason})").format(reason=error)) from None
    if not isinstance(value, dict):
        raise _bad(place, number, _("it is no object in braces"))
    made: dict[str, str] = {}
    for name, text in _flat(value, ""):
        if name in made:
            raise _bad(place, number, _("the name {name} is there twice").format(name=name))
        made[name] = text
    return made


def _flat(value: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for name, member in value.items():
        if isinstance(member, dict) and member:
            yield from _flat(member, f"{before}{name}.")
        elif isinstance(member, _Number):
            yield before + name, plain_number(member)
        else:
            yield before + name, cell_text(member or None if isinstance(member, dict) else member)


class _Number(str):
    """The digits of a number, which are kept."""

    __slots__ = ()


class _Twice(Exception):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


def _constant(name: str) -> Any:
    raise ValueError(name)


def _bad(place: Path, number: int, reason: str) -> BadInput:
    return BadInput(
        _("Line {number} cannot be read: {reason}.").format(number=number, reason=reason.rstrip(".")),
        file=place,
        line=number,
        next_step=_("Each line must be one JSON object such as {example}; correct the line.").format(
            example='{"Name": "Acme"}'
        ),
    )
