"""What `weft transform` tells about records: the first that failed, where all of them are, how many there were."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from studio.base.i18n import _, ngettext
from studio.cli.printable import printable_line
from studio.engine.failures import Failure
from studio.engine.run import Stats

_NAMED = 3
# Of one record many fields may have failed: so many lines of a list are looked at for the next one.
_LOOKED_AT = 1000


def failure_line(failure: Failure) -> str:
    """A failure where there is no list: the record, the target path, why."""
    return _failed(failure.record, failure.path, failure.reason, None)


def listed_lines(kept: Path) -> list[str]:
    """The first records of a list of failures, one line each, and where all of them are."""
    first: dict[str, str] = {}
    with kept.open(encoding="utf-8", newline="") as lines:
        for row in islice(_rows(kept, lines), _LOOKED_AT):
            number = str(row.get("record") or "?")
            if number not in first:
                first[number] = _failed(
                    number, row.get("path") or "?", row.get("reason") or "?", row.get("line")
                )
            if len(first) == _NAMED:
                break
    return [*first.values(), _("All of them: {file}").format(file=kept)]


def _rows(kept: Path, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    if kept.suffix.lower() == ".csv":
        yield from csv.DictReader(lines)
    else:
        yield from map(json.loads, lines)


def _failed(number: object, path: str, reason: str, line: object) -> str:
    if line:
        return _("Record {number} (line {line}), {path}: {reason}").format(
            number=number, line=line, path=path, reason=printable_line(str(reason))
        )
    return _("Record {number}, {path}: {reason}").format(
        number=number, path=path, reason=printable_line(str(reason))
    )


def closing_line(found: Stats) -> str:
    """How many records were read, and what became of them."""
    text = ngettext(
        "{n} record read: {written} written, {failed} failed, {left_out} left out.",
        "{n} records read: {written} written, {failed} failed, {left_out} left out.",
        found.records_in,
    )
    return text.format(
        n=found.records_in, written=found.records_out, failed=found.failed, left_out=found.filtered
    )
