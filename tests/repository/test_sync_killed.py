"""Killed at any step: a pull leaves all old or all new, a push ends in one revision, a decision is made or not."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from studio.project.commit import finish, sweep
from studio.project.merge import value_at
from studio.repository.files import look
from studio.repository.state import state_of
from studio.repository.undecided import Undecided, decide, undecided
from tests.conftest import FULL
from tests.project.perils import die_at
from tests.repository.copies import Copy, shared
from tests.repository.running_server import Site

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
ORDERS = "transformations/orders-to-invoices.yaml"
NUMBER = ("map", "invoices/invoice/@number")


def deaths(seed: int) -> Iterator[int]:
    """The steps to die at: all there are with WEFT_FULL=1 (whoever dies at none ends it), else a few."""
    yield from range(1000) if FULL else sorted(random.Random(seed).sample(range(70), 7))


def opened(copied: Copy) -> dict[str, bytes]:
    """The files as the next opening finds them."""
    finish(copied.folder)
    sweep(copied.folder)
    return copied.files()


def _decide(copied: Copy, conflict: Undecided) -> None:
    decide(copied.folder, conflict.number, conflict.theirs)


def matches(copied: Copy) -> bool:
    """The folder's files are what the revision holds from which they are said to come."""
    return look(copied.folder, fresh=True).contents == state_of(copied.folder).manifest


def change(copied: Copy, round: int) -> None:
    """A file new, one changed, one gone, and a large one."""
    copied.write(f"scripts/s{round}.jb", f"x = {round};")
    if round:
        (copied.folder / f"scripts/s{round - 1}.jb").unlink()
    text = copied.read(ORDERS)
    before = str(value_at("transformations/orders-to-invoices", text, NUMBER)).encode()
    copied.write(ORDERS, text.replace(b"@number: " + before, b"@number: F%d()" % round))
    copied.write("schemas/blob.bin", random.Random(round).randbytes(20_000))


def test_a_killed_pull_leaves_all_old_or_all_new(site: Site, tmp_path: Path) -> None:
    async def begin() -> tuple[Copy, Copy]:
        one, other = await shared(site, tmp_path)
        one.change(ORDERS, '@number: "[@id]"', "@number: F()")
        await one.push()
        await other.pull()
        return one, other

    one, other = asyncio.run(begin())
    for round, number in enumerate(deaths(1)):
        change(one, round)
        asyncio.run(one.push())
        old, base = other.files(), state_of(other.folder).number
        ended = die_at(number, lambda: asyncio.run(other.pull()) and None)
        found = (opened(other), state_of(other.folder).number)
        assert found in ((old, base), (one.files(), base + 1))
        assert matches(other)
        asyncio.run(other.pull())
        assert other.files() == one.files()
        if ended and FULL:
            break


def test_a_killed_push_ends_in_one_revision(site: Site, tmp_path: Path) -> None:
    one, other = asyncio.run(shared(site, tmp_path))
    one.change(ORDERS, '@number: "[@id]"', "@number: F()")
    asyncio.run(one.push())
    for round, number in enumerate(deaths(2)):
        change(one, round)
        files, base = one.files(), state_of(one.folder).number
        ended = die_at(number, lambda: asyncio.run(one.push()) and None)
        assert opened(one) == files
        asyncio.run(one.push())
        assert state_of(one.folder).number == base + 1
        assert matches(one)
        asyncio.run(other.pull())
        assert other.files() == files
        if ended and FULL:
            break


def test_a_push_killed_and_edited_on_loses_neither(site: Site, tmp_path: Path) -> None:
    one, other = asyncio.run(shared(site, tmp_path))
    for round, number in enumerate(deaths(3)):
        one.write(f"scripts/s{round}.jb", "first")
        ended = die_at(number, lambda: asyncio.run(one.push()) and None)
        one.write(f"scripts/s{round}.jb", "second")
        one.write(f"scripts/t{round}.jb", "third")
        if round % 2:
            pulled = asyncio.run(one.pull())
            assert pulled.undecided == 0
        asyncio.run(one.push())
        asyncio.run(other.pull())
        assert other.files() == one.files()
        assert one.read(f"scripts/s{round}.jb") == b"second"
        if ended and FULL:
            break


def test_a_killed_decision_is_made_or_not(site: Site, tmp_path: Path) -> None:
    one, other = asyncio.run(shared(site, tmp_path))
    for round, number in enumerate(deaths(4)):
        one.write("scripts/x.jb", f"one {round}")
        other.write("scripts/x.jb", f"other {round}")
        asyncio.run(one.push())
        asyncio.run(other.pull())
        [conflict] = undecided(other.folder)
        ended = die_at(number, partial(_decide, other, conflict))
        opened(other)
        left = undecided(other.folder)
        assert other.read("scripts/x.jb") == (f"other {round}" if left else f"one {round}").encode()
        decide(other.folder, conflict.number, conflict.theirs)
        assert undecided(other.folder) == ()
        assert matches(other)
        if ended and FULL:
            break
