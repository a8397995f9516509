"""Everybody together: a server, some computers, a list of steps, and the whole model."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.project.layout import id_of
from studio.protocol.manifests import hash_of
from tests.project.examples import saved
from tests.repository.fuzz.computer import Peril
from tests.repository.fuzz.facts import NONE, Facts
from tests.repository.fuzz.server import Server, Told
from tests.repository.fuzz.sharer import Shared, Sharer
from tests.repository.fuzz.transport import FAULTS, Fault
from tests.repository.fuzz.wishes import sent, wish

Between = Callable[[], Awaitable[None]]
NAMES = ("ana", "bruno", "carla", "davi", "edu")
ROUNDS = 12


@dataclass(frozen=True)
class Step:
    """One thing that happens. `seed` decides everything in it, so that a list of steps can be made shorter."""

    n: int
    who: int
    do: str
    seed: int
    fault: str = ""
    at: int = 0
    times: int = 1
    die: int | None = None
    other: int = 0

    def plain(self) -> dict[str, Any]:
        """As it is printed."""
        return {
            key: value
            for key, value in asdict(self).items()
            if value not in ("", None, 0) or key in ("n", "who")
        }


# What people do, and how often.
DEEDS = {
    "edit": 20, "save": 14, "share": 14, "pull": 12, "push": 10, "decide": 10, "outside": 8, "files": 8, "history": 3,
    "look": 3, "status": 3, "late": 3, "online": 3, "close": 2, "crash": 2, "offline": 1, "restore": 1, "server": 1,
    "day": 1, "settle": 1, "wish": 2, "send": 3,
}  # fmt: skip
REMOTE = ("pull", "push", "share", "restore", "send")
NETWORKED = (*REMOTE, "late", "settle")
MORTAL = ("pull", "push", "save", "decide")


def steps(seed: int, count: int, people: int) -> list[Step]:
    """A list of steps, always the same for a seed."""
    chance, made = random.Random(seed), []
    names, weights = list(DEEDS), list(DEEDS.values())
    for n in range(count):
        do = chance.choices(names, weights)[0]
        fault, die = "", None
        if do in REMOTE and chance.random() < 0.5:
            fault = chance.choice(FAULTS)
        if do in MORTAL and chance.random() < 0.15:
            die = int(chance.choice([5, 30, 120]) * chance.random())
        who, other = chance.randrange(people), chance.randrange(people)
        if fault == "between" and chance.random() < 0.4:
            other = who
        made.append(
            Step(
                n, who, do, chance.randrange(2**32), fault, chance.choice([0, 0, 1, 1, 2, 2, 3]),
                chance.choice([1, 1, 2, 6]), die, other,
            )
        )  # fmt: skip
    return made


class World:
    """Plays steps; each gives what is wrong after it."""

    def __init__(self, folder: Path, people: int, kind: type[Server] = Server) -> None:
        self.server = kind(folder / "server", list(NAMES[:people]))
        self.folder = folder
        self.shared = Shared(self.server)
        self.people: list[Sharer] = []
        self.made: set[str] = set()
        self.gone: set[str] = set()
        self.head: Facts = NONE
        self.counts: dict[str, int] = {}
        self._names = NAMES[:people]

    async def begin(self) -> list[str]:
        """The first one has a project and pushes it; the others have a copy."""
        await self.server.make_project("Orders", self._names[0])
        for name in self._names:
            place = self.folder / name
            if not self.people:
                saved(place)
            one = _Known(name, place, self.deed, self)
            self.people.append(one)
            self.made |= _values(one.facts())
            wrong = await one.begin()
            if wrong:
                return wrong
        return []

    def close(self) -> None:
        """Leave nothing behind."""
        for one in self.people:
            one.crash()
        self.server.close()

    def deed(self, before: Facts, after: Facts) -> None:
        """Somebody meant to take away what is there before and not after, and to write what is new."""
        if before is not after:
            # What only moved is as often there as before; of two copies one may go here and the other elsewhere.
            gone, new = (Counter(fact[2] for fact in side) for side in (before - after, after - before))
            self.gone |= (gone - new).keys()
            self.made |= new.keys()

    async def play(self, step: Step) -> list[str]:
        """One step, and the look at everything after it."""
        who = self.people[step.who % len(self.people)]
        self.counts[step.do] = self.counts.get(step.do, 0) + 1
        wrong = who.quiet("before") or await self._act(who, step)
        if not wrong and step.do in NETWORKED:
            wrong = await who.look_up()
        return wrong or self.found()

    async def _act(self, who: Sharer, step: Step) -> list[str]:
        chance, mark = random.Random(step.seed), f"s{step.n}"
        # Whoever acts between is not the one who dies.
        peril = None if step.die is None or step.fault == "between" else Peril(step.die)
        fault = Fault(step.fault, step.at, step.times) if step.fault else None
        local: dict[str, Callable[[], list[str]]] = {
            "edit": lambda: who.edit(chance, mark, chance.randrange(1, 4)),
            "save": lambda: who.save(chance, peril),
            "history": lambda: who.history(chance),
            "look": who.look,
            "close": who.close,
            "outside": lambda: who.outside(chance, mark),
            "files": lambda: who.other_files(chance, mark),
            "decide": lambda: who.decide(chance, mark, peril, chance.choice([1, 1, 9])),
            "status": who.status,
        }
        if step.do in local:
            return local[step.do]()
        between = self._between(who, step, chance)
        remote: dict[str, Callable[[], Awaitable[list[str]]]] = {
            "pull": lambda: who.pull(fault, peril, between),
            "push": lambda: who.push(fault, peril, between),
            "share": lambda: self._share(who, chance, mark, fault, between),
            "restore": lambda: who.restore(chance, fault),
            "wish": lambda: wish(who, chance, mark),
            "send": lambda: sent(who, fault),
            "late": lambda: self._late(chance),
            "settle": lambda: self.settle(step.seed),
        }
        if step.do in remote:
            wrong = await remote[step.do]()
            if fault is not None and fault.hit:
                self.counts[fault.kind] = self.counts.get(fault.kind, 0) + 1
            return wrong
        if step.do in ("offline", "online"):
            who.network.online = step.do == "online"
        elif step.do == "crash":
            who.crash()
        elif step.do == "server":
            self.server.start()
        elif step.do == "day":
            self.server.a_day_goes_by()
        return []

    def _between(self, who: Sharer, step: Step, chance: random.Random) -> Between:
        """What somebody else does while a request is on its way; now and then it is the same person who saves."""

        async def act() -> None:
            other = self.people[step.other % len(self.people)]
            wrong = []
            if other is who:
                coming = self._coming(who)
                if coming and chance.random() < 0.6:
                    wrong = who.written_over(chance.choice(coming), chance, f"s{step.n}b")
                else:
                    wrong = who.save(chance) if chance.random() < 0.5 else who.outside(chance, f"s{step.n}b")
                who.tries()
            else:
                online, other.network.online = other.network.online, True
                wrong = other.outside(chance, f"s{step.n}b")
                wrong += await other.pull(None, None)
                wrong += other.decide(chance, f"s{step.n}b", most=99)
                wrong += await other.push(None, None)
                other.network.online = online
            if wrong:
                raise AssertionError(wrong)

        return act

    def _coming(self, who: Sharer) -> list[str]:
        """Files a pull of somebody would bring, of those that hold no object: the worst to write to meanwhile."""
        before, after = self.shared.files(who.base), self.shared.files(self.shared.head)
        return [path for path in sorted(after) if id_of(path) is None and after[path] != before.get(path)]

    async def _share(
        self, who: Sharer, chance: random.Random, mark: str, fault: Fault | None, between: Between
    ) -> list[str]:
        """What people do in the evening: save, pull, decide, push."""
        first, second = (fault, None) if chance.random() < 0.4 else (None, fault)
        wrong = who.save(chance)
        wrong += await who.pull(first, None, between)
        wrong += who.decide(chance, mark, most=99)
        return wrong + await who.push(second, None, between)

    async def _late(self, chance: random.Random) -> list[str]:
        """Requests of which nothing was heard arrive, in any order."""
        waiting = [(one, late) for one in self.people for late in one.network.late]
        chance.shuffle(waiting)
        for one, late in waiting:
            one.network.late.remove(late)
            await one.network.deliver(late)
        return []

    def found(self) -> list[str]:
        """Whatever anybody ever wrote, and nobody took away, is somewhere."""
        there = _values(self.shared.facts(self.shared.head))
        for one in self.people:
            there |= _values(one.holds())
        lost = self.made - self.gone - there
        return [f"lost: {sorted(lost)[:8]}"] if lost else []

    async def settle(self, seed: int) -> list[str]:
        """Everybody saves, pulls, decides and pushes until nothing moves: then all have the same, and all of it."""
        chance = random.Random(seed)
        wrong = await self._late(chance)
        for one in self.people:
            one.network.online = True
            wrong = wrong or one.save(chance)
        for one in self.people:
            wrong = wrong or await sent(one, None)
        for _round in range(ROUNDS):
            before = self.shared.head
            for one in self.people:
                wrong = wrong or await one.pull(None, None)
                wrong = wrong or one.decide(chance, "end", most=99)
                wrong = wrong or await one.push(None, None)
            if wrong or self.shared.head == before:
                break
        return wrong or self._equal()

    def _equal(self) -> list[str]:
        head = self.shared.files(self.shared.head)
        wrong = []
        for one in self.people:
            if one.files != head:
                differing = {
                    path for path in one.files.keys() | head.keys() if one.files.get(path) != head.get(path)
                }
                wrong.append(f"{one.name} is not what the repository has: {sorted(differing)}")
            if one.undecided():
                wrong.append(f"{one.name} has something undecided")
            wrong += one.quiet("at the end") + one.status()
        lost = self.made - self.gone - _values(self.shared.facts(self.shared.head))
        unsaved = NONE.union(*(one.work or NONE for one in self.people))
        lost -= _values(unsaved)
        return wrong + ([f"lost at the end: {sorted(lost)[:8]}"] if lost else [])

    async def kept(self) -> list[str]:
        """Every revision there ever was can be read back, whole."""
        wanted = sorted({digest for told in self.shared.revisions for digest in told.manifest.values()})
        found = await self.server.contents(wanted)
        return [
            f"damaged or gone: {digest}" for digest in wanted if hash_of(found.get(digest, b"?")) != digest
        ]

    def meant(self, told: Told) -> list[str]:
        """A new revision is what one of them tried to push, or an old one brought back; made from the one before it."""
        before = self.shared.revisions[-1] if self.shared.revisions else None
        wrong = (
            [] if told.parent == (before.id if before else None) else [f"{told.number} has another parent"]
        )
        if told.restored is not None:
            old = next(one for one in self.shared.revisions if one.id == told.restored)
            self.deed(self.shared.facts(self.shared.head), self.shared.facts(old.number))
            return wrong if told.manifest == old.manifest else [*wrong, "restored, and different"]
        if not any(one.explains(told) for one in self.people):
            wrong.append(f"nobody tried to push revision {told.number} by {told.author}")
        return wrong


class _Known(Sharer):
    def __init__(self, name: str, place: Path, deed: Any, world: World) -> None:
        super().__init__(name, place, deed, world.shared)
        self._world = world

    def meant(self, told: Told) -> list[str]:
        return self._world.meant(told)


def _values(facts: Facts) -> set[str]:
    return {fact[2] for fact in facts}
