"""A CSV into the practice org and its answers back, against simple-salesforce on the same org, in one run.

Ours writes the joined result files, checks keys and keeps a journal; simple-salesforce downloads the org's result files
and joins nothing. Both speak https to the same org; each run has a process and an object's worth of new records.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from studio.practice.process import start_practice
from studio.practice.server import Ready

ROWS = 200_000 if os.environ.get("WEFT_FULL") == "1" else 20_000
RUNS = 3
SMALL = 1_000

_PEER = """
import sys
from simple_salesforce import Salesforce
url, token, file, action = sys.argv[1:]
sf = Salesforce(instance_url=url, session_id=token, version="62.0")
bulk = sf.bulk2.Account
extra = {"external_id_field": "ERP_Id__c"} if action == "upsert" else {}
for job in getattr(bulk, action)(file, wait=0.05, **extra):
    for get in (bulk.get_successful_records, bulk.get_failed_records, bulk.get_unprocessed_records):
        with open(f"{file}.{get.__name__}", "w", encoding="utf-8") as out:
            out.write(get(job["job_id"]))
"""


def run() -> Iterator[dict[str, object]]:
    """Wall seconds, client CPU seconds and peak memory, medians of alternating runs."""
    with tempfile.TemporaryDirectory() as name, start_practice(https=True, seed=False) as org:
        folder = Path(name)
        for rows, action in ((SMALL, "insert"), (ROWS, "insert"), (ROWS, "upsert")):
            yield from _case(folder, org, rows, action)


def _case(folder: Path, org: Ready, rows: int, action: str) -> Iterator[dict[str, object]]:
    ours: list[tuple[float, float, float]] = []
    theirs: list[tuple[float, float, float]] = []
    for turn in range(RUNS):
        for side, found in (("a", ours), ("b", theirs)):
            # Upserts go over the same keys for both: half of them are in the org from the turn before.
            source = _write(
                folder / f"{action}-{rows}-{turn}-{side}.csv", rows, f"{action[0]}{rows}{turn}{side}-"
            )
            found.append(_ours(folder, org, source, action) if side == "a" else _theirs(org, source, action))
            source.unlink()
    case = f"{action} {rows:,} rows × 4"
    names = (("wall", "s"), ("client CPU", "s"), ("peak memory", "MB"))
    for at, (metric, unit) in enumerate(names):
        mine = statistics.median(run[at] for run in ours)
        peer = statistics.median(run[at] for run in theirs)
        yield {
            "bench": "moves",
            "case": case,
            "metric": metric,
            "value": round(mine, 3),
            "unit": unit,
            "ratio": round(peer / mine, 3),
            "peer": "simple-salesforce",
        }


def _write(path: Path, rows: int, prefix: str) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("ERP_Id__c,Name,Phone,BillingCity\n")
        for n in range(rows):
            file.write(
                f'{prefix}{n:07d},"Padaria, número {n}",+55 11 5550-{n % 10000:04d},São Paulo {n % 97}\n'
            )
    return path


def _ours(folder: Path, org: Ready, source: Path, action: str) -> tuple[float, float, float]:
    key = ["--key", "ERP_Id__c"] if action == "upsert" else []
    command = [sys.executable, "-m", "studio", "move", action, "Account", str(source), *key]
    environment = {
        "WEFT_HOME": str(folder / "home"),
        "WEFT_ACCESS_TOKEN": org.access_token,
        "WEFT_EXTRA_CA": str(org.ca),
    }
    measured, out = _measure([*command, "--org", str(org.https_url), "--json"], environment)
    summary = json.loads(out)
    rows = int(summary["read"])
    assert summary["succeeded"] == rows, summary
    with Path(summary["files"]["succeeded"]).open("rb") as file:
        assert sum(1 for _line in file) == rows + 1
    return measured


def _theirs(org: Ready, source: Path, action: str) -> tuple[float, float, float]:
    command = [sys.executable, "-c", _PEER, str(org.https_url), org.access_token, str(source), action]
    return _measure(command, {"REQUESTS_CA_BUNDLE": str(org.ca)})[0]


def _measure(command: list[str], environment: dict[str, str]) -> tuple[tuple[float, float, float], str]:
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, env={**os.environ, **environment})
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        assert process.returncode == 0, command
        out.seek(0)
        text = out.read()
    return (wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024), text
