"""Validate: the tests of a column's text, for a script that is called with the text, its type and its mask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from studio.base.i18n import N_, _
from studio.script.errors import RunError
from studio.script.functions.arguments import text
from studio.script.functions.masks import read_by_mask
from studio.script.functions.patterns import matches
from studio.script.functions.reading_dates import parse_date
from studio.script.functions.registry import function
from studio.script.host import Host
from studio.script.tree import Value
from studio.script.values import truth_of

Key = Any
_NUMBERS = frozenset({"integer", "long", "float", "double", "number", "int", "decimal"})
_DATES = frozenset({"date", "datetime", "timestamp"})
_ONE: dict[str, Callable[[Key, Key], bool]] = {
    "=": lambda value, given: bool(value == given),
    "!=": lambda value, given: bool(value != given),
    "<": lambda value, given: bool(value < given),
    "<=": lambda value, given: bool(value <= given),
    ">": lambda value, given: bool(value > given),
    ">=": lambda value, given: bool(value >= given),
}
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, given: given in value,
    "does not contain": lambda value, given: given not in value,
}
_SEVERAL = ("one of", "not one of", "between", "not between")


@function(
    "text",
    "Validate(op: string, arg: string, ignoreCase?: bool): bool",
    N_(
        "Whether the text that the script was called with passes a test. The script's arguments are the text, its type and "
        "its mask, as ArgumentList gives them."
    ),
    "Validate('One Of', 'Ada, Grace')",
    "true",
    fails=N_("There is no such test, or the script was not called with a text."),
    host=True,
)
def _validate(host: Host, test: Value, given: Value, ignore_case: Value = False) -> bool:
    called = host.ask("ArgumentList", ())
    values = [*(called if isinstance(called, list) else []), None, None, None]
    value, kind, mask = text(values[0]), text(values[1]).lower(), text(values[2])
    name, fold = " ".join(text(test).lower().split()), truth_of(ignore_case)
    if name == "regex":
        return matches(value, text(given), whole=True, ignore_case=fold)
    if name in _TEXT:
        return _TEXT[name](_folded(value, fold), _folded(text(given), fold))
    if name not in _ONE and name not in _SEVERAL:
        raise RunError(
            _("Validate knows no test {name}.").format(name=text(test)[:40]),
            next_step=_("Use =, !=, <, <=, >, >=, Between, Contains, One Of, their opposites, or Regex."),
        )
    wanted = text(given).split(",") if name in _SEVERAL else [text(given)]
    key = _key(value, kind, mask, fold)
    keys = [_key(each.strip(), kind, mask, fold) for each in wanted]
    if key is None or None in keys:
        return False
    return _passes(name, key, keys)


def _passes(name: str, key: Key, keys: list[Key]) -> bool:
    if name in _ONE:
        return _ONE[name](key, keys[0])
    if name.endswith("one of"):
        return (key in keys) == (name == "one of")
    if len(keys) != 2:
        raise RunError(_("Between needs two values with a comma between them."))
    return bool(keys[0] <= key <= keys[1]) == (name == "between")


def _folded(value: str, fold: bool) -> str:
    return value.casefold() if fold else value


def _key(value: str, kind: str, mask: str, fold: bool) -> Decimal | datetime | str | None:
    """What is compared: a number, a date or text; None for text that is not of its type."""
    if kind in _NUMBERS:
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    if kind in _DATES:
        try:
            return read_by_mask(value, mask) if mask else parse_date(value)
        except RunError:
            return None
    return _folded(value, fold)
