"""How long a person waits: from starting the program to a window that answers, with the sample's map open."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from studio.project.create import create

# In a process of its own, timed from the moment before it was started, which it is told.
CHILD = """
import asyncio, json, sys, time
from pathlib import Path
import psutil
started = float(sys.argv[2])
import qasync
from ui.app import Studio, application

async def main():
    studio = Studio(application(), theme_mode="light", language="en")
    studio.show("1600x1000")
    found = {"shown": time.time() - started}
    beginning = asyncio.create_task(studio.begin())
    await studio.start(Path(sys.argv[1]))
    studio.window.open_object("transformations/orders-to-invoices")
    # Interactive: the event loop is free again after everything that was waiting has been handled.
    for _turn in range(5):
        await asyncio.sleep(0)
    found["interactive"] = time.time() - started
    found["cpu"] = time.process_time()
    while not any("preview" in (studio.window.area.current.summary() or "") for _ in (0,)):
        await asyncio.sleep(0.005)
    found["values"] = time.time() - started
    await beginning
    found["rss"] = psutil.Process().memory_info().rss / 1e6
    await studio.close()
    print(json.dumps(found))

loop = qasync.QEventLoop(application())
asyncio.set_event_loop(loop)
with loop:
    loop.run_until_complete(main())
"""
ROUNDS = 5


def run() -> Iterator[dict[str, object]]:
    """Median of five warm starts on the sample project."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "orders"
        create(project, sample="orders")
        env = os.environ | {"QT_QPA_PLATFORM": "offscreen", "WEFT_HOME": folder}
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # a warm start has its byte code
        rounds = [_once(project, env) for _round in range(ROUNDS + 1)][1:]
    units = {"shown": "s", "interactive": "s", "cpu": "s", "values": "s", "rss": "MB"}
    for metric, unit in units.items():
        value = statistics.median(each[metric] for each in rounds)
        yield {
            "bench": "window",
            "case": "warm start on the sample project",
            "metric": metric,
            "value": round(value, 3),
            "unit": unit,
            "peer": None,
            "ratio": None,
        }


def _once(project: Path, env: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(project), str(time.time())],
        env=env,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


if __name__ == "__main__":
    for row in run():
        print(json.dumps(row))
