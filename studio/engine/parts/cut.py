"""From a plan and an input to a job and its partitions, or the reason why one process does it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.base.atomic import make_folder
from studio.base.i18n import _
from studio.base.own_folder import own_folder
from studio.base.records import dataclass
from studio.engine.parts.join import Joined, Mapper
from studio.engine.parts.part import Job
from studio.engine.parts.partition import NotSplit, Partition, why_in_one
from studio.engine.parts.pool import pool
from studio.engine.parts.split import part_size, split, why_not_cut
from studio.engine.parts.split_xml import Late
from studio.engine.plan import Plan
from studio.engine.sources import open_input, open_source, outside
from studio.script.tree import Value


@dataclass(frozen=True)
class Workers:
    """Who maps the parts of a run: how (`mapper`), how many at a time, where part files go, how large parts are.

    All workers must see `folder` and the input by the names they have here. Without a folder part files go beside the
    output; without `part_bytes` a size is chosen.
    """

    mapper: Mapper
    count: int
    folder: Path | None = None
    part_bytes: int | None = None


@dataclass(frozen=True)
class Cut:
    """A job and its partitions."""

    job: Job
    partitions: Sequence[Partition]
    mapper: Mapper

    def run(self, *arguments: Any) -> Joined:
        """A run over the partitions; the arguments are those of Run."""
        return Joined(*arguments, job=self.job, partitions=self.partitions, mapper=self.mapper)


def processes(jobs: int, part_bytes: int | None = None) -> Workers:
    """Processes on this machine; `jobs` 0 means as many as there are cores for us."""
    count = jobs or cores()
    return Workers(pool(count), count, part_bytes=part_bytes)


def cores() -> int:
    """How many processes can run at a time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def why_one_process(plan: Plan) -> str:
    """Why a plan's records are not mapped in parts; empty where they are."""
    return why_in_one(plan) or why_not_cut(plan)


@contextlib.contextmanager
def cut(
    plan: Plan,
    input: Path,
    output: object,
    workers: Workers,
    *,
    engine: str,
    variables: Mapping[str, Value],
    nulls: bool,
) -> Iterator[Cut]:
    """The parts of a run; their folder is gone in the end. Raises NotSplit, and BadInput for what cannot be read."""
    reason = why_one_process(plan)
    if reason:
        raise NotSplit(reason)
    if not input.is_file():
        raise NotSplit(_("the input is no file"))
    size = workers.part_bytes or part_size(input.stat().st_size, workers.count)
    try:
        partitions = split(plan, input, size)
    except Late:
        plan = replace(plan, passes="twice", watch=())
        partitions = split(plan, input, size)
    if len(partitions) < 2:
        raise NotSplit(_("the input is small"))
    with open_input(input) as stream:
        document = outside(plan, open_source(plan, stream, str(input)))
    with _folder(workers, output) as folder:
        job = Job(plan, document, str(input.absolute()), folder, engine, variables, nulls)
        yield Cut(job, partitions, workers.mapper)


@contextlib.contextmanager
def _folder(workers: Workers, output: object) -> Iterator[str]:
    beside = output.absolute().parent if isinstance(output, Path) and output.name and _plain(output) else None
    place = workers.folder or beside
    if place is not None:
        make_folder(place)
    with own_folder(place or Path(tempfile.gettempdir())) as folder:
        yield str(folder)


def _plain(output: Path) -> bool:
    return not output.exists() or output.is_file()
