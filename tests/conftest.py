"""What every test shares: an own home, the material beside the project, the share of large counts, leak checks."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("WEFT_LANGUAGE", "en")

import hypothesis
import psutil
import pytest

from studio.base import i18n

FULL = os.environ.get("WEFT_FULL") == "1"
# A full run that goes on where an earlier one ended: the tests that have passed, one a line.
STATE = Path(os.environ["WEFT_FULL_STATE"]) if os.environ.get("WEFT_FULL_STATE") else None
# Where the controller of a run notes what failed, so that it can be tried once more on its own.
# Taken out of the environment: a test may start a run of its own.
_note = os.environ.pop("WEFT_FAILED", "")
FAILED = Path(_note) if _note else None
# Where Linux tells the children a thread has started.
CHILDREN = Path("/proc", "self", "task", str(threading.get_native_id()), "children")

hypothesis.settings.register_profile("quick", max_examples=25, deadline=None, derandomize=True)
hypothesis.settings.register_profile("full", max_examples=2000, deadline=None, print_blob=True)
hypothesis.settings.load_profile("full" if FULL else "quick")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave large counts to the full run, and what has passed to the earlier one."""
    if STATE is not None and STATE.exists():
        passed = set(STATE.read_text(encoding="utf-8").splitlines())
        for item in items:
            if item.nodeid in passed:
                item.add_marker(pytest.mark.skip(reason="passed in an earlier run, see WEFT_FULL_STATE"))
    if FULL:
        return
    skip = pytest.mark.skip(reason="a large count: run with dev.py test --full")
    for item in items:
        if "full" in item.keywords:
            item.add_marker(skip)


def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end: no search for garbage need look through it again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """The interpreter's own last collection takes everything down."""
    gc.unfreeze()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what has passed, for a run that goes on after this one, and what has failed, to be tried alone."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    if FAILED is not None and report.failed:
        with FAILED.open("a", encoding="utf-8") as file:
            file.write(report.nodeid + "\n")
    if STATE is not None and report.passed and report.when == "call":
        with STATE.open("a", encoding="utf-8") as file:
            file.write(report.nodeid + "\n")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real schemas and samples beside the project."""
    folder = Path(__file__).resolve().parent.parent.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder ../shared with real schemas and samples is not here")
    return folder


@pytest.fixture
def share() -> Callable[[int], int]:
    """How many of `n` cases to run now: all in the full run, a fiftieth (at least 20) otherwise."""
    return lambda n: n if FULL else min(n, max(20, n // 50))


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings, runs and caches of a test stay in its own folder; the language is English."""
    home = tmp_path / "weft-home"
    monkeypatch.setenv("WEFT_HOME", str(home))
    i18n.use_language("en")
    yield home
    i18n.use_language("en")


def child_processes() -> set[int]:
    """The children of this process and theirs; told by the system where it can, or else by looking at all processes."""
    if not CHILDREN.exists():
        return {child.pid for child in psutil.Process().children(recursive=True)}
    found: set[int] = set()
    todo = [os.getpid()]
    while todo:
        for told in Path("/proc", str(todo.pop()), "task").glob("*/children"):
            with contextlib.suppress(OSError):
                todo += (new := set(map(int, told.read_bytes().split())) - found)
                found |= new
    return found


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """A test that leaves a thread or a child process behind fails."""
    threads = set(threading.enumerate())
    children = child_processes()
    yield
    left = [t for t in threading.enumerate() if t not in threads and t.is_alive() and not t.daemon]
    for thread in left:
        thread.join(2)
    left = [thread for thread in left if thread.is_alive()]
    procs = [psutil.Process(pid) for pid in child_processes() - children if psutil.pid_exists(pid)]
    _gone, procs = psutil.wait_procs(procs, timeout=2) if procs else ([], [])
    names = [f"thread {thread.name}" for thread in left]
    names += [f"process {p.pid} {' '.join(p.cmdline())}" for p in procs if p.is_running()]
    assert not names, f"left behind: {names}"
    assert sys.is_finalizing() is False
