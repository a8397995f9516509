"""Run one case of `repeated` over so many megabytes, in a process of its own: prints its peak memory and its counts.

python -m tests.engine.flat_memory xml-lines 2000 [pipe|little]
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO, cast

from studio.engine import arranging, spill
from studio.engine.run import transform
from studio.engine.streams import peak_mb
from tests.engine.repeated import CASES, ORDERED


def main(name: str, megabytes: float, by: str = "") -> None:
    """Run it."""
    case = {**CASES, **ORDERED}[name]
    if by == "little":
        arranging.IN_MEMORY, spill._BLOCK = 400_000, 4_000
    stream: BinaryIO = cast("BinaryIO", case.stream(int(megabytes * 1e6)))
    if by == "pipe":
        stream = _through_a_pipe(stream)
    with Path(os.devnull).open("wb") as out:
        stats = transform(case.made(), stream, out, failures=str)
    assert stats.failed == 0
    found = {"peak_mb": peak_mb(), "records": stats.records_out, "cpu": time.process_time()}
    print(json.dumps(found | {"mb": stats.mb_in, "engine": stats.engine}))


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
