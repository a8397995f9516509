"""A move tried without writing anything: its rows are judged, and the org is asked which records they would meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Unpack

from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.salesforce import retrieve
from studio.connectors.salesforce.collections import MOST
from studio.connectors.salesforce.describe import ObjectFacts, describe
from studio.connectors.salesforce.session import Org
from studio.moves import load as loading
from studio.moves.carrying import ask
from studio.moves.carrying.api import choose, unique_field
from studio.moves.model import Action, Api, Duplicates, Move
from studio.moves.rows.plan import chunk_rows
from studio.moves.rows.shape import Shaper
from studio.moves.rows.stage import Slice, read_rows
from studio.moves.undoing import before
from studio.moves.undoing.before import KeyRule, Plan

# Made, filled, closed, looked at, and up to three results.
_CALLS_OF_A_JOB = 6
_SHOWN = 1000


@dataclass
class Outlook:
    """What a move would do now. `refused` rows would fail or be held back, by number with the reason.

    The others are counted by what would become of their records; `calls` is about what it would cost, `kept` how many
    records would be kept as they are (None: nothing is kept).
    """

    action: Action
    object: str
    org: str
    api: Api
    rows: int
    created: int = 0
    updated: int = 0
    deleted: int = 0
    undeleted: int = 0
    calls: int = 0
    kept: int | None = None
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """1 when a row would fail."""
        return 1 if self.refused else 0

    def to_data(self) -> dict[str, Any]:
        """As JSON data."""
        refused = [{"row": row, "answer": self.refused[row]} for row in sorted(self.refused)[:_SHOWN]]
        return {
            "dry_run": True,
            "action": self.action.value,
            "object": self.object,
            "org": self.org,
            "api": self.api.value,
            "read": self.rows,
            "created": self.created,
            "updated": self.updated,
            "deleted": self.deleted,
            "undeleted": self.undeleted,
            "refused": len(self.refused),
            "api_calls": self.calls,
            "before_image": self.kept,
            "rows_refused": refused,
        }


async def dry_run(
    request: loading.Request,
    org: Org,
    **means: Unpack[loading.Means],
) -> Outlook:
    """Judge every row and ask the org for the records; nothing is written to it. Raises as load does before it sends."""
    facts = await describe(org, request.object)
    identity = await org.identify()
    async with loading.judged(request, org, facts, **means) as (read, folder):
        move, planned = read.move, read.planned
        sent = planned.fingerprint.rows - len(planned.held)
        api = choose(move, sent, facts)
        found = Outlook(
            move.action, facts.name, identity.name, api, planned.fingerprint.rows, refused=dict(planned.held)
        )
        shaper = Shaper(planned.fingerprint.header, move.map, move.options.blank)
        rows = _sent(folder, planned.whole, shaper, planned.held)
        await _meet(move, facts, rows, shaper, org, found, means.get("progress") or Progress())
        if before.wanted(move, sent):
            found.kept = found.updated + found.deleted
    found.calls = _calls(move, api, sent)
    return found


def _sent(
    folder: Path, part: Slice, shaper: Shaper, held: dict[int, str]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, row in enumerate(read_rows(folder, part), part.first):
        if number not in held:
            yield number, shaper.one(row)


async def _meet(
    move: Move,
    facts: ObjectFacts,
    rows: Iterator[tuple[int, tuple[str, ...]]],
    shaper: Shaper,
    org: Org,
    found: Outlook,
    progress: Progress,
) -> None:
    """Count the rows by the records that are there for them."""
    name = unique_field(move, facts) if move.action is Action.INSERT else ""
    rule = KeyRule.of(replace(move, action=Action.UPSERT, key=name) if name else move, facts)
    if move.action is Action.INSERT and not name:
        found.created = sum(1 for _row in rows)
        return
    plan = Plan(facts.name, rule, ())
    at = [sent.lower() for sent in shaper.fields].index(rule.field.lower())
    made: set[str] = set()
    size, seen = MOST if move.action is Action.UNDELETE else retrieve.MOST, 0
    while batch := list(islice(rows, size)):
        progress.check()
        forms = [rule.form(row[at]) for _number, row in batch]
        if move.action is Action.UNDELETE:
            bins = await ask.in_the_bin(org, facts.name, [form for form in forms if form])
            there = {form for form in forms if bins.get(form)}
        else:
            there = set(await before.find(org, plan, [row[at] for _number, row in batch]))
        for (number, _row), form in zip(batch, forms, strict=True):
            _count(move, found, number, form in there or form in made)
            if move.action is Action.UPSERT and form and move.options.duplicates is Duplicates.SEND:
                made.add(form)
        seen += len(batch)
        progress.report(seen)


def _count(move: Move, found: Outlook, number: int, there: bool) -> None:
    action = move.action
    if action is Action.INSERT:
        if there:
            found.refused[number] = _("a record with this unique value is there already")
        else:
            found.created += 1
    elif action is Action.UPSERT:
        found.updated += there
        found.created += not there
        if not there and move.key.lower() == "id":
            found.created -= 1
            found.refused[number] = _no_record()
    elif not there:
        found.refused[number] = (
            _("the record is not in the recycle bin") if action is Action.UNDELETE else _no_record()
        )
    elif action is Action.UPDATE:
        found.updated += 1
    elif action is Action.UNDELETE:
        found.undeleted += 1
    else:
        found.deleted += 1


def _no_record() -> str:
    return _("there is no record with this Id, or it is in the recycle bin")


def _calls(move: Move, api: Api, rows: int) -> int:
    if api is Api.COLLECTIONS:
        size = min(move.options.chunk_rows or MOST, MOST)
        return -(-rows // size)
    return _CALLS_OF_A_JOB * -(-rows // (move.options.chunk_rows or chunk_rows(rows)))
