"""Which rows of a set have come to which end, and the steps that take up those that have not succeeded."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from studio.base.atomic import told
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.moves import store
from studio.moves.carrying.parts import OUR_COLUMNS, Kind
from studio.moves.mending import family
from studio.moves.model import Counts, MoveState
from studio.moves.several.model import Fold, Rows, Set, Step
from studio.moves.several.names import Fate, Named, folded
from studio.moves.several.resolve import Chosen

_ENDS = {kind: code for code, kind in enumerate(Kind, 1)}
_KINDS = {code: kind for kind, code in _ENDS.items()}
_DONE = _ENDS[Kind.SUCCEEDED]


class Ends:
    """Where each row of a part is, by its number in the source: untried (0), or how its last step ended.

    `by_hand` are moves that sent failed rows again by themselves and that no step knows of yet.
    """

    def __init__(self, found: Set, part: int, second: bool) -> None:
        self._codes = bytearray(found.bound[part].rows + 1)
        self._known = {run for step in found.steps for run in step.by_hand}
        self.by_hand: list[str] = []
        # How rows ended before a move by hand brought them to success.
        self._before = Counter[Kind]()
        for step in found.steps:
            if step.part == part and step.second is second and step.files:
                self._take(step)

    def _take(self, step: Step) -> None:
        place = _place(step)
        numbers: dict[int, int] = {}
        for kind in Kind:
            for row in _rows(step.files.get(kind.value, "")):
                number = int(row[place])
                self._codes[number] = _ENDS[kind]
                if kind is not Kind.SUCCEEDED:
                    numbers[int(row[0])] = number
        for child in family.descendants(store.record(step.run)):
            for own, _kind in family.ends(child, (Kind.SUCCEEDED,)):
                if child.run not in self._known:
                    self._before[_KINDS[self._codes[numbers[own]]]] += 1
                self._codes[numbers[own]] = _DONE
            if child.run not in self._known:
                self.by_hand.append(child.run)

    def chosen(self, step: Step, first: int) -> Chosen | None:
        """The rows a step sends; None for all of them. Of the first few each is one that nothing keeps back."""
        codes = self._codes
        if step.rows is Rows.ALL:
            return None
        if step.rows is Rows.FIRST:
            return Chosen(lambda _row: True, ready=True, most=first)
        if step.rows is Rows.REST and not step.second:
            return Chosen(lambda row: codes[row] == 0)
        return Chosen(lambda row: codes[row] != _DONE)

    def taken(self, chosen: Chosen) -> Counts:
        """How the rows chosen ended before, and those that moves by hand brought to success."""
        found = Counter(self._before)
        found.update(_KINDS[code] for row, code in enumerate(self._codes) if code and chosen.wanted(row))
        found[Kind.SUCCEEDED] -= self._before.total()
        return Counts(**{kind.value: found[kind] for kind in Kind})


def _place(step: Step) -> int:
    """Which column of a step's result files holds the number in the part's source."""
    if step.second:
        # After our own columns and the Id: see resolve.second_pass.
        return len(OUR_COLUMNS) + 1
    return 0 if step.rows is Rows.ALL else -1


def _rows(file: str) -> Iterator[list[str]]:
    path = Path(file)
    with told(path), path.open(encoding="utf-8", newline="") as opened:
        rows = csv.reader(opened)
        next(rows, None)
        yield from rows


def by_hand(
    step: Step, bys: Mapping[str, Fold]
) -> Iterator[tuple[str, list[tuple[str, str, Named]], list[tuple[int, int, str]]]]:
    """What moves learned that sent failed rows of a step again by themselves: what it is called, names, and records."""
    if not step.run or step.second:
        return
    place = _place(step)
    for child in family.descendants(store.record(step.run)):
        columns = family.own_columns(child)
        wanted = [(by, columns.index(by), fold) for by, fold in bys.items() if by in columns]
        names: list[tuple[str, str, Named]] = []
        records: list[tuple[int, int, str]] = []
        for row in _rows(str(child.facts.get("files", {}).get(Kind.SUCCEEDED.value, ""))):
            number = int(row[place or len(OUR_COLUMNS)])
            own = row[-len(columns) :]
            named = Named(row[1], Fate.THERE, number)
            names += [(by, folded(own[at], fold), named) for by, at, fold in wanted if own[at]]
            records.append((step.part, number, row[1]))
        yield child.run, names, records


def further(found: Set, rows: Rows) -> Set:
    """The set with a step more for each it began with, which takes up rows that are left; raises BadInput where it cannot."""
    if not found.over or (rows is Rows.LEFT and found.state is MoveState.TRIAL):
        raise BadInput(
            _("{run} is not finished: what it did is not known yet.").format(run=found.run),
            next_step=_("Go on with: weft move resume {run}").format(run=found.run),
        )
    for step in found.steps:
        if step.run and store.record(step.run).facts.get("undo"):
            raise BadInput(
                _("{run} was undone, so its rows are not sent again.").format(run=found.run),
                next_step=_("Load the sources as a new move."),
            )
    first = [step for step in found.steps if step.rows in (Rows.ALL, Rows.FIRST)]
    more = tuple(Step(step.part, step.second, rows) for step in first)
    return replace(found, steps=(*found.steps, *more), state=MoveState.PLANNED)
