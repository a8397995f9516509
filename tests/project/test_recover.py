"""History and unsaved work come back: after a close, a kill, changes made outside, and a damaged journal."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.project import edits, folder
from studio.project import journal as journalling
from studio.project.history import History
from studio.project.keeping import Keeper
from studio.project.model import Project
from studio.project.recover import Recovered
from studio.project.texts import objects_differing
from tests.project.examples import project, random_edit, saved, texts


class Session:
    """What a workspace does with a keeper, no more."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.disk = folder.load(place).project
        self.keeper = Keeper()
        self.history: History[Project]
        self.recovered: Recovered
        self.history, self.recovered = self.keeper.open(place, self.disk)

    def edit(self, label: str, value: Project) -> None:
        before = self.history.state
        history = self.history.add(label, value, objects_differing(before, value))
        self.history = self.keeper.step(history, before, self.disk)

    def go_to(self, index: int) -> None:
        self.history = self.history.go_to(index)
        self.keeper.moved(self.history)

    def save(self) -> None:
        changed = folder.save(self.place, self.history.state, self.disk)
        self.disk = self.history.state
        self.keeper.on_disk(self.disk, changed)

    def die(self) -> None:
        """As a killed process leaves it: nothing is closed in order."""
        assert self.keeper._journal is not None
        self.keeper._journal._db.close()


@contextmanager
def session(place: Path) -> Iterator[Session]:
    """A session closed in order."""
    one = Session(place)
    yield one
    one.keeper.close()


def states(history: History[Project]) -> list[dict[str, str | None]]:
    return [texts(history.state_at(index)) for index in range(len(history.steps))]


@given(st.integers(0, 10**6), st.integers(1, 25))
def test_whatever_was_done_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    """Random edits, undos, redos, saves and deaths: after each death states, place and unsaved work are as before."""
    chance = random.Random(seed)
    place = tmp_path_factory.mktemp("p")
    saved(place)
    now = Session(place)
    for _move in range(count):
        move = chance.randrange(10)
        if move < 5:
            now.edit(*random_edit(now.history.state, chance))
        elif move < 7:
            now.go_to(chance.randrange(len(now.history.steps)))
        elif move == 7:
            now.save()
        else:
            kept, at = states(now.history), now.history.index
            unsaved = objects_differing(now.disk, now.history.state)
            labels = [step.label for step in now.history.steps]
            now.die()
            now = Session(place)
            assert states(now.history) == kept
            assert now.history.index == at
            assert [step.label for step in now.history.steps] == labels
            assert now.recovered.unsaved == unsaved
            assert now.recovered.crashed == bool(unsaved)
            assert now.recovered.conflicts == ()
    now.die()


def test_a_close_is_no_crash_and_keeps_unsaved_work(tmp_path: Path) -> None:
    saved(tmp_path)
    with session(tmp_path) as one:
        one.edit("Script", edits.put(one.history.state, "scripts/new", "x"))
    with session(tmp_path) as two:
        assert two.recovered.unsaved == {"scripts/new"}
        assert not two.recovered.crashed
        assert two.history.state.scripts["new"] == "x"
        assert two.history.undo_label == "Script"


def test_changes_made_outside_while_closed_are_merged_with_unsaved_work(tmp_path: Path) -> None:
    saved(tmp_path)
    with session(tmp_path) as one:
        one.edit("Mine", edits.put(one.history.state, "scripts/new", "mine"))
        one.save()
        one.edit("More", edits.put(one.history.state, "connections/drop", _kind(one.history.state, "sftp")))
    (tmp_path / "scripts/new.jb").write_text("theirs")
    with session(tmp_path) as two:
        assert two.history.state.scripts["new"] == "theirs"
        assert two.history.state.connections["drop"].kind == "sftp"
        assert two.recovered.unsaved == {"connections/drop"}
        assert two.recovered.outside == {"scripts/new"}
        two.go_to(two.history.index - 1)
        assert two.history.state.scripts["new"] == "mine"
    with session(tmp_path) as three:
        assert three.recovered.outside == frozenset()
        assert three.history.state.scripts["new"] == "mine"
        assert three.history.redo().state.scripts["new"] == "theirs"


def test_what_both_changed_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    saved(tmp_path)
    with session(tmp_path) as one:
        one.edit("Mine", edits.put(one.history.state, "scripts/mark/sent", "mine"))
    (tmp_path / "scripts/mark/sent.jb").write_text("theirs")
    with session(tmp_path) as two:
        assert two.history.state.scripts["mark/sent"] == "mine"
        (conflict,) = two.recovered.conflicts
        assert (conflict.mine, conflict.theirs) == ("mine", "theirs")
    assert (tmp_path / "scripts/mark/sent.jb").read_text() == "theirs"


def test_work_undone_to_before_the_save_is_unsaved_work(tmp_path: Path) -> None:
    """The step that held the saved state is cut off by a new edit of something else; what is undone stays undone."""
    saved(tmp_path)
    now = Session(tmp_path)
    now.edit("A", edits.put(now.history.state, "scripts/a", "1"))
    now.save()
    now.go_to(0)
    now.edit("B", edits.put(now.history.state, "scripts/b", "2"))
    kept = states(now.history)
    now.die()
    with session(tmp_path) as again:
        assert states(again.history) == kept
        assert again.recovered.unsaved == {"scripts/a", "scripts/b"}
        assert "a" not in again.history.state.scripts


def test_old_steps_are_forgotten_but_no_unsaved_work(tmp_path: Path) -> None:
    saved(tmp_path)
    now = Session(tmp_path)
    now.history = replace(now.history, limit=5)
    now.edit("Early", edits.put(now.history.state, "scripts/early", "never saved"))
    for number in range(20):
        now.edit(f"{number}", edits.put(now.history.state, "scripts/late", str(number)))
    kept = states(now.history)
    assert len(kept) == 5
    now.die()
    with session(tmp_path) as again:
        assert states(again.history) == kept
        assert again.history.state.scripts["early"] == "never saved"
        assert again.recovered.unsaved == {"scripts/early", "scripts/late"}


def test_texts_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path)
    now = Session(tmp_path)
    monkeypatch.setattr(journalling.Journal.collect, "__defaults__", (300_000,))
    chance = random.Random(1)
    for number in range(81):
        text = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=20_000))
        now.edit(str(number), edits.put(now.history.state, "scripts/x", text))
    assert len(now.history.steps) < 60
    assert now.keeper._journal is not None
    (size,) = now.keeper._journal._db.execute("select sum(length(data)) from texts").fetchone()
    assert size < 900_000
    kept = states(now.history)
    now.die()
    with session(tmp_path) as again:
        assert states(again.history) == kept


@pytest.mark.parametrize("damage", ["empty", "noise", "cut", "table", "text", "format"])
def test_a_damaged_journal_is_put_aside_and_the_project_opens(tmp_path: Path, damage: str) -> None:
    saved(tmp_path)
    with session(tmp_path) as one:
        one.edit("Mine", edits.put(one.history.state, "scripts/new", "mine" * 1000))
        one.save()
    _damage(tmp_path / ".weft/history.db", damage)
    with session(tmp_path) as two:
        assert two.history.state.scripts["new"] == "mine" * 1000
        two.edit("More", edits.put(two.history.state, "scripts/new", "more"))
        assert two.keeper.problems == ()
    with session(tmp_path) as three:
        assert three.history.state.scripts["new"] == "more"


def _damage(file: Path, damage: str) -> None:
    if damage == "empty":
        file.write_bytes(b"")
    elif damage == "noise":
        file.write_bytes(random.Random(3).randbytes(5000))
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    else:
        db = sqlite3.connect(file)
        statement = {
            "table": "drop table steps",
            "text": "delete from texts",
            "format": "pragma user_version = 9",
        }
        db.execute(statement[damage])
        db.commit()
        db.close()


def test_a_failing_disk_stops_the_journal_and_not_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path)
    now = Session(tmp_path)
    now.edit("Before", edits.put(now.history.state, "scripts/before", "1"))
    real = journalling.Journal._keep

    def full(self: journalling.Journal, text: str | None) -> str | None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(journalling.Journal, "_keep", full)
    now.edit("During", edits.put(now.history.state, "scripts/during", "2"))
    assert now.history.state.scripts["during"] == "2"
    (problem,) = now.keeper.problems
    assert "disk is full" in problem.message
    now.go_to(now.history.index - 1)
    now.go_to(now.history.index + 1)
    monkeypatch.setattr(journalling.Journal, "_keep", real)
    now.edit("After", edits.put(now.history.state, "scripts/after", "3"))
    assert now.keeper.problems == ()
    now.die()
    with session(tmp_path) as again:
        assert {"before", "during", "after"} <= again.history.state.scripts.keys()
        assert again.history.state_at(0).scripts.keys() == project().scripts.keys()


def _kind(value: Project, kind: str) -> object:
    return replace(value.connections["drop"], kind=kind)
