"""What a killed run in parts leaves beside its output goes with the next run there, and nothing that is in use."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio.base.own_folder import clear_folders, own_folder
from studio.engine.run import transform
from tests.engine.test_parts_pool import given, made

__all__ = ["given"]

_CHILD = """
import pickle, sys
from pathlib import Path
from studio.engine.parts.cut import processes
from studio.engine.run import transform
plan = pickle.loads(Path(sys.argv[1]).read_bytes())
transform(plan, Path(sys.argv[2]), Path(sys.argv[3]), workers=processes(2, 3000))
"""
_LONG = 120


def folders(folder: Path) -> list[Path]:
    """The working folders in a folder."""
    return list(folder.glob(".weft-parts-*"))


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path, given: Path) -> None:
    """S41: kill -9 in the middle of the parts; then another output is written into the same folder."""
    place = tmp_path / "out"
    place.mkdir()
    (tmp_path / "plan").write_bytes(pickle.dumps(made()))
    arguments = [str(tmp_path / "plan"), str(given), str(place / "out.csv")]
    child = subprocess.Popen([sys.executable, "-c", _CHILD, *arguments], stderr=subprocess.DEVNULL)
    end = time.monotonic() + _LONG
    while child.poll() is None and time.monotonic() < end:
        if any(len(list(folder.iterdir())) > 1 for folder in folders(place)):
            break
        time.sleep(0.005)
    assert child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert len(folders(place)) == 1
    (tmp_path / "one.csv").write_text("id,text\n1,a\n")
    transform(made(), tmp_path / "one.csv", place / "other.csv")
    assert folders(place) == []
    assert [file.name for file in place.iterdir() if not file.name.endswith(".part")] == ["other.csv"]


def test_folders_in_use_or_of_others_stay(tmp_path: Path) -> None:
    """Also while runs begin and end beside each other."""
    strange = tmp_path / ".weft-parts-else"
    strange.mkdir()
    (strange / "owner").write_text("another machine")
    with own_folder(tmp_path) as folder:
        (folder / "0").write_text("a part")
        with own_folder(tmp_path) as second:
            clear_folders(tmp_path)
            assert {each.name for each in folders(tmp_path)} == {folder.name, second.name, strange.name}
        assert not second.exists()
        assert (folder / "0").exists()
    assert folders(tmp_path) == [strange]
    (strange / "owner").unlink()
    clear_folders(tmp_path)
    assert folders(tmp_path) == []
