"""Moves against the practice org, beside simple-salesforce and jsforce on the same org, in one run.

All of them end with a file of the source's rows joined to the org's answers; the peers' is written as one would write
it (move_peers.py, move_peer.cjs). Ours also checks keys, keeps a journal that survives a kill and writes four files.
The org has a core of its own where there are two. Each run has a process and records of its own, in turn.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.practice.process import PracticeProcess
from studio.practice.server import Ready
from tests.practice.clients import heavy, install

FULL = os.environ.get("WEFT_FULL") == "1"
ROWS = 200_000 if FULL else 20_000
MILLION = 1_000_000
SMALL = 1_000
_HERE = Path(__file__).resolve().parent
_METRICS = (("wall", "s"), ("client CPU", "s"), ("peak memory", "MB"))
_WIDE = (
    "Name", "ERP_Id__c", "Phone", "Fax", "Website", "BillingStreet", "BillingCity", "BillingState",
    "BillingPostalCode", "BillingCountry", "ShippingStreet", "ShippingCity", "ShippingState", "ShippingPostalCode",
    "ShippingCountry", "AccountNumber", "Site", "Description", "NumberOfEmployees", "AnnualRevenue",
)  # fmt: skip
Measured = tuple[float, float, float]


@dataclass(frozen=True)
class Case:
    """A move to be done by everybody: so many rows of so many columns, so many times."""

    action: str
    rows: int
    columns: int
    runs: int

    def __str__(self) -> str:
        return f"{self.action} {self.rows:,} rows × {self.columns}"


def run() -> Iterator[dict[str, object]]:
    """Wall seconds, client CPU seconds and peak memory: medians of alternating runs, and each peer's as a ratio to ours."""
    cases = [
        Case("insert", SMALL, 4, 5),
        *(Case(action, ROWS, 4, 3) for action in ("insert", "upsert", "export")),
    ]
    if FULL:
        cases += [Case(action, MILLION, 20, 1) for action in ("insert", "upsert", "export")]
    for case in cases:
        # An org of its own: what the case before left there would slow the next one down.
        with tempfile.TemporaryDirectory() as name:
            process = PracticeProcess(https=True, seed=False)
            try:
                yield from _case(case, Path(name), process.ready)
            finally:
                process.stop()


def _case(case: Case, folder: Path, org: Ready) -> Iterator[dict[str, object]]:
    sides = _sides(folder, org, case)
    found: dict[str, list[Measured]] = {name: [] for name in sides}
    if case.action == "export":
        _fill(case, folder, sides["ours"])
    for turn in range(case.runs):
        for side, move in sides.items():
            if case.action == "upsert":
                # Half of the keys are in the org already.
                half = _write(folder / "half.csv", case.rows // 2, case.columns, f"{side[:2]}{turn}-")
                sides["ours"]("insert", half, folder / "half.out")
            source = folder / f"{side}-{turn}.csv"
            if case.action != "export":
                _write(source, case.rows, case.columns, f"{side[:2]}{turn}-")
            out = folder / f"{side}.out"
            found[side].append(move(case.action, source, out))
            assert _records(out) == case.rows, (side, case)
            source.unlink(missing_ok=True)
    for at, (metric, unit) in enumerate(_METRICS):
        ours = statistics.median(one[at] for one in found["ours"])
        row = {"bench": "moves", "case": str(case), "unit": unit}
        yield row | {"metric": metric, "value": round(ours, 3)}
        for side, runs in found.items():
            if side != "ours":
                theirs = statistics.median(one[at] for one in runs)
                named = {"metric": f"{metric} of {side}", "peer": side}
                yield row | named | {"value": round(theirs, 3), "ratio": round(theirs / ours, 3)}


def _sides(folder: Path, org: Ready, case: Case) -> dict[str, Callable[[str, Path, Path], Measured]]:
    """Who moves: action, source, target → what it took."""
    query = f"SELECT Id, {', '.join(_WIDE[: case.columns])} FROM Account"
    found: dict[str, Callable[[str, Path, Path], Measured]] = {
        "ours": _Ours(folder, org, query).move,
        "simple-salesforce": _Simple(org, query).move,
    }
    if case.action == "upsert":
        found["keeping the records as they were"] = _Ours(folder, org, query, "on").move
    if shutil.which("node") and shutil.which("npm"):
        modules = install.folder()
        if not install.installed(modules):
            install.install(modules)
        found["jsforce"] = _Jsforce(org, query, modules).move
    command = heavy.installed("sf")
    if command is not None:
        found["sf"] = _Sf(folder, org, query, command).move
    return found


@dataclass(frozen=True)
class _Ours:
    folder: Path
    org: Ready
    query: str
    kept: str = "off"

    def move(self, action: str, source: Path, out: Path) -> Measured:
        command = [sys.executable, "-m", "studio", "move", action]
        if action == "export":
            command += [self.query, str(out.with_suffix(".csv"))]
        else:
            command += ["Account", str(source), *(("--key", "ERP_Id__c") if action == "upsert" else ())]
            # Nobody else keeps the records as they were: what that costs is a line of its own.
            command += ["--before-image", self.kept] if action == "upsert" else []
        environment = {
            "WEFT_HOME": str(self.folder / "home"),
            "WEFT_ACCESS_TOKEN": self.org.access_token,
            "WEFT_EXTRA_CA": str(self.org.ca),
        }
        measured, text = _measure([*command, "--org", str(self.org.https_url), "--json"], environment)
        if action == "export":
            out.with_suffix(".csv").replace(out)
        else:
            shutil.copyfile(json.loads(text)["files"]["succeeded"], out)
        shutil.rmtree(self.folder / "home")
        return measured


@dataclass(frozen=True)
class _Simple:
    org: Ready
    query: str

    def move(self, action: str, source: Path, out: Path) -> Measured:
        given = self.query if action == "export" else str(source)
        command = [
            sys.executable,
            str(_HERE / "move_peers.py"),
            str(self.org.https_url),
            self.org.access_token,
        ]
        return _measure([*command, given, action, str(out)], {"REQUESTS_CA_BUNDLE": str(self.org.ca)})[0]


@dataclass(frozen=True)
class _Jsforce:
    org: Ready
    query: str
    modules: Path

    def move(self, action: str, source: Path, out: Path) -> Measured:
        given = self.query if action == "export" else str(source)
        script = [
            str(_HERE / "move_peer.cjs"),
            str(self.modules),
            str(self.org.https_url),
            self.org.access_token,
        ]
        command = ["node", "--max-old-space-size=8000", *script, given, action, str(out)]
        return _measure(command, {"NODE_EXTRA_CA_CERTS": str(self.org.ca)})[0]


@dataclass
class _Sf:
    """The `sf` command, where it is installed beside the other clients: the move, then the call for its result files."""

    folder: Path
    org: Ready
    query: str
    modules: Path
    ready: bool = False

    def move(self, action: str, source: Path, out: Path) -> Measured:
        place = self.folder / "sf"
        if not self.ready:
            (place / "home").mkdir(parents=True)
        environment = heavy.sf_environment(self.org, place, self.modules)
        sf = str(self.modules / ".bin" / "sf")
        if not self.ready:
            login = [
                "org",
                "login",
                "access-token",
                "--instance-url",
                str(self.org.https_url),
                "--alias",
                "sim",
            ]
            _measure([sf, *login, "--no-prompt"], environment, place)
            self.ready = True
        if action == "export":
            words = ["export", "bulk", "-q", self.query, "--output-file", str(out), "-w", "60", "-o", "sim"]
            return _measure([sf, "data", *words], environment, place)[0]
        verb = ["upsert", "bulk", "-i", "ERP_Id__c"] if action == "upsert" else ["import", "bulk"]
        words = [*verb, "--file", str(source), "-s", "Account", "-w", "60", "-o", "sim", "--json"]
        first, text = _measure([sf, "data", *words], environment, place)
        job = re.search(r"750\w{15}", text)
        assert job is not None, text
        more = ["data", "bulk", "results", "--job-id", job[0], "-o", "sim"]
        second, _text = _measure([sf, *more], environment, place)
        shutil.copyfile(place / f"{job[0]}-success-records.csv", out)
        for left in place.glob("750*.csv"):
            left.unlink()
        return first[0] + second[0], first[1] + second[1], max(first[2], second[2])


def _fill(case: Case, folder: Path, ours: Callable[[str, Path, Path], Measured]) -> None:
    ours("insert", _write(folder / "fill.csv", case.rows, case.columns, "fill-"), folder / "fill.out")


def _write(path: Path, rows: int, columns: int, prefix: str) -> Path:
    """Rows as people have them: commas and quotes now and then, letters outside of ASCII."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(_WIDE[:columns]) + "\n")
        for n in range(rows):
            cells = [
                f'"Padaria, número {n}"', f"{prefix}{n:07d}", f"+55 11 5550-{n % 10000:04d}", f"11 {n % 7919}",
                f"https://loja-{n}.example", f'"Rua {n % 977}, {n % 50}"', f"São Paulo {n % 97}", "SP",
                f"{n % 100000:05d}-000", "Brasil", f"Avenida {n % 311}", "Campinas", "SP", f"{n % 99999:05d}-111",
                "Brasil", f"A-{n}", f"Loja {n % 13}", f'"o ""melhor"" pão nº {n % 1009}"', str(n % 500), f"{n * 7}.50",
            ]  # fmt: skip
            file.write(",".join(cells[:columns]) + "\n")
    return path


def _records(path: Path) -> int:
    """Rows of a file without line ends in values; our file and an export begin with a header."""
    with path.open("rb") as file:
        first = file.readline()
        named = b"ERP_Id__c" in first
        return sum(1 for _line in file) + (0 if named else 1)


def _measure(
    command: list[str], environment: dict[str, str], place: Path | None = None
) -> tuple[Measured, str]:
    # Installed programs have their byte code, theirs and ours.
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.DEVNULL, env={**surroundings, **environment}, cwd=place
        )
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        assert process.returncode == 0, command
        out.seek(0)
        text = out.read()
    return (wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024), text
