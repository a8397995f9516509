"""Moves among random faults: `python -m tests.moves.chaos --cases 2000 --state FILE`, which goes on where it was ended.

Each case is made from its number and the seed, so `--only N` plays one again. The org is a process of its own; movers
are killed, their connections cut, answers lost, repeated, delayed, tokens refused, clocks moved. Afterwards the org's
own records are compared with what was there, row by row with the result files; then the move may be undone.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from studio.practice.faults import parse
from studio.practice.process import PracticeProcess
from tests.moves import chaos_case
from tests.moves.chaos_case import Case

_RENEW = 100
_SESSIONS = 30
_ROUGH = 8


class World:
    """A practice org in a process of its own, and the process that forks movers."""

    def __init__(self) -> None:
        self.practice = PracticeProcess(seed=False)
        self.ready = self.practice.ready
        self.http = httpx.Client(base_url=self.ready.url, headers={"Authorization": f"Bearer {self.ready.access_token}"},
                                 trust_env=False, timeout=60)  # fmt: skip
        self.host = subprocess.Popen(
            [sys.executable, "-m", "tests.moves.chaos_mover"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parent.parent.parent,
            env=os.environ,
        )

    def close(self) -> None:
        """End both."""
        assert self.host.stdin is not None
        assert self.host.stdout is not None
        self.host.stdin.close()
        self.host.wait()
        self.host.stdout.close()
        self.http.close()
        self.practice.stop()

    def faults(self, *texts: str) -> None:
        """Exactly these are in force, and small internal batches."""
        self.http.delete("/practice/faults").raise_for_status()
        for text in ("batch-rows=6", *texts):
            fault = parse(text)
            data = {
                "name": fault.name,
                "value": fault.value,
                "on": fault.on,
                "at": fault.at,
                "times": fault.times,
            }
            self.http.post("/practice/faults", json=data).raise_for_status()

    def jump(self, seconds: float) -> None:
        """Move the org's clock."""
        if seconds:
            self.http.post("/practice/clock", json={"seconds": seconds}).raise_for_status()

    def records(self, mark: str) -> dict[str, dict[str, Any]]:
        """The records of a case, by id; the faults are lifted."""
        self.faults()
        soql = f"SELECT {', '.join(chaos_case.FIELDS)} FROM Account WHERE Site = '{mark}'"
        answer = self.http.get("/services/data/v62.0/query", params={"q": soql}).raise_for_status().json()
        return {record["Id"]: record for record in answer["records"]}

    def make(self, mark: str, count: int) -> list[str]:
        """Records for a case to change; their ids."""
        records = [
            {
                "attributes": {"type": "Account"},
                "Site": mark,
                "ERP_Id__c": f"{mark}-{n}",
                "Name": f"Old {n}",
                "Phone": None if n % 3 else f"+55 {n}",
                "Description": f"was {n}\nhere",
            }
            for n in range(count)
        ]
        answer = self.http.post("/services/data/v62.0/composite/sobjects", json={"records": records})
        return [item["id"] for item in answer.raise_for_status().json()]

    def delete(self, ids: list[str]) -> None:
        """Put records into the recycle bin."""
        path = "/services/data/v62.0/composite/sobjects"
        self.http.delete(path, params={"ids": ",".join(ids)}).raise_for_status()

    def go(self, home: Path, what: str, case: Case, more: dict[str, Any]) -> dict[str, Any] | None:
        """One session of a mover: its answer, None when it was killed."""
        answer = home / "answer.json"
        answer.unlink(missing_ok=True)
        ready = self.ready
        command = {"what": what, "home": str(home), "url": ready.url, "token": ready.access_token, "user": ready.username,
                   "password": ready.password, "answer": str(answer), "source": str(home / "source.csv"),
                   "action": case.action, "key": case.key, "options": case.options, **more}  # fmt: skip
        assert self.host.stdin is not None
        assert self.host.stdout is not None
        self.host.stdin.write(json.dumps(command).encode() + b"\n")
        self.host.stdin.flush()
        status = json.loads(self.host.stdout.readline())["status"]
        if status == -9:
            return None
        if status != 0:
            return {"broken": f"the mover ended with {status}"}
        found: dict[str, Any] = json.loads(answer.read_text())
        return found


def play(world: World, number: int, seed: int, home: Path, counts: Counter[str]) -> list[str]:
    """One case; what was wrong with it."""
    order = random.Random(f"{seed}:{number}")
    world.faults()
    mark = f"C{number}"
    ids = world.make(mark, order.randrange(6, 36)) if number % len(chaos_case.ACTIONS) else []
    case = chaos_case.make(number, order, ids)
    case.write(home)
    if case.action == "undelete":
        world.delete(ids)
    before = world.records(mark)
    left = chaos_case.days()
    counts[f"{case.action} {case.api}"] += 1
    summary = _moved(world, home, case, order, left, counts)
    if isinstance(summary, str):
        return [summary]
    if summary["state"] == "trial":
        counts["trial"] += 1
        wrong = chaos_case.problems(case, summary, before, world.records(mark), False)
        if summary["succeeded"] + summary["failed"] + summary["unprocessed"] > case.options["first"] or wrong:
            return [f"after the trial: {wrong or summary}"]
        summary = _moved(world, home, case, order, left, counts)
        if isinstance(summary, str):
            return [summary]
    found = chaos_case.problems(case, summary, before, world.records(mark), True)
    if found or not case.undone or not summary["succeeded"]:
        return found
    counts["undone"] += 1
    trouble = _undone(world, home, case, order, counts)
    if trouble:
        return [trouble]
    return [f"undo: {text}" for text in chaos_case.undo_problems(case, before, world.records(mark))]


def _moved(world: World, home: Path, case: Case, order: random.Random, left: list[float],
           counts: Counter[str]) -> dict[str, Any] | str:  # fmt: skip
    """Sessions until the move is at its end (or its trial's): its summary, or what went wrong."""
    for session in range(_SESSIONS):
        rough = session < _ROUGH
        world.faults(*(chaos_case.trouble(case, order) if rough else ()))
        answer = world.go(home, "move", case, chaos_case.hurt(order) if rough else {})
        world.jump(chaos_case.jump(order, left))
        counts["sessions"] += 1
        counts["killed"] += answer is None
        if answer is None or "interrupted" in answer:
            continue
        if "summary" not in answer:
            return f"the move: {answer}"
        summary: dict[str, Any] = answer["summary"]
        if summary["state"] in ("done", "trial") and not summary["unprocessed"]:
            return summary
    return f"no end after {_SESSIONS} sessions: {answer}"


def _undone(world: World, home: Path, case: Case, order: random.Random, counts: Counter[str]) -> str:
    """Sessions until the move is undone; what went wrong."""
    undoing = Case(case.number, case.action, order.choice(["bulk", "collections"]), case.rows, case.header)
    # A call given up as lost may be applied after the move's end: such records are told, and held until asked for.
    late: dict[str, Any] = {}
    for session in range(_SESSIONS):
        rough = session < _ROUGH
        world.faults(*(chaos_case.trouble(undoing, order) if rough else ()))
        answer = world.go(home, "undo", case, (chaos_case.hurt(order) if rough else {}) | late)
        counts["sessions"] += 1
        counts["killed"] += answer is None
        if answer is None or "interrupted" in answer:
            continue
        if "undone already" in answer.get("refused", ""):
            return ""
        if "--changed-too" in answer.get("refused", "") and not late:
            counts["changed meanwhile"] += 1
            late = {"changed_too": True}
            continue
        if "undone" not in answer:
            return f"the undo: {answer}"
        done = answer["undone"]
        if done["state"] == "done" and done["read"] == done["succeeded"]:
            if late or (done["preview"] and not done["preview"]["changed"]):
                return ""
            late = {"changed_too": True}
    return f"no undo after {_SESSIONS} sessions: {answer}"


def run(cases: Sequence[int], seed: int, state: Path | None = None) -> dict[str, Any]:
    """Play the cases that are not in the state file yet; what was counted and what failed."""
    told: dict[str, Any] = {"seed": seed, "done": 0, "failed": {}, "counts": {}}
    if state is not None and state.exists():
        told = json.loads(state.read_text())
    counts = Counter(told["counts"])
    world: World | None = None
    try:
        for at, number in enumerate(cases[told["done"] :], told["done"]):
            if world is None or at % _RENEW == 0:
                if world is not None:
                    world.close()
                world = World()
            home = Path(tempfile.mkdtemp(prefix="weft-chaos-"))
            try:
                wrong = play(world, number, told["seed"], home, counts)
            finally:
                shutil.rmtree(home, ignore_errors=True)
            told["done"], told["counts"] = at + 1, dict(counts)
            if wrong:
                told["failed"][str(number)] = wrong
            if state is not None:
                part = state.with_suffix(".part")
                part.write_text(json.dumps(told, indent=1, ensure_ascii=False))
                part.replace(state)
    finally:
        if world is not None:
            world.close()
    return told


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--cases", type=int, default=2000)
    options.add_argument("--state", type=Path)
    options.add_argument("--seed", type=int, default=2026)
    options.add_argument("--only", type=int, action="append")
    given = options.parse_args()
    if given.only:
        for number in given.only:
            print(number, json.dumps(run(range(number, number + 1), given.seed), ensure_ascii=False))
        return 0
    told = run(range(given.cases), given.seed, given.state)
    print(json.dumps({**told, "failed": len(told["failed"])}))
    return 1 if told["failed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
