"""The command lines most moves have, read without the parser of options: loading that takes longer than a small move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from studio.cli import moving
from studio.moves.model import Action, Api, Before, Blank, Duplicates, Options

_FLAG: Any = None
# Option to the name of its value, and what reads the text; a flag has no text.
_ANY = {"--org": ("org", str), "--json": ("as_json", _FLAG)}
_LOAD = _ANY | {
    "--key": ("key", str),
    "--map": ("map_file", Path),
    "--results": ("results", Path),
    "--again": ("again", _FLAG),
    "--dry-run": ("try_out", _FLAG),
    "--yes-production": ("yes_production", str),
}
_OPTIONS = {
    "--blank": ("blank", Blank),
    "--duplicates": ("duplicates", Duplicates),
    "--empty-keys": ("empty_keys", _FLAG),
    "--hold": ("hold", _FLAG),
    "--api": ("api", Api),
    "--before-image": ("before", Before),
}
_EXPORT = _ANY | {"--all": ("deleted_too", _FLAG)}
_STATUS = {"--json": ("as_json", _FLAG)}
_ACTIONS = {action.value: action for action in Action}
Kinds = Mapping[str, tuple[str, Callable[[str], object] | None]]


def usual(words: list[str]) -> Callable[[], int] | None:
    """What does a command line (without `move`) of usual options only; None where the parser of all options is needed."""
    verb, rest = (words[0], words[1:]) if words else ("", [])
    kinds = {"export": _EXPORT, "status": _STATUS}.get(verb, _LOAD | _OPTIONS if verb in _ACTIONS else None)
    found = _read(rest, kinds) if kinds is not None else None
    if found is None:
        return None
    places, values = found
    if verb == "status":
        return (lambda: moving.moves("".join(places), **values)) if len(places) < 2 else None
    if len(places) != 2:
        return None
    if verb == "export":
        return lambda: moving.export_rows(*places, **values)
    options = {name: values.pop(name) for name, _of in _OPTIONS.values() if name in values}
    return lambda: moving.load_rows(_ACTIONS[verb], *places, options=Options(**options), **values)


def _read(words: list[str], kinds: Kinds) -> tuple[list[str], dict[str, Any]] | None:
    """The arguments and the options' values; None for a line with anything else in it."""
    places: list[str] = []
    values: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            places.append(word)
            continue
        name, read = kinds.get(word, ("", None))
        if not name or name in values:
            return None
        values[name] = True if read is None else _value(next(rest, "-"), read)
        if values[name] is None:
            return None
    return places, values


def _value(text: str, read: Callable[[str], object]) -> object | None:
    """The value of an option; None for a text that the parser of options has to judge."""
    if text.startswith("-"):
        return None
    if isinstance(read, type) and issubclass(read, Enum) and text not in {each.value for each in read}:
        return None
    return read(text)
