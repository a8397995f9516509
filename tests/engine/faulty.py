"""Runs tests with a fault in one module, each in a child of a process that has imported everything else."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.engine.mutating import Mutant, mutated
from tests.engine.reached import QUIET

RANDOM_MAPS = 60
WALL = 900.0
_MAPS = "test_differential.py::test_back_ends_agree"

_AGAIN = ("-x", "--assert=plain", "-W", "ignore::pytest.PytestAssertRewriteWarning")


class Trial(NamedTuple):
    """A fault, the tests it meets, their files (all of them it meets where no test is known), and their seconds."""

    mutant: Mutant
    tests: tuple[str, ...]
    files: tuple[str, ...]
    seconds: float


def die(trials: Sequence[Trial], jobs: int) -> Iterator[tuple[Mutant, str, float]]:
    """Each fault with the test that fails, "" where none does, and the seconds it took."""
    _warm(sorted({file for one in trials for file in one.files}))
    waiting = list(trials)
    running: dict[int, tuple[Trial, Path, float]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                one = waiting.pop(0)
                folder = Path(tempfile.mkdtemp(prefix="weft-fault-"))
                running[_child(one, folder)] = one, folder, time.monotonic()
            for child in list(running):
                one, folder, started = running[child]
                ended, status = os.waitpid(child, os.WNOHANG)
                if not ended and time.monotonic() - started < WALL:
                    continue
                del running[child]
                if ended and os.WIFEXITED(status) and os.WEXITSTATUS(status):
                    raise RuntimeError((folder / "printed").read_text(encoding="utf-8"))
                _stop(child, not ended)
                yield one.mutant, _said(folder), time.monotonic() - started
            time.sleep(0.05)
    finally:
        for child in running:
            _stop(child, True)


def _stop(child: int, still: bool) -> None:
    """End what a child has started, and itself if it runs still."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if still:
        os.waitpid(child, 0)


def _said(folder: Path) -> str:
    """What the child wrote; one that could not write has had no end."""
    file = folder / "said"
    said: str = json.loads(file.read_text(encoding="utf-8")) if file.exists() else "no end"
    shutil.rmtree(folder, ignore_errors=True)
    return said


def _warm(files: Sequence[str]) -> None:
    """Import what the tests need."""
    for file in files:
        with contextlib.suppress(ImportError):
            importlib.import_module(f"tests.engine.{Path(file).stem}")


def _forget() -> None:
    """Take away what may have a fault, and all that holds on to it: it is imported anew."""
    kept = ("studio.base", "studio.schema", "studio.script", "studio.mapping")
    own = (
        "tests.engine.mutating",
        "tests.engine.reached",
        "tests.engine.mutants",
        "tests.engine.mutants_alike",
    )
    for name in list(sys.modules):
        if name.startswith(("studio.", "tests.engine.")) and not name.startswith(kept) and name not in own:
            holder, _dot, short = name.rpartition(".")
            sys.modules.pop(name)
            if holder in sys.modules:
                vars(sys.modules[holder]).pop(short, None)


def _child(one: Trial, folder: Path) -> int:
    child = os.fork()
    if child:
        return child
    ended = 1
    try:
        os.setsid()
        quiet = os.open(folder / "printed", os.O_WRONLY | os.O_CREAT)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        seconds = int(60 + 4 * one.seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
        resource.setrlimit(resource.RLIMIT_DATA, (3 << 30, 3 << 30))
        try:
            said = _failing(one, folder)
        except MemoryError:
            said = "no memory"
        (folder / "saying").write_text(json.dumps(said), encoding="utf-8")
        (folder / "saying").replace(folder / "said")
        ended = 0
    except BaseException:
        (folder / "printed").write_text(traceback.format_exc(), encoding="utf-8")
    finally:
        os._exit(ended)


def _failing(one: Trial, folder: Path) -> str:
    """The first test that fails."""
    _forget()
    sys.meta_path.insert(0, _Faulty(one.mutant))
    if any(test.endswith(_MAPS) for test in one.tests) and (failed := _random_maps()):
        return failed
    return _pytest([test for test in one.tests if not test.endswith(_MAPS)] or one.files, folder)


def _random_maps() -> str:
    try:
        from tests.engine.differential import compared

        wrong = next((seed for seed in range(RANDOM_MAPS) if compared(seed).wrong), None)
    except Exception as error:
        return f"random map: {type(error).__name__}"
    return "" if wrong is None else f"random map {wrong}"


def _pytest(tests: Sequence[str], folder: Path) -> str:
    if not tests:
        return ""
    first = _First()
    ended = pytest.main([*QUIET, *_AGAIN, "--basetemp", str(folder / "tests"), *tests], [first])
    return first.failed or ("" if ended == 0 else f"pytest ends with {int(ended)}")


class _First:
    """Keeps the name of the first test that fails."""

    failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One step of one test."""
        if report.failed and not self.failed:
            self.failed = report.nodeid


class _Faulty(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from its code with a fault."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: object, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """Ours for the module alone."""
        if name != self._mutant.module:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=str(self._mutant.file))

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the faulty code."""
        module.__file__ = str(self._mutant.file)
        exec(compile(mutated(self._mutant), str(self._mutant.file), "exec"), module.__dict__)
