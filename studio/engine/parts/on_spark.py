"""Parts of a run mapped by Spark; needs PySpark (the extra `spark`) and the same version of the program on its workers."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from studio.base.progress import Progress
from studio.engine.parts.cut import Workers
from studio.engine.parts.join import Mapper
from studio.engine.parts.part import Job, Part, run_part
from studio.engine.parts.partition import Partition

_ROUNDS = 4


def on_context(context: Any, folder: Path | None = None, part_bytes: int | None = None) -> Workers:
    """The executors of a `pyspark.SparkContext`.

    `folder` takes part files; all executors must see it, and the input, by the same name as this process.
    """
    count = max(1, int(context.defaultParallelism))
    return Workers(_mapper(context, count), count, folder, part_bytes)


def _mapper(context: Any, count: int) -> Mapper:
    def mapper(job: Job, partitions: Sequence[Partition], progress: Progress) -> Generator[Part, None, None]:
        shared = context.broadcast(job)
        try:
            for start in range(0, len(partitions), count * _ROUNDS):
                progress.check()
                some = list(partitions[start : start + count * _ROUNDS])
                yield from context.parallelize(some, len(some)).map(partial(_mapped, shared)).collect()
        finally:
            shared.unpersist()

    return mapper


def _mapped(shared: Any, partition: Partition) -> Part:
    """On an executor: the job it was sent once, and a partition."""
    return run_part(shared.value, partition)
