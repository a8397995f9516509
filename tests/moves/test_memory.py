"""Each source read for a move, and each target an answer is written to, stays below 150 MB, however many rows there are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.moves.memory import CASES

_ROWS = 1_000_000
_MOST_MB = 150


@pytest.mark.full
@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is told otherwise")
@pytest.mark.parametrize("case", CASES)
def test_a_million_rows(case: str) -> None:
    command = [sys.executable, "-m", "tests.moves.memory", case, str(_ROWS)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["rows"] == _ROWS
    assert found["peak_mb"] <= _MOST_MB, found
