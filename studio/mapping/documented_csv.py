"""A map's documentation as comma separated text, one line a target node."""

from __future__ import annotations

import csv
import io

from studio.base.i18n import _
from studio.mapping.documented import Documented, Entry

# What a spreadsheet would take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(found: Documented) -> str:
    """The text, with a line of names first; cells that a spreadsheet would run begin with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [_("Target"), _("Type"), _("Occurs"), _("State"), _("Script"), _("Loop"), _("Condition"), _("Explained"),
         _("Reads"), _("Note"), _("About the node")]
    )  # fmt: skip
    for entry in found.entries:
        writer.writerow([_safe(cell) for cell in _cells(entry)])
    return out.getvalue()


def _cells(entry: Entry) -> tuple[str, ...]:
    return (
        entry.path, entry.type, entry.occurs, entry.state, entry.script, entry.loop, entry.when, entry.options,
        "; ".join(entry.sources), entry.note, entry.about,
    )  # fmt: skip


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
