"""The open project: edits, undo, saving, what others change, and what a kill or a full disk leaves."""

from __future__ import annotations

import errno
import os
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, Severity, WeftError
from studio.base.file_lock import waiting_turn
from studio.mapping.model import SchemaUse
from studio.project import edits, folder
from studio.project.create import create
from studio.project.lock import InUse
from studio.workspace import NOTHING, Changes, Workspace
from tests.project.examples import project, random_edit, saved, texts
from tests.project.perils import DIED, failing_at, steps, tree


@pytest.fixture
def place(tmp_path: Path) -> Path:
    saved(tmp_path / "p")
    return tmp_path / "p"


def put(workspace: Workspace, text: str, ref: str = "mark/sent") -> Changes:
    return workspace.edit(
        f"Edit {ref}", edits.put(workspace.project, f"scripts/{ref}", text), initiator="test"
    )


def test_an_edit_tells_what_changed_and_who_asked(place: Path) -> None:
    workspace = Workspace.open(place)
    told: list[tuple[Changes, str]] = []
    workspace.changed.connect(lambda changes, who: told.append((changes, who)))
    put(workspace, "new")
    assert told == [(Changes(frozenset({"scripts/mark/sent"}), history=True), "test")]
    assert workspace.unsaved == {"scripts/mark/sent"}
    assert workspace.dirty
    assert put(workspace, "new") == NOTHING
    workspace.undo(initiator="keys")
    assert told[-1][1] == "keys"
    assert not workspace.dirty
    assert workspace.undo() == NOTHING
    workspace.redo()
    workspace.save()
    assert told[-1][0] == Changes(frozenset({"scripts/mark/sent"}), saved=True)
    assert not workspace.dirty
    assert (place / "scripts/mark/sent.jb").read_text() == "new"
    workspace.undo()
    assert workspace.dirty, "undone past the save, the file is the newer one"
    workspace.close(discard=True)


@given(st.integers(0, 10**6), st.integers(1, 12))
def test_undoing_all_and_redoing_all_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    place = tmp_path_factory.mktemp("p")
    saved(place)
    chance = random.Random(seed)
    workspace = Workspace.open(place)
    before = tree(place)
    for _edit in range(count):
        workspace.edit(*random_edit(workspace.project, chance))
    workspace.save()
    after = tree(place)
    if chance.random() < 0.5:  # also over a restart
        workspace.close()
        workspace = Workspace.open(place)
    while workspace.history.can_undo:
        workspace.undo()
    workspace.save()
    assert tree(place) == before
    while workspace.history.can_redo:
        workspace.redo()
    workspace.save()
    assert tree(place) == after
    workspace.close()


def test_one_window_at_a_time_others_may_look(place: Path) -> None:
    workspace = Workspace.open(place)
    with pytest.raises(InUse):
        Workspace.open(place)
    put(workspace, "new")
    other = Workspace.open(place, read_only=True)
    assert other.read_only
    put(other, "theirs")
    with pytest.raises(BadInput, match="reading only"):
        other.save()
    other.close()
    workspace.save()
    workspace.close()
    Workspace.open(place).close()


def test_a_failed_opening_keeps_no_lock(place: Path) -> None:
    good = (place / "project.yaml").read_text()
    (place / "project.yaml").write_text("weft: project/9\n")
    with pytest.raises(WeftError):
        Workspace.open(place)
    (place / "project.yaml").write_text(good)
    Workspace.open(place).close()


def test_discarded_work_can_be_had_again_by_undo(place: Path) -> None:
    workspace = Workspace.open(place)
    put(workspace, "new")
    workspace.close(discard=True)
    workspace = Workspace.open(place)
    assert not workspace.dirty
    assert workspace.recovered.unsaved == frozenset()
    workspace.undo()
    assert workspace.project.scripts["mark/sent"] == "new"
    workspace.close(discard=True)


def test_comments_are_told_before_the_save_that_loses_them(place: Path) -> None:
    file = place / "operations/tell-sales.yaml"
    file.write_text(file.read_text() + "# remember\n")
    workspace = Workspace.open(place)
    assert workspace.losing_comments == frozenset()
    changed = replace(workspace.project.operations["tell-sales"], name="Tell")
    workspace.edit("Rename", edits.put(workspace.project, "operations/tell-sales", changed))
    assert workspace.losing_comments == {"operations/tell-sales"}
    assert [problem.severity for problem in workspace.problems if "comments" in problem.message] == [
        Severity.NOTE
    ]
    workspace.save()
    assert workspace.losing_comments == frozenset()
    assert not any("comments" in problem.message for problem in workspace.problems)
    workspace.close()


class TestOutside:
    """Files changed by others while the project is open."""

    def test_a_changed_file_is_reloaded(self, place: Path) -> None:
        workspace = Workspace.open(place)
        told: list[str] = []
        workspace.changed.connect(lambda changes, who: told.append(who))
        assert workspace.check_outside() == NOTHING
        (place / "scripts/mark/sent.jb").write_text("theirs")
        changes = workspace.check_outside()
        assert changes == Changes(frozenset({"scripts/mark/sent"}), history=True)
        assert told == ["outside"]
        assert workspace.project.scripts["mark/sent"] == "theirs"
        assert not workspace.dirty
        assert workspace.check_outside() == NOTHING
        workspace.undo()
        assert workspace.project.scripts["mark/sent"] != "theirs"
        workspace.close()

    def test_unsaved_work_is_merged_rule_by_rule(self, place: Path) -> None:
        workspace = Workspace.open(place)
        ref, rules = "orders-to-invoices", workspace.project.transformations["orders-to-invoices"].mapping
        mine = replace(rules, rules=(*rules.rules[:-1], replace(rules.rules[-1], script="mine")))
        changed = replace(workspace.project.transformations[ref], mapping=mine)
        workspace.edit("Total", edits.put(workspace.project, f"transformations/{ref}", changed))
        file = place / f"transformations/{ref}.yaml"
        file.write_text(file.read_text().replace('"[@id]"', '"[@number]"'))
        workspace.save()
        assert workspace.conflicts == ()
        assert '"[@number]"' in file.read_text()
        assert "mine" in file.read_text()
        workspace.close()

    def test_a_conflict_stops_the_save_once_and_names_the_place(self, place: Path) -> None:
        workspace = Workspace.open(place)
        put(workspace, "mine")
        file = place / "scripts/mark/sent.jb"
        file.write_text("theirs")
        with pytest.raises(BadInput, match="changed here and outside") as caught:
            workspace.save()
        assert caught.value.file == "scripts/mark/sent.jb"
        assert file.read_text() == "theirs"
        (conflict,) = workspace.conflicts
        assert conflict.theirs == "theirs"
        workspace.save()
        assert file.read_text() == "mine"
        workspace.settle(conflict)
        assert workspace.conflicts == ()
        workspace.close()

    def test_a_conflict_is_there_again_at_the_next_opening_until_it_is_settled(self, place: Path) -> None:
        workspace = Workspace.open(place)
        put(workspace, "mine")
        (place / "scripts/mark/sent.jb").write_text("theirs")
        workspace.check_outside()
        found = workspace.conflicts
        workspace.close()
        workspace = Workspace.open(place)
        assert workspace.conflicts == found
        assert (found[0].mine, found[0].theirs) == ("mine", "theirs")
        workspace.save()
        workspace.close()
        workspace = Workspace.open(place)
        assert workspace.conflicts == found
        workspace.settle(workspace.conflicts[0])
        workspace.close()
        workspace = Workspace.open(place)
        assert workspace.conflicts == ()
        assert not (place / ".weft/outside.json").exists()
        workspace.close()

    @pytest.mark.parametrize(
        "junk", ["{", "[{}]", "[1]", '[{"object": "x", "path": [], "base": 1, "mine": 1, "theirs": 2}]']
    )
    def test_a_damaged_list_of_conflicts_stops_nobody(self, place: Path, junk: str) -> None:
        (place / ".weft").mkdir(exist_ok=True)
        (place / ".weft/outside.json").write_text(junk)
        Workspace.open(place).close()

    def test_a_save_while_another_program_writes_is_told_and_loses_nothing(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(folder, "_SHORTLY", 0.0)
        workspace = Workspace.open(place)
        put(workspace, "mine")
        with waiting_turn(place / ".weft/writing"), pytest.raises(BadInput, match="writing to this project"):
            workspace.save()
        assert workspace.dirty
        workspace.save()
        assert (place / "scripts/mark/sent.jb").read_text() == "mine"
        workspace.close()

    def test_deleted_and_added_files_follow(self, place: Path) -> None:
        workspace = Workspace.open(place)
        (place / "scripts/mark/sent.jb").unlink()
        (place / "scripts/other.jb").write_text("x")
        workspace.check_outside()
        assert set(workspace.project.scripts) == {"other"}
        (place / "schemas").mkdir()
        (place / "schemas/a.xsd").write_text("<a/>")
        changes = workspace.check_outside()
        assert changes.schemas
        assert workspace.project.schemas == ("schemas/a.xsd",)
        workspace.undo()
        assert workspace.project.schemas == ("schemas/a.xsd",), "files are not part of the history"
        assert workspace.project is workspace.project
        workspace.close(discard=True)

    def test_a_checkout_in_between_and_a_broken_project_file_are_waited_for(self, place: Path) -> None:
        workspace = Workspace.open(place)
        put(workspace, "mine")
        good = (place / "project.yaml").read_text()
        (place / "project.yaml").unlink()
        assert workspace.check_outside() == NOTHING
        (place / "project.yaml").write_text("weft: project/7\n")
        assert workspace.check_outside() == NOTHING
        assert any("format version 7" in problem.message for problem in workspace.problems)
        assert workspace.project.scripts["mark/sent"] == "mine"
        (place / "project.yaml").write_text(good.replace("Orders to ERP", "Renamed"))
        assert workspace.check_outside().objects == {"project"}
        assert not any("format version" in problem.message for problem in workspace.problems)
        assert workspace.project.name == "Renamed"
        assert workspace.unsaved == {"scripts/mark/sent"}
        workspace.close()

    def test_a_broken_file_is_reported_and_never_overwritten(self, place: Path) -> None:
        workspace = Workspace.open(place)
        file = place / "operations/tell-sales.yaml"
        file.write_text("weft: operation/1\nname: [\n")
        workspace.check_outside()
        assert "tell-sales" not in workspace.project.operations
        assert any(problem.file == "operations/tell-sales.yaml" for problem in workspace.problems)
        workspace.undo()
        with pytest.raises(BadInput, match="not part of the open project"):
            workspace.save()
        assert "[" in file.read_text()
        workspace.close()


class TestPerils:
    """Kills, full disks, folders nobody may write."""

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="dying at a chosen step needs fork")
    def test_killed_at_any_step_of_edit_and_save_nothing_acknowledged_is_lost(self, tmp_path: Path) -> None:
        for number in range(10_000):
            place = tmp_path / str(number)
            saved(place)
            acknowledged, ended = _work_until(place, number)
            workspace = Workspace.open(place)
            assert workspace.problems == () or all(
                p.severity is not Severity.ERROR or p.object for p in workspace.problems
            )
            if "edit" in acknowledged:
                assert workspace.project.scripts["mark/sent"] == "edited"
            if "save" in acknowledged:
                assert not workspace.dirty
                assert tree(place) == {folder_name(id): text for id, text in _after().items()}
            else:
                assert tree(place) in (
                    _files(project()),
                    {folder_name(id): text for id, text in _after().items()},
                )
            workspace.save()
            workspace.close()
            if ended:
                break
        assert number > 30

    @pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
    def test_a_save_that_fails_loses_nothing(self, place: Path, code: int) -> None:
        workspace = Workspace.open(place)
        put(workspace, "new")
        put(workspace, "also", "other")
        before = tree(place)
        with failing_at(2, code, lasting=True), pytest.raises(BadInput) as caught:
            workspace.save()
        assert caught.value.next_step
        assert {name: data for name, data in tree(place).items() if not name.endswith(".part")} == before
        assert workspace.unsaved == {"scripts/mark/sent", "scripts/other"}
        workspace.save()
        assert (place / "scripts/other.jb").read_text() == "also"
        workspace.close()

    @pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
    def test_a_folder_nobody_may_write(self, place: Path) -> None:
        place.chmod(0o555)
        try:
            workspace = Workspace.open(place)
            assert workspace.read_only
        finally:
            place.chmod(0o755)

    def test_a_folder_that_cannot_be_locked_opens_for_reading(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = Path.open

        def refuse(self: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            if self.name == "lock":
                raise OSError(errno.EROFS, "Read-only file system")
            return real(self, mode, *args, **kwargs)

        monkeypatch.setattr(Path, "open", refuse)
        workspace = Workspace.open(place)
        assert workspace.read_only
        assert any("does not allow writing" in problem.message for problem in workspace.problems)
        put(workspace, "in memory only")
        with pytest.raises(BadInput, match="reading only"):
            workspace.save()
        workspace.close()


def _files(value: object) -> dict[str, bytes]:
    return {folder_name(id): str(text).encode() for id, text in texts(value).items()}  # type: ignore[arg-type]


def _after() -> dict[str, bytes]:
    value = edits.put(edits.put(project(), "scripts/mark/sent", "edited"), "scripts/other", "too")
    return {id: str(text).encode() for id, text in texts(value).items()}


def folder_name(id: str) -> str:
    return f"{id}.jb" if id.startswith("scripts/") else f"{id}.yaml"


def _work_until(place: Path, number: int) -> tuple[list[str], bool]:
    """Edit twice and save in a child that dies at the `number`-th step; what it had been told was done."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            workspace = Workspace.open(place)
            count = 0

            def step() -> None:
                nonlocal count
                if count == number:
                    os._exit(DIED)
                count += 1

            with steps(step):
                put(workspace, "edited")
                os.write(writing, b"edit ")
                put(workspace, "too", "other")
                workspace.sync()
                workspace.save()
                os.write(writing, b"save ")
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        acknowledged = pipe.read().split()
    _pid, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, DIED)
    return acknowledged, code == 0


def test_a_crash_says_what_was_recovered(place: Path) -> None:
    child = os.fork() if hasattr(os, "fork") else pytest.skip("needs fork")
    if child == 0:
        workspace = Workspace.open(place)
        put(workspace, "unsaved")
        os._exit(9)
    os.waitpid(child, 0)
    workspace = Workspace.open(place)
    assert workspace.recovered.crashed
    assert workspace.recovered.unsaved == {"scripts/mark/sent"}
    assert workspace.project.scripts["mark/sent"] == "unsaved"
    assert workspace.history.undo_label == "Edit mark/sent"
    workspace.save()
    workspace.close()
    workspace = Workspace.open(place)
    assert not workspace.recovered.crashed
    workspace.close()


def test_schemas_are_read_once_until_their_files_change(tmp_path: Path) -> None:
    place = tmp_path / "orders"
    create(place, sample="orders")
    workspace = Workspace.open(place)
    use = workspace.project.transformations["orders-to-invoices"].source
    first = workspace.schema(use)
    assert workspace.schema(use) is first
    common = place / "schemas/common.xsd"
    common.write_text(common.read_text().replace('value="USD"', 'value="USX"'))
    again = workspace.schema(use)
    assert again is not first, "an imported file counts too"
    with pytest.raises(WeftError, match="missing"):
        workspace.schema(SchemaUse("schemas/none.xsd"))
    with pytest.raises(WeftError, match="leads out"):
        workspace.schema(SchemaUse("../outside.xsd"))
    with pytest.raises(WeftError, match="chosen"):
        workspace.schema(SchemaUse(""))
    workspace.close()


def test_problems_follow_the_edits(tmp_path: Path) -> None:
    place = tmp_path / "orders"
    create(place, sample="orders")
    workspace = Workspace.open(place)
    assert workspace.problems == ()
    workspace.edit("Remove", edits.remove(workspace.project, "transformations/orders-to-csv"))
    assert [problem.object for problem in workspace.problems] == ["operations/list-order-lines"]
    workspace.undo()
    assert workspace.problems == ()
    folder_problems = folder.load(place).problems
    assert folder_problems == ()
    workspace.close()
