"""An answer as a CSV file in a style of its own: the delimiter, and the mark by which spreadsheets know UTF-8."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.moves.targets.kinds import Answer

_AT_ONCE = 500
_MARK = "\ufeff"
_EXCEL = "excel"
_SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


@dataclass(frozen=True)
class Style:
    """How a CSV file is written; as the org writes it where nothing is chosen."""

    delimiter: str = ","
    mark: bool = False

    @staticmethod
    def read(text: str) -> Style:
        """The style of `semicolon`, `excel` (a semicolon and the mark) or `excel,tab`; raises BadInput for another."""
        parts = (
            [part.strip().lower() for part in text.split(",") if part.strip()] if text != "," else ["comma"]
        )
        excel = _EXCEL in parts
        signs = [part for part in parts if part != _EXCEL]
        known = [_SIGNS.get(part, part) for part in signs]
        if len(known) > 1 or any(sign not in _SIGNS.values() for sign in known):
            raise BadInput(
                _("There is no style of CSV called {text}.").format(text=text),
                next_step=_(
                    "Use comma, semicolon, tab or bar, with excel before it for a spreadsheet: excel,semicolon."
                ),
            )
        return Style(known[0] if known else ";" if excel else ",", excel)

    @property
    def plain(self) -> bool:
        """As the org writes it."""
        return self == Style()


def write(answer: Answer, place: Path, style: Style) -> None:
    """Write the whole answer in a style; every value stays what it is. The file is there whole or not at all."""
    with atomic.writing(place) as file:
        header = [column.name for column in answer.columns]
        file.write(((_MARK if style.mark else "") + _text([header], style)).encode("utf-8"))
        rows = answer.rows()
        while block := list(islice(rows, _AT_ONCE)):
            file.write(_text(block, style).encode("utf-8"))


def _text(rows: list[list[str]], style: Style) -> str:
    text = io.StringIO(newline="")
    # A spreadsheet takes no line end of one sign only; the org's own files have one.
    csv.writer(text, delimiter=style.delimiter, lineterminator="\r\n" if style.mark else "\n").writerows(rows)
    return text.getvalue()
