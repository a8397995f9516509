"""Processes that map parts: the same result, bounded, stopped with the run, one more try for a killed one."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from studio.base.errors import Cancelled
from studio.base.progress import Progress
from studio.cli.main import run as weft
from studio.engine.parts.cut import Workers, processes
from studio.engine.parts.pool import WorkerLost, pool
from studio.engine.plan import Plan
from studio.engine.run import transform
from tests.engine.build import plan, rows
from tests.engine.in_parts import told

IN = rows({"id": "integer", "text": "text"})
OUT = rows({"id": "integer", "text": "text"})
RULES = {
    "row": {"loop": "row"},
    "row/id": "[id]",
    "row/text": "LPad([text], 1500) + ToUpper([text]) + 1 / [id]",
}
ENDLESS = RULES | {"row/text": "i = 0; While([id] == 30 && i < 100000, i++); [text]"}


def made(rules: dict[str, object] = RULES) -> Plan:
    return plan(rules, IN, OUT)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "given.csv"
    rows_of = "".join(f'{n % 50},"text, {n}"\n' for n in range(2000))
    path.write_text("id,text\n" + rows_of)
    return path


def workers_of_this() -> list[psutil.Process]:
    """The worker processes there are."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found += [child] if "studio.engine.parts.worker" in " ".join(child.cmdline()) else []
    return found


@contextlib.contextmanager
def killing(times: int) -> Iterator[list[int]]:
    """Kills a worker as soon as there is one, and its successors."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while len(killed) < times and not over.is_set():
            for process in workers_of_this():
                if process.pid not in killed and len(killed) < times:
                    os.kill(process.pid, signal.SIGKILL)
                    killed.append(process.pid)
            time.sleep(0.02)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def test_processes_give_the_same(given: Path) -> None:
    """S51: bytes, failures and counts; memory of the workers is told."""
    alone, _stats = told(made(), given)
    parts, stats = told(made(), given, workers=processes(2, 3000))
    assert parts == alone
    assert stats is not None
    assert (stats.jobs, stats.in_one, stats.engine) == (2, "", "rows")
    assert stats.worker_mb > 10
    assert workers_of_this() == []


def test_a_small_input_is_done_by_one(given: Path) -> None:
    _told, stats = told(made(), given, jobs=2)
    assert stats is not None
    assert stats.in_one == "the input is small"


@pytest.mark.skipif(os.name == "nt", reason="signals of another kind")
def test_a_killed_worker_is_tried_once_more(given: Path) -> None:
    alone, _stats = told(made(), given)
    with killing(1) as killed:
        parts, _stats = told(made(), given, workers=Workers(pool(1), 1, part_bytes=10_000))
    assert len(killed) == 1
    assert parts == alone


@pytest.mark.skipif(os.name == "nt", reason="signals of another kind")
def test_a_part_that_kills_twice_ends_the_run(given: Path, tmp_path: Path) -> None:
    """The error says what happened; no output, no parts, no processes are left."""
    out = tmp_path / "out.csv"
    with killing(2), pytest.raises(WorkerLost, match="ended twice \\(signal 9\\)"):
        transform(made(), given, out, workers=Workers(pool(1), 1, part_bytes=10_000))
    assert [file.name for file in tmp_path.iterdir()] == ["given.csv"]
    assert workers_of_this() == []


def test_stop_ends_the_workers(given: Path, tmp_path: Path) -> None:
    """A part that would go on for long does not hold up a stop."""
    progress = Progress()
    threading.Timer(1.0, progress.stop).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        transform(made(ENDLESS), given, tmp_path / "out.csv", progress=progress, workers=processes(2, 3000))
    assert time.monotonic() - started < 20
    assert [file.name for file in tmp_path.iterdir()] == ["given.csv"]
    assert workers_of_this() == []


def test_few_parts_wait_for_their_turn(given: Path, tmp_path: Path) -> None:
    """However slow the end step is, the workers are never more than a few parts ahead."""
    most = 0

    class Slow(io.BytesIO):
        def write(self, data: object) -> int:
            nonlocal most
            time.sleep(0.05)
            most = max(most, len(list(work.rglob("part-*.out"))))
            return len(data) if isinstance(data, bytes) else 0

    work = tmp_path / "work"
    crew = processes(2, 600)
    stats = transform(
        made(), given, Slow(), failures=str, workers=Workers(crew.mapper, crew.count, work, 600)
    )
    assert stats.records_in == 2000
    assert 0 < most <= 5


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--jobs gives the bytes and failures of one process, and says where one process did it."""
    (tmp_path / "in.csv").write_text("id,text\n1,a\n")
    (tmp_path / "out.csv").write_text("id,text\n1,a\n")
    (tmp_path / "map.yaml").write_text(
        "weft: transformation/1\nname: Rows\nsource: {schema: in.csv, root: row}\ntarget: {schema: out.csv, root: row}\n"
        "map:\n  row: {loop: row}\n  row/id: 10 / [id]\n  row/text: ToUpper([text])\n"
    )
    data = tmp_path / "data.csv"
    data.write_text("id,text\n" + "".join(f"{n % 997},{'some text ' * 100}\n" for n in range(2_500)))
    for name, jobs in (("one", "1"), ("two", "2")):
        code = weft(
            [
                "transform",
                str(tmp_path / "map.yaml"),
                str(data),
                "-o",
                str(tmp_path / name),
                "--jobs",
                jobs,
                "--stats",
            ]
        )
        assert code == 1
    told_of = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    assert [stats["jobs"] for stats in told_of] == [1, 2]
    assert (tmp_path / "two").read_bytes() == (tmp_path / "one").read_bytes()
    assert (tmp_path / "two.failures.csv").read_bytes() == (tmp_path / "one.failures.csv").read_bytes()
    small = ["transform", str(tmp_path / "map.yaml"), str(tmp_path / "in.csv"), "-o", str(tmp_path / "small")]
    assert weft([*small, "--jobs", "auto"]) == 0
    assert "One process did it: the input is small." in capsys.readouterr().err
    assert weft([*small, "--jobs", "none"]) == 2
    assert weft([*small, "--cluster", "what://x"]) == 2
    assert "dask://HOST:PORT" in capsys.readouterr().err
