"""New projects appear whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.project.create import create, samples
from studio.project.folder import load
from tests.project.perils import failing_at


def test_an_empty_project(tmp_path: Path) -> None:
    project = create(tmp_path / "new one")
    assert project.name == "new one"
    assert len(project.id) == 8
    loaded = load(tmp_path / "new one")
    assert loaded.project == project
    assert loaded.problems == ()
    assert ".weft/" in (tmp_path / "new one/.gitignore").read_text()


def test_two_projects_of_one_sample_have_ids_of_their_own(tmp_path: Path) -> None:
    assert "orders" in samples()
    one = create(tmp_path / "one", sample="orders")
    two = create(tmp_path / "two", sample="orders", name="Mine")
    assert one.id != two.id
    assert (one.name, two.name) == ("Orders to ERP", "Mine")
    assert (tmp_path / "one/README.md").is_file()
    assert load(tmp_path / "two").project.name == "Mine"


def test_an_unknown_sample_and_a_full_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no sample") as caught:
        create(tmp_path / "x", sample="none")
    assert "orders" in caught.value.next_step
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("x")
    with pytest.raises(BadInput, match="not empty"):
        create(tmp_path / "full")
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="not empty"):
        create(tmp_path / "file")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
def test_a_full_disk_leaves_nothing(tmp_path: Path, code: int) -> None:
    for number in range(40):
        place = tmp_path / f"{number}/new"
        told: list[BadInput] = []
        with failing_at(number, code, lasting=False):
            try:
                create(place)
            except BadInput as error:
                told.append(error)
        assert [error for error in told if not error.next_step] == []
        # Where only making it durable failed, the whole project is there.
        assert load(place).problems == () if place.exists() else told
        assert [path.name for path in tmp_path.rglob("*.part")] == []
    assert place.exists()
