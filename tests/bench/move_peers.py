"""The same move by simple-salesforce, with the joined result file a person needs at the end; run as a process of its own.

python tests/bench/move_peers.py URL TOKEN FILE ACTION OUT    (ACTION: insert, upsert, export)

The library uploads, waits and downloads; the rows are joined to the org's answers as one would write it: the values
sent are the key, and each answer is used once.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simple_salesforce import Salesforce

_WAIT = 0.05
_LARGEST = 90_000_000
_ROWS = 200_000


def main(url: str, token: str, file: str, action: str, out: str) -> None:
    """Do it."""
    bulk: Any = Salesforce(instance_url=url, session_id=token, version="62.0").bulk2.Account
    if action == "export":
        with Path(out).open("w", encoding="utf-8", newline="") as target:
            for number, page in enumerate(bulk.query(file, wait=_WAIT)):
                target.write(page if number == 0 else page.split("\n", 1)[1])
        return
    extra: dict[str, Any] = {"external_id_field": "ERP_Id__c"} if action == "upsert" else {}
    if Path(file).stat().st_size > _LARGEST:
        # Left to itself it cuts such a file into jobs of more than it accepts, and ends.
        extra["batch_size"] = _ROWS
    rows = _rows_by_values(file)
    with Path(out).open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        for job in getattr(bulk, action)(file, wait=_WAIT, **extra):
            for get in (bulk.get_successful_records, bulk.get_failed_records, bulk.get_unprocessed_records):
                writer.writerows(_joined(get(job["job_id"]), rows))


def _rows_by_values(file: str) -> dict[tuple[str, ...], list[int]]:
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    with Path(file).open(encoding="utf-8", newline="") as source:
        reader = csv.reader(source)
        next(reader)
        for number, row in enumerate(reader, 1):
            found[tuple(row)].append(number)
    return found


def _joined(text: str, rows: dict[tuple[str, ...], list[int]]) -> Iterator[list[object]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    own = sum(name.startswith("sf__") for name in next(reader, []))
    for answer in reader:
        values = tuple(answer[own:])
        yield [rows[values].pop(), *answer[:own], *values]


if __name__ == "__main__":
    main(*sys.argv[1:])
