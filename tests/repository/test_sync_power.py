"""Power cut at any moment of pull, decide and push: files, base, conflicts and a begun push fit together, and every
sync of the product is needed."""

from __future__ import annotations

import asyncio
import copy
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from studio.base.errors import WeftError
from studio.project.commit import finish, sweep
from studio.protocol.manifests import Content
from studio.repository import undecided as undeciding
from studio.repository.link import link_of
from studio.repository.pushing import pushing_of
from studio.repository.state import state_of
from tests.project.power import Disk, Recorder, begun, laid
from tests.repository.fuzz.facts import NONE, Facts, met, of_files, of_value
from tests.repository.fuzz.sharer import Sharer
from tests.repository.test_sync_perils import place, two

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders cannot be synced there")
__all__ = ["place"]

SHARES = (0.0, 1.0, 0.5)
MANY = (0.0, 1.0, 0.5, 0.5, 0.8, 0.3, 0.6)
Log = list[tuple[Any, ...]]


@dataclass
class Recorded:
    """What a day of somebody's did to their disk, and what was said in it; `revisions` are facts by number."""

    start: Disk
    recorder: Recorder
    revisions: dict[int, Facts] = field(default_factory=dict)
    mine: Facts = NONE
    looked: dict[Any, str] = field(default_factory=dict)

    def wrong(self, log: Log, found: Path, shares: tuple[float, ...]) -> Iterator[str]:
        """What is wrong after each operation of the log; the same disk is looked at once."""
        chance, disk = random.Random(5), copy.deepcopy(self.start)
        said: list[tuple[Any, ...]] = []
        for number, entry in enumerate(log, 1):
            disk.play(entry)
            said += [entry[1:]] if entry[0] == "said" else []
            for share in shares:
                files, folders = disk.after_cut(chance, share)
                key = (frozenset(files.items()), frozenset(folders), len(said))
                if key not in self.looked:
                    with mock.patch.object(os, "fsync"):
                        self.looked[key] = self._look(laid(found, files, folders), said)
                if self.looked[key]:
                    yield f"after {number} {entry[:2]}: {self.looked[key]}"

    def _look(self, place: Path, said: list[tuple[Any, ...]]) -> str:
        """As whoever comes next finds it."""
        try:
            finish(place)
            sweep(place)
            state, waiting, began = state_of(place), undeciding.undecided(place), pushing_of(place)
            told = NONE.union(
                *(self._side(place, one, value) for one in waiting for value in (one.mine, one.theirs))
            )
        except WeftError as error:
            return f"cannot be read: {error}"
        steps = [what for what, *_more in said]
        if link_of(place) is None:
            return "the link is gone" if said else ""
        now = of_files(_files(place))
        return (
            self._known(state.number, steps, began is not None and began.asked)
            or self._files(state.number, steps, now, told, len(waiting))
            or self._decided(said, now)
        )

    def _known(self, number: int, steps: list[str], asked: bool) -> str:
        """The base is as new as was said, and a push that may have counted is known to have begun."""
        if "pushed first" in steps and number < 1:
            return "a push that was told is forgotten"
        if "pulled" in steps and number < 2:
            return "a pull that was told is forgotten"
        if "pushed" in steps and number < 3:
            return "the last push is forgotten"
        for what, before in (("asked first", 0), ("asked", 2)):
            if what in steps and number == before and not asked:
                return f"{what}: nobody knows that a revision was asked for"
        return ""

    def _files(self, number: int, steps: list[str], now: Facts, told: Facts, waiting: int) -> str:
        """Before the pull they are mine; after it they are what came of mine and theirs."""
        if number < 2:
            return "" if now == self.mine or not steps else "the files changed without their base"
        if any(one.startswith("decided") for one in steps) or number > 2:
            return ""
        wrong = met(self.revisions[1], self.mine, self.revisions[2], now, told)
        return wrong[0] if wrong and not waiting < self.conflicts else ""

    conflicts: int = 0

    def _decided(self, said: list[tuple[Any, ...]], now: Facts) -> str:
        for what, *more in said:
            if what.startswith("decided") and not more[0] <= now:
                return f"{what} and not there"
        return ""

    def _side(self, place: Path, one: Any, value: Any) -> Facts:
        if isinstance(value, Content):
            value = undeciding.text_of(place, value)
        return of_value(one.path, tuple(one.keys), value)


def _files(place: Path) -> dict[str, bytes]:
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and ".weft" not in path.relative_to(place).parts
    }


EDITS: dict[str, tuple[bytes | None, bytes | None]] = {
    # What the other and what I write: alone, alone, and both.
    "scripts/theirs.jb": (b"theirs\n", None),
    "scripts/new/er/theirs.jb": (b"deeper\n", None),
    "scripts/mine.jb": (None, b"mine\n"),
    "scripts/mark/sent.jb": (b"theirs too\n", b"mine too\n"),
    "schemas/both.bin": (b"\0theirs", b"\0mine"),
    "schedules/nightly.yaml": (
        b"weft: schedule/1\noperation: send-invoices\nat: 03:00\n",
        b"weft: schedule/1\noperation: send-invoices\nat: 04:00\n",
    ),
}


def _write(one: Sharer, side: int) -> None:
    for path, sides in EDITS.items():
        data = sides[side]
        if data is not None:
            (one.place / path).parent.mkdir(parents=True, exist_ok=True)
            (one.place / path).write_bytes(data)
    one._written()


class _Asking:
    """Notes when a revision is asked for."""

    def __init__(self, one: Sharer, recorder: Recorder, what: str) -> None:
        self._real, self._recorder, self._what = one.network.deliver, recorder, what
        one.network.deliver = self  # type: ignore[method-assign]

    async def __call__(self, late: Any) -> Any:
        if late.method == "POST" and late.url.path.endswith("/revisions"):
            self._recorder.said(self._what)
        return await self._real(late)


@pytest.fixture
def recorded(place: Path) -> Recorded:
    """Somebody pulls what clashes with their work, decides, and pushes."""

    async def work() -> Recorded:
        async with two(place / "w") as world:
            me, other = world.people[1], world.people[0]
            _write(other, 0)
            assert await other.push(None, None) == []
            _write(me, 1)
            made = Recorded(begun(me.place), Recorder(me.place))
            made.mine = me.facts()
            with made.recorder.noting():
                assert await me.pull(None, None) == []
                made.recorder.said("pulled")
                made.conflicts = len(me.undecided())
                assert made.conflicts == 3
                for one in me.undecided():
                    value = b"written\n" if not one.keys else "05:00"
                    undeciding.decide(me.place, one.number, value)
                    wanted = of_value(one.path, tuple(one.keys), value)
                    made.recorder.said(f"decided {one.number}", wanted)
                me._written()
                _Asking(me, made.recorder, "asked")
                assert await me.push(None, None) == []
                made.recorder.said("pushed")
            made.revisions = {number: world.shared.facts(number) for number in (1, 2, 3)}
            return made

    return asyncio.run(work())


def test_no_cut_tears_files_base_and_conflicts_apart_and_every_sync_is_needed(
    recorded: Recorded, place: Path
) -> None:
    log, sites = recorded.recorder.log, sorted(set(recorded.recorder.sites.values()))
    assert list(recorded.wrong(log, place / "found", SHARES)) == []
    without = recorded.recorder.without
    # The commit's own are shown to be needed where a save is cut; the list of what need not be read again is kept only
    # to be quick.
    idle = [
        site
        for site in sites
        if not site.startswith(("commit.py", "files.py"))
        and not any(recorded.wrong(without(site), place / "found", MANY))
    ]
    assert idle == []
