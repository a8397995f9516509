"""kill -9 of the mover at every step that writes, then resume: nothing lost, nothing doubled, the files add up."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from studio.moves.model import Summary
from tests.moves.conftest import Practice, assert_adds_up
from tests.moves.test_failure_modes import keys

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="movers are forked, to be cheap enough"),
]
ROWS = 50


class Movers:
    """Movers in processes of their own, each with the folder for moves it is given."""

    def __init__(
        self, host: asyncio.subprocess.Process, practice: Practice, source: Path, home: Path
    ) -> None:
        self.host = host
        self.practice = practice
        self.source = source
        self.home = home
        self.api = "bulk"

    async def go(self, what: str, **more: Any) -> dict[str, Any] | None:
        """Let one mover work; its summary, or None when it was killed."""
        answer = self.home / "answer.json"
        answer.unlink(missing_ok=True)
        ready = self.practice.server.ready
        command = {
            "what": what,
            "api": self.api,
            "source": str(self.source),
            "url": ready.url,
            "token": ready.access_token,
            "answer": str(answer),
            **more,
        }
        assert self.host.stdin is not None
        assert self.host.stdout is not None
        self.host.stdin.write(json.dumps(command).encode() + b"\n")
        status = json.loads(await self.host.stdout.readline())["status"]
        if status == 0:
            found: dict[str, Any] = json.loads(answer.read_text())
            return found
        assert status == -9, f"the mover ended with {status}"
        return None


@pytest_asyncio.fixture
async def movers(practice: Practice, accounts: Callable[..., Path], tmp_path: Path) -> AsyncIterator[Movers]:
    home = tmp_path / "movers"
    home.mkdir()
    host = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.moves.mover",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "WEFT_HOME": str(home)},
        cwd=Path(__file__).parent.parent.parent,
    )
    yield Movers(host, practice, accounts(ROWS), home)
    assert host.stdin is not None
    host.stdin.close()
    await host.wait()
    host._transport.close()  # type: ignore[attr-defined]


async def recover(movers: Movers) -> dict[str, Any]:
    """Go on with what is there: resume a planned move, else begin it."""
    moves = movers.home / "data" / "moves"
    begun = (moves / "M-0001" / "journal.sqlite").exists() and (moves / "M-0001" / "rows.csv").exists()
    done = (moves / "M-0001" / "succeeded.csv").exists() and not (moves / "M-0001" / "rows.csv").exists()
    found = await movers.go("resume" if begun or done else "load")
    assert found is not None
    return found


async def clean(movers: Movers) -> None:
    """Forget the moves and the records, for the next kill."""
    import shutil

    shutil.rmtree(movers.home / "data", ignore_errors=True)
    org = movers.practice.server.org
    ids = await movers.practice.records("SELECT Id FROM Account")
    for start in range(0, len(ids), 200):
        joined = ",".join(record["Id"] for record in ids[start : start + 200])
        await movers.practice.org.request(
            "DELETE",
            f"{movers.practice.org.data}/composite/sobjects",
            params={"ids": joined, "allOrNone": "true"},
        )
    org.calls.clear()


async def assert_whole(movers: Movers, data: dict[str, Any], where: str) -> None:
    summary = Summary.from_data(data)
    assert summary.counts.succeeded == ROWS, f"{where}: {data}"
    assert summary.unreconciled == 0, where
    assert_adds_up(summary, movers.source)
    assert await movers.practice.keys() == keys(ROWS), where


@pytest.mark.parametrize("api", ["bulk", "collections"])
async def test_killed_at_any_step_and_resumed(movers: Movers, share: Callable[[int], int], api: str) -> None:
    movers.api = api
    counting = await movers.go("load")
    assert counting is not None
    await assert_whole(movers, counting, "not killed")
    steps = counting["steps"]
    assert steps > (20 if api == "bulk" else 10)
    points = [(at, before) for at in range(1, steps + 1) for before in (True, False)]
    random.Random(7).shuffle(points)
    # All of them in the full run, every few otherwise.
    every = share(1000) == 1000
    for at, before in points if every else points[:6]:
        where = f"killed {'before' if before else 'after'} step {at} of {steps}"
        await clean(movers)
        assert await movers.go("load", kill_at=at, before=before) is None, where
        await assert_whole(movers, await recover(movers), where)


@pytest.mark.parametrize(("api", "calls"), [("bulk", "jobs"), ("collections", "composite")])
async def test_killed_again_and_again(
    movers: Movers, share: Callable[[int], int], api: str, calls: str
) -> None:
    """Killed a few steps on, over and over, with the org in trouble between: it arrives all the same."""
    movers.api = api
    order = random.Random(11)
    for turn in range(share(300) // 8):
        await clean(movers)
        movers.practice.fault(
            order.choice(["lost-answer", "unavailable=0", "delay=0.02"])
            + f",on=/services/data/*/{calls}/*,at={order.randint(1, 20 if api == 'bulk' else 4)},times={order.randint(1, 2)}"
        )
        found = await movers.go("load", kill_at=order.randint(2, 25), before=order.random() < 0.5)
        for _again in range(60):
            if found is not None:
                break
            moves = movers.home / "data" / "moves" / "M-0001"
            begun = (moves / "journal.sqlite").exists()
            what = "resume" if begun else "load"
            found = await movers.go(what, kill_at=order.randint(2, 12), before=order.random() < 0.5)
        found = found or await recover(movers)
        await assert_whole(movers, found, f"turn {turn}")
        movers.practice.server.org.faults.clear()
        movers.practice.fault("batch-rows=10")
