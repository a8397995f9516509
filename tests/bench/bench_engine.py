"""The engine against libxslt and hand-written Python on the same files, interleaved, each run a process of its own.

CPU seconds are user and system time of the process, start-up included; memory is its peak.
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

from tests.bench.orders_data import data_file

PROJECT = Path(__file__).resolve().parent / "orders_project"
ROUNDS = 3
ORDERS, MANY, ROWS = 25_000, 100_000, 250_000


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
    Case("W3 XML to CSV, flattened", "w3", "orders.xml", MANY, (), rounds=1),
    Case("W2 CSV to CSV", "w2", "flat.csv", ROWS, ("plain_csv",)),
    Case("W4a JSON lines to XML", "w4a", "orders.jsonl", ORDERS, ("plain_json",)),
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
    for name, file in (("flat.csv", "flat.csv"), ("orders.jsonl", "orders.jsonl")):
        with data_file(file, 1000).open(encoding="utf-8") as lines:
            (made / "schemas" / name).write_text("".join(islice(lines, 200)), encoding="utf-8")
    return made


def _case(folder: Path, case: Case) -> Iterator[dict[str, object]]:
    source = data_file(case.data, case.records)
    out = folder / "out"
    ours = [
        sys.executable, "-m", "studio", "transform", str(folder / "transformations" / f"{case.transformation}.yaml"),
        str(source), "-o", str(out),
    ]  # fmt: skip
    commands = {"": ours}
    for peer in case.peers:
        commands[peer] = [sys.executable, "-m", "tests.bench.engine_peers", peer, str(source), str(out)]
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
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
    for peer in case.peers:
        its = medians[peer]
        yield _row(named, f"CPU of {peer}", its.cpu, "s", peer, its.cpu / mine.cpu)
        yield _row(named, f"peak memory of {peer}", its.peak, "MB", peer, its.peak / mine.peak)


def cost(command: list[str]) -> Cost:
    """Run a command to its end. Raises RuntimeError where it fails."""
    started = time.perf_counter()
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE)
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
