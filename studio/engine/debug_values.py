"""How values are written where a debugger shows them."""

from __future__ import annotations

from collections.abc import Mapping

from studio.script.tree import Value
from studio.script.values import text_of

# So much of a variable's text is shown.
LONGEST = 2_000


def shown(value: Value) -> str:
    """A value as a debugger shows it: text in quotation marks, null as the word."""
    text = (
        f'"{value}"'
        if isinstance(value, str)
        else "true"
        if value is True
        else "false"
        if value is False
        else ""
    )
    try:
        text = text or text_of(value)
    except Exception as error:  # an array too long to be text: said instead of it
        text = str(error)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def variables(values: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    """Variables by name, sorted, as they are shown."""
    return tuple((name, shown(values[name])) for name in sorted(values, key=str.casefold))
