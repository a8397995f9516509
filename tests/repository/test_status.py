"""What a folder holds and what changed in it: read again only where something may have changed, never wrong."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.project.create import create
from studio.protocol.manifests import Content, hash_of
from studio.repository import files
from studio.repository.files import look, spelled_so
from studio.repository.link import Link, keep_link
from studio.repository.local import PLACE
from studio.repository.state import PATH, State, content_of
from studio.repository.status import ObjectStatus, Where, local_status

LONG_AGO = 10**9 * 1_600_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample project, in step with revision 3 of a repository, its files long unchanged."""
    place = tmp_path / "orders"
    create(place, sample="orders")
    keep_link(place, Link("https://weft.test", "org", "project"))
    (place / PATH).write_bytes(content_of(State("r3", 3, look(place).contents)))
    return place


def changed(folder: Path) -> dict[str, str]:
    return {one.path: one.here for one in local_status(folder).objects}


def test_nothing_changed(folder: Path) -> None:
    found = local_status(folder)
    assert (found.base, found.head, found.objects, found.undecided, found.queued) == (3, None, (), 0, 0)


def test_changes_are_told_file_by_file(folder: Path) -> None:
    (folder / "scripts/new.jb").write_text("1")
    (folder / "project.yaml").write_bytes((folder / "project.yaml").read_bytes() + b"\n")
    (folder / "README.md").unlink()
    new = ObjectStatus("scripts/new.jb", "scripts/new", Where.HERE, "added")
    assert new in local_status(folder).objects
    assert changed(folder) == {"scripts/new.jb": "added", "project.yaml": "changed", "README.md": "removed"}


def test_what_is_local_or_hidden_is_not_looked_at(folder: Path) -> None:
    for name in (".weft/x", ".git/config", "scripts/.swp", ".env", "out/result.xml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    assert changed(folder) == {}


def test_a_file_of_another_folder_belongs_to_it_once_it_is_in_the_repository(folder: Path) -> None:
    contents = {**look(folder).contents, "notes/plan.txt": Content(hash_of(b"plan"), 4)}
    (folder / PATH).write_bytes(content_of(State("r4", 4, contents)))
    assert changed(folder) == {"notes/plan.txt": "removed"}
    (folder / "notes").mkdir()
    (folder / "notes/plan.txt").write_text("plan")
    (folder / "notes/other.txt").write_text("other")
    assert changed(folder) == {}


def test_samples_that_stay_here_are_no_change(folder: Path) -> None:
    sample = next((folder / "samples").iterdir())
    sample.write_text("mine")
    assert changed(folder) == {f"samples/{sample.name}": "changed"}
    keep_link(folder, Link("https://weft.test", "org", "project", samples=False))
    assert changed(folder) == {}
    sample.unlink()
    assert changed(folder) == {}


def test_only_what_changed_is_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_RACY_NS", 0)
    os.utime(folder / "project.yaml")
    look(folder)
    reads: list[str] = []
    real = files._read
    monkeypatch.setattr(files, "_read", lambda place, path: reads.append(path) or real(place, path))
    before = look(folder).contents
    settled = set(reads)
    (folder / "project.yaml").write_bytes((folder / "project.yaml").read_bytes() + b"\n")
    reads.clear()
    after = look(folder).contents
    assert set(reads) - settled <= {"project.yaml"}
    assert "project.yaml" in reads
    assert before["project.yaml"] != after["project.yaml"]


@pytest.mark.skipif(os.name == "nt", reason="the time an entry was changed is not known there")
def test_a_change_that_hides_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same size, same time, same file: only the time of the entry tells."""
    monkeypatch.setattr(files, "_RACY_NS", 0)
    script = folder / "scripts/tricky.jb"
    script.write_text("a = 1;")
    os.utime(script, ns=(LONG_AGO, LONG_AGO))
    before = look(folder).contents["scripts/tricky.jb"]
    look(folder)
    script.write_text("a = 2;")
    os.utime(script, ns=(LONG_AGO, LONG_AGO))
    assert look(folder).contents["scripts/tricky.jb"] != before


def test_quick_changes_of_the_same_size_are_all_found(folder: Path) -> None:
    chance = random.Random(3)
    script = folder / "scripts/quick.jb"
    for _round in range(200):
        text = f"x = {chance.randrange(10)};".encode()
        script.write_bytes(text)
        assert look(folder).contents["scripts/quick.jb"] == Content(hash_of(text), len(text))


def test_a_damaged_cache_costs_time_only(folder: Path) -> None:
    for junk in (b"", b"{", b'{"files": {"project.yaml": [1]}}', b"[]"):
        (folder / PLACE / files.FILE).write_bytes(junk)
        assert changed(folder) == {}


def test_a_damaged_base_is_told(folder: Path) -> None:
    (folder / PATH).write_bytes(b"{")
    with pytest.raises(BadInput, match=r"state\.json.*damaged.*pull"):
        local_status(folder)


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_what_a_link_leads_to_is_not_taken_for_deleted(folder: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    shutil.move(folder / "schemas", away)
    (folder / "schemas").symlink_to(away)
    found = local_status(folder)
    assert found.objects == ()
    assert [problem.file for problem in found.problems][:1] == ["schemas"]


@pytest.mark.skipif(os.name == "nt", reason="names are characters there")
def test_a_name_that_is_no_text_is_told_and_breaks_nothing(folder: Path) -> None:
    name = os.fsdecode(b"scripts/\xff.jb")
    (folder / name).write_text("x")
    assert changed(folder) == {name: "added"}
    assert changed(folder) == {name: "added"}


def test_a_name_in_another_case_is_another_name(folder: Path) -> None:
    assert spelled_so(folder, "project.yaml")
    assert not spelled_so(folder, "Project.yaml")
    assert not spelled_so(folder, "Schemas/orders.xsd")
    assert not spelled_so(folder, "project.yaml/x")
