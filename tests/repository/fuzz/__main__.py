"""Fuzz the sync: `python -m tests.repository.fuzz --seed N --steps N [--clients 5]`; a failure is told with its steps.

`--http` plays it over real connections; `--shorter` looks for a shorter list of steps that fails in the same way. `--rounds N` plays N lists, of seeds counted up
from `--seed`; with `--state FILE` it goes on where it was ended.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.repository.fuzz.server import Listening, Server
from tests.repository.fuzz.world import Step, World, steps


async def _played(
    folder: Path, made: Sequence[Step], people: int, counts: Counter[str], kind: type[Server]
) -> tuple[int, list[str]]:
    world = World(folder, people, kind)
    try:
        wrong = await world.begin()
        for at, step in enumerate([] if wrong else made):
            wrong = await _guarded(world, step)
            if wrong:
                return at, wrong
        return len(made), wrong or await world.settle(0) or await world.kept()
    finally:
        counts.update(world.counts | {"revisions": world.shared.head})
        world.close()


async def _guarded(world: World, step: Step) -> list[str]:
    try:
        return await world.play(step)
    except Exception:
        return [traceback.format_exc()]


def play(
    made: Sequence[Step], people: int, counts: Counter[str], kind: type[Server] = Server
) -> tuple[int, list[str]]:
    """Play a list on fresh computers: the number of the step that went wrong (its length: the end), and what is wrong."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="weft-fuzz-", dir=memory if memory.is_dir() else None))
    try:
        return asyncio.run(_played(folder / "w", made, people, counts, kind))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def shorter(made: list[Step], people: int) -> list[Step]:
    """A shorter list that still goes wrong."""
    size = max(1, len(made) // 2)
    while size:
        at = 0
        while at < len(made):
            fewer = made[:at] + made[at + size :]
            end, wrong = play(fewer, people, Counter())
            if wrong:
                made = fewer[: end + 1]
            else:
                at += size
        size //= 2
    return made


def run(
    seed: int, count: int, people: int, counts: Counter[str], kind: type[Server] = Server
) -> tuple[list[Step], list[str]]:
    """One list: the steps up to what went wrong, and what."""
    made = steps(seed, count, people)
    end, wrong = play(made, people, counts, kind)
    return made[: end + 1], wrong


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--steps", type=int, default=500)
    options.add_argument("--clients", type=int, default=5)
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--shorter", action="store_true")
    options.add_argument("--http", action="store_true", help="over real connections")
    options.add_argument("--state", type=Path)
    given = options.parse_args()
    told: dict[str, Any] = {"done": 0, "steps": 0, "seconds": 0.0, "failed": {}, "counts": {}}
    if given.state is not None and given.state.exists():
        told = json.loads(given.state.read_text())
    counts = Counter(told["counts"])
    for seed in range(given.seed + told["done"], given.seed + given.rounds):
        began = time.monotonic()
        made, wrong = run(seed, given.steps, given.clients, counts, Listening if given.http else Server)
        if wrong:
            told["failed"][str(seed)] = wrong[:3]
            _tell(seed, shorter(made, given.clients) if given.shorter else made, wrong)
        told["done"] += 1
        told["steps"] += len(made)
        told["seconds"] = round(told["seconds"] + time.monotonic() - began, 1)
        told["counts"] = dict(counts)
        if given.state is not None:
            part = given.state.with_suffix(".part")
            part.write_text(json.dumps(told, indent=1, ensure_ascii=False))
            part.replace(given.state)
    print(json.dumps(told | {"failed": sorted(told["failed"])}, ensure_ascii=False))
    return 1 if told["failed"] else 0


def _tell(seed: int, made: list[Step], wrong: list[str]) -> None:
    print(f"seed {seed} goes wrong after {len(made)} steps:", file=sys.stderr)
    for step in made[-40:]:
        print(f"  {step.plain()}", file=sys.stderr)
    print("\n".join(wrong), file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
