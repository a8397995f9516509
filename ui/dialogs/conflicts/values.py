"""What the versions of rules give, asked of the agent: for the record in hand at once, over all records in a study."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.agent.embedded import EmbeddedAgent
from studio.agent.study import Study
from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.mapping.evidence import Evidence
from studio.mapping.model import Transformation
from studio.mapping.versions import rule_of, with_rule
from studio.project import edits
from ui.bridge import numbers
from ui.bridge.tasks import Tasks
from ui.dialogs.conflicts import wording
from ui.dialogs.conflicts.matters import Kind, Matter

SIDES: tuple[Kind | None, ...] = (None, Kind.MINE, Kind.THEIRS)
_KEY = "conflict"


@dataclass(frozen=True)
class Counts:
    """Over all records: how many there are, and in how many two versions (0 base, 1 mine, 2 theirs, 3 own) give the same."""

    records: int
    same: Mapping[str, int]

    @property
    def differing(self) -> int:
        """In so many records mine and theirs give something else."""
        return self.records - self.same["1 2"]


class Values(QObject):
    """`arrived` brings a matter's number, a side (None: base) and a text, `counted` a number and Counts, `tried` what a
    text of one's own gives and whether that is a value, `weighed` its Counts; `stepped` the record shown and how many there are."""

    arrived = Signal(int, object, str)
    counted = Signal(int, object)
    tried = Signal(str, bool)
    weighed = Signal(object)
    stepped = Signal(int, int)

    def __init__(self, agent: EmbeddedAgent, folder: Path, tasks: Tasks) -> None:
        super().__init__()
        self._agent, self._folder, self._tasks = agent, folder, tasks
        self._turn = 0
        self._own_turn = 0
        self._studies: dict[str, Study] = {}
        self.record = 1
        self.records = 0

    def look(self, matters: Sequence[Matter], transformation: Transformation, *, count: bool = True) -> None:
        """Ask what the rules among `matters` give; what was asked before and is not answered yet is let go."""
        self._turn += 1
        rules = [matter for matter in matters if matter.rule]
        sample = edits.sample_of(transformation)
        if not rules or not sample:
            return
        self._spawn(self._values(self._turn, rules, transformation, sample))
        if count:
            self._spawn(self._count(rules, transformation, sample))

    def try_own(self, matter: Matter, value: Any, transformation: Transformation) -> None:
        """Ask what a rule of one's own gives in the place of a matter."""
        self._own_turn += 1
        sample = edits.sample_of(transformation)
        if sample and matter.rule:
            self._spawn(self._own(self._own_turn, matter, value, transformation, sample))

    def let_own_go(self) -> None:
        """What is asked about a text of one's own is out of date."""
        self._own_turn += 1

    async def close(self) -> None:
        """Ask nothing more."""
        self._turn += 1
        self._own_turn += 1
        for study in tuple(self._studies.values()):
            await study.end()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.spawn(work, quiet=True)

    async def _values(
        self, turn: int, matters: Sequence[Matter], transformation: Transformation, sample: str
    ) -> None:
        for matter in matters:
            for side, value in zip(SIDES, matter.versions, strict=True):
                said, evidence = await self._give(matter, value, transformation, sample, _KEY)
                if turn != self._turn:
                    return
                if evidence is not None and not wording.is_loop(matter):
                    # A version of a loop may have other records, and they are no others to look at.
                    self.records = evidence.records
                    self.record = min(self.record, evidence.records)
                    self.stepped.emit(self.record, self.records)
                self.arrived.emit(matter.number, side, said[0])

    async def _give(
        self, matter: Matter, value: Any, transformation: Transformation, sample: str, key: str
    ) -> tuple[tuple[str, bool], Evidence | None]:
        """What a version gives in words, and whether that is a value."""
        try:
            changed = with_rule(transformation, matter.rule, rule_of(matter.rule, value))
            evidence = await self._agent.preview(self._folder, changed, sample, self.record, key=key)
        except WeftError as error:
            return (error.message, False), None
        return (given(matter, value, evidence) if evidence is not None else ("", False)), evidence

    async def _own(
        self, turn: int, matter: Matter, value: Any, transformation: Transformation, sample: str
    ) -> None:
        said, _evidence = await self._give(matter, value, transformation, sample, f"{_KEY} own")
        if turn != self._own_turn:
            return
        self.tried.emit(*said)
        if wording.is_loop(matter) or not said[1]:
            return
        versions = [*matter.versions, value]
        async for event in self._study("own", transformation, sample, [(matter, versions)]):
            if turn == self._own_turn and "same" in event:
                self.weighed.emit(Counts(event["records"], event["same"]))

    async def _count(self, matters: Sequence[Matter], transformation: Transformation, sample: str) -> None:
        wanted = [matter for matter in matters if not wording.is_loop(matter)]
        places = [(matter, list(matter.versions)) for matter in wanted]
        async for event in self._study("all", transformation, sample, places):
            if "same" in event:
                self.counted.emit(wanted[event["number"]].number, Counts(event["records"], event["same"]))

    async def _study(
        self,
        name: str,
        transformation: Transformation,
        sample: str,
        places: Sequence[tuple[Matter, list[Any]]],
    ) -> AsyncIterator[dict[str, Any]]:
        """The places told by a study; the one of the same name before it is ended."""
        before = self._studies.pop(name, None)
        if before is not None:
            await before.end()
        if not places:
            return
        told = [{"path": matter.rule, "versions": versions} for matter, versions in places]
        study = self._agent.study("versions", self._folder, transformation, sample, places=told)
        self._studies[name] = study
        async for event in study.events():
            if event["event"] == "place":
                yield event
        if self._studies.get(name) is study:
            del self._studies[name]


def given(matter: Matter, value: Any, evidence: Evidence) -> tuple[str, bool]:
    """What a version gives for a record, in words, and whether it is a value."""
    path = matter.rule
    problem = next((each for each in evidence.problems if each.path == path), None)
    if problem is not None:
        return problem.message, False
    if value is None:
        return _("nothing"), False
    if wording.is_loop(matter):
        count = evidence.loops.get(path)
        written = count.written if count is not None else 0
        name = path.rpartition("/")[2]
        said = _("{n} × {node}").format(n=numbers.count(written), node=name)
        return (_("{counted}, sorted").format(counted=said) if wording.sorts(value) else said), True
    seen = evidence.target.get(path)
    if seen is None:
        return _("not in this record"), False
    more = _(" and {n} more").format(n=numbers.count(seen.count - 1)) if seen.count > 1 else ""
    return f"{seen.text or _('(empty)')}{more}", True
