"""Undoing a move: what it created is deleted, what it changed is put back, what it deleted is brought back.

An undo is one move or two, each with its own journal and result files; the move that is undone remembers them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _, ngettext
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import describe
from studio.connectors.salesforce.session import Org
from studio.moves import load as loading
from studio.moves import store
from studio.moves.access import guard
from studio.moves.access.guard import Confirm
from studio.moves.carrying.run import Interrupted, Listener, run, same_org
from studio.moves.journal import Journal
from studio.moves.model import Action, Blank, Counts, Duplicates, Entry, FieldMap, MoveState, Options, Summary
from studio.moves.rows.plan import discard, preparing_folder
from studio.moves.sources.bring import Brought
from studio.moves.store import MoveRecord
from studio.moves.undoing import undo_rows
from studio.moves.undoing.undo_rows import Staged
from studio.moves.undoing.undo_seen import Seen, seen

Note = Callable[[str], object]
_UNDOABLE = (MoveState.DONE, MoveState.TRIAL, MoveState.STOPPED)


@dataclass(frozen=True)
class UndoPreview:
    """What an undo of `run` would do, as the org is now; each figure counts records, those in `ready` will be sent.

    `put_back` get their former values, `delete` go to the recycle bin, `undelete` come out of it, `create` are inserted
    anew with other ids. Left alone are those `changed` since the move by someone else (unless `changed_too`, then they
    are counted with the others), those `as_before` already, those `gone` (deleted since), those `without` a
    before-image, and those `done` by an earlier undo.
    """

    run: str
    action: Action
    object: str
    org: str
    applied: int
    put_back: int = 0
    delete: int = 0
    undelete: int = 0
    create: int = 0
    changed: int = 0
    changed_too: bool = False
    as_before: int = 0
    gone: int = 0
    without: int = 0
    done: int = 0
    notes: tuple[str, ...] = ()
    seen: tuple[Seen, ...] = ()

    @property
    def ready(self) -> int:
        """The records that would be sent."""
        return self.put_back + self.delete + self.undelete + self.create

    def to_data(self) -> dict[str, Any]:
        """As JSON data."""
        found = asdict(self)
        seen = found.pop("seen")
        more = {"seen": seen} if seen else {}
        return {**found, "action": self.action.value, "notes": list(self.notes), "ready": self.ready, **more}


@dataclass(frozen=True)
class Undone:
    """The end of an undo: the moves it consisted of, in order, with their figures."""

    undo_of: str
    preview: UndoPreview | None
    steps: tuple[Summary, ...]

    @property
    def counts(self) -> Counts:
        """The rows of all steps."""
        return sum((step.counts for step in self.steps), Counts())

    @property
    def exit_code(self) -> int:
        """0 when every record was undone, 130 when it was stopped, else 1."""
        return max((step.exit_code for step in self.steps), default=0)

    def to_data(self) -> dict[str, Any]:
        """The machine-readable summary."""
        counts = self.counts
        return {
            "undo_of": self.undo_of,
            "run": self.steps[-1].run if self.steps else "",
            "state": self.steps[-1].state.value if self.steps else MoveState.DONE.value,
            "read": sum(step.read for step in self.steps),
            "succeeded": counts.succeeded,
            "failed": counts.failed,
            "unprocessed": counts.unprocessed,
            "not_sent": counts.not_sent,
            "preview": self.preview.to_data() if self.preview else None,
            "steps": [step.to_data() for step in self.steps],
        }


def latest() -> str:
    """The newest move that can be undone and is no undo itself; raises BadInput when there is none."""
    for record in store.records():
        free = not record.facts.get("undo") and not record.facts.get("undo_of")
        if free and record.state in _UNDOABLE and record.counts.succeeded:
            return record.run
    raise BadInput(_("There is no move to undo."), next_step=_("See them with: weft move status"))


async def preview(
    run_name: str,
    org: Org,
    *,
    changed_too: bool = False,
    until: float = 0,
    progress: Progress | None = None,
    show: int = 0,
) -> UndoPreview:
    """What undoing a move would do now; nothing is written to the org. What was written up to `until` is the move's own.

    So many records of each kind are shown one by one.

    Raises BadInput for a move that cannot be undone, and says why; NotAllowed in another org; NotReachable,
    SalesforceError.
    """
    record = _undoable(run_name)
    await same_org(record.facts, org)
    folder = preparing_folder(store.folder())
    try:
        staged = await _staged(record, org, folder, changed_too, until, progress)
        found = _preview(record, staged)
        if show:
            # Only then: a run of the command line spends no call on it.
            facts = await describe(org, record.move.object)
            found = replace(found, seen=await seen(staged, facts, org, show))
        return found
    finally:
        discard(folder)


async def undo(
    run_name: str,
    org: Org,
    *,
    changed_too: bool = False,
    until: float = 0,
    listener: Listener = lambda _standing: None,
    note: Note = lambda _text: None,
    confirm: Confirm | None = None,
    stop: asyncio.Event | None = None,
    progress: Progress | None = None,
) -> Undone:
    """Undo a move, or go on with an undo that was cut off; what an earlier undo left is taken up again.

    `confirm` is asked before one that begins in an org people work in.

    Raises as `preview`, and run.Interrupted in the middle: the same call goes on.
    """
    record = _undoable(run_name)
    await same_org(record.facts, org)
    halfway = _unfinished(record)
    if halfway:
        return await _go_on(record, halfway, None, org, listener, stop)
    _forget_unlisted(record)
    folder = preparing_folder(store.folder())
    try:
        staged = await _staged(record, org, folder, changed_too, until, progress)
        found = _preview(record, staged)
        if not found.ready:
            raise _nothing(found, record)
        for text in found.notes:
            note(text)
        if confirm is not None:
            await _confirmed(confirm, record, found, staged, org)
        runs = await _plan(record, staged, org, note, progress)
    finally:
        discard(folder)
    with Journal.open(store.move_folder(record.run)) as journal:
        # From here on the undo is known: cut off, it goes on with these moves.
        journal.remember(undo=[*_steps(record), *runs])
    return await _go_on(record, runs, found, org, listener, stop)


async def _confirmed(
    confirm: Confirm, record: MoveRecord, found: UndoPreview, staged: Staged, org: Org
) -> None:
    first = next(step for step in staged.steps if step.ready)
    file = DelimitedFile.open(first.path, encoding="utf-8", delimiter=",")
    move, identity = record.move, await org.identify()
    danger = guard.danger(move.action, move.object, found.ready, identity, file, first.held, undo=True)
    if danger is not None:
        await confirm(danger)


async def _go_on(
    record: MoveRecord,
    runs: list[str],
    found: UndoPreview | None,
    org: Org,
    listener: Listener,
    stop: asyncio.Event | None,
) -> Undone:
    done: list[Summary] = []
    for name in runs:
        if stop is not None and stop.is_set():
            break
        with Journal.open(store.move_folder(name)) as journal:
            again = journal.state is not MoveState.PLANNED
            try:
                done.append(
                    await run(journal, org, journal.folder, listener=listener, stop=stop, resuming=again)
                )
            except Interrupted as error:
                error.next_step = _("Then go on with: weft move undo {run}").format(run=record.run)
                raise
    return Undone(record.run, found, tuple(done))


async def _plan(
    record: MoveRecord, staged: Staged, org: Org, note: Note, progress: Progress | None
) -> list[str]:
    """Write the journals of the moves that undo; returns their names."""
    runs: list[str] = []
    for step in staged.steps:
        if not step.ready:
            continue
        file = DelimitedFile.open(step.path, encoding="utf-8", delimiter=",")
        entries = tuple(Entry(name, name) for name in step.fields)
        request = loading.Request(
            step.action,
            record.move.object,
            store.move_folder(record.run),
            org=record.move.org,
            map=FieldMap(entries),
            options=Options(
                blank=Blank.LEAVE, duplicates=Duplicates.HOLD, parallel=record.move.options.parallel
            ),
            again=True,
        )
        with await loading.begin(
            request,
            org,
            bringer=_bringer(Brought(file, "", step.held)),
            note=note,
            progress=progress,
            more={"undo_of": record.run},
        ) as journal:
            runs.append(journal.run)
    return runs


def _bringer(rows: Brought) -> loading.Bringer:
    return lambda _request, _folder, _progress: rows


async def _staged(
    record: MoveRecord,
    org: Org,
    folder: Path,
    changed_too: bool,
    until: float,
    progress: Progress | None,
) -> Staged:
    facts = await describe(org, record.move.object)
    earlier = [store.record(name) for name in _steps(record) if _there(name)]
    with Journal.open(store.move_folder(record.run)) as journal:
        return await undo_rows.stage_rows(
            journal, record, earlier, facts, org, folder,
            changed_too=changed_too, until=until, progress=progress,
        )  # fmt: skip


def _preview(record: MoveRecord, staged: Staged) -> UndoPreview:
    found = UndoPreview(
        run=record.run,
        action=record.move.action,
        object=record.move.object,
        org=str(record.facts.get("org_name", "")),
        applied=record.counts.succeeded,
        put_back=staged.ready(Action.UPDATE),
        delete=staged.ready(Action.DELETE),
        undelete=staged.ready(Action.UNDELETE),
        create=staged.ready(Action.INSERT),
        changed=staged.changed,
        changed_too=staged.changed_too,
        as_before=staged.as_before,
        gone=staged.gone,
        without=staged.without,
        done=staged.done,
    )
    return replace(found, notes=tuple(_notes(found)))


def _notes(found: UndoPreview) -> list[str]:
    """What a person must know before the undo."""
    texts: list[str] = []
    if found.create:
        texts.append(
            ngettext(
                "{n} record is no longer in the recycle bin: it is created anew, with another id, and what referred to "
                "the old one is not put back.",
                "{n} records are no longer in the recycle bin: they are created anew, with other ids, and what referred "
                "to the old ones is not put back.",
                found.create,
            ).format(n=found.create)
        )
    if found.changed and not found.changed_too:
        texts.append(
            ngettext(
                "{n} record was changed since the move and is left as it is; --changed-too takes it as well.",
                "{n} records were changed since the move and are left as they are; --changed-too takes them as well.",
                found.changed,
            ).format(n=found.changed)
        )
    if found.without:
        texts.append(
            ngettext(
                "{n} record cannot be put back: it was not kept as it was.",
                "{n} records cannot be put back: they were not kept as they were.",
                found.without,
            ).format(n=found.without)
        )
    if found.gone:
        texts.append(
            ngettext(
                "{n} record was deleted since the move.",
                "{n} records were deleted since the move.",
                found.gone,
            ).format(n=found.gone)
        )
    return texts


def _undoable(name: str) -> MoveRecord:
    """The record of a move that an undo makes sense for; raises BadInput for every other."""
    record = store.record(name)
    if record.state not in _UNDOABLE:
        raise BadInput(
            _("{run} is not finished: what it did is not known yet.").format(run=record.run),
            next_step=_("Go on with: weft move resume {run}").format(run=record.run),
        )
    if not record.counts.succeeded:
        raise NothingToUndo(
            _("{run} changed nothing in the org: there is nothing to undo.").format(run=record.run)
        )
    return record


def _steps(record: MoveRecord) -> list[str]:
    return [str(name) for name in record.facts.get("undo") or []]


def _there(name: str) -> bool:
    return (store.folder() / name).is_dir()


def _unfinished(record: MoveRecord) -> list[str]:
    """The moves of an undo that was begun and is not at its end."""
    return [name for name in _steps(record) if _there(name) and store.ended(name) is None]


def _forget_unlisted(record: MoveRecord) -> None:
    """Remove moves that were planned for an undo which was cut off before it was known: they sent nothing."""
    for other in store.records():
        mine = other.facts.get("undo_of") == record.run and other.run not in _steps(record)
        if mine and other.state is MoveState.PLANNED:
            with suppress(OSError):
                discard(store.folder() / other.run)


class NothingToUndo(BadInput):
    """The move did nothing, or an earlier undo left nothing of it."""


def _nothing(found: UndoPreview, record: MoveRecord) -> NothingToUndo:
    """Why there is nothing to do."""
    steps = _steps(record)
    if found.done and not found.changed:
        again = next((name for name in steps if _there(name) and store.record(name).facts.get("undo")), "")
        return NothingToUndo(
            _("{run} was undone already, by {undo}.").format(run=record.run, undo=", ".join(steps)),
            next_step=_("That undo was undone in turn; undo {last} to undo it once more.").format(
                last=", ".join(store.record(again).facts["undo"])
            )
            if again
            else _("To take the undo back, undo {undo}.").format(undo=steps[-1]),
        )
    return NothingToUndo(
        _("There is nothing of {run} that can be undone.").format(run=record.run),
        next_step=" ".join(found.notes),
    )


def facts_of(run_name: str) -> Mapping[str, Any]:
    """Whether a move could be undone, without asking the org: `{"undoable", "undone", "why"}`, for a list of moves."""
    try:
        record = _undoable(run_name)
    except BadInput as error:
        return {"undoable": False, "undone": False, "why": error.message}
    return {"undoable": True, "undone": bool(_steps(record)) and not _unfinished(record), "why": ""}
