"""The options of moves about formats of values, and the first rows as Salesforce will hold them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.cli.printable import printable
from studio.cli.signed_in import say
from studio.moves.desks.desk_values import preview_data
from studio.moves.judging.holds import Effect
from studio.moves.judging.values_preview import CellSeen, ValuesPreview
from studio.moves.rows.recognise import Formats

_WIDEST = 28


def formats(zone: str, dates: Sequence[str] | None, numbers: Sequence[str] | None) -> Formats:
    """What the options say; raises BadInput for one without a column."""
    return Formats(zone, {**_pairs("--date-format", dates), **_pairs("--number-format", numbers)})


def _pairs(option: str, texts: Sequence[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts or ():
        # A column's name may hold an equals sign, a format none.
        column, equals, format_ = text.rpartition("=")
        if not equals or not column or not format_:
            raise BadInput(
                _("{option} {text} does not name a column and its format.").format(option=option, text=text),
                next_step=_("Write {option} COLUMN=FORMAT.").format(option=option),
            )
        found[column] = format_
    return found


def show(found: ValuesPreview, as_json: bool) -> None:
    """The first rows as Salesforce will hold them, on standard output; what is unclear on standard error."""
    if as_json:
        print(json.dumps(preview_data(found)))  # noqa: T201
        return
    for one in found.fields:
        how = ", ".join(text for text in (one.type, one.format, one.zone) if text)
        print(f"{one.field} <- {one.column or repr(_('constant'))}  ({how})")  # noqa: T201
        if one.question:
            say(f"{one.field}: {one.question}")
    print()  # noqa: T201
    for number, row in enumerate(found.rows, 1):
        for one, cell in zip(found.fields, row, strict=True):
            source = _short(cell.source)
            print(f"{number:>4}  {one.field:<24} {source:<{_WIDEST}} -> {_becomes(cell)}".rstrip())  # noqa: T201


def _becomes(cell: CellSeen) -> str:
    effects = {
        Effect.KEPT: _("(left as it is)"),
        Effect.EMPTIED: _("(empty)"),
        Effect.DEFAULT: _("(the field's default)"),
        Effect.REFUSED: _("refused: {reason}").format(reason=cell.held.reason),
    }
    shown = effects.get(cell.held.effect, _short(cell.held.value))
    return f"{shown}  ({cell.doubt})" if cell.doubt else shown


def _short(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
