"""Every reader of the table fed with mutated real files, in a child with little memory, a clock and a watched door.

    python -m tests.schema.fuzz --cases 1000000 --seed 4 --state FILE

Each case is made from the seed, the kind and its number alone, so a failure is repeated with `--kind K --only N`. Chunks
that are done stand in the state file, one JSON line each, and are not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from studio.base.errors import WeftError
from studio.schema.kinds import TABLE
from studio.schema.model import Kind, Schema, Type
from studio.schema.read import read_schema
from tests.schema.mutations import mutated, seeds_of

SHARED = Path(__file__).resolve().parents[3] / "shared"
CHUNK = 4000
MEMORY = 512 * 1024 * 1024
# Processor seconds a case may take for each megabyte of input, and at least.
SECONDS_PER_MB = 2.0
# What costs far more than the others a case has fewer of them: a database engine each time, archives.
SHARES = {"parquet": 0.02, "set": 0.2, "database": 0.1, "fixed": 0.4, "edi": 0.5}
_DOORS = (
    "socket.connect",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "urllib.Request",
)


class Failure(NamedTuple):
    """A case that ended otherwise than with a schema or a located error."""

    kind: str
    case: int
    said: str


class TooLong(BaseException):
    """The clock of a case ran out."""


class Watch:
    """Notes what is opened outside the folder of a case while one runs. An audit hook cannot be taken out again."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.seen: list[str] = []
        home = Path(__file__).resolve().parents[2]
        places = [
            sys.prefix,
            sys.base_prefix,
            str(home),
            str(Path(os.__file__).parent),
            "/usr/share/zoneinfo",
        ]
        self._allowed = tuple(os.path.realpath(place) for place in places)
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.folder is None:
            return
        if event in _DOORS:
            self.seen.append(f"{event} {str(arguments)[:200]}")
        elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if not path.startswith((self.folder, *self._allowed)) and path != "/dev/null":
                self.seen.append(f"open {path}")


_WATCHES: list[Watch] = []


def watch() -> Watch:
    """The one watch of this process."""
    if not _WATCHES:
        _WATCHES.append(Watch())
    return _WATCHES[0]


def run_case(kind: str, data: bytes, folder: Path, *, door: Watch) -> str:
    """Read `data` as `kind`; `schema` or `refused`, else what went wrong."""
    file = folder / ("case.zip" if kind == "set" else "case.dat")
    file.write_bytes(data)
    door.seen.clear()
    door.folder = os.path.realpath(folder)
    try:
        said = _outcome(kind, file, folder)
    finally:
        door.folder = None
    return f"opened outside: {door.seen[:3]}" if door.seen else said


def _outcome(kind: str, file: Path, folder: Path) -> str:
    try:
        schema = read_schema(file, kind=kind, within=folder)
        _walk(schema)
        for problem in schema.problems:
            if not problem.message:
                return "a problem without a message"
    except WeftError as error:
        return "refused" if error.file and error.message else f"no file named: {error!r}"
    except (TooLong, KeyboardInterrupt):
        raise
    except BaseException as error:
        return f"{type(error).__name__}: {error}"[:400]
    return "schema"


def _walk(schema: Schema, limit: int = 100) -> None:
    """Expand types, each once, up to a limit."""
    waiting = deque(node.type for node in schema.roots[:10])
    seen: set[Type] = set()
    count = 0
    while waiting and count < limit:
        kind = waiting.popleft()
        if kind in seen:
            continue
        seen.add(kind)
        for node in kind.children:
            count += 1
            if node.kind is not Kind.CHOICE and node.value is not None:
                str(node.value.name)
            waiting.append(node.type)


def cases(kind: str, seed: int, numbers: range, corpora: Path | None) -> Iterator[tuple[int, bytes]]:
    """The numbered cases of a kind, each made from the seed, the kind and its number alone."""
    sources = seeds_of(kind, corpora)
    for number in numbers:
        yield number, mutated(random.Random(f"{seed}:{kind}:{number}"), kind, sources)


def run_here(
    kind: str, seed: int, numbers: range, folder: Path, note: Callable[[int], None] = lambda _n: None
) -> tuple[Counter[str], list[Failure]]:
    """Run cases in this process, each with its clock (processor time), and count how they end."""
    counts: Counter[str] = Counter()
    failures: list[Failure] = []
    door = watch()
    before = signal.signal(signal.SIGVTALRM, _ring)
    try:
        for number, data in cases(kind, seed, numbers, SHARED / "corpora"):
            note(number)
            signal.setitimer(signal.ITIMER_VIRTUAL, max(SECONDS_PER_MB, SECONDS_PER_MB * len(data) / 1e6))
            try:
                said = run_case(kind, data, folder, door=door)
            except TooLong:
                said = "took too long"
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
                door.folder = None
            counts[said if said in ("schema", "refused") else "failed"] += 1
            if said not in ("schema", "refused"):
                failures.append(Failure(kind, number, said))
    finally:
        signal.signal(signal.SIGVTALRM, before)
    return counts, failures


def _ring(_signal: int, _frame: object) -> None:
    raise TooLong


def _child(kind: str, seed: int, start: int, count: int) -> None:
    """Run one chunk with the memory of the reader bounded; one JSON line on standard output at the end."""
    TABLE[kind].reader()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    with tempfile.TemporaryDirectory(dir=_fast()) as place:
        os.environ["WEFT_HOME"] = str(Path(place) / "home")
        tempfile.tempdir = place
        (Path(place) / "home").mkdir()
        progress = os.open(os.environ["WEFT_FUZZ_AT"], os.O_WRONLY | os.O_CREAT)
        counts, failures = run_here(
            kind,
            seed,
            range(start, start + count),
            Path(place),
            lambda number: _note(progress, number),
        )
    sys.stdout.write(
        json.dumps({"counts": counts, "failures": failures, **_place(kind, start, count)}) + "\n"
    )


def _note(file: int, number: int) -> None:
    os.pwrite(file, b"%12d" % number, 0)


def _place(kind: str, start: int, count: int) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"kind": kind, "start": start, "count": count, "peak_mb": peak}


def _fast() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def run_chunk(kind: str, seed: int, start: int, count: int) -> dict[str, Any]:
    """One chunk in a child; one that dies or hangs is a failure of the case it was at."""
    with tempfile.TemporaryDirectory() as place:
        at = Path(place) / "at"
        at.write_text(str(start))
        command = [
            sys.executable,
            "-m",
            "tests.schema.fuzz",
            "--child",
            kind,
            str(seed),
            str(start),
            str(count),
        ]
        environment = {**os.environ, "WEFT_FUZZ_AT": str(at)}
        # A clock on the wall for what no signal can end; generous, as other work may run beside it.
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=60 + count, env=environment, check=False
            )
            if done.returncode == 0:
                answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
                return answer
            said = f"the process ended with {done.returncode}: {done.stderr[-300:]}"
        except subprocess.TimeoutExpired:
            said = "hung"
        case = int(at.read_text() or start)
    counts = {"failed": 1, "not run": count - 1}
    return {"counts": counts, "failures": [Failure(kind, case, said)], **_place(kind, start, count)}


def main(arguments: list[str] | None = None) -> int:
    """Run what the state file does not have yet; 1 where a case failed."""
    given = _parser().parse_args(arguments)
    if given.child:
        kind, seed, start, count = given.child
        _child(kind, int(seed), int(start), int(count))
        return 0
    kinds = given.kind or list(TABLE)
    if given.only is not None:
        _counts, failures = run_here(
            kinds[0], given.seed, range(given.only, given.only + 1), Path(tempfile.mkdtemp())
        )
        print(failures or "fine")
        return bool(failures)
    whole = sum(SHARES.get(kind, 1) for kind in kinds)
    counts = {kind: -int(-given.cases * SHARES.get(kind, 1) // whole) for kind in kinds}
    return _run(counts, given.seed, Path(given.state))


def _run(cases_of: dict[str, int], seed: int, state: Path) -> int:
    rows = [json.loads(line) for line in state.read_text().splitlines()] if state.is_file() else []
    done = {(row["kind"], row["start"]) for row in rows}
    for start in range(0, max(cases_of.values()), CHUNK):
        for kind, each in cases_of.items():
            if (kind, start) in done or start >= each:
                continue
            began = time.time()
            row = run_chunk(kind, seed, start, min(CHUNK, each - start))
            rows.append(row)
            with state.open("a") as out:
                out.write(json.dumps(row | {"seed": seed, "seconds": round(time.time() - began, 1)}) + "\n")
            for failure in row["failures"]:
                print(*failure, flush=True)
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row["counts"])
    print(dict(total), "peak MB", max(row["peak_mb"] for row in rows))
    return 1 if total["failed"] else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--state", default="fuzz-state.jsonl")
    parser.add_argument("--kind", action="append")
    parser.add_argument("--only", type=int)
    parser.add_argument("--child", nargs=4)
    return parser


if __name__ == "__main__":
    sys.exit(main())
