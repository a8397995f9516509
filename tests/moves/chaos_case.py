"""One move of the chaos test: what is moved, what goes wrong on the way, and what must be true afterwards."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.connectors.salesforce.rows import encode

FIELDS = ("Id", "Name", "ERP_Id__c", "AccountNumber", "Phone", "Description")
ACTIONS = ("insert", "update", "upsert", "delete", "hard-delete", "undelete")
_ANY = "/services/data/*"
_CALLS = {
    "bulk": ("POST */jobs/ingest", "PUT */batches", "PATCH */jobs/ingest/*", "GET */jobs/ingest/750*",
             "GET */successfulResults", "GET */failedResults", "GET */unprocessedrecords", _ANY),
    "collections": ("*/composite/sobjects*", "*/composite/sobjects*", "POST */Soap/*", "GET */query*", _ANY),
}  # fmt: skip
_TROUBLE = ("lost-answer", "lost-answer", "drop-request={bytes}", "drop-answer={bytes}", "unavailable=0",
            "unauthorized", "slow=60000", "delay=0.02", "truncated={bytes}", "chunked=40", "gzip")  # fmt: skip
_DAYS = 6.0

Record = Mapping[str, Any]


@dataclass
class Case:
    """Everything about one move, made from a seed."""

    number: int
    action: str
    api: str
    rows: list[list[str]]
    header: list[str]
    key: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    undone: bool = False
    # Rows the org must refuse, or that are held back.
    wrong: set[int] = field(default_factory=set)
    existing: int = 0

    @property
    def mark(self) -> str:
        """The value of Site in every record of the case."""
        return f"C{self.number}"

    def write(self, folder: Path) -> Path:
        """The source file."""
        path = folder / "source.csv"
        path.write_bytes(b"".join(encode(self.header, self.rows)))
        return path


def make(number: int, order: random.Random, ids: list[str]) -> Case:
    """A move of one of the actions; `ids` are the records that are there, whose keys are `mark-0` and on."""
    action = ACTIONS[number % len(ACTIONS)]
    api = "bulk" if action == "hard-delete" else order.choice(["bulk", "collections"])
    api = "collections" if action == "undelete" else api
    case = Case(number, action, api, [], [], existing=len(ids))
    if action == "insert":
        _inserted(case, order)
    elif action == "upsert":
        _upserted(case, order, len(ids))
    elif action == "update":
        case.header = ["Id", "Name", "Phone", "Description"]
        case.rows = [
            [id_, f"Changed {n}", order.choice(["", "#N/A", "+1"]), _text(order, n)]
            for n, id_ in enumerate(ids)
        ]
    else:
        case.header = ["Id", "Note"]
        case.rows = [[id_, _text(order, n)] for n, id_ in enumerate(ids)]
    if action != "insert" and order.random() < 0.4:
        case.rows.insert(order.randrange(len(case.rows)), _unknown(case))
    case.wrong |= {n for n, row in enumerate(case.rows, 1) if row == _unknown(case)}
    first = order.randrange(1, len(case.rows)) if order.random() < 0.3 else 0
    case.options = {
        "chunk_rows": order.choice([5, 8, 15]),
        "parallel": order.choice([1, 2, 3]),
        "api": api,
        "before": "on",
        "first": first,
        "compress": order.random() < 0.3,
    }
    case.undone = order.random() < 0.5
    return case


def _inserted(case: Case, order: random.Random) -> None:
    """New records; by jobs without any unique value too, so that a doubled one would show, and with equal rows."""
    keyed = case.api == "collections" or order.random() < 0.5
    key = "ERP_Id__c" if keyed else "AccountNumber"
    case.header = ["Site", key, "Name", "Phone", "Description", "Note"]
    for n in range(order.randrange(8, 40)):
        case.rows.append([case.mark, f"{case.mark}-n{n}", f"New {n}", "", _text(order, n), "not sent"])
        if not keyed and order.random() < 0.15:
            case.rows.append(list(case.rows[-1]))
        if order.random() < 0.05:
            case.rows.append([case.mark, f"{case.mark}-w{n}", "", "", "", "no name"])
            case.wrong.add(len(case.rows))


def _upserted(case: Case, order: random.Random, there: int) -> None:
    case.key = "ERP_Id__c"
    case.header = ["Site", "ERP_Id__c", "Name", "Phone", "Description"]
    for n in range(there + order.randrange(1, 20)):
        phone = order.choice(["", "#N/A", "+2"])
        case.rows.append([case.mark, f"{case.mark}-{n}", f"Upserted {n}", phone, _text(order, n)])
    order.shuffle(case.rows)


def _unknown(case: Case) -> list[str]:
    """A row the org refuses: no such record, or no name."""
    if case.action == "upsert":
        return [case.mark, f"{case.mark}-none", "#N/A", "", ""]
    return ["001000000000001AAA", *["x"] * (len(case.header) - 1)]


def _text(order: random.Random, n: int) -> str:
    return f"row {n} " + order.choice(
        ["", 'with "quotes"', "two\r\nlines", "a,b;c", "\u2028 é\u00a0ß 漢", "x" * 300]
    )


def trouble(case: Case, order: random.Random) -> list[str]:
    """The faults of one session."""
    found = []
    for _n in range(order.choice([0, 1, 1, 2, 3])):
        kind = order.choice(_TROUBLE).format(bytes=order.choice([0, 20, 150, 700]))
        call = order.choice(
            _CALLS[case.api] if order.random() < 0.8 else (_ANY, "GET */query*", "*/composite/*")
        )
        found.append(f"{kind},on={call},at={order.randint(1, 6)},times={order.randint(1, 3)}")
    if case.api == "bulk" and order.random() < 0.2:
        found.append(order.choice(["fail-after=1", "processing=0.05", "queued=0.03"]))
    return found


def hurt(order: random.Random) -> dict[str, Any]:
    """How the mover of one session is killed, if at all, and what else is odd about it."""
    found: dict[str, Any] = {
        "before": order.random() < 0.5,
        "skew": order.choice([0, 0, 0, -86_400.0, 200_000.0]),
    }
    how = order.random()
    if how < 0.3:
        found["kill_at"] = order.randint(1, 30)
    elif how < 0.65:
        found["kill_call"] = order.randint(3, 30)
    elif how < 0.7:
        found["kill_keep"] = order.randint(1, 4)
    if order.random() < 0.2:
        found["twice"] = order.randint(1, 5)
    if order.random() < 0.15:
        found["patience"] = 0.05
    return found


def jump(order: random.Random, left: list[float]) -> float:
    """By how many seconds the org's clock jumps now; in all less than the seven days that results live."""
    if order.random() > 0.2:
        return 0.0
    days = order.uniform(0, left[0] / 2)
    left[0] -= days
    return days * 86_400


def days() -> list[float]:
    """What is left to jump."""
    return [_DAYS]


def result_rows(summary: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """The rows of the four files."""
    found = {}
    for kind, path in summary["files"].items():
        with Path(path).open(encoding="utf-8", newline="") as file:
            found[kind] = list(csv.DictReader(file))
    return found


def problems(case: Case, summary: Mapping[str, Any], before: Mapping[str, Record], now: Mapping[str, Record],
             ended: bool) -> list[str]:  # fmt: skip
    """What is wrong after the move: rows lost, doubled, or told in another way than the org has it."""
    files = result_rows(summary)
    found = [*_files_add_up(case, summary, files)]
    applied = files["succeeded"]
    if ended:
        good = [n for n in range(1, len(case.rows) + 1) if n not in case.wrong]
        told = sorted(int(row["weft__row"]) for row in applied)
        if told != good:
            found.append(f"applied {sorted(set(told) ^ set(good))} differ, {len(told)} of {len(good)}")
        if summary["unreconciled"] or summary["unprocessed"]:
            found.append(f"{summary['unreconciled']} unreconciled, {summary['unprocessed']} unprocessed")
    return found + _records_agree(case, applied, before, now)


def _files_add_up(
    case: Case, summary: Mapping[str, Any], files: Mapping[str, list[dict[str, str]]]
) -> list[str]:
    found = []
    numbers = Counter(int(row["weft__row"]) for rows in files.values() for row in rows)
    if sorted(numbers.elements()) != list(range(1, len(case.rows) + 1)):
        found.append(f"the files do not add up: {sum(numbers.values())} of {len(case.rows)}")
    for kind, rows in files.items():
        if len(rows) != summary[kind]:
            found.append(f"{kind}: {len(rows)} rows, {summary[kind]} told")
        found += [
            f"{kind} row {row['weft__row']} has other values"
            for row in rows
            if [row[name] for name in case.header] != case.rows[int(row["weft__row"]) - 1]
        ]
    return found


def _records_agree(case: Case, applied: list[dict[str, str]], before: Mapping[str, Record],
                   now: Mapping[str, Record]) -> list[str]:  # fmt: skip
    """The org's records against what was there and the rows told as applied."""
    expected = {id_: dict(record) for id_, record in before.items()}
    for row in applied:
        id_ = row["weft__id"]
        if case.action in ("delete", "hard-delete"):
            expected.pop(id_, None)
        elif case.action == "undelete":
            expected[id_] = dict(now.get(id_, {}))
        else:
            held = expected.setdefault(id_, {"Id": id_} | dict.fromkeys(FIELDS[1:]))
            if case.action == "insert" and any(held[name] for name in FIELDS[1:]):
                return [f"two rows have the record {id_}"]
            for name in FIELDS[1:]:
                if row.get(name):
                    held[name] = None if row[name] == "#N/A" else row[name]
    wrong = [id_ for id_ in {*expected, *now} if _held(expected.get(id_)) != _held(now.get(id_))]
    if not wrong:
        return []
    one = wrong[0]
    return [f"{len(wrong)} records differ; {one}: expected {expected.get(one)}, found {now.get(one)}"]


def _held(record: Record | None) -> Any:
    """A record as it compares; the org may write line ends in its own way."""
    return None if record is None else tuple((record.get(n) or "").replace("\r\n", "\n") for n in FIELDS)


def undo_problems(case: Case, before: Mapping[str, Record], now: Mapping[str, Record]) -> list[str]:
    """What is not as it was after the undo; records deleted for good come back with other ids."""
    skip = 1 if case.action == "hard-delete" else 0
    was, has = (sorted(_held(record)[skip:] for record in found.values()) for found in (before, now))
    return [] if was == has else [f"not as before: {[r for r in was + has if (r in was) != (r in has)][:4]}"]
