"""A set judged without sending anything: every row of every object, with what would happen to those that need it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.salesforce.describe import describe
from studio.connectors.salesforce.session import Org
from studio.moves import load as loading
from studio.moves import store
from studio.moves.judging.preflight import Report
from studio.moves.load import Note
from studio.moves.rows.plan import discard, preparing_folder
from studio.moves.several import plan
from studio.moves.several.bind import kept_file
from studio.moves.several.model import Asked, Bound, Set, Step
from studio.moves.several.names import Entry, Fate, Named, Names, folded
from studio.moves.several.resolve import first_pass, second_pass
from studio.moves.several.run import needed, request_of
from studio.moves.sources.bring import Brought


@dataclass(frozen=True)
class Judged:
    """One step: its report by field, and the rows that would not be sent, with the reason."""

    object: str
    second: bool
    report: Report
    held: dict[int, str]


@dataclass(frozen=True)
class Verdict:
    """The plan in words, and what was found of each step; no steps where only the plan was asked for."""

    lines: tuple[str, ...]
    found: Set
    parts: tuple[Judged, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 when every row could be sent."""
        return 1 if any(one.held for one in self.parts) else 0

    def to_data(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "plan": list(self.lines),
            "steps": [
                {
                    "object": one.object,
                    "pass": 2 if one.second else 1,
                    "rows": one.report.rows,
                    "held": len(one.held),
                    "rows_held": [{"row": row, "answer": one.held[row]} for row in sorted(one.held)[:1000]],
                }
                for one in self.parts
            ],
        }


async def judge(
    asked: Asked,
    org: Org,
    source: Org | None = None,
    *,
    rows: bool = True,
    note: Note = lambda _text: None,
    progress: Progress | None = None,
) -> Verdict:
    """Judge a set; with `rows` false only its plan is made. Nothing is sent and nothing is kept. Raises as `make` does.

    A row that would be held back has no record, so the rows that name it are held back too, through all objects.
    """
    folder = preparing_folder(store.folder())
    try:
        begun = Set("", replace(asked, again=True), time.time())
        found = await plan.planned(begun, org, source, folder, note=note, progress=progress)
        if not rows:
            return Verdict(tuple(plan.lines(found)), found)
        judged = []
        for at in range(len(found.steps)):
            one = await _step(found, at, org, folder, progress)
            if one is not None:
                judged.append(one)
        return Verdict(tuple(plan.lines(found)), found, tuple(judged))
    finally:
        discard(folder)


async def _step(found: Set, at: int, org: Org, folder: Path, progress: Progress | None) -> Judged | None:
    step = found.steps[at]
    bound = found.bound[step.part]
    path = folder / f"{at + 1}-{bound.object}.csv"
    names = Names(folder)
    try:
        if step.second:
            resolved = second_pass(bound, step.part, names, path, progress)
        else:
            resolved = first_pass(bound, names, path, progress)
        if not resolved.rows:
            return None
        brought = Brought(kept_file(path), bound.shown, resolved.held)
        checked = await loading.check(
            request_of(found.asked, step, bound, path),
            org,
            bringer=lambda _request, _folder, _progress: brought,
            progress=progress,
        )
        if not step.second:
            prefix = (await describe(org, bound.object)).key_prefix or "000"
            _learn(found, step, bound, names, checked.held, prefix)
    finally:
        names.close()
    return Judged(bound.object, step.second, checked.report, dict(checked.held))


def _learn(found: Set, step: Step, bound: Bound, names: Names, held: Mapping[int, str], prefix: str) -> None:
    """Rows that could be sent get an id that no record has, for those that name them."""
    bys = needed(found, bound.object)
    entries: list[Entry] = []
    records: list[tuple[int, int, str]] = []
    places = [(by, bound.header.index(by), fold) for by, fold in bys.items()]
    with kept_file(bound.file).rows() as rows:
        for row, values in enumerate(rows, 1):
            id_ = f"{prefix}{row:012}AAA"
            fate = Fate.NOT_SENT if row in held else Fate.THERE
            named = Named("" if row in held else id_, fate, row)
            entries += [
                (by, folded(values[at], fold), named)
                for by, at, fold in places
                if len(values) > at and values[at]
            ]
            if row not in held:
                records.append((step.part, row, id_))
    names.learn(f"part-{step.part}", bound.object, entries, records)
