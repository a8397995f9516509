"""What the jsonschema library says against a document, in plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from studio.base.i18n import _

_LONGEST = 60
_MOST = 12


def in_plain_words(error: Any) -> tuple[str, str]:
    """The sentence and the next step for one error of the library."""
    found = _WORDS.get(str(error.validator))
    if found is None:
        reason = " ".join(str(error.message).split())[:300].rstrip(". ")
        return _("The value does not fit the schema: {reason}.").format(reason=reason), ""
    return found(error, error.validator_value)


def _type(error: Any, wanted: Any) -> tuple[str, str]:
    kinds = ", ".join(wanted) if isinstance(wanted, list) else str(wanted)
    return (
        _("{value} is not of the type {type}.").format(value=_shown(error.instance), type=kinds),
        _("Correct the value."),
    )


def _required(error: Any, wanted: Any) -> tuple[str, str]:
    names = [name for name in wanted if name not in error.instance] if isinstance(wanted, list) else []
    # One error for each name: its message begins with it.
    name = next((one for one in names if str(error.message).startswith(repr(one))), ", ".join(names))
    return _("{name} is missing.").format(name=name), _("Add it.")


def _additional(error: Any, _wanted: Any) -> tuple[str, str]:
    names = (
        re.findall(r"'((?:[^'\\\\]|\\\\.)*)'", str(error.message)) if isinstance(error.instance, dict) else []
    )
    return (
        _("These may not stand here: {names}.").format(
            names=", ".join(names[:_MOST]) or _shown(error.instance)
        ),
        _("Remove them, or check their spelling."),
    )


def _enum(error: Any, wanted: Any) -> tuple[str, str]:
    choices = ", ".join(_shown(one) for one in wanted[:_MOST]) + (", …" if len(wanted) > _MOST else "")
    return (
        _("{value} is none of the values allowed: {list}.").format(
            value=_shown(error.instance), list=choices
        ),
        _("Write one of them."),
    )


def _const(error: Any, wanted: Any) -> tuple[str, str]:
    return (
        _("The value must be {limit}, not {value}.").format(
            limit=_shown(wanted), value=_shown(error.instance)
        ),
        _("Correct the value."),
    )


def _pattern(error: Any, wanted: Any) -> tuple[str, str]:
    return (
        _("{value} does not have the form {limit}.").format(value=_shown(error.instance), limit=wanted),
        _("Correct the value."),
    )


def _length(error: Any, wanted: Any) -> tuple[str, str]:
    return (
        _("The value has a length of {number}, but {limit} is the limit.").format(
            number=len(error.instance), limit=wanted
        ),
        _("Correct the value."),
    )


def _limit(error: Any, wanted: Any) -> tuple[str, str]:
    return (
        _("{value} is beyond the limit {limit}.").format(value=_shown(error.instance), limit=wanted),
        _("Correct the value."),
    )


def _multiple(error: Any, wanted: Any) -> tuple[str, str]:
    return (
        _("{value} is no multiple of {limit}.").format(value=_shown(error.instance), limit=wanted),
        _("Correct the value."),
    )


def _items(error: Any, wanted: Any) -> tuple[str, str]:
    return (
        _("There are {number} items, but {limit} is the limit.").format(
            number=len(error.instance), limit=wanted
        ),
        _("Add or remove items."),
    )


def _unique(_error: Any, _wanted: Any) -> tuple[str, str]:
    return _("Items stand there twice, but each may stand there once."), _("Remove the repeated ones.")


def _alternatives(error: Any, _wanted: Any) -> tuple[str, str]:
    if not error.context:
        return (
            _("The value fits several of the alternatives, but must fit exactly one."),
            _("Add what tells them apart."),
        )
    # Of the alternatives the one that went furthest into the value is likely the one meant.
    nearest = max(error.context, key=lambda one: (len(one.absolute_path), one.validator != "type"))
    reason, mend = in_plain_words(nearest)
    return (
        _("The value fits none of the alternatives; of the nearest one: {reason}").format(reason=reason),
        mend,
    )


def _never(error: Any, _wanted: Any) -> tuple[str, str]:
    return _("{value} may not stand here.").format(value=_shown(error.instance)), _("Remove it.")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


_WORDS: dict[str, Callable[[Any, Any], tuple[str, str]]] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _additional,
    "unevaluatedProperties": _additional,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minLength": _length,
    "maxLength": _length,
    "minimum": _limit,
    "maximum": _limit,
    "exclusiveMinimum": _limit,
    "exclusiveMaximum": _limit,
    "multipleOf": _multiple,
    "divisibleBy": _multiple,
    "minItems": _items,
    "maxItems": _items,
    "uniqueItems": _unique,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    "not": _never,
    "None": _never,
}
