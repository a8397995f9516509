"""Runs that are killed or find the disk full at any step: each file is the old one or the new one, and whole."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.engine.plan import Plan
from studio.engine.run import transform
from tests.engine.build import json_items, plan, rows, xml
from tests.project.perils import die_at, failing_at
from tests.small_disk import small_disk

OLD = {
    "out.jsonl": b"old\n",
    "out.jsonl.failures.csv": b"old list\n",
    "out.jsonl.failures.records.xml": b"<old/>\n",
}
SOURCE = xml({"o": {"order*": {"@k": "text", "v": "integer"}}})
TARGET = json_items({"k": "text", "v?": "decimal"}, "lines")
RULES = {"item": {"loop": "o/order"}, "item/k": "[@k]", "item/v": "12 / [v]"}
GIVEN = "<o>" + "".join(f'<order k="{n}"><v>{n % 3}</v></order>' for n in range(30)) + "</o>"


def made() -> Plan:
    """A map whose every third record fails."""
    return plan(RULES, SOURCE, TARGET)


def folder_with(folder: Path, old: bool) -> Path:
    """A folder with an input, and what an earlier run has left."""
    folder.mkdir()
    (folder / "in.xml").write_text(GIVEN)
    for name, data in OLD.items() if old else ():
        (folder / name).write_bytes(data)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """What is there, but the input."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "in.xml"}


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a whole run writes."""
    folder = folder_with(tmp_path_factory.mktemp("new") / "run", old=False)
    transform(made(), folder / "in.xml", folder / "out.jsonl")
    found = files(folder)
    assert set(found) == set(OLD)
    return found


def assert_whole(found: dict[str, bytes], new: dict[str, bytes], old: bool) -> None:
    """Every file is the old one (or none) or the new one; the output is never newer than the lists."""
    shown = {name: data for name, data in found.items() if not name.endswith(".part")}
    for name, data in new.items():
        if name in shown:
            assert shown[name] in ([data, OLD[name]] if old else [data]), name
        else:
            assert not old, name
    assert set(shown) <= set(new)
    if shown.get("out.jsonl") == new["out.jsonl"]:
        assert shown == new


@pytest.mark.parametrize("old", [True, False])
def test_killed_at_any_step(tmp_path: Path, new: dict[str, bytes], old: bool) -> None:
    """S41: output, list and records; the next run cleans up."""
    work = made()
    for number in range(0, 200, 1 if old else 5):
        folder = folder_with(tmp_path / str(number), old)
        ended = die_at(number, lambda here=folder: transform(work, here / "in.xml", here / "out.jsonl"))  # type: ignore[misc]
        assert_whole(files(folder), new, old)
        if ended:
            break
        transform(work, folder / "in.xml", folder / "out.jsonl")
        assert files(folder) == new
    assert 10 < number < 150


def attempt(work: Plan, folder: Path) -> str:
    """What a run says in the end, empty where it went well."""
    try:
        transform(work, folder / "in.xml", folder / "out.jsonl")
    except BadInput as error:
        return str(error)
    return ""


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("lasting", [True, False])
def test_a_disk_that_fails_at_any_step(
    tmp_path: Path, new: dict[str, bytes], code: int, lasting: bool
) -> None:
    """S41: writing, flushing, syncing and putting in place; one message, and nothing but the old files."""
    work = made()
    number = 0
    while True:
        folder = folder_with(tmp_path / str(number), old=True)
        with failing_at(number, code, lasting=lasting) as count:
            told = attempt(work, folder)
        assert_whole(files(folder), new, old=True)
        if not lasting:
            assert not [name for name in files(folder) if name.endswith(".part")]
        if number >= count[0]:
            assert told == ""
            break
        assert ("disk is full" in told) == (code == errno.ENOSPC) or told == ""
        number += 1
    assert number > 10


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A real disk of two hundred kilobytes."""
    with small_disk(tmp_path, "200k") as folder:
        yield folder


@pytest.mark.parametrize("bad", [0, 1])
def test_a_disk_that_is_really_full(small: Path, tmp_path: Path, bad: int) -> None:
    """S41: by the output, or by the records that failed."""
    source = rows({"k": "text", "v": "integer"})
    work = plan({"item": {"loop": "row"}, "item/k": "[k]", "item/v": "12 / [v]"}, source, TARGET)
    given = tmp_path / "in.csv"
    given.write_text("k,v\n" + "".join(f"{'k' * 90}{n},{1 - bad}\n" for n in range(4000)))
    (small / "out.jsonl").write_bytes(b"old\n")
    with pytest.raises(BadInput, match="disk is full"):
        transform(work, given, small / "out.jsonl")
    assert {file.name: file.read_bytes() for file in small.iterdir()} == {"out.jsonl": b"old\n"}


_CHILD = """
import sys
from pathlib import Path
from tests.engine.test_full_disk import made
from studio.engine.run import transform
print("ready", flush=True)
transform(made(), Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_killed_while_it_writes(tmp_path: Path) -> None:
    """S41: a signal that no process can catch, again and again; what is left of it goes with the next run."""
    given, out = tmp_path / "in.xml", tmp_path / "out.jsonl"
    given.write_text("<o>" + f'<order k="{"x" * 500}"><v>1</v></order>' * 10_000 + "</o>")
    out.write_bytes(b"old\n")
    unfinished = 0
    for wait in (0.05, 0.3):
        child = subprocess.Popen([sys.executable, "-c", _CHILD, given, out], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(wait)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        if out.read_bytes() != b"old\n":
            assert out.stat().st_size > 5_000_000
            out.write_bytes(b"old\n")
        unfinished = max(unfinished, sum(file.name.endswith(".part") for file in tmp_path.iterdir()))
        assert unfinished <= 1, "each run removes what the one before has left"
    assert unfinished == 1
    small = tmp_path / "small.xml"
    small.write_text(GIVEN)
    transform(made(), small, out, policy="null-field")
    assert not [file for file in tmp_path.iterdir() if file.name.endswith(".part")]


def test_what_a_living_run_writes_is_left_alone(tmp_path: Path) -> None:
    """Two runs into one file: the later one to end stands, the first is not robbed of its unfinished file."""
    folder = folder_with(tmp_path / "run", old=True)
    with subprocess.Popen(
        [sys.executable, "-c", "import sys, pathlib\nfrom studio.base.atomic import writing\n"
         "with writing(pathlib.Path(sys.argv[1])) as file:\n    file.write(b'mine')\n    print(1, flush=True)\n    sys.stdin.read()",
         folder / "out.jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        other.stdout.readline()
        transform(made(), folder / "in.xml", folder / "out.jsonl")
        assert [name for name in files(folder) if name.endswith(".part")]
        other.communicate(b"")
    assert (folder / "out.jsonl").read_bytes() == b"mine"
    assert not [name for name in files(folder) if name.endswith(".part")]
