"""Parts of a run mapped on a Dask cluster; needs the extra `dask`, and the same version of the program on its workers."""

from __future__ import annotations

import contextlib
import secrets
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, NotHere, WeftError
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.engine.parts.cut import Workers
from studio.engine.parts.join import Mapper
from studio.engine.parts.part import Job, Part, run_part
from studio.engine.parts.partition import Partition

_AHEAD = 2
_LOOK = 0.5
_TIMEOUT = "20s"


@contextlib.contextmanager
def dask_workers(
    address: str, folder: Path | None = None, part_bytes: int | None = None
) -> Iterator[Workers]:
    """The workers of the cluster whose scheduler is at `address` (`tcp://host:port`), while the block lasts.

    `folder` takes part files; all workers must see it, and the input, by the same name as this process. Raises NotHere
    without the extra, BadInput where no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise NotHere(
            _("Dask is not installed here."),
            next_step=_("Install weft-studio with the extra: weft-studio[dask]."),
        ) from None
    try:
        make: Any = Client
        client = make(address, timeout=_TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise BadInput(
            _("No Dask scheduler answers at {address}.").format(address=address),
            next_step=_("Check the address, and that the scheduler runs."),
        ) from error
    with client:
        yield on_client(client, folder, part_bytes)


def on_client(client: Any, folder: Path | None = None, part_bytes: int | None = None) -> Workers:
    """The workers a `distributed.Client` is connected to."""
    count = max(1, sum(client.nthreads().values()))
    return Workers(_mapper(client, count), count, folder, part_bytes)


def _mapper(client: Any, count: int) -> Mapper:
    def mapper(job: Job, partitions: Sequence[Partition], progress: Progress) -> Generator[Part, None, None]:
        run = secrets.token_hex(8)
        shared = client.scatter(job, broadcast=True, hash=False)
        futures: deque[Any] = deque()
        coming = iter(partitions)
        try:
            for _partition in partitions:
                while len(futures) < count * _AHEAD and (partition := next(coming, None)) is not None:
                    key = f"weft-{run}-{partition.name}"
                    futures.append(client.submit(run_part, shared, partition, key=key, pure=False, retries=1))
                yield _result(futures[0], progress)
                futures.popleft()
        finally:
            client.cancel([*futures, shared], force=True)

    return mapper


def _result(future: Any, progress: Progress) -> Part:
    """What a future gives; asks now and then whether to stop. Raises WeftError where no worker could do it."""
    from distributed import TimeoutError as NotYet

    while True:
        progress.check()
        try:
            part: Part = future.result(timeout=_LOOK)
        except NotYet:
            continue
        except Exception as error:
            raise WeftError(
                _("The cluster could not map a part of the input: {reason}").format(reason=str(error)),
                next_step=_("Look into the logs of its workers; nothing was written."),
            ) from error
        return part
