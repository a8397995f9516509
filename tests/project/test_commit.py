"""Several files as one: killed anywhere, short of space or rights anywhere, the folder is all old or all new."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.project.commit import Outdated, commit, finish, inside, pending, sweep
from tests.project.perils import die_at, failing_at, tree

OLD: dict[str, bytes] = {
    "project.yaml": b"old project\n",
    "transformations/a.yaml": b"old a\n",
    "transformations/deep/er/b.yaml": b"old b\n",
    "scripts/c.jb": b"old c\n",
}
CHANGES: dict[str, bytes | None] = {
    "project.yaml": b"new project\n",
    "transformations/a.yaml": b"new a\n" * 1000,
    "transformations/deep/er/b.yaml": None,
    "scripts/new/d.jb": b"new d\n",
    "scripts/e.jb": b"",
}
NEW = {name: data for name, data in {**OLD, **CHANGES}.items() if data is not None}

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="dying at a chosen step needs fork")


def make(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def opened(folder: Path) -> dict[str, bytes]:
    """The files as the next opening finds them."""
    finish(folder)
    sweep(folder)
    assert not pending(folder)
    return tree(folder)


def test_files_are_written_and_deleted(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", OLD)
    commit(folder, CHANGES)
    assert tree(folder) == NEW
    assert not (folder / "transformations/deep").exists()
    assert (folder / "transformations").is_dir()
    assert [path.name for path in (folder / ".weft").iterdir()] == ["writing"]


def test_a_folder_goes_with_the_last_of_several_files_deleted_in_it(tmp_path: Path) -> None:
    files = {f"transformations/deep/{n}.yaml": b"x" for n in range(3)}
    folder = make(tmp_path / "p", files | {"project.yaml": b"y"})
    commit(folder, dict.fromkeys(files))
    assert tree(folder) == {"project.yaml": b"y"}
    assert not pending(folder)


@needs_fork
def test_killed_at_every_step_the_folder_is_all_old_or_all_new(tmp_path: Path) -> None:
    results = []
    for number in range(10_000):
        folder = make(tmp_path / str(number), OLD)
        ended = die_at(number, lambda folder=folder: commit(folder, CHANGES))  # type: ignore[misc]
        found = opened(folder)
        assert found in (OLD, NEW), number
        assert not ended or found == NEW
        results.append(found == NEW)
        shutil.rmtree(folder)
        if ended:
            break
    assert len(results) > 40
    assert results == sorted(results), "once the save counts, no later death takes it back"


@needs_fork
def test_killed_again_while_finishing(tmp_path: Path) -> None:
    template = make(tmp_path / "template", OLD)
    first = next(
        number for number in range(10_000) if _dies_pending(template, tmp_path / f"d{number}", number)
    )
    interrupted = tmp_path / f"d{first}"
    for number in range(10_000):
        folder = tmp_path / f"again{number}"
        shutil.copytree(interrupted, folder)
        ended = die_at(number, lambda folder=folder: finish(folder) and None)  # type: ignore[misc, func-returns-value]
        assert opened(folder) == NEW
        if ended:
            break
    assert number > 10


def _dies_pending(template: Path, folder: Path, number: int) -> bool:
    shutil.copytree(template, folder)
    die_at(number, lambda: commit(folder, CHANGES))
    return pending(folder)


@needs_fork
def test_a_single_file_is_all_old_or_all_new(tmp_path: Path) -> None:
    for number in range(1_000):
        folder = make(tmp_path / str(number), OLD)
        ended = die_at(number, lambda folder=folder: commit(folder, {"scripts/c.jb": b"new c\n"}))  # type: ignore[misc]
        found = opened(folder)["scripts/c.jb"]
        assert found == b"new c\n" if ended else found in (b"old c\n", b"new c\n")
        if ended:
            break
    assert number > 4


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("lasting", [True, False])
def test_an_error_at_every_step_is_one_clear_message(tmp_path: Path, code: int, lasting: bool) -> None:
    for number in range(10_000):
        folder = make(tmp_path / str(number), OLD)
        with failing_at(number, code, lasting=lasting) as count:
            try:
                commit(folder, CHANGES)
                told = None
            except BadInput as error:
                told = error
        if count[0] <= number:
            break  # there was no such step
        if told is not None:
            assert told.next_step
            assert told.file
            assert (code != errno.ENOSPC) or "full" in told.message
            # Where even removing fails, new contents stay beside their targets until the next opening.
            whole = {name: data for name, data in tree(folder).items() if not name.endswith(".part")}
            assert whole in (OLD, NEW) or pending(folder)
        assert opened(folder) == NEW if told is None else opened(folder) in (OLD, NEW)
    assert number > 20


def test_a_full_disk_changes_nothing_before_it_is_told(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", OLD)
    with failing_at(3, errno.ENOSPC, lasting=True), pytest.raises(BadInput, match="full"):
        commit(folder, CHANGES)
    sweep(folder)
    assert tree(folder) == OLD
    assert not pending(folder)


def _save_without_end(folder: Path, acknowledge: int) -> None:
    n = int((folder / "a").read_text())
    while True:
        n += 1
        changes: dict[str, bytes | None] = {
            name: b"%d" % n * size for name, size in (("a", 1), ("b/c", 2000), ("d", 1))
        }
        changes[f"e{n % 2}"] = None
        changes[f"e{(n + 1) % 2}"] = b"x"
        commit(folder, changes)
        os.write(acknowledge, b"%d\n" % n)


@needs_fork
def test_killed_at_random_no_save_is_lost(tmp_path: Path, share: Callable[[int], int]) -> None:
    """Real kills of a process that saves without end: what it acknowledged is there, and the files fit together."""
    folder = make(tmp_path / "p", {"a": b"0", "b/c": b"0" * 2000, "d": b"0", "e0": b"", "e1": b"x"})
    (folder / "e0").unlink()
    chance, saves = random.Random(11), 0
    for _round in range(share(3_000)):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(reading)
                _save_without_end(folder, writing)
            finally:
                os._exit(1)
        os.close(writing)
        time.sleep(chance.random() * 0.08)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reading) as pipe:
            acknowledged = [int(line) for line in pipe.read().split("\n")[:-1]]
        found = opened(folder)
        n = int(found["a"])
        assert n >= (acknowledged[-1] if acknowledged else saves)
        assert n - (acknowledged[-1] if acknowledged else saves) <= 1
        assert found == {"a": b"%d" % n, "b/c": b"%d" % n * 2000, "d": b"%d" % n, f"e{(n + 1) % 2}": b"x"}
        saves = n
    assert saves > 3  # how many depends on the machine


def test_a_file_changed_by_others_meanwhile_is_left_and_ours_is_kept(tmp_path: Path) -> None:
    folder = _interrupted(tmp_path)
    (folder / "transformations/a.yaml").write_bytes(b"theirs\n")
    (folder / "transformations/deep/er/b.yaml").write_bytes(b"theirs too\n")
    finished = finish(folder)
    assert set(finished.kept) == {"transformations/a.yaml", "transformations/deep/er/b.yaml"}
    assert (folder / "transformations/a.yaml").read_bytes() == b"theirs\n"
    assert (folder / "transformations/deep/er/b.yaml").read_bytes() == b"theirs too\n"
    assert (folder / ".weft/kept/transformations/a.yaml").read_bytes() == NEW["transformations/a.yaml"]
    assert (folder / "project.yaml").read_bytes() == NEW["project.yaml"]


def _interrupted(tmp_path: Path) -> Path:
    folder = make(tmp_path / "p", OLD)
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.name.startswith(".") and "intent" not in self.name:
            raise OSError(errno.EIO, "gone")
        return real(self, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        patch.setattr(Path, "unlink", lambda self, missing_ok=False: _raise())
        with pytest.raises(BadInput):
            commit(folder, CHANGES)
    assert pending(folder)
    assert tree(folder).items() >= OLD.items()
    return folder


def _raise() -> None:
    raise OSError(errno.EIO, "gone")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"token": 1, "files": {}}', '{"token": "../../aa", "files": {}}']
)
def test_a_damaged_list_is_told_and_nothing_touched(tmp_path: Path, text: str) -> None:
    folder = make(tmp_path / "p", OLD)
    (folder / ".weft").mkdir()
    (folder / ".weft/intent.json").write_text(text)
    with pytest.raises(BadInput, match="damaged"):
        finish(folder)
    assert tree(folder) == OLD


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/etc/x", "", "..", "a\\..\\x", "C:/x", "c:x", "a/\0b", "link/x", "loop/x"]
)
def test_nothing_outside_the_folder_is_a_path(tmp_path: Path, name: str) -> None:
    folder = make(tmp_path / "p", OLD)
    (tmp_path / "elsewhere").mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "loop").symlink_to(folder / "loop")
    with pytest.raises(BadInput, match="leads out"):
        inside(folder, name)
    with pytest.raises(BadInput, match="leads out"):
        commit(folder, {name: b"x", "project.yaml": b"y"})
    assert (folder / "project.yaml").read_bytes() == OLD["project.yaml"]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_in_the_way_is_told_before_anything_changes(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", OLD)
    (folder / "scripts/e.jb").mkdir()
    with pytest.raises(BadInput, match="folder stands"):
        commit(folder, CHANGES)
    assert tree(folder) == OLD


def test_a_name_that_differs_in_case_only_is_not_lost(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", OLD)
    commit(folder, {"scripts/c.jb": None, "scripts/C.jb": b"moved"})
    assert tree(folder)["scripts/C.jb"] == b"moved"


def test_foreign_part_files_and_other_dotfiles_are_left(tmp_path: Path) -> None:
    folder = make(
        tmp_path / "p", {**OLD, ".x.part": b"1", "scripts/.c.jb.0123abcd.part": b"2", ".gitignore": b"3"}
    )
    sweep(folder)
    assert set(tree(folder)) == {*OLD, ".x.part", ".gitignore"}


@needs_fork
def test_several_programs_write_in_turn(tmp_path: Path) -> None:
    """Each writes two files of one content, many times: what is there in the end is one program's, whole."""
    folder = make(tmp_path / "p", OLD)
    children = []
    for number in range(3):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                for turn in range(15):
                    text = f"{number} {turn}".encode()
                    commit(folder, {"scripts/a.jb": text, "scripts/b.jb": text, f"tables/{number}.csv": text})
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0]
    found = opened(folder)
    assert found["scripts/a.jb"] == found["scripts/b.jb"]
    assert [found[f"tables/{number}.csv"] for number in range(3)] == [
        f"{number} 14".encode() for number in range(3)
    ]


def test_what_changed_since_it_was_looked_at_is_not_overwritten(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", OLD)

    def guard() -> None:
        raise Outdated("Somebody was faster.")

    with pytest.raises(Outdated):
        commit(folder, CHANGES, guard=guard)
    assert tree(folder) == OLD


def test_contents_may_come_from_files(tmp_path: Path) -> None:
    folder = make(tmp_path / "p", OLD)
    source = tmp_path / "large.bin"
    source.write_bytes(os.urandom(3_000_000))
    commit(folder, {"schemas/one.bin": source})
    commit(folder, {"schemas/two.bin": source, "scripts/a.jb": b"x"})
    assert (
        (folder / "schemas/one.bin").read_bytes()
        == (folder / "schemas/two.bin").read_bytes()
        == source.read_bytes()
    )
