"""Random maps over random documents through every back end, in pieces that go on where they stopped.

    python -m tests.engine.differential --cases 100000 --state FILE [--from 0] [--only SEED]

A case is made from its number alone. The state file has one JSON line for each chunk that is done.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from studio.base.errors import BadInput, NotHere
from studio.engine.plan import Plan
from studio.engine.run import ENGINES
from tests.engine.build import run
from tests.engine.differ import Maker

CHUNK = 250
JUDGE = "interpret"
OTHERS = tuple(engine for engine in ENGINES if engine not in ("auto", JUDGE))


class Found(NamedTuple):
    """What became of one case: `told` are its counts, `wrong` the back end that differs."""

    told: Counter[str]
    wrong: str = ""


def outcome(made: Plan, data: str, engine: str) -> tuple[object, ...]:
    """The result of a run and the lines in its log, or the message it ends with."""
    lines: list[str] = []
    try:
        return *run(made, data.encode("utf-8", "surrogatepass"), engine, log=lines.append), lines
    except BadInput as error:
        return error.message, error.path


def compared(seed: int, kind: type[Maker] = Maker) -> Found:
    """One case through the judge and every other back end."""
    maker = kind(seed)
    made = maker.made()
    data = maker.document()
    if made.errors:
        return Found(Counter(), f"the map has errors: {made.errors[0]}")
    judged = outcome(made, data, JUDGE)
    told = _told(made, judged)
    for engine in OTHERS:
        try:
            other = outcome(made, data, engine)
        except NotHere:
            other = (f"The engine {engine} cannot run this map",)
        if str(other[0]).startswith(f"The engine {engine} cannot run this map"):
            told[f"{engine} declined"] += 1
        elif other != judged:
            return Found(told, f"{engine}: {maker.source} to {maker.target}")
    return Found(told)


def _told(made: Plan, judged: tuple[object, ...]) -> Counter[str]:
    loops = [target for target in made.root.walk() if target.loop is not None]
    told = Counter(cases=1, nested=len(loops) > 1)
    if len(judged) == 4:
        text, failures, counts, logged = judged
        told["failures"] += bool(failures)
        told["raised"] += any("no " in failure[2] or "odd " in failure[2] for failure in failures)  # type: ignore[attr-defined]
        told["logged"] += bool(logged)
        told["records"] += counts[1]  # type: ignore[index]
        del text
    return told


def chunk(start: int) -> tuple[int, dict[str, int], list[tuple[int, str]]]:
    """The cases of one chunk: its counts, and what differed by seed."""
    told: Counter[str] = Counter()
    wrong: list[tuple[int, str]] = []
    for seed in range(start, start + CHUNK):
        try:
            found = compared(seed)
        except Exception as error:  # a fault of the program is what is looked for
            found = Found(Counter(cases=1), f"{type(error).__name__}: {error}")
        told += found.told
        if found.wrong:
            wrong.append((seed, found.wrong))
    return start, dict(told), wrong


def _done(state: Path) -> Iterator[int]:
    if state.is_file():
        yield from (json.loads(line)["start"] for line in state.read_text().splitlines())


def main() -> int:
    """Run what is missing; 1 where anything differed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--only", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    if given.only is not None:
        print(compared(given.only))
        return 0
    done = set(_done(given.state))
    starts = [start for start in range(given.first, given.first + given.cases, CHUNK) if start not in done]
    with ProcessPoolExecutor(given.jobs) as pool, given.state.open("a") as state:
        for start, told, wrong in pool.map(chunk, starts):
            state.write(json.dumps({"start": start, "told": told, "wrong": wrong}) + "\n")
            state.flush()
            for seed, said in wrong:
                print(f"seed {seed}: {said}", flush=True)
    lines = [json.loads(line) for line in given.state.read_text().splitlines()]
    total: Counter[str] = Counter()
    for line in lines:
        total.update(line["told"])
    print(json.dumps(total))
    return int(any(line["wrong"] for line in lines))


if __name__ == "__main__":
    raise SystemExit(main())
