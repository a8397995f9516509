"""Save, pull, decide and push, killed at each change of the disk, and with a disk that refuses at each: nothing is lost."""

from __future__ import annotations

import asyncio
import errno
import random
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.conftest import FULL
from tests.repository.fuzz.computer import Peril
from tests.repository.fuzz.sharer import Sharer
from tests.repository.fuzz.world import World

# A day's work takes fewer changes of the disk than this; the quick run meets some of them.
MOST = 400
STEP = 1 if FULL else 16


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory where there is one: what a disk would take for its syncs tells nothing here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@asynccontextmanager
async def two(place: Path) -> AsyncIterator[World]:
    """Two people with copies of one project."""
    world = World(place, 2)
    try:
        assert await world.begin() == []
        yield world
    finally:
        world.close()


async def _day(world: World, chance: random.Random, peril: Peril, mark: str) -> int:
    """Somebody pushes; somebody else, who changed the same things, saves, pulls, decides and pushes in peril.

    Returns how many of the four were long enough for it to come about.
    """
    me, other = world.people
    wrong = (
        other.outside(chance, f"{mark}a")
        + other.outside(chance, f"{mark}b")
        + other.other_files(chance, f"{mark}c")
    )
    wrong += await _all(other, chance, f"{mark}d")
    wrong += me.edit(chance, f"{mark}e", 4) + me.other_files(chance, f"{mark}f") + me.save(chance, peril)
    met = int(me.steps[0] > peril.at)
    wrong += me.save(chance)
    wrong += await me.pull(None, peril)
    met += me.steps[0] > peril.at
    wrong += await me.pull(None, None) + me.decide(chance, f"{mark}g", peril, 1)
    met += me.steps[0] > peril.at
    wrong += me.decide(chance, f"{mark}h", None, 99) + await me.push(None, peril)
    met += me.steps[0] > peril.at
    wrong += await _all(me, chance, f"{mark}i") + await _all(other, chance, f"{mark}j")
    assert wrong + world.found() == [], (mark, peril)
    return met


async def _all(one: Sharer, chance: random.Random, mark: str) -> list[str]:
    return await one.pull(None, None) + one.decide(chance, mark, None, 99) + await one.push(None, None)


async def _days(place: Path, code: int = 0, *, lasting: bool = False, step: int = STEP) -> int:
    async with two(place) as world:
        chance, idle, met = random.Random(17), 0, 0
        for at in range(0, MOST, step):
            found = await _day(world, chance, Peril(at, code, lasting), f"s{at}")
            met += found
            idle = 0 if found else idle + 1
            if idle == 3:
                break
        assert idle == 3, "the work has more steps than were tried"
        assert await world.settle(1) == []
        assert await world.kept() == []
    return met


def test_killed_at_each_step_nothing_is_lost(place: Path) -> None:
    assert asyncio.run(_days(place / "w")) > 200 / STEP


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_refuses_at_each_step_is_told_and_loses_nothing(
    place: Path, code: int, lasting: bool
) -> None:
    assert asyncio.run(_days(place / "w", code, lasting=lasting, step=STEP * (1 if FULL else 4))) > 20 / STEP
