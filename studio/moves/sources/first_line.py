"""Whether a delimited file's first line names its columns, or is a row already."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studio.base.i18n import _

# What stands in rows and never in names: numbers, dates, telephone numbers, addresses.
_VALUE = re.compile(
    r"[-+(]?[\d.,]*\d[\d.,]*[)%]?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\+?[\d() -]{7,}|[^@\s]+@[^@\s]+\.\w+|(?:https?://|www\.)\S+",
    re.IGNORECASE,
)


def doubt_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """What is to be said of a file's first line, in a sentence: it looks like a row, or nothing follows it; else ""."""
    values = [
        name for at, name in enumerate(header) if _VALUE.fullmatch(name.strip()) and _same_below(rows, at)
    ]
    if values:
        return _(
            "The first line looks like a row, not like column names ({examples}). If it is one, say so: else it is not sent."
        ).format(examples=", ".join(values[:3]))
    if not rows:
        return _("The file has column names but no rows: there is nothing to send.")
    return ""


def _same_below(rows: Sequence[Sequence[str]], at: int) -> bool:
    """The column goes on with values of the kind; years and codes as names of columns stand above other things."""
    below = [row[at].strip() for row in rows if len(row) > at and row[at].strip()]
    return not below or any(_VALUE.fullmatch(value) for value in below)
