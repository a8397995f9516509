"""One writer per folder, and a dead writer holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.project import lock as locking
from studio.project.lock import InUse, Lock

ROOT = Path(locking.__file__).resolve().parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from studio.project.lock import Lock
lock = Lock.take(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_writer_is_told_who_has_it(tmp_path: Path) -> None:
    first = Lock.take(tmp_path)
    with pytest.raises(InUse, match=str(os.getpid())) as caught:
        Lock.take(tmp_path)
    assert caught.value.exit_code == 2
    first.release()
    first.release()
    Lock.take(tmp_path).release()


def test_a_killed_writers_lock_is_free(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT)
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(InUse, match=str(holder.pid)):
            Lock.take(tmp_path)
    finally:
        holder.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        holder.wait()
        holder.stdout.close()
    assert (tmp_path / ".weft/lock").stat().st_size > 0, "the dead one's word is still there"
    Lock.take(tmp_path).release()


def test_a_lock_file_with_anything_in_it_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / ".weft").mkdir()
    (tmp_path / ".weft/lock").write_bytes(b"\xff not json")
    held = Lock.take(tmp_path)
    (tmp_path / ".weft/lock").write_text('{"process": []}')
    with pytest.raises(InUse, match="another program"):
        Lock.take(tmp_path)
    held.release()


def test_a_local_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "p").mkdir()
    (tmp_path / "p/.weft").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="link"):
        Lock.take(tmp_path / "p")
    assert list((tmp_path / "elsewhere").iterdir()) == []
