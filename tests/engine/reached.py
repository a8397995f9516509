"""Which functions of the engine each test calls, and how long it takes: what is worth running against a fault."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = str(ROOT / "studio" / "engine") + os.sep
QUIET = ("-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--no-header", "--tb=no", "--rootdir", str(ROOT))


class Reached(NamedTuple):
    """What one test calls: functions as `module:qualified name`, the processor's seconds it takes."""

    test: str
    seconds: float
    functions: frozenset[str]


def reached(file: Path, tests: Sequence[str]) -> tuple[Reached, ...]:
    """What is noted in a file; measured first, and written there, where it is not there yet."""
    if not file.exists():
        child = os.fork()
        if child == 0:
            noting = _Noting()
            pytest.main([*QUIET, *tests], [noting])
            part = file.with_suffix(".part")
            part.write_text(json.dumps(noting.found), encoding="utf-8")
            part.replace(file)
            os._exit(0)
        os.waitpid(child, 0)
    rows = json.loads(file.read_text(encoding="utf-8"))
    return tuple(Reached(test, seconds, frozenset(functions)) for test, seconds, functions in rows)


class _Noting:
    """Notes the code objects that are called while a test runs, its fixtures included."""

    def __init__(self) -> None:
        self.found: list[tuple[str, float, list[str]]] = []
        self._failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails without a fault finds none."""
        if report.failed:
            self._failed.add(report.nodeid)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """One test from beginning to end."""
        called: set[CodeType] = set()
        started = time.process_time()

        def note(frame: FrameType, _event: str, _argument: Any) -> None:
            called.add(frame.f_code)

        sys.settrace(note)
        yield
        sys.settrace(None)
        seconds = round(time.process_time() - started, 3)
        names = sorted({name for code in called if (name := _named(code))})
        if names and item.nodeid not in self._failed:
            self.found.append((item.nodeid, seconds, names))


def _named(code: CodeType) -> str:
    if not code.co_filename.startswith(ENGINE):
        return ""
    module = code.co_filename.removeprefix(ENGINE).removesuffix(".py").replace(os.sep, ".")
    return f"{module}:{code.co_qualname}"
