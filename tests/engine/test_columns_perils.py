"""Runs by the column that are stopped, killed or find the disk full: the old output or the new one, and no rubbish for long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.base.errors import Cancelled
from studio.base.progress import Progress, Step
from studio.engine import columns, columns_file
from studio.engine.run import transform
from tests.engine import build
from tests.small_disk import small_disk

ROWS = {"id": "integer", "key": "text"}
PRICES = {"key": "text", "price": "decimal"}


def made() -> build.Plan:
    """Rows joined with prices."""
    join = {"price": {"loop": "prices::row", "match": {"key": "[key]"}, "kind": "inner"}}
    rules = {
        "row": {"loop": "row", "join": join},
        "row/id": "[id]",
        "row/price": "Round([price::price] * 2, 1)",
    }
    target = build.rows({"id": "text", "price": "text"})
    return build.plan(rules, build.rows(ROWS), target, sources={"prices": build.rows(PRICES)})


def given(folder: Path, count: int) -> tuple[Path, Path]:
    """Rows and prices."""
    main, prices = folder / "main.csv", folder / "prices.csv"
    main.write_text("id,key\n" + "".join(f"{at},key {at * 7919 % count}\n" for at in range(count)))
    prices.write_text("key,price\n" + "".join(f"key {at},{at % 97}.25\n" for at in range(count)))
    return main, prices


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A real disk of half a megabyte."""
    with small_disk(tmp_path, "500k") as folder:
        yield folder


def test_where_the_disk_for_the_query_is_full_the_rows_are_done_otherwise(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main, prices = given(tmp_path, 60_000)
    whole = transform(made(), main, tmp_path / "a.csv", engine="columns", further={"prices": prices})
    monkeypatch.setattr(tempfile, "tempdir", str(small))
    found = transform(made(), main, tmp_path / "b.csv", engine="columns", further={"prices": prices})
    assert (whole.engine, found.engine) == ("columns", "rows")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert list(small.iterdir()) == []


def test_memory_that_does_not_do_for_a_join_leaves_it_to_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns_file, "_MEMORY_MB", 1)
    main, prices = given(tmp_path, 500)
    found = transform(made(), main, tmp_path / "a.csv", engine="columns", further={"prices": prices})
    assert (found.engine, found.records_out) == ("rows", 500)


def test_a_join_tells_how_far_it_is_and_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main, prices = given(tmp_path, 30_000)
    scratch, out = tmp_path / "scratch", tmp_path / "out.csv"
    scratch.mkdir()
    out.write_bytes(b"old\n")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(columns, "_LOOKED", 0.0)
    seen: list[Step] = []
    whole = Progress(seen.append)
    transform(
        made(), main, tmp_path / "whole.csv", engine="columns", further={"prices": prices}, progress=whole
    )
    done = [step.done for step in seen]
    assert done == sorted(done)
    assert len(set(done)) > 2

    def heard(step: Step) -> None:
        if step.done:
            progress.stop()

    progress = Progress(heard)
    with pytest.raises(Cancelled):
        transform(made(), main, out, engine="columns", further={"prices": prices}, progress=progress)
    assert out.read_bytes() == b"old\n"
    assert list(scratch.iterdir()) == []


_CHILD = """
import sys, tempfile
from pathlib import Path
from tests.engine.test_columns_perils import made
from studio.engine import columns
from studio.engine.run import transform
tempfile.tempdir = sys.argv[4]
ask = columns._Asked.copy
def copy(self, text, file):
    ask(self, text, file)
    print("ready", flush=True)
    sys.stdin.read()
columns._Asked.copy = copy
transform(made(), Path(sys.argv[1]), Path(sys.argv[3]), engine="columns", further={"prices": Path(sys.argv[2])})
"""


def test_what_a_killed_run_leaves_goes_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main, prices = given(tmp_path, 2_000)
    scratch, out = tmp_path / "scratch", tmp_path / "out.csv"
    scratch.mkdir()
    out.write_bytes(b"old\n")
    command = [sys.executable, "-c", _CHILD, str(main), str(prices), str(out), str(scratch)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == b"ready\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    child.stdin.close()
    assert out.read_bytes() == b"old\n"
    assert [file.name for file in scratch.glob("*/lines")] == ["lines"]
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    until = time.monotonic() + 60
    while list(scratch.iterdir()) and time.monotonic() < until:
        assert transform(made(), main, out, engine="columns", further={"prices": prices}).engine == "columns"
    assert list(scratch.iterdir()) == []
    assert out.stat().st_size > 10_000
