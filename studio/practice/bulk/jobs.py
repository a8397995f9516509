"""The org's jobs: made, found, worked off one after the other, and gone seven days after they ended."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta
from pathlib import Path

from studio.practice.asking import Asking, asking
from studio.practice.bulk.job import ABORTED, FAILED, RUNNING, STOPPED, TERMINAL, Job, restored
from studio.practice.clock import stored
from studio.practice.failures import ApiError
from studio.practice.ids import record_id
from studio.practice.org import Org

KEPT = timedelta(days=7)
# Does the work of a job, in the worker thread, and leaves it in a terminal state.
Work = Callable[[Job], None]


class Jobs:
    """All jobs of an org. Files of a job are in a folder of its own below the org's."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._folder = org.store.folder / "jobs"
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stops: dict[str, asyncio.Event] = {}
        self._worker = ThreadPoolExecutor(1, "practice-jobs")
        self.rows_today = 0
        rows = org.store.connection().execute('SELECT state FROM "~jobs" ORDER BY id')
        for (text,) in rows.fetchall():
            job = restored(text)
            self._jobs[job.id] = job

    def make(self, kind: str, operation: str, name: str, version: str, user_id: str) -> Job:
        """A new job with the next id; call `keep` once it is filled in."""
        with self._org.store.writing() as connection:
            number = self._org.store.take_numbers(connection, "~jobs", 1)
        id_ = record_id("750", self._org.first_number + number)
        now = stored(self._org.clock.now())
        job = Job(id_, kind, operation, name, user_id, version, now, modified=now)
        self._jobs[id_] = job
        self.file(job, "content").parent.mkdir(parents=True, exist_ok=True)
        return job

    def find(self, id_: str, kind: str) -> Job:
        """A job by its 15- or 18-character id. Raises ApiError 404 when there is none, or none any more."""
        self._expire()
        job = next((job for key, job in self._jobs.items() if id_[:15] == key[:15]), None)
        if job is None or job.kind != kind or len(id_) not in (15, 18):
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return job

    def all(self, kind: str) -> list[Job]:
        """The jobs of a kind, oldest first."""
        self._expire()
        return [job for job in self._jobs.values() if job.kind == kind]

    def file(self, job: Job, name: str) -> Path:
        """Where a job's content or results are."""
        return self._folder / job.id / name

    def keep(self, job: Job) -> None:
        """Write a job's state down."""
        job.modified = stored(self._org.clock.now())
        if job.state in TERMINAL and not job.ended:
            job.ended = job.modified
        with self._org.store.writing() as connection:
            connection.execute('INSERT OR REPLACE INTO "~jobs" VALUES (?, ?)', (job.id, job.dump()))

    def remove(self, job: Job) -> None:
        """Delete a job with its files."""
        job.stop = True
        self._jobs.pop(job.id, None)
        with self._org.store.writing() as connection:
            connection.execute('DELETE FROM "~jobs" WHERE id = ?', (job.id,))
        shutil.rmtree(self._folder / job.id, ignore_errors=True)

    def begin(self, job: Job, work: Work) -> None:
        """Have a closed job worked off: queued, in progress, then whatever the work leaves it in."""
        task = asyncio.create_task(self._run(job, work), name=f"job {job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _task: self._forget(job))

    def _forget(self, job: Job) -> None:
        self._tasks.pop(job.id, None)
        self._stops.pop(job.id, None)

    async def _run(self, job: Job, work: Work) -> None:
        await self._wait(job, "queued")
        if job.stop:
            return
        job.state = RUNNING
        await self._org.run(self.keep, job)
        await self._wait(job, "processing")
        asking.set(Asking(job.user_id, assign=bool(job.assignment)))
        await asyncio.get_running_loop().run_in_executor(self._worker, copy_context().run, work, job)
        if job.id in self._jobs:
            await self._org.run(self.keep, job)

    async def _wait(self, job: Job, fault: str) -> None:
        """Wait as long as a fault says, or until the job is stopped."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop(job).wait(), self._org.faults.value(fault) or 0)

    def _stop(self, job: Job) -> asyncio.Event:
        return self._stops.setdefault(job.id, asyncio.Event())

    async def stop(self, job: Job) -> None:
        """Have a job's work end at the next opportunity, and wait for that."""
        job.stop = True
        self._stop(job).set()
        task = self._tasks.get(job.id)
        if task is not None:
            await asyncio.wait([task])

    def _expire(self) -> None:
        limit = self._org.clock.now() - KEPT
        for job in list(self._jobs.values()):
            if job.ended and datetime.fromisoformat(job.ended) <= limit:
                self.remove(job)

    async def close(self) -> None:
        """Stop the work; what was in progress has failed then, what was queued stays so."""
        running = [job for job in self._jobs.values() if job.state == RUNNING]
        for job in running:
            job.stop = True
        for task in list(self._tasks.values()):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))
        await self._org.run(self._worker.shutdown, wait=True, cancel_futures=True)
        for job in running:
            if job.state in (RUNNING, ABORTED):
                job.state, job.error = FAILED, STOPPED
            await self._org.run(self.keep, job)
