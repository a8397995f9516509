"""A practice org in a child process that ends with this one, for the window, the command line and tests."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from studio.base.child import python_command
from studio.base.errors import WeftError
from studio.base.i18n import _, language
from studio.practice.ready import Ready

_PATIENCE_SECONDS = 10


class PracticeProcess:
    """Starts the child when made and waits for its ready line; `stop` ends it. Both block for a moment: off the
    window's loop, call them in a thread.

    The child watches its standard input, which closes when this process ends, however that comes about.
    """

    def __init__(
        self,
        data: Path | None = None,
        *,
        https: bool = False,
        port: int = 0,
        objects: Sequence[Path] = (),
        faults: Sequence[str] = (),
        seed: bool = True,
        records: int = 0,
    ) -> None:
        settings: dict[str, Any] = {
            "data": str(data) if data else None,
            "https": https,
            "port": port,
            "objects": [str(path) for path in objects],
            "faults": list(faults),
            "seed": seed,
            "records": records,
            "language": language(),
        }
        command = python_command("studio.practice", json.dumps(settings))
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self.ready = self._first_line()
        except BaseException:
            self.stop()
            raise

    def _first_line(self) -> Ready:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            values = json.loads(line)
        except ValueError as error:
            raise WeftError(
                _("The practice org did not start."), next_step=_("Run `weft practice` to see why.")
            ) from error
        if "error" in values:
            raise WeftError(values["error"])
        return Ready(**values)

    @property
    def running(self) -> bool:
        """Whether the child lives."""
        return self._process.poll() is None

    @property
    def process_id(self) -> int:
        """The child's number."""
        return self._process.pid

    def stop(self) -> None:
        """End the child and wait for it."""
        process = self._process
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def start_practice(
    data: Path | None = None,
    https: bool = False,
    *,
    port: int = 0,
    objects: Sequence[Path] = (),
    faults: Sequence[str] = (),
    seed: bool = True,
    records: int = 0,
) -> Iterator[Ready]:
    """A running practice org for the length of a block: `with start_practice(https=True) as ready: …`.

    Raises WeftError with the child's own words when it cannot start.
    """
    process = PracticeProcess(
        data, https=https, port=port, objects=objects, faults=faults, seed=seed, records=records
    )
    try:
        yield process.ready
    finally:
        process.stop()
