"""The supervisor keeps its promises to the window whatever the child does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psutil
import pytest

from studio.agent.supervised import Supervised
from studio.base.errors import WeftError


@pytest.fixture
async def child() -> AsyncIterator[Supervised]:
    supervised = Supervised("tests.agent.odd_child")
    yield supervised
    await supervised.close()


async def test_starts_answers_and_ends(child: Supervised) -> None:
    states: list[str] = []
    child.changed.connect(states.append)
    answer = await child.ask("hello", {}, limit=30)
    assert answer["process"] == child.process_id
    assert (await child.ask("echo", {"text": "ação ✓ \u2028"}, limit=30))["text"] == "ação ✓ \u2028"
    process = psutil.Process(answer["process"])
    await child.close()
    assert not process.is_running()
    assert states == ["starting", "busy", "ready", "busy", "ready", "stopped"]


@pytest.mark.parametrize("misdeed", ["crash", "noise"])
async def test_a_dead_child_is_reported_and_replaced(child: Supervised, misdeed: str) -> None:
    first = (await child.ask("hello", {}, limit=30))["process"]
    with pytest.raises(WeftError, match="stopped unexpectedly"):
        await child.ask(misdeed, {}, limit=30)
    assert child.deaths == 1
    second = (await child.ask("hello", {}, limit=30))["process"]
    assert second != first
    assert not psutil.pid_exists(first)


async def test_a_child_killed_from_outside_is_replaced(child: Supervised) -> None:
    first = (await child.ask("hello", {}, limit=30))["process"]
    psutil.Process(first).kill()
    await asyncio.sleep(0.2)
    assert (await child.ask("hello", {}, limit=30))["process"] != first


async def test_a_stuck_child_is_killed_at_the_limit(child: Supervised) -> None:
    first = (await child.ask("hello", {}, limit=30))["process"]
    with pytest.raises(WeftError, match="did not answer within"):
        await child.ask("hang", {}, limit=0.3)
    assert not psutil.pid_exists(first)
    assert (await child.ask("echo", {"text": "again"}, limit=30))["text"] == "again"


async def test_a_cancelled_request_does_not_answer_the_next(child: Supervised) -> None:
    await child.ask("hello", {}, limit=30)
    task = asyncio.create_task(child.ask("hang", {}, limit=30))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await child.ask("echo", {"text": "mine"}, limit=30))["text"] == "mine"


async def test_requests_made_together_are_answered_in_order(child: Supervised) -> None:
    answers = await asyncio.gather(*(child.ask("echo", {"text": str(n)}, limit=30) for n in range(20)))
    assert [answer["text"] for answer in answers] == [str(n) for n in range(20)]


async def test_a_child_that_keeps_dying_is_left_alone_for_once(child: Supervised) -> None:
    for _attempt in range(3):
        with pytest.raises(WeftError, match="stopped unexpectedly"):
            await child.ask("crash", {}, limit=30)
    with pytest.raises(WeftError, match="keeps stopping"):
        await child.ask("hello", {}, limit=30)
    assert child.state == "failed"
    assert "process" in await child.ask("hello", {}, limit=30)


def test_an_answer_nobody_waits_for_any_more_leaves_nothing_behind() -> None:
    async def main() -> tuple[int, str]:
        worker = Supervised("studio.agent.worker")
        await worker.start()
        sent = worker.ask_now("hello", lambda _process: {}, limit=60)
        assert sent is not None
        assert worker.ask_now("hello", lambda _process: {}, limit=60) is None
        await worker.close()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        return len(left), worker.state

    assert asyncio.run(main()) == (0, "stopped")
