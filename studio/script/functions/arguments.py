"""How functions take their arguments: null counts as empty text, other values convert as the language says."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from studio.base.i18n import _
from studio.script.errors import RunError
from studio.script.tree import Value
from studio.script.values import KEPT, Number, cannot_convert, kind_of, number_of, plain_text, whole_of

text = plain_text
number = number_of
whole = whole_of


def only_text(function: str, value: Value) -> str:
    """Text and nothing else; null is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong_kind(function, _("text"), value)
    return value


def array(function: str, value: Value) -> list[Value]:
    """An array and nothing else."""
    if not isinstance(value, list):
        raise wrong_kind(function, _("an array"), value)
    return value


def dictionary(function: str, value: Value) -> dict[str, Value]:
    """A dictionary and nothing else."""
    if not isinstance(value, dict):
        raise wrong_kind(function, _("a dictionary"), value)
    return value


def instances(value: Value) -> list[Value]:
    """The values of a repeated node: an array's entries, flattened; one value is one instance, null is none."""
    if value is None:
        return []
    if not isinstance(value, list):
        return [value]
    flat: list[Value] = []
    for entry in value:
        if isinstance(entry, list):
            flat.extend(entry)
        else:
            flat.append(entry)
    return flat


def wrong_kind(function: str, wanted: str, value: Value) -> RunError:
    """The error for an argument of the wrong type."""
    return RunError(
        _("{function} needs {wanted}, not {kind}.").format(
            function=function, wanted=wanted, kind=kind_of(value)
        )
    )


def finite(value: Value) -> float:
    """A number as float. Raises RunError where there is none."""
    given: Number = number_of(value)
    try:
        return float(given)
    except OverflowError as error:
        raise RunError(_("The number is too large.")) from error


def exact(value: Value) -> Decimal:
    """A number as a decimal, a float by its shortest text. Raises RunError for what has no finite number."""
    given = number_of(value)
    result = Decimal(repr(float(given))) if isinstance(given, float) else Decimal(given)
    if not result.is_finite():
        raise cannot_convert(value, _("a finite number"))
    return result


def unkept(value: Value) -> Value:
    """A document's number or date without the text it had there."""
    if isinstance(value, KEPT):
        if isinstance(value, datetime):
            return value.replace()
        return float(value) if isinstance(value, float) else Decimal(value)
    return value
