"""What is different between two versions of one file of a project: rule by rule, key by key, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.base.errors import BadInput
from studio.base.records import dataclass
from studio.base.yaml_read import read
from studio.project.check_objects import credentials
from studio.project.layout import file_of, id_of
from studio.project.merge import KEYED

# Stands for what is called like a credential.
HIDDEN = "…"


@dataclass(frozen=True)
class Part:
    """One place of an object: the keys that lead there (`("map", "invoices/invoice/total")`) and its value on both sides,
    plain data as in the file, None where that side has none; values called like credentials are hidden."""

    path: tuple[str, ...]
    before: Any
    after: Any


def parts_differing(file: str, before: bytes | None, after: bytes | None) -> tuple[Part, ...]:
    """The places of the object in `file` (relative path) that differ, in the order of the file afterwards.

    A file that holds no object written in YAML, or one that cannot be read, is one whole: no places.
    """
    id = id_of(file)
    if id is None or not file_of(id).endswith(".yaml"):
        return ()
    try:
        sides = [_shown(data, file) for data in (before, after)]
    except BadInput:
        return ()
    return tuple(_members((), *sides))


def members(file: str, data: bytes | None) -> dict[str, Any]:
    """The members of the object in a file; none where there is no file. Raises BadInput."""
    found = read(data, file=file).plain() if data is not None else {}
    return found if isinstance(found, dict) else {}


def _shown(data: bytes | None, file: str) -> dict[str, Any]:
    found = members(file, data)
    for keys in list(credentials(found)):
        _hide(found, keys)
    return found


def _hide(data: Any, keys: tuple[str, ...]) -> None:
    for key in keys[:-1]:
        data = data[int(key)] if isinstance(data, list) else data[key]
    if isinstance(data, list):
        data[int(keys[-1])] = HIDDEN
    else:
        data[keys[-1]] = HIDDEN


def _members(path: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Part]:
    found: list[Part] = []
    for key in [*after, *(key for key in before if key not in after)]:
        one, two = before.get(key), after.get(key)
        if one == two:
            continue
        if not path and key in KEYED and isinstance(one, dict | None) and isinstance(two, dict | None):
            found += _members((key,), one or {}, two or {})
        else:
            found.append(Part((*path, key), one, two))
    return found
