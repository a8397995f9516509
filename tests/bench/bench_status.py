"""The status of a project of 5,000 objects and 200 MB: at first, when nothing changed, when one rule did; beside git's."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from studio.repository.files import look
from studio.repository.link import Link, keep_link
from studio.repository.state import PATH, State, content_of
from studio.repository.status import local_status

OBJECTS = 5_000
RULES = 320
_RULE = "  invoices/invoice/line{n}/amount: Round(Sum([lines/line/qty{n}] * [lines/line/price]) + IfNull([freight], {m}), 2)\n"
_ROUNDS = 7


def run() -> Iterator[dict[str, object]]:
    """The best of several rounds, in milliseconds, by the clock and by the processor."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = _made(folder)
        keep_link(folder, Link("https://weft.test", "organization", "project"))
        began = time.perf_counter()
        contents = look(folder).contents
        took = time.perf_counter() - began
        yield _row(f"first look at {size / 1e6:.0f} MB", "clock", took * 1000)
        (folder / PATH).write_bytes(content_of(State("r", 1, contents)))
        time.sleep(2.5)  # a file changed just now is read again
        look(folder)
        yield from _timed("nothing changed", lambda: len(local_status(folder).objects))
        file = folder / "transformations/t07/m777.yaml"
        file.write_text(file.read_text().replace("Round", "RoundUp", 1))
        yield from _timed("one rule changed", lambda: len(local_status(folder).objects))
        if shutil.which("git") is not None:
            yield from _git(folder)


def _row(case: str, metric: str, value: float) -> dict[str, object]:
    return {"bench": "status", "case": case, "metric": metric, "value": value, "unit": "ms"}


def _made(folder: Path) -> int:
    (folder / "project.yaml").write_text("weft: project/1\nid: 6f1a3c1e\nname: Large\n")
    size = 0
    for number in range(OBJECTS):
        file = folder / f"transformations/t{number // 100:02d}/m{number}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        head = f"weft: transformation/1\nname: M{number}\nsource: {{schema: schemas/a.xsd}}\ntarget: {{schema: schemas/b.xsd}}\nmap:\n"
        size += file.write_text(head + "".join(_RULE.format(n=n, m=number) for n in range(RULES)))
    return size


def _timed(case: str, work: Callable[[], int]) -> Iterator[dict[str, object]]:
    clock, processor = [], []
    for _round in range(_ROUNDS):
        began, used = time.perf_counter(), time.process_time()
        work()
        clock.append((time.perf_counter() - began) * 1000)
        processor.append((time.process_time() - used) * 1000)
    yield _row(case, "clock, best", min(clock))
    yield _row(case, "clock, middle", sorted(clock)[_ROUNDS // 2])
    yield _row(case, "processor, best", min(processor))


def _git(folder: Path) -> Iterator[dict[str, object]]:
    def git(*words: str) -> int:
        told = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=True)
        return len(told.stdout.splitlines())

    git("init", "-q")
    (folder / ".git/info/exclude").write_text(".weft\n")
    git("add", "-A")
    git("-c", "user.name=b", "-c", "user.email=b@weft.test", "commit", "-q", "-m", "all")
    time.sleep(2.5)
    git("status", "--short")
    yield from _timed("git status, nothing changed", lambda: git("status", "--short"))
