"""Doing a set, or going on with one: step after step, each a move of its own; what was learned is kept between them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from studio.base.errors import BadInput, Cancelled, NotAllowed, WeftError
from studio.base.i18n import _, ngettext
from studio.base.progress import Progress
from studio.connectors.salesforce.session import Org
from studio.moves import load as loading
from studio.moves import store
from studio.moves.access.guard import Confirm
from studio.moves.carrying.run import Interrupted, alone, same_org
from studio.moves.load import Note, Request
from studio.moves.model import Action, Before, Duplicates, MoveState, Options, Standing, Summary
from studio.moves.rows.plan import discard, new_folder
from studio.moves.several import kept, left, plan
from studio.moves.several.bind import field_map, kept_file
from studio.moves.several.model import Asked, Bound, Fold, Rows, Set, Step
from studio.moves.several.names import Entry, Fate, Named, Names, folded, read_results
from studio.moves.several.resolve import Resolved, first_pass, second_pass
from studio.moves.sources.bring import Brought

# Told the set, the place of the step at work, and how far its move is.
Listener = Callable[[Set, int, Standing], object]


class SetInterrupted(WeftError):
    """The set could not go on; `found` counts what was done."""

    def __init__(self, cause: WeftError, found: Set) -> None:
        step = cause.next_step
        go_on = _("Then go on with: weft move resume {run}").format(run=found.run)
        if isinstance(cause, Interrupted):
            # The step's own move goes on with its set.
            step, go_on = step.replace(cause.summary.run, found.run), ""
        super().__init__(cause.message, file=cause.file, line=cause.line, next_step=f"{step} {go_on}".strip())
        self.exit_code = cause.exit_code
        self.found = found


async def make(
    asked: Asked,
    org: Org,
    source: Org | None = None,
    *,
    note: Note = lambda _text: None,
    confirm: Confirm | None = None,
    progress: Progress | None = None,
) -> Set:
    """A set that is ready to run, nothing sent: `source` is the org the records come from, None for files.

    Raises BadInput for what cannot work, with nothing left behind; with a source org, what was read stays for a resume.
    """
    folder = new_folder(store.folder(), "S")
    begun = Set(folder.name, asked, time.time())
    try:
        if source is not None:
            kept.save(folder, begun)
        made = await plan.planned(begun, org, source, folder, note=note, confirm=confirm, progress=progress)
        return kept.save(folder, made)
    except (BadInput, NotAllowed, Cancelled):
        discard(folder)
        raise
    except BaseException:
        if not (folder / kept.FILE).exists():
            discard(folder)
        raise


async def run(
    name: str,
    org: Org,
    source: Org | None = None,
    *,
    listener: Listener = lambda _set, _at, _standing: None,
    note: Note = lambda _text: None,
    confirm: Confirm | None = None,
    stop: asyncio.Event | None = None,
    progress: Progress | None = None,
) -> Set:
    """Bring a set to its end, from wherever it is; a finished one is left as it is.

    `stop`, once set, ends the move at work tidily and begins no other. Raises SetInterrupted when a move cannot go on,
    BadInput when another process works on the set, NotAllowed when the org is not the one it began in.
    """
    with alone(kept.folder_of(name)):
        found = kept.load(name)
        if found.state is MoveState.TRIAL and found.over:
            found = kept.save(kept.folder_of(name), left.further(found, Rows.REST))
        if found.state is MoveState.DONE and found.over:
            return found
        runner = _Runner(found, org, source, listener, note, stop or asyncio.Event(), progress)
        runner.confirm = confirm
        return await runner.run()


async def retry(
    name: str,
    org: Org,
    *,
    listener: Listener = lambda _set, _at, _standing: None,
    note: Note = lambda _text: None,
    stop: asyncio.Event | None = None,
    progress: Progress | None = None,
) -> Set:
    """Send the rows of a finished set once more that did not succeed, parents first: what waited for them goes with them.

    Raises BadInput for a set that is not at its end or was undone, and as `run` does; with no such row nothing is done.
    """
    with alone(kept.folder_of(name)):
        found = kept.load(name)
        more = left.further(found, Rows.LEFT)
        if found.counts.succeeded < found.counts.total:
            kept.save(kept.folder_of(name), more)
    return await run(name, org, listener=listener, note=note, stop=stop, progress=progress)


class _Runner:
    def __init__(
        self, found: Set, org: Org, source: Org | None, listener: Listener, note: Note,
        stop: asyncio.Event, progress: Progress | None,
    ) -> None:  # fmt: skip
        self.found = found
        self.folder = kept.folder_of(found.run)
        self.org = org
        self.source = source
        self.listener = listener
        self.note = note
        self.stop = stop
        self.progress = progress
        self.confirm: Confirm | None = None

    async def run(self) -> Set:
        try:
            await self._begin()
            self._save(state=MoveState.RUNNING)
            self._learn_before()
            for at in range(len(self.found.steps)):
                if not await self._step(at):
                    break
        except WeftError as error:
            with suppress(WeftError):
                self._save(state=MoveState.INTERRUPTED)
                kept.write_summary(self.found)
            raise SetInterrupted(error, self.found) from error
        if self.found.over:
            tried = all(step.rows is Rows.FIRST for step in self.found.steps)
            self._save(state=MoveState.TRIAL if tried else MoveState.DONE)
        kept.write_summary(self.found)
        return self.found

    async def _begin(self) -> None:
        """See that the org is the right one; read what a cut-off set had not read yet."""
        await same_org({"org_id": self.found.org_id}, self.org)
        if not self.found.steps:
            made = await plan.planned(
                self.found, self.org, self.source, self.folder,
                note=self._noted, confirm=self.confirm, progress=self.progress,
            )  # fmt: skip
            self.found = kept.save(self.folder, made)

    def _save(self, *, state: MoveState | None = None) -> None:
        self.found = kept.save(self.folder, replace(self.found, state=state or self.found.state))

    def _noted(self, text: str) -> None:
        self.note(text)
        if text not in self.found.notes:
            self.found = replace(self.found, notes=(*self.found.notes, text))

    async def _step(self, at: int) -> bool:
        """Bring one step to its end; False where the set must not go on yet."""
        step = self.found.steps[at]
        if step.over:
            return True
        if self.stop.is_set():
            self._save(state=MoveState.STOPPED)
            return False
        bound = self.found.bound[step.part]
        path = self.folder / f"{at + 1}-{bound.object}.csv"
        run = _move_of(path)
        try:
            summary = await (self._go_on(at, run) if run else self._carry(at, step, bound, path))
        except Interrupted as error:
            self._note_step(at, step, error.summary, "interrupted")
            raise
        step = self.found.steps[at]
        if summary is None:
            self.found = self.found.step(at, replace(step, state="nothing"))
            self._save()
            return True
        return self._concluded(at, step, bound, summary, path)

    def _concluded(self, at: int, step: Step, bound: Bound, summary: Summary, path: Path) -> bool:
        over = summary.state is MoveState.DONE and store.ended(summary.run) is not None
        if over:
            self._learn(at, step, bound, summary)
        self._note_step(at, step, summary, "done" if over else "interrupted")
        if over:
            path.unlink(missing_ok=True)
            return True
        if summary.state is MoveState.STOPPED:
            self._save(state=MoveState.STOPPED)
            return False
        self._noted(
            _("{object}: rows are left that the org did not process, so what belongs to them waits.").format(
                object=bound.object
            )
        )
        self._save(state=MoveState.INTERRUPTED)
        return False

    def _note_step(self, at: int, step: Step, summary: Summary, state: str) -> None:
        changed = replace(
            step, run=summary.run, state=state, read=summary.read, counts=summary.counts, files=summary.files,
            calls=summary.api_calls, seconds=summary.seconds,
        )  # fmt: skip
        self.found = self.found.step(at, changed)
        self._save()

    async def _go_on(self, at: int, run: str) -> Summary | None:
        return await loading.resume(run, self.org, listener=self._listener(at), stop=self.stop)

    async def _carry(self, at: int, step: Step, bound: Bound, path: Path) -> Summary | None:
        ends = left.Ends(self.found, step.part, step.second)
        chosen = ends.chosen(step, self.found.asked.options.first)
        if step.rows in (Rows.REST, Rows.LEFT) and chosen is not None:
            self.found = self.found.step(
                at, replace(step, taken=ends.taken(chosen), by_hand=tuple(ends.by_hand))
            )
            self._save()
        with closing(Names(self.folder)) as names:
            if step.second:
                resolved = second_pass(bound, step.part, names, path, self.progress, chosen)
            else:
                resolved = first_pass(bound, names, path, self.progress, chosen)
        self._tell_emptied(bound, resolved)
        if not resolved.rows:
            return None
        brought = Brought(kept_file(path), bound.shown, resolved.held)
        return await loading.load(
            request_of(self.found.asked, step, bound, path),
            self.org,
            bringer=lambda _request, _folder, _progress: brought,
            listener=self._listener(at),
            note=self.note,
            stop=self.stop,
            progress=self.progress,
        )

    def _tell_emptied(self, bound: Bound, resolved: Resolved) -> None:
        for field, n in resolved.emptied.items():
            text = ngettext(
                "{object}: {n} row is sent without its {field}, which is not known in this org.",
                "{object}: {n} rows are sent without their {field}, which is not known in this org.",
                n,
            )
            self._noted(text.format(object=bound.object, n=n, field=field))

    def _learn_before(self) -> None:
        """What is known before the first step: rows a trial has not tried, and rows that were sent again by hand."""
        with closing(Names(self.folder)) as names:
            for part, bound in enumerate(self.found.bound):
                bys = needed(self.found, bound.object)
                if self.found.asked.options.first and bys and not names.knows(f"untried-{part}"):
                    names.learn(f"untried-{part}", bound.object, untried(bound, bys))
            if not any(step.rows is Rows.LEFT and not step.over for step in self.found.steps):
                return
            for step in self.found.steps:
                bound = self.found.bound[step.part]
                for run, entries, records in left.by_hand(step, needed(self.found, bound.object)):
                    if not names.knows(run):
                        names.learn(run, bound.object, entries, records)

    def _learn(self, at: int, step: Step, bound: Bound, summary: Summary) -> None:
        """Keep which record each row became, for those that name it."""
        chosen = step.rows is not Rows.ALL
        what = f"step-{at}" if chosen else f"part-{step.part}"
        bys = needed(self.found, bound.object)
        again = any(link.deferred for link in bound.links)
        if step.second or not (bys or again):
            return
        with closing(Names(self.folder)) as names:
            if names.knows(what):
                return
            header = kept_file(self.folder / f"{at + 1}-{bound.object}.csv").header
            entries = (
                (by, value, Named(id_, fate, row))
                for row, id_, fate, values in read_results(summary.files, header, bys, chosen=chosen)
                for by, value in values
            )
            records = (
                (step.part, row, id_)
                for row, id_, fate, _values in read_results(summary.files, header, {}, chosen=chosen)
                if again and fate is Fate.THERE
            )
            names.learn(what, bound.object, entries, records)

    def _listener(self, at: int) -> Callable[[Standing], object]:
        return lambda standing: self.listener(self.found, at, standing)


def needed(found: Set, object_name: str) -> dict[str, Fold]:
    """The columns by which rows of an object are named by others, and how their names are compared."""
    links = [link for bound in found.bound for link in bound.links]
    return {
        target.by: target.fold
        for link in links
        for target in link.targets
        if target.object == object_name and not link.weak
    }


def untried(bound: Bound, bys: Mapping[str, Fold]) -> Iterator[Entry]:
    """The names of a part's rows, none of which has been sent yet."""
    places = [(by, bound.header.index(by), fold) for by, fold in bys.items()]
    with kept_file(bound.file).rows() as rows:
        for row, values in enumerate(rows, 1):
            named = Named("", Fate.NOT_SENT, row)
            for by, at, fold in places:
                if len(values) > at and values[at]:
                    yield by, folded(values[at], fold), named


def request_of(asked: Asked, step: Step, bound: Bound, path: Path) -> Request:
    """The load of one step, whose rows are in `path`."""
    part, options = bound.part, replace(asked.options, first=0)
    if step.second:
        # Every record is there once; what decides on keys has been decided.
        options = Options(
            duplicates=Duplicates.SEND, api=options.api, chunk_rows=options.chunk_rows, parallel=options.parallel,
            compress=options.compress, before=Before.OFF if part.action is Action.INSERT else options.before,
        )  # fmt: skip
    return Request(
        Action.UPDATE if step.second else part.action,
        bound.object,
        path,
        key="" if step.second or part.action is not Action.UPSERT else bound.key,
        org=asked.org,
        map=field_map(bound, second=step.second),
        options=options,
        results=Path(asked.results) if asked.results else None,
        # Whether the rows were inserted before was asked when the set was made.
        again=True,
    )


def _move_of(path: Path) -> str:
    """The move that was planned for a step: the one whose source is the step's own file; "" where none was."""
    return next((entry.run for entry in store.records() if entry.move.source == str(path)), "")
