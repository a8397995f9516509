"""What reading a source of so many rows for a move, or writing an answer to a target, takes in a process of its own.

python -m tests.moves.memory from-csv 1000000      (to-parquet …): prints the peak of memory and the CPU.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from studio.engine.streams import peak_mb
from studio.moves.load import Request, brought
from studio.moves.model import Action, Entry, FieldMap, Move, Options
from studio.moves.places import Place, place_of
from studio.moves.rows.prepared import prepared
from studio.moves.rows.recognise import Formats
from studio.moves.rows.shape import Shaper
from studio.moves.rows.stage import read_rows
from studio.moves.sources.kinds import Pick
from studio.moves.targets.kinds import Answer, Column, Sort, format_of, write
from tests.moves.facts import ACCOUNT

HEADER = ("ERP_Id__c", "Name", "AnnualRevenue", "Founded__c")
_COLUMNS = (
    Column(HEADER[0]),
    Column(HEADER[1]),
    Column(HEADER[2], Sort.NUMBER, 18, 2),
    Column(HEADER[3], Sort.DATE),
)
_NAMES = {
    "csv": "rows.csv",
    "gz": "rows.csv.gz",
    "xlsx": "rows.xlsx",
    "json": "rows.json",
    "jsonl": "rows.jsonl",
    "parquet": "rows.parquet",
    "sqlite": "rows.db",
    "duckdb": "rows.duckdb",
}
CASES = (
    *(f"from-{kind}" for kind in _NAMES),
    *(f"to-{kind}" for kind in _NAMES if kind not in ("gz", "json")),
)


def _rows(count: int) -> Iterator[tuple[str, str, str, str]]:
    for n in range(count):
        yield (
            f"K-{n:07}",
            f"Padaria, número {n}",
            f"{n * 7}.50",
            f"{1950 + n % 70}-{n % 12 + 1:02}-{n % 28 + 1:02}",
        )


def _place(folder: Path, kind: str) -> Place:
    return place_of(str(folder / _NAMES[kind]))


def made(kind: str, count: int, folder: Path) -> None:
    """A source of so many rows."""
    plain = folder / "rows.csv"
    with plain.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(HEADER)
        csv.writer(file, lineterminator="\n").writerows(_rows(count))
    if kind == "gz":
        subprocess.run(["gzip", "-1", str(plain)], check=True)
    elif kind == "json":
        _array(count, folder / _NAMES["json"])
    elif kind != "csv":
        _write(kind, count, plain, folder)


def _array(count: int, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for n, row in enumerate(_rows(count)):
            file.write(("[" if n == 0 else ",") + json.dumps(dict(zip(HEADER, row, strict=True))))
        file.write("]")


def _write(kind: str, count: int, answer: Path, folder: Path) -> None:
    place = _place(folder, kind)
    if kind == "csv":
        from studio.moves.targets.delimited import Style
        from studio.moves.targets.delimited import write as write_csv

        write_csv(Answer(answer, _COLUMNS, count), folder / "other.csv", Style(";", mark=True))
        return
    write(format_of(place), Answer(answer, _COLUMNS, count), place, "Account")


def read(kind: str, count: int, folder: Path) -> None:
    """The whole way of the rows up to where they are sent: brought, recognised, judged, staged, shaped."""
    fields = FieldMap(tuple(Entry(name, name) for name in HEADER))
    pick = Pick(table="Account" if kind in ("sqlite", "duckdb") else "")
    request = Request(Action.UPSERT, "Account", _place(folder, kind), key=HEADER[0], map=fields, pick=pick)
    folder = folder / "move"
    folder.mkdir()
    found = brought(request, folder)
    move = Move(request.action, "Account", request.place, HEADER[0], fields, options=Options(hold=True))
    planned = prepared(move, found.file, ACCOUNT, folder, Formats(), held=found.held, check=True)
    shaper = Shaper(HEADER, planned.move.map)
    rows = sum(1 for _row in shaper(read_rows(folder, planned.planned.whole)))
    assert (rows, planned.planned.held) == (count, {})


def main(name: str, count: int) -> None:
    """Run a case and tell what it took; what makes the source is another process."""
    way, _dash, kind = name.partition("-")
    work: dict[str, Callable[[Path], None]] = {
        "from": lambda folder: read(kind, count, folder),
        "to": lambda folder: _write(kind, count, folder / "rows.csv", folder),
    }
    if way == "made":
        made(kind, count, Path(sys.argv[3]))
        return
    with tempfile.TemporaryDirectory() as folder:
        given = kind if way == "from" else "csv"
        command = [sys.executable, "-m", "tests.moves.memory", f"made-{given}", str(count), folder]
        subprocess.run(command, check=True)
        before = time.process_time()
        work[way](Path(folder))
        cpu = round(time.process_time() - before, 1)
    print(json.dumps({"case": name, "rows": count, "peak_mb": peak_mb(), "cpu": cpu}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
