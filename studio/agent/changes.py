"""What goes between the window and its agent for a preview: of a map and of its values only what has changed.

Both ends keep the last few maps and evidences by number. The window numbers its questions, anew for every process of
the agent; a question names the older map that it tells the changes of, and the evidences that the window still has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from studio.agent.splices import length_of, spliced, splices_of
from studio.mapping.evidence import Evidence, LoopCount, RuleProblem, Seen, Turn
from studio.mapping.model import Mapping as Map
from studio.mapping.model import Rule, Transformation

# So many maps and evidences are kept: the map in hand, what is being typed into it, another map or two.
_KEPT = 4
_NO_RULES = Map()
_NOTHING = Evidence(0, 0)
T = TypeVar("T")

_Values = list[tuple[int, int, list[tuple[str, Seen]]]]
_RulePieces = list[tuple[int, int, tuple[Rule, ...]]]


class _MapChanges(msgspec.Struct):
    """What makes a map of an older one; `head` is all of it but the rules, None where that is as it was."""

    rules: _RulePieces
    parked: _RulePieces
    head: Transformation | None = None


class _EvidenceChanges(msgspec.Struct):
    """What makes an evidence of an older one (`base` 0: of nothing); None is as it was."""

    number: int
    base: int
    record: int
    records: int
    source: _Values
    target: _Values
    problems: tuple[RuleProblem, ...] | None
    turns: dict[str, Turn] | None
    loops: dict[str, LoopCount] | None
    document: str
    milliseconds: float
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class UnknownBase(Exception):
    """The changes are those of a map that is not known here."""


class MapSender:
    """The window's end. `question` says what to send, `evidence` understands the answer."""

    def __init__(self) -> None:
        self._process = 0
        self._number = 0
        self._maps: dict[int, Transformation] = {}
        self._evidences: dict[int, Evidence] = {}

    def question(self, transformation: Transformation, process: int) -> dict[str, Any]:
        """A map as that process (each has its own number) is to be told of it."""
        if process != self._process:
            self.forget()
            self._process = process
        self._number += 1
        found = {"number": self._number, "has": list(self._evidences)}
        for number, base in reversed(self._maps.items()):
            changes = _map_changes(base, transformation)
            if changes is not None:
                found |= {"base": number, "changes": changes}
                break
        else:
            found["whole"] = transformation
        _keep(self._maps, self._number, transformation)
        return found

    def forget(self) -> None:
        """The other end knows nothing any more."""
        self._maps.clear()
        self._evidences.clear()

    def evidence(self, answer: Mapping[str, Any]) -> Evidence:
        """The evidence that an answer tells the changes of."""
        changes = msgspec.convert(answer, _EvidenceChanges)
        base = self._evidences[changes.base] if changes.base else _NOTHING
        found = Evidence(
            record=changes.record,
            records=changes.records,
            source=_values(base.source, changes.source),
            target=_values(base.target, changes.target),
            problems=base.problems if changes.problems is None else changes.problems,
            turns=base.turns if changes.turns is None else changes.turns,
            loops=base.loops if changes.loops is None else changes.loops,
            document=changes.document,
            milliseconds=changes.milliseconds,
            missing=changes.missing,
            unknown=changes.unknown,
        )
        _keep(self._evidences, changes.number, found)
        return found


class MapReceiver:
    """The agent's end: the maps as they are told, and the changes between evidences."""

    def __init__(self) -> None:
        self._maps: dict[int, Transformation] = {}
        self._evidences: dict[int, Evidence] = {}

    def map(self, question: Mapping[str, Any]) -> Transformation:
        """The map of a question; raises UnknownBase."""
        if "whole" in question:
            found = msgspec.convert(question["whole"], Transformation)
        else:
            base = self._maps.get(question["base"])
            if base is None:
                raise UnknownBase
            found = _changed(base, msgspec.convert(question["changes"], _MapChanges))
        _keep(self._maps, question["number"], found)
        return found

    def answer(self, question: Mapping[str, Any], evidence: Evidence) -> Mapping[str, Any]:
        """The evidence as the answer to a question, to be encoded."""
        # Of those the window still has, the latest of the same record is the one most like it.
        has = [number for number in question["has"] if number in self._evidences]
        like = [number for number in has if self._evidences[number].record == evidence.record]
        number = next(iter((*reversed(like), *reversed(has))), 0)
        base = self._evidences[number] if number else _NOTHING
        _keep(self._evidences, question["number"], evidence)
        return {
            "number": question["number"],
            "base": number,
            "record": evidence.record,
            "records": evidence.records,
            "source": _pieces(base.source, evidence.source),
            "target": _pieces(base.target, evidence.target),
            "problems": None if base.problems == evidence.problems else evidence.problems,
            "turns": None if base.turns == evidence.turns else evidence.turns,
            "loops": None if base.loops == evidence.loops else evidence.loops,
            "document": evidence.document,
            "milliseconds": evidence.milliseconds,
            "missing": evidence.missing,
            "unknown": evidence.unknown,
        }


def _keep(kept: dict[int, T], number: int, what: T) -> None:
    kept[number] = what
    while len(kept) > _KEPT:
        kept.pop(next(iter(kept)))


def _map_changes(base: Transformation, now: Transformation) -> dict[str, Any] | None:
    """The changes between two maps; None where it is no more to send all of it."""
    before, after = base.mapping, now.mapping
    if abs(len(before) - len(after)) * 2 > len(after):
        return None
    rules = splices_of(before.rules, after.rules)
    parked = splices_of(before.parked, after.parked)
    if (length_of(rules) + length_of(parked)) * 2 > len(after) + len(after.parked):
        return None
    head = replace(now, mapping=_NO_RULES)
    return {
        "rules": rules,
        "parked": parked,
        "head": None if head == replace(base, mapping=_NO_RULES) else head,
    }


def _changed(base: Transformation, changes: _MapChanges) -> Transformation:
    rules = tuple(spliced(base.mapping.rules, changes.rules))
    parked = tuple(spliced(base.mapping.parked, changes.parked))
    return replace(changes.head or base, mapping=Map(rules, parked))


def _pieces(before: Mapping[str, Seen], after: Mapping[str, Seen]) -> Sequence[Any]:
    if before is after:
        return ()
    return splices_of(tuple(before.items()), tuple(after.items()))


def _values(before: Mapping[str, Seen], pieces: _Values) -> Mapping[str, Seen]:
    if not pieces:
        return before
    return dict(spliced(tuple(before.items()), pieces))
