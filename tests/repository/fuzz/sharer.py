"""A computer whose project is in the repository: pull, push, decide, restore, among faults; and what must hold after."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import httpx

from studio.base.errors import WeftError
from studio.project.commit import finish
from studio.protocol.manifests import Content, hash_of
from studio.protocol.projects import Restore
from studio.repository import pull as pulling
from studio.repository import undecided as undeciding
from studio.repository.accounts import Account
from studio.repository.client import Repository, new_key
from studio.repository.link import Link, keep_link
from studio.repository.merging import Merged
from studio.repository.pull import copy, pull
from studio.repository.push import push
from studio.repository.state import state_of
from studio.repository.status import Where, local_status
from studio.repository.undecided import Undecided
from studio.repository.wire import Patience
from tests.repository.fuzz.computer import Computer, Killed, Peril, in_peril
from tests.repository.fuzz.facts import NONE, Facts, at, met, of_files, of_value, same
from tests.repository.fuzz.server import ADDRESS, Server, Told
from tests.repository.fuzz.transport import Fault, Network


async def _at_once(_seconds: float) -> None:
    """Nothing is waited for."""


PATIENCE = Patience(tries=2, sleep=_at_once)


@dataclass
class Shared:
    """What the model knows of the repository: every revision and every content anybody ever tried to push."""

    server: Server
    revisions: list[Told] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)

    def files(self, number: int) -> dict[str, bytes]:
        """What a revision holds; 0 is the time before the first."""
        if not number:
            return {}
        manifest = self.revisions[number - 1].manifest
        return {path: self.contents[digest] for path, digest in manifest.items()}

    def facts(self, number: int) -> Facts:
        """The same as facts."""
        return of_files(self.files(number))

    @property
    def head(self) -> int:
        """The number of the last revision."""
        return len(self.revisions)


class Sharer(Computer):
    """`base` is the number of the revision the files come from; `tried` the states of pushes that were begun."""

    def __init__(self, name: str, place: Path, deed: Any, shared: Shared) -> None:
        super().__init__(name, place, deed)
        self.shared = shared
        self.network = Network(shared.server)
        self.base = 0
        self.tried: list[tuple[int, dict[str, str]]] = []
        self.wished: list[str] = []

    async def begin(self) -> list[str]:
        """The first one puts the project into the repository; the others have a copy of it."""
        project = self.shared.server.project
        if self.files:
            keep_link(self.place, Link(ADDRESS, self.shared.server.here.id, project))
            return await self.push(None, None)
        await self._do(lambda repository: copy(repository, project, self.place), None)
        self.files, self.base = self.on_disk(), self.shared.head
        return same(self.shared.facts(self.base), self.facts(), "a first copy")

    def repository(self) -> Repository:
        """A client as the studio makes one, on this computer's network."""
        here = self.shared.server.here
        person = here.people[self.name]
        account = Account(ADDRESS, person.id, person.email, self.name, here.id, here.slug)
        client = httpx.AsyncClient(transport=self.network)
        return Repository(account, self.shared.server.token(self.name), client, PATIENCE)

    # What waits for a decision.

    def undecided(self) -> tuple[Undecided, ...]:
        """The conflicts that wait here."""
        return undeciding.undecided(self.place)

    def waiting(self) -> Facts:
        """All sides of them."""
        return NONE.union(
            *(self._side(one, one.mine) | self._side(one, one.theirs) for one in self.undecided())
        )

    def theirs(self) -> Facts:
        """The other side of them: what is not in the files, and nobody has decided against."""
        return NONE.union(*(self._side(one, one.theirs) for one in self.undecided()))

    def holds(self) -> Facts:
        return super().holds() | self.waiting()

    def _side(self, one: Undecided, value: Any) -> Facts:
        if isinstance(value, Content):
            here = self.files.get(one.path)
            value = (
                here
                if here is not None and hash_of(here) == value.hash
                else undeciding.text_of(self.place, value)
            )
        return of_value(one.path, tuple(one.keys), value)

    # Pull and push.

    async def pull(self, fault: Fault | None, peril: Peril | None, between: Any = None) -> list[str]:
        """Bring what others pushed."""
        kept, low = self.theirs(), self.base
        self.network.begin(fault, between)
        with _merges() as merges:
            done = await self._do(lambda repository: pull(self.place, repository), peril)
        mine, before = self.facts(), self.files
        number = state_of(self.place).number
        if number == low and done is None:
            return self._finished(before)
        self.files = self.on_disk()
        await self.look_up()
        if not low <= number <= self.shared.head:
            return [f"pulled: a revision {number} nobody has seen"]
        base = self.shared.facts(low + self._unheard(low, number))
        sides = (base, mine, self.shared.facts(number), self.facts(), self.waiting(), kept)
        # Whoever was killed once the files were written could not say what had followed a renamed object.
        moved = dict(merges[-1].moved) if merges else {}
        wrong = [f"{old} was renamed and is there" for old in moved if old in self.files]
        wrong += met(*(renamed(side, moved) for side in sides))
        self.base = number
        return [f"pulled {number} onto {low}: {each}" for each in wrong]

    def _unheard(self, low: int, number: int) -> int:
        """1 where the revision after the base is a push of this computer whose answer it never got: that is its base."""
        told = self.shared.revisions[low] if number > low else None
        return int(told is not None and told.author == self._author() and told.restored is None)

    def _finished(self, before: dict[str, bytes]) -> list[str]:
        """A pull that failed has changed nothing."""
        return self.quiet("a pull that failed")

    async def push(self, fault: Fault | None, peril: Peril | None, between: Any = None) -> list[str]:
        """Bring what was saved here to the repository."""
        waiting = self.undecided()
        self.tries()
        self.network.begin(fault, between)
        done = await self._do(lambda repository: push(self.place, repository, f"by {self.name}"), peril)
        wrong = self.quiet("a push") + await self.look_up()
        number = state_of(self.place).number
        if done is not None and done.revision is not None and done.revision.number != number:
            wrong.append(f"pushed {done.revision.number}, but the files come from {number}")
        if number != self.base:
            mine = number <= self.shared.head and self.shared.revisions[number - 1].author == self._author()
            wrong += [] if mine else [f"a push ends on a revision {number} that is not its own"]
            if waiting and mine and self.shared.revisions[number - 1].manifest == self._manifest():
                wrong.append("pushed while something was undecided")
            self.base = number
        return wrong

    def tries(self) -> None:
        """What a push that begins now may bring."""
        self.shared.contents |= {hash_of(data): data for data in self.files.values()}
        self.tried.append((self.base, self._manifest()))

    def _manifest(self) -> dict[str, str]:
        return {path: hash_of(data) for path, data in self.files.items()}

    async def _do(self, work: Any, peril: Peril | None) -> Any:
        """Carry it out: what it returns, None where it failed in a way it may."""
        try:
            async with self.repository() as repository:
                with in_peril(peril, self.place) as self.steps:
                    return await work(repository)
        except Killed:
            self.crash()
            finish(self.place)  # as whoever comes next does
        except WeftError:
            finish(self.place)
        return None

    async def look_up(self) -> list[str]:
        """Learn what is in the repository by now; every new revision must be what somebody meant."""
        wrong = []
        for told in await self.shared.server.since(self.shared.head):
            wrong += self.meant(told)
            self.shared.revisions.append(told)
        return wrong

    def meant(self, told: Told) -> list[str]:
        """Replaced by the world, which knows everybody."""
        raise NotImplementedError

    def explains(self, told: Told) -> bool:
        """Whether a revision is one this computer tried to push: from its base, or from a push of its own after it."""
        revisions = self.shared.revisions
        parent = next((one.number for one in revisions if one.id == told.parent), 0)
        return told.author == self._author() and any(
            state == told.manifest
            and base <= parent
            and all(one.author == told.author for one in revisions[base:parent])
            for base, state in self.tried
        )

    def _author(self) -> str:
        return self.shared.server.here.people[self.name].id

    # Deciding.

    def decide(
        self, chance: random.Random, mark: str, peril: Peril | None = None, most: int = 1
    ) -> list[str]:
        """Decide so many conflicts: mine, theirs, both joined, or something else."""
        wrong: list[str] = []
        for one in self.undecided()[:most]:
            joined = undeciding.join(one)
            values = [one.mine, one.theirs, *([joined] if joined is not None else []), *_written(one, mark)]
            if one.keys and one.path not in self.files:
                values = [None]  # its object has gone since
            wrong += self._decide(one, chance.choice(values), peril)
        return wrong

    def _decide(self, one: Undecided, value: Any, peril: Peril | None) -> list[str]:
        before, sides = self.facts(), self._side(one, one.mine) | self._side(one, one.theirs)
        wanted = self._side(one, value)
        keys = tuple(one.keys)
        others = before - at(before, one.path, keys)
        try:
            with in_peril(peril, self.place) as self.steps:
                undeciding.decide(self.place, one.number, value)
        except Killed:
            self.crash()
            finish(self.place)
        except WeftError as error:
            finish(self.place)
            waits = any(other.number == one.number for other in self.undecided())
            if peril is not None and waits:
                return self.quiet("a decision that failed")
            if peril is None:
                return [*self.quiet("a decision that failed"), f"cannot be decided: {one} {value!r}: {error}"]
        self.files = self.on_disk()
        found = self.facts()
        if any(other.number == one.number for other in self.undecided()):
            return (
                same(before, found, "a decision that is yet to be made")
                if peril is not None
                else [f"still undecided: {one}"]
            )
        if not keys and value is None:
            others = before - at(before, one.path)
        wrong = same(others | wanted, found, "a decision")
        self.deed(before | sides, found)
        return wrong

    # Looking, and going back.

    def status(self) -> list[str]:
        """The list of what was changed here is right."""
        told = local_status(self.place)
        wrong = [] if told.base == self.base else [f"status: based on {told.base}, not {self.base}"]
        before, now = self.shared.files(self.base), self.files
        changed = {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}
        said = {one.path for one in told.objects if one.where is not Where.SAME}
        waiting = {one.path for one in self.undecided()}
        if changed - waiting != said - waiting:
            wrong.append(f"status: {sorted(said)} changed, not {sorted(changed)}")
        return wrong

    async def restore(self, chance: random.Random, fault: Fault | None) -> list[str]:
        """An old revision becomes the newest."""
        await self.look_up()
        if not self.shared.head:
            return []
        head, old = self.shared.revisions[-1], chance.choice(self.shared.revisions)
        self.network.begin(fault)
        key = new_key()
        project = self.shared.server.project
        await self._do(
            lambda repository: repository.restore(project, head.id, Restore(old.id, "back"), key), None
        )
        return await self.look_up()


@contextmanager
def _merges() -> Iterator[list[Merged]]:
    """What merges come to inside the block."""
    found: list[Merged] = []
    real = pulling.merge_files

    def merge_files(*sides: Any) -> Merged:
        found.append(real(*sides))
        return found[-1]

    with mock.patch.object(pulling, "merge_files", merge_files):
        yield found


def renamed(facts: Facts, moved: Mapping[str, str]) -> Facts:
    """The facts as if an object had had its new name all along."""
    return frozenset((moved.get(path, path), keys, value) for path, keys, value in facts) if moved else facts


def _written(one: Undecided, mark: str) -> list[Any]:
    """Something of the same kind as what is there, written anew."""
    like = one.mine if one.mine is not None else one.theirs
    if one.object is None or (not one.keys and not isinstance(like, str)):
        return []
    if isinstance(like, str):
        return [f"[b] + '{mark}'"]
    if isinstance(like, dict) and one.keys and one.keys[0] == "map":
        return [{**like, "note": mark}]
    return []
