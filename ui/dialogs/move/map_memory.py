"""What a field map was last time: remembered when rows are sent, taken up for a source with the same columns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from studio.base.i18n import _
from studio.moves.rows.value_fix import Fix
from ui.dialogs.move.choices import Choices, Mapped


def memory_name(choices: Choices) -> str:
    """What the map of these choices is remembered by: action, object, key and the columns."""
    header = choices.source.header if choices.source is not None else ()
    columns = hashlib.sha256("\0".join(header).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return " ".join(("map", choices.action.value, choices.target, choices.key, columns))


def remembered(choices: Choices) -> dict[str, Any]:
    """What of the choices is worth remembering."""
    asked = choices.request
    return {name: asked[name] for name in ("map", "scripts", "blank", "duplicates", "zone")}


def whole_map(choices: Choices, entries: Sequence[Mapped]) -> tuple[Mapped, ...]:
    """A map in the order of the source's columns, with a line for each that it does not send."""
    header = choices.source.header if choices.source is not None else ()
    by_column = {m.column: m for m in reversed(entries) if m.of_column}
    columns = (by_column.get(name) or Mapped("", name) for name in header)
    more = (m for m in entries if m.of_column and by_column[m.column] is not m and m.column in header)
    others = (m for m in entries if not m.of_column)
    return (*columns, *more, *others)


def mapped_of(found: Sequence[Mapping[str, Any]], scripts: Mapping[str, str], why: str) -> list[Mapped]:
    """The lines of a map that was kept: its columns and constants as data, its expressions by field."""
    made = [
        Mapped(e["field"], e["column"], e["constant"], why, tuple(map(Fix.from_data, e["fixes"])))
        for e in found
    ]
    return [*made, *(Mapped(field, why=why, script=script) for field, script in scripts.items())]


def recalled(choices: Choices, kept: Mapping[str, Any] | None) -> Choices | None:
    """The choices with the map of last time; None where none was kept, or the object has not all of its fields."""
    if not kept:
        return None
    known = {field.name for field in choices.fields}
    entries = mapped_of(kept["map"], kept["scripts"], _("as last time"))
    if not entries or any(m.field not in known and "." not in m.field for m in entries):
        return None
    return replace(
        choices.with_map(whole_map(choices, entries)),
        blank_leaves=kept["blank"] == "leave",
        duplicates=kept["duplicates"],
        zone=kept["zone"],
    )
