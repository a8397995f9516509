"""Run one case of `repeated` or `repeated_typed` over so many megabytes, in a process of its own: prints its peak memory and its counts.

python -m tests.engine.flat_memory xml-lines 2000 [pipe|little|twice]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import BinaryIO, cast

from studio.engine import arranging, spill
from studio.engine.plan import Plan
from studio.engine.run import transform
from studio.engine.streams import peak_mb
from tests.engine.repeated import CASES, ORDERED
from tests.engine.repeated_typed import TYPED


def main(name: str, megabytes: float, by: str = "") -> None:
    """Run it; `twice` once more with ten times as much."""
    _run(name, megabytes, by)
    if by == "twice":
        _run(name, 10 * megabytes, by)


def _run(name: str, megabytes: float, by: str) -> None:
    size = int(megabytes * 1e6)
    if by == "little":
        arranging.IN_MEMORY, spill._BLOCK = 400_000, 4_000
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("wb") as nowhere:
        if name in TYPED:
            made, given, out = _made_apart(name, size, Path(folder))
        else:
            case = {**CASES, **ORDERED}[name]
            made, given, out = case.made(), cast("BinaryIO", case.stream(size)), None
        if by == "pipe":
            given = _through_a_pipe(cast("BinaryIO", given))
        stats = transform(made, given, out or nowhere, failures=str)
    assert stats.failed == 0, stats
    found = {"peak_mb": peak_mb(), "records": stats.records_out, "cpu": time.process_time()}
    print(json.dumps(found | {"mb": stats.mb_in, "engine": stats.engine}))


def _made_apart(name: str, size: int, folder: Path) -> tuple[Plan, BinaryIO | Path, Path | None]:
    """A file that has to be on a disk is made by another process: what that needs is no memory of the run."""
    case = TYPED[name]
    if case.file:
        command = [sys.executable, "-m", "tests.engine.repeated_typed", name, str(size), str(folder)]
        subprocess.run(command, check=True)
    made, given = case.given(size, folder)
    assert made.errors == (), made.errors
    return made, given, case.target(folder)


def _through_a_pipe(stream: BinaryIO) -> BinaryIO:
    read, write = os.pipe()

    def copy() -> None:
        with os.fdopen(write, "wb") as pipe:
            while data := stream.read(1 << 16):
                pipe.write(data)

    threading.Thread(target=copy, daemon=True).start()
    return os.fdopen(read, "rb")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:])
