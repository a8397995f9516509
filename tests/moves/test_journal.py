"""The write-ahead journal: what was written before a cut is there after it, whatever the order of the steps."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from studio.base.errors import BadInput
from studio.moves import journal as journalling
from studio.moves.journal import Chunk, ChunkState, Journal
from studio.moves.model import (
    Action,
    Blank,
    Counts,
    Duplicates,
    Entry,
    FieldMap,
    Fingerprint,
    Move,
    MoveState,
    Options,
)
from studio.moves.rows.stage import Slice

MOVE = Move(
    Action.UPSERT,
    "Account",
    "customers.csv",
    "ERP_Id__c",
    FieldMap((Entry("ERP_Id__c", "Key"), Entry("Name", "Naïve"), Entry("Type", constant="Cus\ntomer"))),
    "practice",
    Options(Blank.NULL, Duplicates.LAST, True, True, 7, 8, 9, False),
)
FINGERPRINT = Fingerprint(10, "ab" * 32, 20, ("Key", "Naïve"))


def create(folder: Path, chunks: int = 3) -> Journal:
    folder.mkdir(exist_ok=True)
    planned = [Chunk(n, Slice(n * 10 - 9, 10, n * 100 - 100, 100)) for n in range(1, chunks + 1)]
    return Journal.create(folder, MOVE, FINGERPRINT, planned, [(3, "why"), (15, "so")], {"org_id": "00D"})


def test_a_plan_reads_back_as_it_was_written(tmp_path: Path) -> None:
    create(tmp_path / "M-0001").close()
    with Journal.open(tmp_path / "M-0001") as journal:
        assert journal.run == "M-0001"
        assert journal.move == MOVE
        assert journal.fingerprint == FINGERPRINT
        assert journal.state is MoveState.PLANNED
        assert journal.facts == {"org_id": "00D"}
        assert [chunk.part.first for chunk in journal.chunks()] == [1, 11, 21]
        assert journal.held(Slice(1, 10, 0, 0)) == {3: "why"}
        assert journal.held(Slice(11, 10, 0, 0)) == {15: "so"}
        journal.remember(files={"failed": "f.csv"})
        assert journal.facts == {"org_id": "00D", "files": {"failed": "f.csv"}}


def test_a_plan_cut_short_is_no_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "_insert", cut)
    with pytest.raises(KeyboardInterrupt):
        create(tmp_path / "M-0001")
    with pytest.raises(BadInput):
        Journal.open(tmp_path / "M-0001")


def test_what_is_no_journal_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no move"):
        Journal.open(tmp_path)
    (tmp_path / journalling.FILE).write_bytes(b"not a database at all, but long enough to be looked at" * 20)
    with pytest.raises(BadInput, match="damaged"):
        Journal.open(tmp_path)


def test_a_newer_journal_is_refused(tmp_path: Path) -> None:
    create(tmp_path / "M-0001").close()
    with sqlite3.connect(tmp_path / "M-0001" / journalling.FILE) as db:
        db.execute("UPDATE move SET format = 99")
    db.close()
    with pytest.raises(BadInput, match="newer"):
        Journal.open(tmp_path / "M-0001")


def test_jobs_given_up_stay_known(tmp_path: Path) -> None:
    with create(tmp_path / "M-0001") as journal:
        chunk = journal.update(journal.chunks()[0], state=ChunkState.UPLOADING, job="750A", attempt=1)
        chunk = journal.abandon(chunk)
        assert (chunk.state, chunk.job) == (ChunkState.PLANNED, "")
        journal.update(chunk, state=ChunkState.UPLOADING, job="750B", attempt=2)
        assert journal.jobs() == {"750A": "abandoned", "750B": "used"}


def test_rows_sent_again_are_counted_in_one_place(tmp_path: Path) -> None:
    with create(tmp_path / "M-0001") as journal:
        parent = journal.update(journal.chunks()[0], state=ChunkState.DONE, counts=Counts(6, 1, 3, 0))
        child = journal.send_again(parent, 4)
        chunks = {chunk.number: chunk for chunk in journal.chunks()}
        assert chunks[1].counts == Counts(6, 1, 0, 0)
        assert chunks[4] == child
        assert (child.parent, child.part, child.state) == (1, parent.part, ChunkState.PLANNED)


def test_time_and_calls_add_up_over_sessions(tmp_path: Path) -> None:
    with create(tmp_path / "M-0001") as journal:
        journal.spend(1.5, 7)
        journal.spend(2.0, 5)
        assert journal.spent == (3.5, 12)


class Reopening(RuleBasedStateMachine):
    """A journal that is copied away in the middle of its life (as a power cut leaves it) says what was last written."""

    @initialize()
    def begin(self) -> None:
        self.base = Path(self.folder)
        self.journal = create(self.base / "M-0001")
        self.expected = {chunk.number: chunk for chunk in self.journal.chunks()}
        self.state = MoveState.PLANNED

    folder = ""

    @rule(
        number=st.integers(1, 3),
        state=st.sampled_from(ChunkState),
        job=st.sampled_from(["", "750A", "750B"]),
        counts=st.tuples(*[st.integers(0, 9)] * 4),
        since=st.floats(0, 2e9),
    )
    def change(self, number: int, state: ChunkState, job: str, counts: tuple[int, ...], since: float) -> None:
        self.expected[number] = self.journal.update(
            self.expected[number], state=state, job=job, counts=Counts(*counts), since=since, attempt=number
        )

    @rule(number=st.integers(1, 3))
    def give_up(self, number: int) -> None:
        self.expected[number] = self.journal.abandon(self.expected[number])

    @rule(state=st.sampled_from(MoveState))
    def go_on(self, state: MoveState) -> None:
        self.journal.set_state(state)
        self.state = state

    @rule()
    def power_cut(self) -> None:
        """What another process finds when this one is simply gone."""
        copy = self.base / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.base / "M-0001", copy)
        with Journal.open(copy) as other:
            assert {chunk.number: chunk for chunk in other.chunks()} == self.expected
            assert other.state is self.state

    @invariant()
    def says_what_was_written(self) -> None:
        if hasattr(self, "journal"):
            assert {chunk.number: chunk for chunk in self.journal.chunks()} == self.expected

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            self.journal.close()
            shutil.rmtree(self.base, ignore_errors=True)


def test_any_sequence_of_steps_is_kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    class Machine(Reopening):
        def __init__(self) -> None:
            self.folder = str(tmp_path_factory.mktemp("j"))
            super().__init__()

    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Machine, settings=settings(max_examples=15, stateful_step_count=15))
