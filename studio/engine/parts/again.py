"""A run that begins anew in one process: what a stream or a listener has had already is not given twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

from studio.engine.failures import Failure

Output: TypeAlias = "Path | BinaryIO"
Failures: TypeAlias = "Path | Callable[[Failure], object] | None"


class Twice:
    """The output and the listener of a run that may be made twice, with the same bytes and failures.

    Files appear at the end of a run alone and need nothing; `first()` and `rest()` are for the two runs.
    """

    def __init__(self, output: Output, failures: Failures) -> None:
        self._output = output
        self._failures = failures
        self._bytes = 0
        self._told = 0

    def first(self) -> tuple[Output, Failures]:
        """For the run that may not end: what passes is counted."""
        return self._wrapped(0, 0)

    def rest(self) -> tuple[Output, Failures]:
        """For the run that replaces it: as much is left out."""
        return self._wrapped(self._bytes, self._told)

    def _wrapped(self, size: int, told: int) -> tuple[Output, Failures]:
        output, failures = self._output, self._failures
        if not isinstance(output, Path):
            output = cast("BinaryIO", _Stream(output, size, self._passed))
        if failures is not None and not isinstance(failures, Path):
            failures = self._listener(failures, told)
        return output, failures

    def _passed(self, size: int) -> None:
        self._bytes += size

    def _listener(self, failures: Callable[[Failure], object], left_out: int) -> Callable[[Failure], object]:
        coming = 0

        def listen(failure: Failure) -> None:
            nonlocal coming
            coming += 1
            if coming > left_out:
                self._told += 1
                failures(failure)

        return listen


class _Stream:
    """Passes bytes on but the first ones."""

    def __init__(self, stream: BinaryIO, left_out: int, passed: Callable[[int], None]) -> None:
        self._stream = stream
        self._left_out = left_out
        self._passed = passed

    def write(self, data: bytes) -> int:
        """Write what is new of `data`."""
        new = data[self._left_out :]
        self._left_out -= min(self._left_out, len(data))
        self._stream.write(new)
        self._passed(len(new))
        return len(data)

    def flush(self) -> None:
        """Pass it on."""
        self._stream.flush()

    def fileno(self) -> int:
        """The number of the file behind it. Raises OSError where there is none."""
        return self._stream.fileno()
