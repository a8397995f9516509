"""The engine against libxslt and hand-written Python on the same files, interleaved, each run a process of its own.

CPU seconds are user and system time of the process and its children, start-up included (byte code is there, as after every
set-up); memory is its peak. What each peer wrote is compared with ours.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.bench.engine_outputs import differing
from tests.bench.orders_data import data_file

PROJECT = Path(__file__).resolve().parent / "orders_project"
ROUNDS = 3
# Peers that are no Python packages of ours, or not what everyone has: without them their rows are left out.
NEEDED = {"jq": shutil.which("jq")}
SILENT = frozenset({"iterparse", "duckdb_sql"})
"""Peers that write nothing, or the rows in another order."""
FOLDS = frozenset({"libxslt", "jq"})
"""Peers whose case functions know fewer letters."""
ORDERS, MANY, ROWS = 25_000, 100_000, 320_000


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds of wall time and CPU, megabytes at its peak."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Case:
    """A transformation over a file, and the peers it is compared with (programs of engine_peers)."""

    name: str
    transformation: str
    data: str
    records: int
    peers: tuple[str, ...]
    rounds: int = ROUNDS


CASES = (
    Case("W1 XML to XML", "w1", "orders.xml", ORDERS, ("libxslt", "plain_xml", "iterparse")),
    Case("W1 XML to XML, large", "w1", "orders.xml", MANY, ("libxslt",), rounds=1),
    Case("W3a XML to CSV", "w3a", "orders.xml", ORDERS, ("plain_flat",)),
    Case(
        "W2 CSV to CSV",
        "w2",
        "flat.csv",
        ROWS,
        ("plain_csv", "dict_csv", "pandas_csv", "duckdb_sql", "columns"),
    ),
    Case("W3b CSV to grouped XML", "w3b", "lines.csv", 2 * ORDERS, ("plain_groups",)),
    Case("W4a JSON lines to XML", "w4a", "orders.jsonl", ORDERS, ("jq", "plain_json")),
    Case("W4b XML to JSON lines", "w4b", "orders.xml", ORDERS, ("plain_lines",)),
)


def run() -> Iterator[dict[str, object]]:
    """Medians of each case's rounds; ratios are the peer's CPU by ours, and memory likewise."""
    with tempfile.TemporaryDirectory() as name:
        folder = project(Path(name))
        for case in CASES:
            yield from _case(folder, case)


def project(folder: Path) -> Path:
    """A copy of the benchmark's project, with samples of the data as schemas."""
    made = folder / "project"
    shutil.copytree(PROJECT, made)
    for name, file in (
        ("flat.csv", "flat.csv"),
        ("lines.csv", "lines.csv"),
        ("orders.jsonl", "orders.jsonl"),
    ):
        with data_file(file, 1000).open(encoding="utf-8") as lines:
            (made / "schemas" / name).write_text("".join(islice(lines, 200)), encoding="utf-8")
    return made


def _case(folder: Path, case: Case) -> Iterator[dict[str, object]]:
    source = data_file(case.data, case.records)
    out = folder / "out"
    peers = [peer for peer in case.peers if NEEDED.get(peer, True)]
    for peer in set(case.peers) - set(peers):
        print(f"{case.name}: {peer} is not installed", file=sys.stderr)
    ours = [
        sys.executable, "-m", "studio", "transform", str(folder / "transformations" / f"{case.transformation}.yaml"),
        str(source), "-o", str(out),
    ]  # fmt: skip
    commands = {"": ours}
    for peer in peers:
        commands[peer] = [
            sys.executable,
            "-m",
            "tests.bench.engine_peers",
            peer,
            str(source),
            f"{out}-{peer}",
        ]
    if "columns" in commands:
        commands["columns"] = [*ours[:-1], f"{out}-columns", "--engine", "columns"]
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    few = str(data_file(case.data, 100))
    cost([few if word == str(source) else word for word in ours])
    for _round in range(case.rounds):
        for name, command in commands.items():
            costs[name].append(cost(command))
    medians = {name: _median(found) for name, found in costs.items()}
    megabytes = source.stat().st_size / 1e6
    named = f"{case.name}, {megabytes:.0f} MB"
    mine = medians[""]
    yield _row(named, "CPU", mine.cpu, "s")
    yield _row(named, "wall", mine.wall, "s")
    yield _row(named, "speed", megabytes / mine.cpu, "MB/s")
    yield _row(named, "peak memory", mine.peak, "MB")
    for peer in peers:
        if peer not in SILENT:
            same = _whatever_case if peer in FOLDS else str.__eq__
            ties = differing(out, Path(f"{out}-{peer}"), same)
            yield _row(named, f"numbers {peer} has other", ties, "by 0.01")
        its = medians[peer]
        yield _row(named, f"CPU of {peer}", its.cpu, "s", peer, its.cpu / mine.cpu)
        yield _row(named, f"peak memory of {peer}", its.peak, "MB", peer, its.peak / mine.peak)


def _whatever_case(text: str, other: str) -> bool:
    """Their case functions know no ß, or ASCII only."""
    return text.casefold() == other.casefold()


def cost(command: list[str]) -> Cost:
    """Run a command to its end. Raises RuntimeError where it fails."""
    started = time.perf_counter()
    root = Path(__file__).resolve().parents[2]
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        command, cwd=root, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[2:5]} failed: {said.decode(errors='replace')[-500:]}")
    peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1024)
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, peak)


def _median(found: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall for cost in found),
        statistics.median(cost.cpu for cost in found),
        statistics.median(cost.peak for cost in found),
    )


def _row(
    case: str, metric: str, value: float, unit: str, peer: str | None = None, ratio: float | None = None
) -> dict[str, object]:
    return {
        "bench": "engine",
        "case": case,
        "metric": metric,
        "value": value,
        "unit": unit,
        "peer": peer,
        "ratio": ratio,
    }
