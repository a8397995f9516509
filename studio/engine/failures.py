"""The records that failed, kept beside the output: number, path and reason, as CSV or JSON lines."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import BinaryIO

from studio.base.records import dataclass

COLUMNS = ("record", "path", "reason", "outcome", "node", "line", "script_line", "script_column", "content")
# Of a longer record a list has only so many characters: readers of CSV have limits. The document of records has it whole.
MOST_SHOWN = 100_000
ENDINGS = {
    "xml": ".xml", "json": ".json", "lines": ".jsonl", "delimited": ".csv", "excel": ".xlsx", "avro": ".avro",
    "parquet": ".parquet", "database": ".csv", "edi": ".edi", "copybook": ".dat",
}  # fmt: skip


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


@dataclass(frozen=True)
class Whereabouts:
    """Where a failed record stands in the input: its address, its line, its text (cut where it is very long)."""

    node: str = ""
    line: int | None = None
    text: str = ""


class FailureFile:
    """Writes failures to a stream; a name ending in .jsonl, .ndjson or .json makes it JSON lines.

    `outcome` is `set-aside` or `null-field`, `line` the line of the record in the input, `content` the record.
    """

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self.stream = stream
        self._json = path.suffix.lower() in (".jsonl", ".ndjson", ".json")

    def begin(self) -> None:
        """Write the names of the columns, where the kind of file has them."""
        if not self._json:
            self._row(COLUMNS)

    def add(self, failure: Failure, where: Whereabouts = Whereabouts()) -> None:  # noqa: B008 (frozen)
        """Write one."""
        text = where.text if len(where.text) <= MOST_SHOWN else where.text[:MOST_SHOWN] + "…"
        outcome = "null-field" if failure.nulled else "set-aside"
        row = (
            failure.record, failure.path, failure.reason, outcome, where.node, where.line, failure.line, failure.column,
            text,
        )  # fmt: skip
        if self._json:
            shown = json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False)
            self.stream.write(shown.encode("utf-8", "backslashreplace") + b"\n")
        else:
            self._row(row)

    def _row(self, row: tuple[object, ...]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        self.stream.write(line.getvalue().encode("utf-8", "backslashreplace"))


def beside(output: Path) -> Path:
    """Where failures go when nobody says: `invoices.xml` → `invoices.xml.failures.csv`."""
    return output.with_name(output.name + ".failures.csv")


def records_beside(failures: Path, format: str) -> Path:
    """The document of the failed records of a list: `bad.csv` of an XML source → `bad.records.xml`."""
    return failures.with_name(failures.stem + ".records" + ENDINGS.get(format, ".txt"))
