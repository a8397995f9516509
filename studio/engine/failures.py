"""The records that failed, kept beside the output: number, path and reason, as CSV or JSON lines."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

COLUMNS = ("record", "path", "reason")


@dataclass(frozen=True)
class Failure:
    """A record (counted from 1 over the outermost loops' turns), the target path of the rule, and why.

    `line` and `column` are the place in the rule's script, where known. `nodes` are the source nodes the record is made
    of, counted from 1 over all nodes at the place outermost loop number `top` reads. With `nulled` the record is written
    all the same, without a value for the field at `path`.
    """

    record: int
    path: str
    reason: str
    line: int | None = None
    column: int | None = None
    top: int = 0
    nodes: tuple[int, ...] = ()
    nulled: bool = False


class FailureFile:
    """Writes failures to a stream; a name ending in .jsonl, .ndjson or .json makes it JSON lines."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream = stream
        self._json = path.suffix.lower() in (".jsonl", ".ndjson", ".json")
        if not self._json:
            self._row(COLUMNS)

    def add(self, failure: Failure) -> None:
        """Write one."""
        row = (failure.record, failure.path, failure.reason)
        if self._json:
            text = json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False)
            self._stream.write(text.encode("utf-8", "backslashreplace") + b"\n")
        else:
            self._row(row)

    def _row(self, row: tuple[object, ...]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        self._stream.write(line.getvalue().encode("utf-8", "backslashreplace"))


def beside(output: Path) -> Path:
    """Where failures go when nobody says: `invoices.xml` → `invoices.xml.failures.csv`."""
    return output.with_name(output.name + ".failures.csv")
