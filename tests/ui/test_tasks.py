"""Tasks on the loop: errors shown once, a busy mark only after a while, everything ended with the window."""

from __future__ import annotations

import asyncio

from tests.ui.driver import window_test
from ui.bridge.tasks import Tasks


async def fails() -> None:
    raise ValueError("on purpose")


@window_test
async def test_an_error_is_shown_once() -> None:
    shown: list[BaseException] = []
    tasks = Tasks(shown.append)
    tasks.spawn(fails())
    await asyncio.sleep(0.01)
    assert [str(error) for error in shown] == ["on purpose"]
    assert tasks.waiting == 0


@window_test
async def test_short_work_never_shows_as_busy() -> None:
    marks: list[bool] = []
    tasks = Tasks(lambda _error: None)
    tasks.busy.connect(marks.append)
    tasks.spawn(asyncio.sleep(0.02))
    await asyncio.sleep(0.5)
    assert marks == []


@window_test
async def test_long_work_shows_until_the_last_is_done() -> None:
    marks: list[bool] = []
    tasks = Tasks(lambda _error: None)
    tasks.busy.connect(marks.append)
    first, second = tasks.spawn(asyncio.sleep(0.5)), tasks.spawn(asyncio.sleep(0.7))
    await first
    await asyncio.sleep(0.01)
    assert marks == [True]
    await second
    await asyncio.sleep(0.01)
    assert marks == [True, False]


@window_test
async def test_waiting_for_a_person_is_not_busy_but_work_inside_is() -> None:
    marks: list[bool] = []
    tasks = Tasks(lambda _error: None)
    tasks.busy.connect(marks.append)

    async def command() -> None:
        await asyncio.sleep(0.4)
        assert marks == []
        await tasks.felt(asyncio.sleep(0.4))

    await tasks.quietly(command())
    await asyncio.sleep(0.01)
    assert marks == [True, False]


@window_test
async def test_closing_cancels_what_is_going_on() -> None:
    tasks = Tasks(lambda _error: None)
    task = tasks.spawn(asyncio.sleep(60))
    await tasks.close()
    assert task.cancelled()
