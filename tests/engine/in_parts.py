"""Runs in parts, in this process and as small as wanted, beside the run in one."""

from __future__ import annotations

import io
import pickle
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.progress import Progress
from studio.engine.failures import Failure
from studio.engine.parts.cut import Workers
from studio.engine.parts.part import Job, Part, run_part
from studio.engine.parts.partition import Partition
from studio.engine.plan import Plan
from studio.engine.run import Stats, transform


class Here:
    """Maps partitions in this process, from a job that was pickled; keeps what it did."""

    def __init__(self) -> None:
        self.partitions: Sequence[Partition] = ()
        self.problems: list[str] = []

    def __call__(
        self, job: Job, partitions: Sequence[Partition], progress: Progress
    ) -> Generator[Part, None, None]:
        self.partitions = partitions
        sent: Job = pickle.loads(pickle.dumps(job))
        for partition in partitions:
            progress.check()
            part = run_part(sent, partition)
            self.problems += [part.problem] if part.problem else []
            yield part

    def workers(self, folder: Path, part_bytes: int) -> Workers:
        """As transform() takes them."""
        return Workers(self, 2, folder, part_bytes)


def told(made: Plan, path: Path, **more: Any) -> tuple[Any, Stats | None]:
    """Everything a run gives: bytes, failures and counts, or its error; and what it says of itself."""
    out, failures = io.BytesIO(), list[Failure]()
    try:
        stats = transform(made, path, out, failures=failures.append, **more)
    except BadInput as error:
        # How far a run came before its error is not laid down; nothing is told twice.
        assert len(failures) == len(set(failures))
        return (error.message, error.path, error.line), None
    counts = (stats.records_in, stats.records_out, stats.failed, stats.filtered, stats.nulled)
    return (out.getvalue(), failures, counts), stats


def same_in_parts(made: Plan, given: bytes, folder: Path, part_bytes: int = 64, **more: Any) -> Here:
    """Both runs agree; gives what the parts were. Their folder is empty again."""
    path, work = folder / "given", folder / "work"
    path.write_bytes(given)
    work.mkdir(exist_ok=True)
    here = Here()
    alone, _stats = told(made, path, **more)
    parts, _stats = told(made, path, workers=here.workers(work, part_bytes), **more)
    assert parts == alone
    assert list(work.iterdir()) == []
    return here
