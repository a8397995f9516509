"""Ways to die and to fail at each step of writing files: in a forked child, at every system call that changes the disk."""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

DIED = 77
CHANGING = ("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "fsync", "truncate")


class _Torn:
    """A file open for writing whose writes go to the disk half by half, with a step before each half."""

    def __init__(self, raw: Any, step: Callable[[], None]) -> None:
        self._raw = raw
        self._step = step

    def write(self, data: bytes) -> int:
        half = len(data) // 2
        self._step()
        self._raw.write(data[:half])
        self._raw.flush()
        self._step()
        self._raw.write(data[half:])
        return len(data)

    def __enter__(self) -> _Torn:
        return self

    def __exit__(self, *details: object) -> None:
        self._raw.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


def _inside(within: Path | None, place: Any) -> bool:
    """Whether a path, or an open file's number, is in the folder that is watched."""
    if within is None:
        return True
    path = Path(f"/proc/self/fd/{place}").readlink() if isinstance(place, int) else Path(place).absolute()
    return path.is_relative_to(within)


@contextmanager
def steps(step: Callable[[], None], *, after: bool = True, within: Path | None = None) -> Iterator[None]:
    """Call `step` before everything that changes the disk (in the folder `within` only), and `after` it too."""
    real_open = io.open

    def watched(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            ours = _inside(within, args[0])
            if ours:
                step()
            result = real(*args, **kwargs)
            if after and ours:
                step()
            return result

        return call

    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if not set(mode) & set("wxa") or not (within is None or _inside(within, file)):
            return real_open(file, mode, *args, **kwargs)
        step()
        return _Torn(real_open(file, mode, *args, **kwargs), step)

    with (
        mock.patch.multiple(os, **{name: watched(name) for name in CHANGING}),
        mock.patch.object(io, "open", opened),
    ):
        yield


def die_at(number: int, work: Callable[[], None]) -> bool:
    """Run `work` in a child that is gone at the `number`-th step (from 0); whether it ended well before."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = _die_at(number, work)
        finally:
            os._exit(code)
    _pid, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, DIED), f"the child failed: {code}"
    return code == 0


def _die_at(number: int, work: Callable[[], None]) -> int:
    count = 0

    def step() -> None:
        nonlocal count
        if count == number:
            os._exit(DIED)
        count += 1

    try:
        with steps(step):
            work()
    except BaseException as error:
        builtins.print(repr(error), flush=True)
        return 1
    return 0


@contextmanager
def failing_at(number: int, code: int, *, lasting: bool, within: Path | None = None) -> Iterator[list[int]]:
    """The `number`-th step raises OSError of this code, and with `lasting` all later ones; gives the count of steps."""
    count = [0]

    def step() -> None:
        now = count[0]
        count[0] += 1
        if now == number or (lasting and now > number):
            raise OSError(code, os.strerror(code))

    with steps(step, after=False, within=within):
        yield count


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a project but the local ones, by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".weft" not in path.relative_to(folder).parts
    }
