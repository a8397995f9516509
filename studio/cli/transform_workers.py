"""Who does the work of `weft transform`: this process, several of this machine, or a cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.parts.cut import Workers, processes
from studio.engine.parts.on_dask import dask_workers

_DASK = "dask://"


@contextlib.contextmanager
def workers_of(jobs: str, cluster: str | None, shared: Path | None) -> Iterator[Workers | None]:
    """The workers asked for; None for this process alone. Raises BadInput for what is no number and no address."""
    count = _count(jobs)
    if cluster is None:
        yield processes(count) if count != 1 else None
        return
    if not cluster.startswith(_DASK):
        raise BadInput(
            _("There is no cluster {name}.").format(name=cluster),
            next_step=_("Give the address of a Dask scheduler: dask://HOST:PORT."),
        )
    with dask_workers("tcp://" + cluster.removeprefix(_DASK), shared) as workers:
        yield workers


def _count(jobs: str) -> int:
    if jobs == "auto":
        return 0
    if jobs.isascii() and jobs.isdigit() and 0 < int(jobs) <= 1024:
        return int(jobs)
    raise BadInput(
        _("{jobs} is no number of processes.").format(jobs=jobs),
        next_step=_("Give a number from 1 to 1024, or auto for one process for each core."),
    )
