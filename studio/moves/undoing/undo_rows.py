"""The rows that undo a move: what it applied, joined to the records as they were, and as they are in the org now."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from studio.base.atomic import told
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.base.system_errors import reason_of
from studio.connectors.salesforce import retrieve
from studio.connectors.salesforce.describe import ObjectFacts
from studio.connectors.salesforce.retrieve import Record
from studio.connectors.salesforce.session import Org
from studio.moves.carrying import ask
from studio.moves.carrying.parts import ANSWER, ID, OUR_COLUMNS, ROW, Kind
from studio.moves.journal import Journal
from studio.moves.model import Action
from studio.moves.store import MoveRecord
from studio.moves.undoing import before
from studio.moves.undoing.before import Plan

# The column of a record's former id where it is created anew.
OLD_ID = "old_id"
_STAMPS = ("SystemModstamp", "LastModifiedDate")
_BIN = 200


@dataclass
class Step:
    """One move of an undo: its rows in a file, and those kept back with the reason."""

    action: Action
    fields: tuple[str, ...]
    path: Path
    rows: int = 0
    held: dict[int, str] = field(default_factory=dict)
    writer: Any = None

    @property
    def ready(self) -> int:
        """The rows that will be sent."""
        return self.rows - len(self.held)

    def add(self, row: Sequence[str], reason: str = "") -> None:
        """One more row; with a reason it is kept back."""
        self.writer.writerow(row)
        self.rows += 1
        if reason:
            self.held[self.rows] = reason


@dataclass
class Staged:
    """The moves of an undo and what was counted on the way."""

    steps: tuple[Step, ...]
    changed_too: bool
    changed: int = 0
    as_before: int = 0
    gone: int = 0
    without: int = 0
    done: int = 0

    def ready(self, action: Action) -> int:
        """The rows of this action that will be sent."""
        return sum(step.ready for step in self.steps if step.action is action)

    def step(self, action: Action) -> Step:
        """The step of an action."""
        return next(step for step in self.steps if step.action is action)


@dataclass(frozen=True)
class _Applied:
    """A record the move applied a row to: `image` are its former values, None where none were kept."""

    id: str
    created: bool
    image: Sequence[str] | None = None


async def stage_rows(
    journal: Journal,
    record: MoveRecord,
    earlier: Sequence[MoveRecord],
    facts: ObjectFacts,
    org: Org,
    folder: Path,
    *,
    changed_too: bool,
    until: float = 0,
    progress: Progress | None = None,
) -> Staged:
    """Write the rows of each step into `folder`. `earlier` are the moves of undos before; what they did is left out. A record is
    changed by others where it was written after the move's end, and after `until`.

    Raises BadInput where the move's result file or images are gone, NotReachable, SalesforceError.
    """
    data = journal.facts.get("before")
    plan = Plan.from_data(data) if data else None
    staged = Staged(_steps(record.move.action, plan, folder), changed_too)
    now = _Now(org, facts, max(until, float(journal.facts.get("ended") or record.created)))
    progress = progress or Progress()
    with ExitStack() as stack:
        for step in staged.steps:
            step.writer = _writer(stack, step)
        rows = _applied(journal, record, plan)
        seen = 0
        while batch := list(islice(rows, retrieve.at_once(2))):
            progress.check()
            fresh = _not_done(batch, earlier, staged)
            await _one_batch(record.move.action, fresh, now, staged)
            seen += len(batch)
            progress.report(seen)
    return staged


def _steps(action: Action, plan: Plan | None, folder: Path) -> tuple[Step, ...]:
    delete = Step(Action.DELETE, ("Id",), folder / "undo-delete.csv")
    if action in (Action.INSERT, Action.UNDELETE):
        return (delete,)
    fields = plan.fields if plan else ()
    if action in (Action.UPDATE, Action.UPSERT):
        back = Step(Action.UPDATE, ("Id", *fields), folder / "undo-update.csv")
        return (back, delete) if action is Action.UPSERT else (back,)
    anew = Step(Action.INSERT, fields, folder / "undo-insert.csv")
    return (Step(Action.UNDELETE, ("Id",), folder / "undo-undelete.csv"), anew)


def _writer(stack: ExitStack, step: Step) -> Any:
    with told(step.path):
        file: IO[str] = stack.enter_context(step.path.open("w", encoding="utf-8", newline=""))
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    header = step.fields if step.action is not Action.INSERT else (OLD_ID, *step.fields)
    writer.writerow(header)
    return writer


def _not_done(batch: list[_Applied], earlier: Sequence[MoveRecord], staged: Staged) -> list[_Applied]:
    """Without the records that earlier undos have dealt with."""
    if not earlier:
        return batch
    done = _done_ids(earlier)
    fresh = [one for one in batch if one.id[:15] not in done]
    staged.done += len(batch) - len(fresh)
    return fresh


def _done_ids(earlier: Sequence[MoveRecord]) -> set[str]:
    found: set[str] = set()
    for record in earlier:
        name = OLD_ID if record.move.action is Action.INSERT else ID
        found.update(row[name][:15] for row in _result(record))
    return found


async def _one_batch(action: Action, batch: list[_Applied], now: _Now, staged: Staged) -> None:
    if not batch:
        return
    held = await now.records([one.id for one in batch])
    if action in (Action.DELETE, Action.HARD_DELETE):
        bins = await now.bins([one.id for one in batch if one.id[:15] not in held])
        for one in batch:
            _bring_back(one, held, bins, staged)
        return
    for one in batch:
        record = held.get(one.id[:15])
        changed = record is not None and now.changed(record)
        if one.created:
            _take_away(one, record, changed, staged)
        else:
            _put_back(one, record, changed, staged)


def _take_away(one: _Applied, record: Record | None, changed: bool, staged: Staged) -> None:
    """A record the move made, or took out of the recycle bin."""
    if record is None:
        staged.as_before += 1
        return
    staged.step(Action.DELETE).add([one.id], _reason(changed, staged))


def _put_back(one: _Applied, record: Record | None, changed: bool, staged: Staged) -> None:
    """A record the move changed."""
    if one.image is None:
        staged.without += 1
    elif record is None:
        staged.gone += 1
        staged.step(Action.UPDATE).add([one.id, *one.image], _("the record was deleted since the move"))
    elif not any(one.image):
        staged.as_before += 1
    else:
        staged.step(Action.UPDATE).add([one.id, *one.image], _reason(changed, staged))


def _bring_back(one: _Applied, held: Mapping[str, Record], bins: Mapping[str, bool], staged: Staged) -> None:
    """A record the move deleted."""
    if one.id[:15] in held:
        staged.as_before += 1
    elif bins.get(one.id[:15]):
        staged.step(Action.UNDELETE).add([one.id])
    elif one.image is None:
        staged.without += 1
    else:
        staged.step(Action.INSERT).add([one.id, *one.image])


def _reason(changed: bool, staged: Staged) -> str:
    """Why a record is kept back; empty when it is not."""
    staged.changed += changed
    return _("changed since the move") if changed and not staged.changed_too else ""


class _Now:
    """The records as the org has them now."""

    def __init__(self, org: Org, facts: ObjectFacts, ended: float) -> None:
        self._org = org
        self._object = facts.name
        self._stamp = next((name for name in _STAMPS if facts.field(name)), "")
        self._ended = ended

    async def records(self, ids: Sequence[str]) -> dict[str, Record]:
        """Those that are there, by the first 15 characters of their ids."""
        fields = ["Id", self._stamp] if self._stamp else ["Id"]
        return await retrieve.by_ids(self._org, self._object, ids, fields)

    async def bins(self, ids: Sequence[str]) -> dict[str, bool]:
        """Whether each is in the recycle bin; those unknown to the org are left out."""
        found: dict[str, bool] = {}
        for start in range(0, len(ids), _BIN):
            found |= await ask.in_the_bin(self._org, self._object, ids[start : start + _BIN])
        return found

    def changed(self, record: Record) -> bool:
        """The record was written after the move's last answer."""
        try:
            return (
                datetime.fromisoformat(str(record.get(self._stamp))).astimezone(UTC).timestamp() > self._ended
            )
        except ValueError:
            return False


def _applied(journal: Journal, record: MoveRecord, plan: Plan | None) -> Iterator[_Applied]:
    """The records of the rows that succeeded, each once, those with an image first and in the order they were kept."""
    action = record.move.action
    if plan is None or action in (Action.INSERT, Action.UNDELETE):
        for row in _checked(record):
            made = action in (Action.INSERT, Action.UNDELETE) or row[ANSWER] == "created"
            yield _Applied(row[ID], made)
        return
    ids = {int(row[ROW]): (row[ID], row[ANSWER]) for row in _checked(record)}
    seen: set[str] = set()
    for number, id_, values in before.images(journal.folder):
        if number in ids and ids[number][0][:15] == id_[:15]:
            del ids[number]
            if id_[:15] not in seen:
                seen.add(id_[:15])
                yield _Applied(id_, False, values)
    for id_, answer in ids.values():
        if id_[:15] not in seen:
            seen.add(id_[:15])
            # What there was no record of before the move was made by it, whatever the answer's word.
            yield _Applied(id_, action is Action.UPSERT and answer != "updated")


def _checked(record: MoveRecord) -> Iterator[Mapping[str, str]]:
    """The rows of the result file, which must be as many as the journal says."""
    count = 0
    for row in _result(record):
        count += 1
        yield row
    if count != record.counts.succeeded:
        raise BadInput(
            _("The file of succeeded rows holds {found} rows, but {expected} succeeded.").format(
                found=count, expected=record.counts.succeeded
            ),
            file=record.facts.get("files", {}).get(Kind.SUCCEEDED.value, ""),
            next_step=_("Without its ids the move cannot be undone; put the file back as it was."),
        )


def _result(record: MoveRecord) -> Iterator[Mapping[str, str]]:
    path = Path(str(record.facts.get("files", {}).get(Kind.SUCCEEDED.value, "")))
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if not set(OUR_COLUMNS) <= set(rows.fieldnames or ()):
                raise csv.Error(_("its columns are others"))
            yield from rows
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise BadInput(
            _("The file of succeeded rows cannot be read: {reason}.").format(
                reason=reason_of(error) if isinstance(error, OSError) else str(error)
            ),
            file=path,
            next_step=_("Without its ids the move cannot be undone; put the file back as it was."),
        ) from error
