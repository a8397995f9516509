"""The end of a run in parts: part files joined in order, with what stands around the records; failures numbered on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from studio.base.atomic import discard
from studio.base.progress import Progress
from studio.engine.failures import Failure
from studio.engine.live import RuleFailed
from studio.engine.parts.part import Job, Part, failure_file, failures_of, part_file
from studio.engine.parts.partition import Partition
from studio.engine.plan import Top
from studio.engine.run_settings import Turn
from studio.engine.running import Run

Mapper = Callable[[Job, Sequence[Partition], Progress], Generator[Part, None, None]]
"""Runs run_part for the partitions, wherever; gives the results in the order of the partitions, and ends its work when closed."""
_PIECE = 1 << 20


class Unusable(Exception):
    """A part could not be mapped by itself: the run has to be made in one process, which says why."""


class Joined(Run):
    """A run whose records are made by others."""

    def __init__(self, *arguments: Any, job: Job, partitions: Sequence[Partition], mapper: Mapper) -> None:
        super().__init__(*arguments)
        self.worker_mb = 0.0
        self.made = 0
        self._job = job
        self._partitions = partitions
        self._parts = mapper(job, partitions, self._settings.progress)

    def go(self) -> None:
        """Map and join everything. Raises BadInput, Cancelled, and Unusable for a part that has to be read whole."""
        try:
            super().go()
        finally:
            self._parts.close()
        self.written = self.made

    def _read_outside(self) -> None:
        self.hold(self._job.document)

    def _records(self, top: Top) -> Iterator[str]:
        del top
        for partition, part in zip(self._partitions, self._parts, strict=True):
            if part.problem:
                raise Unusable(part.problem)
            self._settings.progress.report(partition.end, self._settings.size or None, self._settings.name)
            self._fail(failures_of(self._job.folder, partition))
            self.read += part.read
            self._shift += part.nodes - part.read
            self.filtered += part.filtered
            self.made += part.written
            self.engine = part.engine
            self.worker_mb = max(self.worker_mb, part.peak_mb)
            yield from self._pieces(partition)

    def _fail(self, failures: Iterator[Failure]) -> None:
        """Take on the failures of a part: its records and nodes come after those of the parts before it."""
        for found in failures:
            nodes = tuple(self.read + self._shift + node for node in found.nodes)
            turn = Turn(self.read + found.record, nodes)
            failure = RuleFailed(found.path, found.reason, found.line, found.column)
            if found.nulled:
                self.nulled += 1
                self._tell(failure, turn, nulled=True)
            else:
                self._set_aside(failure, turn)

    def _pieces(self, partition: Partition) -> Iterator[str]:
        path = part_file(self._job.folder, partition)
        with path.open(encoding="utf-8", newline="") as text:
            while piece := text.read(_PIECE):
                yield piece
        discard(path)
        discard(failure_file(self._job.folder, partition))
