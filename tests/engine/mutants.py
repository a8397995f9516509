"""Faults put into the compiler and the back ends one at a time: each must make a test of the engine fail.

python -m tests.engine.mutants --state FILE [--count 100] [--seed 5] [--jobs 2] [--only TEXT]
python -m tests.engine.mutants --against test_loops --only TEXT

Goes on where it stopped; --only looks again at the survivors whose name holds a text, with --against at any fault with
the tests of one file alone. What each test calls is measured
once, into FILE.reached. A fault meets the tests that call its function, the cheapest first, in a child of one warm
process, and all of them where no test is known to.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.engine.faulty import Trial, die
from tests.engine.mutants_alike import EQUIVALENT
from tests.engine.mutating import ROOT, Mutant, mutants
from tests.engine.reached import Reached, reached

TESTS = ROOT / "tests" / "engine"
# Not asked: what is about documents and this tool, about processes and the size of memory and disks, or has to be the same as a foreign peer.
LEFT_OUT = (
    "test_semantics",
    "test_mutants",
    "test_parts_cluster",
    "test_flat_memory",
    "test_full_disk",
    "test_xslt",
)


class Told(NamedTuple):
    """What became of a fault: the test that fails, or that none does."""

    named: str
    by: str
    seconds: float


def chosen(count: int, seed: int) -> list[Mutant]:
    """The first of a random order that stays the same while other code changes."""
    return sorted(mutants(), key=lambda mutant: _order(mutant, seed))[:count]


def _order(mutant: Mutant, seed: int) -> bytes:
    return hashlib.sha256(repr((seed, mutant.key)).encode()).digest()


def named(mutant: Mutant) -> str:
    """What it is called in the state file."""
    module, function, text, what, turn = mutant.key
    return f"{module}:{function} {what} {turn}: {text}"


def suite() -> list[str]:
    """The test files of the engine."""
    return [str(file) for file in sorted(TESTS.glob("test_*.py")) if file.stem not in LEFT_OUT]


def trial(mutant: Mutant, found: Sequence[Reached]) -> Trial:
    """The tests that call its function, the cheapest first; all files where none is known to call it."""
    place = f"{mutant.key[0]}:{mutant.function}"
    mine = sorted((each for each in found if place in each.functions), key=lambda each: each.seconds)
    tests = [each.test for each in mine]
    files = list(dict.fromkeys(test.split("::")[0] for test in tests)) or suite()
    whole = {file.split("/")[-1] for file in files}
    seconds = sum(each.seconds for each in found if each.test.split("::")[0].split("/")[-1] in whole)
    return Trial(mutant, tuple(tests), tuple(files), seconds)


def judged(given: Sequence[Mutant], measured: Path, jobs: int = 2) -> Iterator[Told]:
    """Each fault's end, as soon as it is known."""
    found = reached(measured, suite())
    for mutant, by, seconds in die([trial(mutant, found) for mutant in given], jobs):
        yield Told(named(mutant), by, seconds)


def against(file: str, text: str) -> int:
    """The faults whose name holds the text, with one file's tests."""
    path = str(TESTS / f"{file}.py")
    alive = 0
    for mutant, by, seconds in die([Trial(m, (), (path,), 30) for m in mutants() if text in named(m)], 1):
        print(f"{by or 'SURVIVES'} ({seconds:.0f} s) {named(mutant)}", flush=True)
        alive += not by
    return 1 if alive else 0


def main(argv: list[str]) -> int:
    """All that are chosen and not known yet."""
    parser = argparse.ArgumentParser(prog="tests.engine.mutants")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only")
    parser.add_argument("--against")
    parser.add_argument("--state", type=Path, default=Path("mutants.state"))
    given = parser.parse_args(argv)
    if given.against:
        return against(given.against, given.only)
    known: dict[str, Told] = {}
    if given.state.exists():
        rows = map(json.loads, given.state.read_text(encoding="utf-8").splitlines())
        known = {row[0]: Told(*row) for row in rows}
    hundred = chosen(given.count, given.seed)
    wanted = [mutant for mutant in hundred if mutant.meaning not in EQUIVALENT]
    again = [named(m) for m in wanted if given.only is not None and given.only in named(m)]
    known = {name: told for name, told in known.items() if name not in again or told.by}
    missing = [mutant for mutant in wanted if named(mutant) not in known]
    for told in judged(missing, given.state.with_suffix(".reached"), given.jobs):
        known[told.named] = told
        with given.state.open("a", encoding="utf-8") as state:
            state.write(json.dumps(told) + "\n")
        print(f"{told.by or 'SURVIVES'} ({told.seconds:.0f} s) {told.named}", flush=True)
    alive = [named(m) for m in wanted if not known[named(m)].by]
    alike = len(hundred) - len(wanted)
    print(
        f"{len(hundred)} faults: {alike} change nothing that can be seen, {len(alive)} survive",
        *alive,
        sep="\n",
    )
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
