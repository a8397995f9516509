"""Doing a planned move, or going on with one: chunks in parallel, counts as they come, result files at the end."""

from __future__ import annotations

import asyncio
import calendar
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.base.atomic import NotWritten, write_text
from studio.base.errors import BadInput, NotAllowed, WeftError
from studio.base.i18n import _
from studio.connectors.salesforce import ingest
from studio.connectors.salesforce.jobs import Job, JobState
from studio.connectors.salesforce.session import Org, OrgIdentity
from studio.moves.carrying import parts
from studio.moves.carrying.collect import Collector
from studio.moves.carrying.finished import certified, clear, finished, warnings
from studio.moves.carrying.send import GONE, Sender
from studio.moves.journal import Chunk, ChunkState, Journal
from studio.moves.model import Api, ChunkStanding, Counts, Duplicates, MoveState, Standing, Summary
from studio.moves.undoing.before import Keeper
from studio.project.lock import InUse, Lock

Listener = Callable[[Standing], object]
_REPORT_EVERY = 0.25
# The machine-readable summary, in the move's folder.
SUMMARY = "summary.json"
# An own job that was being made when we were cut off is at most this much (s) older or younger than our note of it.
_ORPHAN_WINDOW = 120.0


class Interrupted(WeftError):
    """The move could not go on; what was done is kept and `summary` counts it. `cause` says why."""

    def __init__(self, cause: WeftError, summary: Summary) -> None:
        super().__init__(
            cause.message,
            file=cause.file,
            line=cause.line,
            next_step=_("{step} Then go on with: weft move resume {run}")
            .format(step=cause.next_step, run=summary.run)
            .strip(),
        )
        self.exit_code = cause.exit_code
        self.summary = summary


async def run(
    journal: Journal,
    org: Org,
    results: Path,
    *,
    listener: Listener = lambda _standing: None,
    stop: asyncio.Event | None = None,
    resuming: bool = False,
) -> Summary:
    """Bring a move to its end and write its four result files into `results`.

    `resuming` also sends the rows once more that the org certified as not processed, and those after a trial; a finished
    move is left as it is.

    `stop`, once set, hands over nothing more, ends the jobs that run and counts what was applied. Raises Interrupted
    when the org cannot be reached or refuses to go on, BadInput when another process works on the same move, NotAllowed
    when the org is not the one the move began in.
    """
    with alone(journal.folder):
        if resuming:
            if (ended := finished(journal)) is not None:
                return ended
            _refuse_undone(journal)
            if journal.state is MoveState.TRIAL:
                journal.remember(first=0)
            resend_unprocessed(journal)
        return await _Runner(journal, org, results, listener, stop or asyncio.Event()).run()


class _Runner:
    def __init__(
        self, journal: Journal, org: Org, results: Path, listener: Listener, stop: asyncio.Event
    ) -> None:
        self.journal = journal
        self.org = org
        self.results = results
        self.listener = listener
        self.stop = stop
        self.read = journal.fingerprint.rows
        self.chunks = {chunk.number: chunk for chunk in journal.chunks()}
        self.jobs: dict[int, Job] = {}
        jobs = Sender(org, journal, self._seen)
        self.api = Api(journal.facts.get("api", Api.BULK))
        self.sender: Sender | Collector = jobs
        if self.api is Api.COLLECTIONS:
            self.sender = Collector(org, journal, self._seen, jobs)
        self.keeper = Keeper(org, journal, jobs.shaper)
        # The last row of a trial; 0 when all rows are sent.
        self.first = int(journal.facts.get("first", 0))
        self.halted = ""
        self._reported = 0.0

    async def run(self) -> Summary:
        started, calls = time.monotonic(), self.org.usage.calls
        error: WeftError | None = None
        try:
            await self._same_org()
            self.journal.set_state(MoveState.RUNNING)
            await self._abort_orphans()
            await self._carry_all()
            if self.stop.is_set():
                await self._wind_up()
        except WeftError as trouble:
            error = trouble
        finally:
            self.journal.spend(time.monotonic() - started, self.org.usage.calls - calls)
        return self._conclude(error)

    async def _same_org(self) -> None:
        identity = await same_org(self.journal.facts, self.org)
        self.journal.remember(org_id=identity.id, org_name=identity.name, version=self.org.version)

    async def _abort_orphans(self) -> None:
        """Abort jobs that we were making when we were cut off and whose ids we never learned: they hold no data."""
        creating = [chunk for chunk in self.chunks.values() if chunk.state is ChunkState.CREATING]
        if not creating:
            return
        move, known = self.journal.move, self.journal.jobs()
        user = self.org.grant.user_id
        async for job in ingest.list_open(self.org):
            ours = (job.object, job.operation, job.key.lower()) == (
                move.object,
                move.action.job,
                move.key.lower(),
            )
            near = any(abs(_seconds(job.created) - chunk.since) < _ORPHAN_WINDOW for chunk in creating)
            if ours and near and job.id not in known and user in ("", job.created_by):
                await ingest.abort(self.org, job.id)

    async def _carry_all(self) -> None:
        """Carry every unfinished chunk, several at a time, in order, until all are done or something stops us."""
        left = [c for c in self.chunks.values() if c.state is not ChunkState.DONE and self._in_turn(c)]
        if self.journal.move.options.duplicates is Duplicates.SEND:
            # A record may be named in two chunks: it is kept as it was before the first of them.
            for chunk in left:
                await self.keeper.keep(chunk)
        todo = iter(left)
        workers = [
            asyncio.create_task(self._work(todo)) for _n in range(max(1, self.journal.move.options.parallel))
        ]
        stopping = asyncio.create_task(self.stop.wait())
        try:
            waiting: set[asyncio.Task[object]] = {*workers, stopping}
            while any(not worker.done() for worker in workers) and not stopping.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    if task is not stopping:
                        task.result()
        finally:
            for task in (*workers, stopping):
                task.cancel()
            await asyncio.gather(*workers, stopping, return_exceptions=True)

    async def _work(self, todo: Iterator[Chunk]) -> None:
        for chunk in todo:
            # Chunks already in the org are seen to their end even when no new one should be started.
            if self.halted and not chunk.state.in_the_org:
                continue
            await self.keeper.keep(chunk)
            done = await self.sender.carry(chunk)
            if (
                done.job_state == JobState.FAILED
                and done.counts.succeeded + done.counts.failed == 0
                and done.sent
            ):
                self.halted = done.message or _("the org failed the job without a reason")

    def _in_turn(self, chunk: Chunk) -> bool:
        """The chunk belongs to the trial, or there is none."""
        return not self.first or chunk.part.first <= self.first

    async def _wind_up(self) -> None:
        for chunk in self.journal.chunks():
            if chunk.state is not ChunkState.DONE:
                await self.sender.carry(chunk, stopping=True)

    def _conclude(self, error: WeftError | None) -> Summary:
        try:
            files, counts = parts.join(self.journal, self.results)
        except NotWritten as unwritten:
            # What the org did is safe in its jobs and in the parts: a resume writes the files.
            raise Interrupted(error or unwritten, self._unwritten()) from unwritten
        chunks = self.journal.chunks()
        finished = all(chunk.state is ChunkState.DONE for chunk in chunks)
        state = (
            MoveState.DONE if finished else MoveState.STOPPED if self.stop.is_set() else MoveState.INTERRUPTED
        )
        if self.stop.is_set() and counts.unprocessed and error is None:
            state = MoveState.STOPPED
        if self._trial_through(chunks) and not finished and error is None:
            state = MoveState.TRIAL
        seconds, calls = self.journal.spent
        summary = Summary(
            run=self.journal.run,
            state=state,
            read=self.read,
            counts=counts,
            seconds=seconds,
            api_calls=calls,
            files=files,
            unreconciled=sum(chunk.unreconciled for chunk in chunks),
            warnings=tuple(warnings(self.journal, chunks, counts, self.halted)),
            api=self.api.value,
            first=self.first,
            before_image=self.journal.facts.get("before_image"),
        )
        self.journal.remember(files=files, ended=self.org.usage.clock or time.time())
        self.journal.set_state(state)
        with suppress(NotWritten):
            write_text(self.journal.folder / SUMMARY, json.dumps(summary.to_data(), indent=1))
        self._report(final=True, counts=counts)
        if error is not None and not finished:
            raise Interrupted(error, summary)
        if state is MoveState.DONE and not counts.unprocessed:
            clear(self.journal)
        return summary

    def _trial_through(self, chunks: list[Chunk]) -> bool:
        return bool(self.first) and all(c.state is ChunkState.DONE for c in chunks if self._in_turn(c))

    def _unwritten(self) -> Summary:
        """The figures of a move whose result files could not be written."""
        with suppress(NotWritten):
            self.journal.set_state(MoveState.INTERRUPTED)
        seconds, calls = self.journal.spent
        counts = _total(tuple(self._view(chunk) for chunk in self.chunks.values()), self.read)
        return Summary(self.journal.run, MoveState.INTERRUPTED, self.read, counts, seconds, calls)

    def _seen(self, chunk: Chunk, job: Job | None) -> None:
        self.chunks[chunk.number] = chunk
        if job is not None:
            self.jobs[chunk.number] = job
        self._report()

    def _report(self, *, final: bool = False, counts: Counts | None = None) -> None:
        now = time.monotonic()
        if not final and now - self._reported < _REPORT_EVERY:
            return
        self._reported = now
        views = tuple(
            self._view(chunk) for chunk in sorted(self.chunks.values(), key=lambda chunk: chunk.number)
        )
        total = counts or _total(views, self.read)
        usage = self.org.usage
        self.listener(
            Standing(self.journal.run, self.read, total, views, usage.calls, usage.used, usage.allowed)
        )

    def _view(self, chunk: Chunk) -> ChunkStanding:
        job = self.jobs.get(chunk.number)
        counts = chunk.counts
        if chunk.state.in_the_org and job is not None and job.id == chunk.job:
            succeeded = max(job.processed - job.failed, 0)
            waiting = max(chunk.sent - job.processed, 0)
            counts = Counts(succeeded, job.failed, waiting, max(chunk.part.rows - chunk.sent, 0))
        elif chunk.state.in_the_org:
            counts = Counts(unprocessed=chunk.sent, not_sent=chunk.part.rows - chunk.sent)
        state = chunk.state.value if chunk.job_state != GONE else "gone"
        return ChunkStanding(
            chunk.number,
            chunk.part.first,
            chunk.part.rows,
            chunk.job,
            state,
            chunk.sent,
            counts,
            chunk.parent,
        )


def _total(views: tuple[ChunkStanding, ...], read: int) -> Counts:
    total = Counts()
    for view in views:
        total = total + view.counts
    # What is in no chunk's count yet waits to be sent.
    return replace(total, not_sent=max(read - total.succeeded - total.failed - total.unprocessed, 0))


def resend_unprocessed(journal: Journal) -> int:
    """Plan the rows the org certified as not processed once more; returns how many. Nothing uncertain is repeated."""
    added = 0
    chunks = journal.chunks()
    number = max((chunk.number for chunk in chunks), default=0)
    for chunk in chunks:
        if certified(chunk) and chunk.counts.unprocessed:
            number += 1
            added += chunk.counts.unprocessed
            journal.send_again(chunk, number)
    return added


def _refuse_undone(journal: Journal) -> None:
    undone = journal.facts.get("undo") or []
    if undone:
        raise BadInput(
            _("{run} was undone by {undo}, so it cannot go on.").format(run=journal.run, undo=undone[0]),
            next_step=_("Begin it anew to send its rows."),
        )


async def same_org(facts: Mapping[str, Any], org: Org) -> OrgIdentity:
    """The org, which must be the one that a move with these facts began in; raises NotAllowed for another."""
    identity = await org.identify()
    if facts.get("org_id") and facts["org_id"] != identity.id:
        raise NotAllowed(
            _("The move began in another org ({before}) than this one ({now}).").format(
                before=facts.get("org_name") or facts["org_id"], now=identity.name
            ),
            next_step=_("Choose the org it began in."),
        )
    return identity


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else works on the move of a folder while the block lasts; raises BadInput where somebody does."""
    try:
        lock = Lock.take(folder)
    except InUse as error:
        raise BadInput(
            _("The move {run} is being worked on by another process.").format(run=folder.name),
            file=folder,
            next_step=_("Wait for it, or stop it there."),
        ) from error
    try:
        yield
    finally:
        lock.release()


def _seconds(stamp: str) -> float:
    """A job's `createdDate` (`2026-01-02T17:38:59.000+0000`) as seconds since 1970; 0 for anything else."""
    with suppress(ValueError):
        return float(calendar.timegm(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")))
    return 0.0
