"""The map over partitions: a part of the input to a part file and a file of failures; a pure function."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from studio.base.atomic import discard
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.engine.edi_source import EdiSource
from studio.engine.failures import Failure
from studio.engine.items import Item
from studio.engine.parts.partition import Partition
from studio.engine.parts.slices import opened
from studio.engine.plan import Plan
from studio.engine.run_settings import Settings
from studio.engine.running import Run
from studio.engine.sources import open_source
from studio.engine.streams import Sink, peak_mb
from studio.engine.world import World
from studio.script.tree import Value


@dataclass(frozen=True)
class Job:
    """What is the same for all parts of a run; it can be pickled.

    `source` is the file and `folder` where part files go: all workers see both by these names. `document` is what is
    read outside the records; with `nulls` fields that fail are left without a value.
    """

    plan: Plan
    document: Item
    source: str
    folder: str
    engine: str = "auto"
    variables: Mapping[str, Value] = field(default_factory=dict)
    nulls: bool = False


@dataclass(frozen=True)
class Part:
    """What became of a partition: counts of records as in Stats, of the nodes at their place, of the bytes written, and
    the memory of the process.

    `problem` says why the part cannot be used: the run is to be repeated in one process, which tells the place.
    """

    number: int
    read: int = 0
    written: int = 0
    failed: int = 0
    filtered: int = 0
    nodes: int = 0
    size: int = 0
    peak_mb: float = 0.0
    engine: str = ""
    problem: str = ""


def run_part(job: Job, partition: Partition) -> Part:
    """Map one partition. The same partition gives the same files with the same names, so it may be done again."""
    try:
        return _mapped(job, partition)
    except Exception as error:  # one process makes the run, and ends with what is to be said
        return Part(partition.number, problem=f"{type(error).__name__}: {error}")


def _mapped(job: Job, partition: Partition) -> Part:
    source, progress = Path(job.source), Progress()
    plan = replace(job.plan, passes="stream", watch=())
    world = World(plan.tables, dict(job.variables), progress=progress)
    output, listed = part_file(job.folder, partition), failure_file(job.folder, partition)
    with opened(source, partition) as stream, _placed(output) as file, _placed(listed) as failures:

        def failed(failure: Failure) -> None:
            failures.write(json.dumps(asdict(failure)).encode() + b"\n")

        sink = Sink(file)
        size = partition.end - partition.start
        given, line = open_source(plan, stream, str(source)), partition.line
        if isinstance(given, EdiSource):
            # Reasons name lines of other segments: these are counted by the reader itself.
            given.lines_before, line = line, 0
        settings = Settings(
            job.engine, False, progress, failed, size, str(source), nulls=job.nulls, line=line
        )
        run = Run(plan, given, sink, world, settings)
        nodes = run.part(plan.tops[0], job.document)
        sink.flush()
        written = file.tell()
    return Part(
        partition.number,
        run.read,
        run.written,
        run.failed,
        run.filtered,
        nodes,
        written,
        peak_mb(),
        run.engine,
    )


@contextlib.contextmanager
def _placed(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name when it is whole; a killed run needs no part of it, so it is not forced to the disk."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            yield file
        temporary.replace(path)
    except BaseException:
        discard(temporary)
        raise


def part_file(folder: str, partition: Partition) -> Path:
    """Where the texts of a partition's records are."""
    return Path(folder) / f"{partition.name}.out"


def failure_file(folder: str, partition: Partition) -> Path:
    """Where a partition's failures are, one JSON object a line."""
    return Path(folder) / f"{partition.name}.failures"


def failures_of(folder: str, partition: Partition) -> Iterator[Failure]:
    """A partition's failures, their numbers counted from its beginning."""
    with failure_file(folder, partition).open(encoding="utf-8") as lines:
        for line in lines:
            found: dict[str, Any] = json.loads(line)
            yield Failure(**{**found, "nodes": tuple(found["nodes"])})
