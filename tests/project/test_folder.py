"""A project's folder: what is read, what is reported, what saving touches and what it leaves alone."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, Severity, TooLarge
from studio.project import edits, folder
from studio.project.folder import find_project, load, project_at, save, scan
from studio.project.lock import Lock
from studio.project.migrate import NewerVersion
from tests.project.examples import NASTY, project, random_edit, saved, texts
from tests.project.perils import tree


@given(st.integers(0, 10**6), st.integers(0, 8))
def test_what_is_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, seed: int, count: int) -> None:
    import random

    place = tmp_path_factory.mktemp("p")
    chance = random.Random(seed)
    before = saved(place)
    value = before
    for _edit in range(count):
        value = random_edit(value, chance)[1]
    save(place, value, before)
    loaded = load(place)
    assert loaded.problems == ()
    assert texts(loaded.project) == texts(value)
    assert save(place, loaded.project, value) == frozenset()


def test_a_save_writes_only_what_differs(tmp_path: Path) -> None:
    before = saved(tmp_path)
    file = tmp_path / "transformations/orders-to-invoices.yaml"
    file.write_text(file.read_text().replace("name: Orders to invoices", "name:   'Orders to invoices'"))
    loaded = load(tmp_path).project
    stamps = scan(tmp_path)
    changed = save(tmp_path, edits.put(loaded, "scripts/new", "x"), loaded)
    assert changed == {"scripts/new"}
    now = scan(tmp_path)
    assert {name for name in now if now[name] != stamps.get(name)} == {"scripts/new.jb"}
    assert "'Orders to invoices'" in file.read_text()
    assert before.transformations == loaded.transformations


def test_files_of_all_kinds_are_found(tmp_path: Path) -> None:
    saved(tmp_path)
    for name in ("schemas/a.xsd", "schemas/deep/b.xsd", "tables/t.csv", "samples/s.xml", "samples/.hidden", "out/x.xml",
                 "README.md", "transformations/notes.txt"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    loaded = load(tmp_path)
    assert loaded.project.schemas == ("schemas/a.xsd", "schemas/deep/b.xsd")
    assert loaded.project.tables == ("tables/t.csv",)
    assert loaded.project.samples == ("samples/s.xml",)
    assert loaded.problems == ()


BROKEN = {
    "transformations/a.yaml": "weft: transformation/1\nmap: {a: [x]}\n",
    "operations/b.yaml": "weft: operation/1\nname: [\n",
    "connections/c.yaml": "weft: connection/2\nkind: x\n",
    "schedules/d.yaml": "",
    "scripts/e.jb": "café",
    "transformations/con.yaml": "weft: transformation/1\n",
}


def test_broken_files_are_reported_and_never_touched(tmp_path: Path) -> None:
    saved(tmp_path)
    for name, text in BROKEN.items():
        (tmp_path / name).write_bytes(text.encode("latin-1"))
    loaded = load(tmp_path)
    assert loaded.broken == set(BROKEN)
    assert {problem.file for problem in loaded.problems} == set(BROKEN)
    assert all(problem.severity is Severity.ERROR and problem.mend for problem in loaded.problems)
    lines = {problem.file: problem.line for problem in loaded.problems}
    assert (lines["transformations/a.yaml"], lines["operations/b.yaml"], lines["connections/c.yaml"]) == (
        2,
        3,
        1,
    )
    changed = edits.remove(edits.put(loaded.project, "scripts/x", "y"), "scripts/mark/sent")
    save(tmp_path, changed, loaded.project)
    for name, text in BROKEN.items():
        assert (tmp_path / name).read_bytes() == text.encode("latin-1")
    with pytest.raises(BadInput, match="not part of the open project"):
        save(tmp_path, edits.put(changed, "scripts/e", "mine"), changed)
    assert (tmp_path / "scripts/e.jb").read_bytes() == "café".encode("latin-1")


def test_comments_are_told_before_they_are_lost(tmp_path: Path) -> None:
    saved(tmp_path)
    file = tmp_path / "operations/send-invoices.yaml"
    file.write_text(file.read_text() + "# remember\n")
    loaded = load(tmp_path)
    (note,) = loaded.problems
    assert (note.severity, note.file) == (Severity.NOTE, "operations/send-invoices.yaml")
    assert loaded.commented == {"operations/send-invoices.yaml"}


def test_no_project_and_no_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no project\.yaml"):
        load(tmp_path)
    with pytest.raises(BadInput, match="no such folder"):
        load(tmp_path / "none")


def test_a_newer_project_is_refused_politely_and_left_alone(tmp_path: Path) -> None:
    saved(tmp_path)
    file = tmp_path / "project.yaml"
    file.write_text(file.read_text().replace("project/1", "project/2"))
    before = tree(tmp_path)
    with pytest.raises(NewerVersion, match="format version 2") as caught:
        load(tmp_path)
    assert "newer Weft Studio" in caught.value.next_step
    assert tree(tmp_path) == before


def test_links_that_leave_the_project_are_not_followed(tmp_path: Path) -> None:
    place = tmp_path / "p"
    saved(place)
    (tmp_path / "secret.yaml").write_text("weft: transformation/1\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more/x.yaml").write_text("weft: operation/1\n")
    (place / "transformations/leak.yaml").symlink_to(tmp_path / "secret.yaml")
    (place / "operations/leak").symlink_to(tmp_path / "more")
    (place / "scripts/dangling.jb").symlink_to(tmp_path / "nothing")
    (place / "scripts/loop.jb").symlink_to(place / "scripts/loop.jb")
    (place / "scripts/fine.jb").symlink_to(place / "scripts/mark/sent.jb")
    loaded = load(place)
    assert {problem.file for problem in loaded.problems} == {
        "transformations/leak.yaml", "operations/leak", "scripts/dangling.jb", "scripts/loop.jb",
    }  # fmt: skip
    assert set(loaded.project.transformations) == {"orders-to-invoices"}
    assert set(loaded.project.scripts) == {"fine", "mark/sent"}


def test_saving_through_a_link_that_leaves_the_project_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "p"
    value = saved(place)
    (tmp_path / "elsewhere").mkdir()
    (place / "connections/drop.yaml").unlink()
    (place / "connections").rmdir()
    (place / "connections").symlink_to(tmp_path / "elsewhere")
    changed = edits.put(value, "connections/drop", replace(value.connections["drop"], kind="sftp"))
    with pytest.raises(BadInput, match="leads out"):
        save(place, changed, value)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders there")
def test_pipes_and_devices_are_not_opened(tmp_path: Path) -> None:
    saved(tmp_path)
    os.mkfifo(tmp_path / "scripts/pipe.jb")
    assert set(load(tmp_path).project.scripts) == {"mark/sent"}


def test_too_many_files_and_too_large_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path)
    (tmp_path / "scripts/large.jb").write_bytes(b"x" * (17 << 20))
    (problem,) = load(tmp_path).problems
    assert "larger than" in problem.message
    monkeypatch.setattr(folder, "MAX_FILES", 3)
    with pytest.raises(TooLarge):
        load(tmp_path)


def test_the_project_around_a_file_is_found(tmp_path: Path) -> None:
    saved(tmp_path)
    inner = tmp_path / "samples/deep"
    inner.mkdir(parents=True)
    assert find_project(inner) == tmp_path
    assert project_at(tmp_path / "project.yaml") == tmp_path
    with pytest.raises(BadInput, match="no such folder"):
        project_at(tmp_path / "typo")


def test_tidying_tells_what_it_could_not_decide(tmp_path: Path) -> None:
    saved(tmp_path)
    lock = Lock.take(tmp_path)
    (tmp_path / ".weft/intent.json").write_text("{")
    (problem,) = folder.tidy(tmp_path)
    assert "damaged" in problem.message
    lock.release()


def test_any_text_in_any_place_survives_the_folder(tmp_path: Path) -> None:
    before = saved(tmp_path)
    value = before
    for number, text in enumerate(NASTY):
        value = edits.put(value, f"scripts/s{number}", text)
        value = replace(value, variables={**value.variables, text or "empty": text}, description=text)
    save(tmp_path, value, before)
    loaded = load(tmp_path).project
    assert loaded.variables == value.variables
    assert loaded.scripts == value.scripts
    assert project().scripts.items() <= loaded.scripts.items()
