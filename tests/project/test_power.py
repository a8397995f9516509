"""A cut of power at any moment, with any part of what was not synced lost: all old or all new; no sync is idle."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.project.commit import commit, finish, sweep
from tests.project.perils import tree
from tests.project.power import Disk, Recorder
from tests.project.test_commit import CHANGES, NEW, OLD, make

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders cannot be synced there")

AGAIN = {"transformations/deep/er/b.yaml": OLD["transformations/deep/er/b.yaml"]}
LAST = {**NEW, **AGAIN}
SHARES = (0.0, 1.0, 0.5, 0.2, 0.8, 0.5)
Log = list[tuple[object, ...]]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """What saving CHANGES over OLD does to the disk, and then a file that CHANGES deleted."""
    folder = make(tmp_path / "recorded", OLD)
    (folder / ".weft").mkdir()
    recorder = Recorder(folder)
    recorder.run(lambda: commit(folder, CHANGES))
    assert tree(folder) == NEW
    recorder.run(lambda: commit(folder, AGAIN))
    assert tree(folder) == LAST
    return recorder.log


def cuts(log: Log, place: Path, rounds: int) -> list[str]:
    """What goes wrong when power is cut after each operation of the log, `rounds` times each."""
    chance = random.Random(7)
    folders = {".weft", *(parent for name in OLD for parent in _parents(name))}
    wrong = []
    for length in range(len(log) + 1):
        disk = Disk(OLD, folders)
        for entry in log[:length]:
            disk.play(entry)
        for share in SHARES[:rounds]:
            fault = _look(*disk.after_cut(chance, share), place, saved=length == len(log))
            if fault:
                wrong.append(f"after {length}: {fault}")
    return wrong


def _look(files: dict[str, bytes], folders: set[str], place: Path, *, saved: bool) -> str:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for folder in sorted(folders):
        (place / folder).mkdir(exist_ok=True)
    make(place, files)
    try:
        finish(place)
    except BadInput as error:
        return str(error)
    sweep(place)
    found = tree(place)
    if saved and found != LAST:
        return "an acknowledged save is lost"
    return "" if found in (OLD, NEW, LAST) else f"neither old nor new: {sorted(found.items())}"


def _parents(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: index + 1]) for index in range(len(parts))]


def test_a_cut_of_power_leaves_all_old_or_all_new(log: Log, tmp_path: Path) -> None:
    assert cuts(log, tmp_path / "found", rounds=6) == []


def test_every_removed_sync_is_noticed(log: Log, tmp_path: Path) -> None:
    syncs = [index for index, entry in enumerate(log) if str(entry[0]).startswith("sync")]
    assert len(syncs) > 10
    idle = []
    for index in syncs:
        if not cuts([*log[:index], *log[index + 1 :]], tmp_path / "found", rounds=2):
            idle.append((index, *log[index][:2]))
    assert idle == []
