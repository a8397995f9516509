"""Processes of this machine that map partitions: bounded, in order, each death answered by one more try."""

from __future__ import annotations

import contextlib
import io
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Generator, Sequence
from typing import BinaryIO, cast

from studio.base.child import python_command
from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.engine.parts.join import Mapper
from studio.engine.parts.part import Job, Part
from studio.engine.parts.partition import Partition
from studio.engine.parts.worker import receive, send

_AHEAD = 2
_TRIES = 2
_LOOK = 0.2


class WorkerLost(WeftError):
    """A process that mapped a part was ended from outside, and so was the one that tried again."""


def pool(count: int) -> Mapper:
    """A mapper over `count` processes; they are there while its generator is."""

    def mapper(job: Job, partitions: Sequence[Partition], progress: Progress) -> Generator[Part, None, None]:
        crew = _Crew(job, min(count, len(partitions)), progress)
        try:
            yield from crew.mapped(partitions)
        finally:
            crew.end()

    return mapper


class _Worker:
    """A process, the thread that listens to it, and the partition it has."""

    def __init__(self, job: bytes, heard: queue.Queue[tuple[_Worker, Part | None]]) -> None:
        self.partition: Partition | None = None
        command = python_command("studio.engine.parts.worker")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._asked = cast("BinaryIO", self.process.stdin)
        self._answers = cast("BinaryIO", self.process.stdout)
        self._heard = heard
        self._listener = threading.Thread(target=self._listen, name="part-listener", daemon=True)
        self._listener.start()
        with contextlib.suppress(OSError):
            self._asked.write(job)
            self._asked.flush()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, EOFError, ValueError):
            while (part := receive(self._answers)) is not None:
                self._heard.put((self, part))
        self._heard.put((self, None))

    def give(self, partition: Partition) -> None:
        """Have it map a partition; where it is gone, the listener says so."""
        self.partition = partition
        with contextlib.suppress(OSError):
            send(self._asked, partition)

    def end(self) -> int:
        """Kill it; gives what it ended with."""
        self.process.kill()
        code = self.process.wait()
        self._listener.join()
        for stream in (self._asked, self._answers):
            with contextlib.suppress(OSError):
                stream.close()
        return code


class _Crew:
    """The workers of a run."""

    def __init__(self, job: Job, count: int, progress: Progress) -> None:
        self._job = _framed(job)
        self._heard: queue.Queue[tuple[_Worker, Part | None]] = queue.Queue()
        self._count = count
        self._progress = progress
        self._workers: list[_Worker] = []
        self._tries: dict[int, int] = {}
        self._again: deque[Partition] = deque()
        self._done: dict[int, Part] = {}

    def mapped(self, partitions: Sequence[Partition]) -> Generator[Part, None, None]:
        """The parts in order; never more than `_AHEAD` times the workers are under way or wait for their turn."""
        coming = deque(partitions)
        given = 0
        for number, partition in enumerate(partitions):
            while partition.number not in self._done:
                while coming and given - number < self._count * _AHEAD and self._give(coming[0]):
                    coming.popleft()
                    given += 1
                self._listen()
            yield self._done.pop(partition.number)

    def _give(self, partition: Partition) -> bool:
        """Hand a partition to an idle worker, one to be done again first; whether the partition was taken."""
        worker = self._idle()
        while worker is not None and self._again:
            worker.give(self._again.popleft())
            worker = self._idle()
        if worker is None:
            return False
        worker.give(partition)
        return True

    def _idle(self) -> _Worker | None:
        idle = next((worker for worker in self._workers if worker.partition is None), None)
        if idle is None and len(self._workers) < self._count:
            idle = _Worker(self._job, self._heard)
            self._workers.append(idle)
        return idle

    def _listen(self) -> None:
        """Wait a while for an answer or a death. Raises Cancelled."""
        while self._again and (worker := self._idle()) is not None:
            worker.give(self._again.popleft())
        try:
            worker, part = self._heard.get(timeout=_LOOK)
        except queue.Empty:
            self._progress.check()
            return
        partition = worker.partition
        if part is not None:
            worker.partition = None
            self._done[part.number] = part
        elif worker in self._workers:
            self._workers.remove(worker)
            self._lost(worker.end(), partition)

    def _lost(self, code: int, partition: Partition | None) -> None:
        if partition is None:
            return
        tries = self._tries[partition.number] = self._tries.get(partition.number, 0) + 1
        if tries >= _TRIES:
            raise WorkerLost(
                _("A process that mapped a part of the input was ended twice ({code}).").format(
                    code=_ending(code)
                ),
                next_step=_("Run it with fewer jobs if the memory was short; nothing was written."),
            )
        self._again.append(partition)

    def end(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()


def _ending(code: int) -> str:
    return _("signal {number}").format(number=-code) if code < 0 else _("exit code {code}").format(code=code)


def _framed(job: Job) -> bytes:
    """The message that gives a worker its job."""
    kept = io.BytesIO()
    send(kept, job)
    return kept.getvalue()
