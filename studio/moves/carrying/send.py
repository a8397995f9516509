"""One chunk's life in the org, from planned to every row's outcome written; safe to be cut off at any point."""

from __future__ import annotations

import asyncio
import csv
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

from studio.base.atomic import discard, make_folder
from studio.base.errors import NotReachable
from studio.connectors.salesforce import ingest, jobs
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.ingest import ResultKind
from studio.connectors.salesforce.jobs import Job, JobState
from studio.connectors.salesforce.rows import encode, encode_header
from studio.connectors.salesforce.session import Org
from studio.moves.carrying.parts import Kind, line, rows_of, write_part
from studio.moves.carrying.race import tried_again
from studio.moves.carrying.reconcile import Reconciled, reconcile
from studio.moves.carrying.settle import applied
from studio.moves.journal import Chunk, ChunkState, Journal
from studio.moves.model import Counts
from studio.moves.rows.shape import Shaper
from studio.moves.rows.stage import read_raw, read_slice, read_texts
from studio.moves.undoing.before import KeyRule

GONE = "Gone"
GONE_ANSWER = "sent in job {job}, which the org no longer knows: whether it was applied is not known"
_JOB_MOVED_ON = (400, 404, 409)
_UPLOADS = 6
_FETCHES = 4

Seen = Callable[[Chunk, Job | None], object]


class Sender:
    """Carries chunks of one move. `seen` is told of every change of a chunk and every look at its job."""

    def __init__(self, org: Org, journal: Journal, seen: Seen) -> None:
        self.org = org
        self.journal = journal
        self.move = journal.move
        options = self.move.options
        self.shaper = Shaper(journal.fingerprint.header, self.move.map, options.blank)
        self._seen = seen
        chosen = options.compress
        self._compress = org.compress if chosen is None else chosen

    async def carry(self, chunk: Chunk, *, stopping: bool = False) -> Chunk:
        """Bring a chunk to its end from wherever it is. `stopping` hands over nothing more and ends what runs."""
        chunk = await self._resolve(chunk)
        if stopping:
            return await self._stop(chunk)
        while chunk.state is ChunkState.PLANNED:
            if not self._rows_to_send(chunk):
                return self._finish(chunk, reconcile(self.journal, chunk, self.shaper, {}), None)
            chunk = await self._fill(chunk)
        if chunk.state is ChunkState.UPLOADED:
            chunk = await self._close(self._change(chunk, state=ChunkState.CLOSING))
        if chunk.state is ChunkState.CLOSING:
            chunk = await self._close(chunk, look_first=True)
        return await self._gather(chunk) if chunk.state is ChunkState.SUBMITTED else chunk

    async def _resolve(self, chunk: Chunk) -> Chunk:
        """What a cut-off left behind: a job of unknown content is never filled again, but aborted and replaced."""
        if chunk.state is ChunkState.CREATING:
            return self._change(chunk, state=ChunkState.PLANNED)
        if chunk.state is not ChunkState.UPLOADING:
            return chunk
        job = await self._look(chunk)
        if job is not None and job.state not in (JobState.OPEN, JobState.ABORTED):
            # Somebody else closed it: what it holds is being applied, so only its answers count.
            return self._change(chunk, state=ChunkState.SUBMITTED)
        if job is not None:
            await ingest.abort(self.org, chunk.job)
        return self.journal.abandon(chunk)

    async def _fill(self, chunk: Chunk) -> Chunk:
        """Make a job and upload into it once; after trouble, give the job up and return the chunk planned anew."""
        chunk = self._change(
            chunk,
            state=ChunkState.CREATING,
            attempt=chunk.attempt + 1,
            since=self.org.usage.clock or time.time(),
        )
        job = await ingest.create(
            self.org, self.move.object, self.move.action.job, self.move.key, self.move.options.assignment
        )
        chunk = self._change(chunk, state=ChunkState.UPLOADING, job=job.id, job_state=job.state.value)
        try:
            await ingest.upload(self.org, job, self._content(chunk), compress=self._compress)
        except (NotReachable, SalesforceError) as error:
            passing = isinstance(error, NotReachable) or error.passing or error.session_over
            if not passing or chunk.attempt % _UPLOADS == 0:
                raise
            await ingest.abort(self.org, job.id)
            await asyncio.sleep(self.org.pace.first)
            return self.journal.abandon(chunk)
        return self._change(chunk, state=ChunkState.UPLOADED, sent=self._rows_to_send(chunk))

    async def _content(self, chunk: Chunk) -> AsyncIterator[bytes]:
        """The upload: the stage's own bytes where rows go as they stand, else the rows shaped and encoded."""
        folder = self.journal.folder
        held = self.journal.held(chunk.part)
        only = rows_of(folder, chunk)
        if self.shaper.verbatim and not held and only is None:
            yield encode_header(self.shaper.fields)
            for block in read_raw(folder, chunk.part):
                yield block
            return

        def rows() -> Iterator[list[str]]:
            reader = csv.reader(read_slice(folder, chunk.part), strict=True)
            for number, row in enumerate(reader, chunk.part.first):
                if number not in held and (only is None or number in only):
                    yield row

        for block in encode(self.shaper.fields, self.shaper(rows())):
            yield block

    def _rows_to_send(self, chunk: Chunk) -> int:
        only = rows_of(self.journal.folder, chunk)
        return len(only) if only is not None else chunk.part.rows - len(self.journal.held(chunk.part))

    async def _close(self, chunk: Chunk, *, look_first: bool = False) -> Chunk:
        """Hand the job over. When the answer is lost the org is asked; a second job is never made for it."""
        ask = look_first
        for wait in self.org.pace.waits():
            if ask:
                job = await self._look(chunk)
                if job is None:
                    return await self._gone(chunk)
                if job.state is not JobState.OPEN:
                    return self._change(chunk, state=ChunkState.SUBMITTED, job_state=job.state.value)
            try:
                job = await ingest.close(self.org, chunk.job)
                return self._change(chunk, state=ChunkState.SUBMITTED, job_state=job.state.value)
            except NotReachable:
                ask = True
            except SalesforceError as error:
                looked_often = ask and wait >= self.org.pace.most
                if looked_often or not (error.passing or error.session_over or error.status in _JOB_MOVED_ON):
                    raise
                ask = True
            await asyncio.sleep(wait)
        raise AssertionError("waits never end")

    async def _gather(self, chunk: Chunk) -> Chunk:
        """Wait for the job's end and join its results to the rows; whatever the end, all results are fetched."""
        try:
            job = await jobs.until_final(self.org, ingest.KIND, chunk.job, lambda job: self._seen(chunk, job))
        except SalesforceError as error:
            if error.status != 404:
                raise
            return await self._gone(chunk)
        for attempt in range(1, _FETCHES + 1):
            try:
                found = await self._fetch_and_reconcile(chunk, job)
            except NotReachable:
                if attempt == _FETCHES:
                    raise
                continue
            except SalesforceError as error:
                if error.status != 404:
                    raise
                return await self._gone(chunk)
            if not found.unreconciled:
                break
            await asyncio.sleep(self.org.pace.first)
        found = await tried_again(self.org, self.journal, self.shaper, chunk, found)
        return self._finish(chunk, found, job)

    async def _fetch_and_reconcile(self, chunk: Chunk, job: Job) -> Reconciled:
        """Fetch the result files, the empty ones too unless the job's own counts say that all rows succeeded."""
        clean = job.state is JobState.COMPLETE and job.failed == 0 and job.processed == chunk.sent
        kinds = [ResultKind.SUCCEEDED] if clean else list(ResultKind)
        paths = {kind: self._result_path(chunk, kind) for kind in kinds}
        try:
            await asyncio.gather(
                *(ingest.fetch(self.org, chunk.job, kind, path) for kind, path in paths.items())
            )
            return reconcile(self.journal, chunk, self.shaper, paths)
        finally:
            for path in paths.values():
                discard(path)

    def _result_path(self, chunk: Chunk, kind: ResultKind) -> Path:
        folder = self.journal.folder / "parts"
        make_folder(folder)
        return folder / f"{chunk.number:06d}-{kind.value}.download"

    def _finish(self, chunk: Chunk, found: Reconciled, job: Job | None) -> Chunk:
        return self._change(
            chunk,
            state=ChunkState.DONE,
            counts=found.counts,
            unreconciled=found.unreconciled + found.strays,
            job_state=job.state.value if job else "",
            message=job.message if job else "",
        )

    async def _gone(self, chunk: Chunk) -> Chunk:
        """The org has forgotten the job (results live seven days): its records are asked; what they do not tell nobody
        knows, so it is not sent again."""
        folder = self.journal.folder
        held, only = self.journal.held(chunk.part), rows_of(folder, chunk)
        texts, sent = dict[int, str](), dict[int, Sequence[str]]()
        for number, (text, row) in enumerate(read_texts(folder, chunk.part), chunk.part.first):
            if only is None or number in only:
                texts[number] = text
                if number not in held:
                    sent[number] = self.shaper.one(row)
        rule = self.journal.facts.get("rule")
        known = await applied(
            self.org, self.move, KeyRule(**rule) if rule else None, chunk, self.shaper.fields, sent
        )
        answer = GONE_ANSWER.format(job=chunk.job)
        lines: dict[Kind, list[str]] = {kind: [] for kind in Kind}
        for number, text in texts.items():
            if number in known:
                lines[Kind.SUCCEEDED].append(line(number, *known[number], text))
            elif number in held:
                lines[Kind.NOT_SENT].append(line(number, "", held[number], text))
            else:
                lines[Kind.UNPROCESSED].append(line(number, "", answer, text))
        for kind, found in lines.items():
            write_part(folder, chunk.number, kind, found)
        counts = Counts(**{kind.value: len(found) for kind, found in lines.items()})
        unknown = counts.unprocessed
        return self._change(chunk, state=ChunkState.DONE, counts=counts, unreconciled=unknown, job_state=GONE)

    async def _stop(self, chunk: Chunk) -> Chunk:
        """End the chunk's job: rows applied stay applied and are fetched, the others come back unprocessed."""
        if chunk.state is ChunkState.UPLOADED:
            await ingest.abort(self.org, chunk.job)
            return self.journal.abandon(chunk)
        if not chunk.state.in_the_org:
            return chunk
        before = await self._look(chunk)
        if before is None:
            return await self._gone(chunk)
        if not before.state.final:
            await ingest.abort(self.org, chunk.job)
        chunk = await self._gather(self._change(chunk, state=ChunkState.SUBMITTED))
        # The org never took it over and has no answer for any row: as if it had not been sent.
        if before.state is JobState.OPEN and chunk.unreconciled == chunk.sent:
            return self.journal.abandon(self._change(chunk, counts=Counts(), unreconciled=0))
        return chunk

    async def _look(self, chunk: Chunk) -> Job | None:
        """The chunk's job, None when the org does not know it."""
        try:
            job = await jobs.info(self.org, ingest.KIND, chunk.job)
        except SalesforceError as error:
            if error.status == 404:
                return None
            raise
        self._seen(chunk, job)
        return job

    def _change(self, chunk: Chunk, **changes: object) -> Chunk:
        changed = self.journal.update(chunk, **changes)
        self._seen(changed, None)
        return changed
