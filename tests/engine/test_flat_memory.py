"""Memory does not grow with the input: ten times as large, at most a tenth more; two gigabytes in 200 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.repeated import CASES, ORDERED
from tests.engine.repeated_typed import TYPED

SAME = tuple(name for name in CASES if len(set(name.split("-"))) == 1)


def ran(name: str, megabytes: float, *how: str) -> dict[str, Any]:
    """What a run of its own process tells."""
    return _told(name, megabytes, *how)[-1]


def _told(name: str, megabytes: float, *how: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.engine.flat_memory", name, str(megabytes), *how]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert found[0]["records"] > megabytes * (600 if name in TYPED else 1000)
    return found


def grows_little(name: str, small: float, *how: str) -> None:
    less, more = ran(name, small, *how), ran(name, small * 10, *how)
    # What is kept by text fills in the first megabytes, which are all there is of a quick run.
    _little(less, more, 4 if less["mb"] < 10 else 0)


def _little(less: dict[str, Any], more: dict[str, Any], warm: float) -> None:
    assert more["records"] > 9 * less["records"]
    assert more["peak_mb"] <= 1.1 * less["peak_mb"] + warm, (less, more)


@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is told otherwise")
@pytest.mark.parametrize("name", SAME)
def test_memory_is_flat(name: str, share: Callable[[int], int]) -> None:
    """Each format in and out."""
    grows_little(name, 1.5 if share(1000) < 1000 else 20)


@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is told otherwise")
@pytest.mark.parametrize("name", TYPED)
def test_memory_is_flat_in_typed_formats(name: str, share: Callable[[int], int]) -> None:
    """Fixed records, messages, containers and databases, in and out."""
    # DuckDB's buffers are full, and no more than that, after the first row groups.
    duck = 8 if name == "parquet" else 0
    if share(1000) < 1000:
        less, more = _told(name, 0.3, "twice")
        _little(less, more, 4 + 3 * duck)
    else:
        _little(ran(name, 20), ran(name, 200), duck)


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in CASES if name not in SAME])
def test_memory_is_flat_between_formats(name: str) -> None:
    grows_little(name, 20)


@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is told otherwise")
def test_memory_is_flat_where_records_are_sorted(share: Callable[[int], int]) -> None:
    """S71: what is beyond the limit, here next to nothing, is on disk."""
    grows_little("rows-sorted", 1.5 if share(1000) < 1000 else 10, "little")


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in ORDERED if name.endswith("sorted")])
def test_two_gigabytes_sorted(name: str) -> None:
    """2 GB in order, at most 200 MB of memory."""
    assert ran(name, 2000)["peak_mb"] <= 200


@pytest.mark.full
@pytest.mark.parametrize("name", [*CASES, *TYPED])
def test_two_gigabytes(name: str) -> None:
    """2 GB at most 200 MB of memory."""
    assert ran(name, 2000)["peak_mb"] <= 200


@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is told otherwise")
def test_memory_is_flat_through_a_pipe() -> None:
    """A pipe is read as it comes."""
    grows_little("rows-rows", 1.5, "pipe")
