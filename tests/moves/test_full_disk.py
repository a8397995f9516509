"""A disk that takes nothing more at any step of a move: one message, and every row once after the resume."""

from __future__ import annotations

import errno
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from studio.base.errors import BadInput, WeftError
from studio.connectors.salesforce.rows import encode
from studio.moves import store
from studio.moves.carrying.run import Interrupted
from studio.moves.exports import export as exporting
from studio.moves.journal import Journal
from studio.moves.load import Request, load, resume
from studio.moves.model import Action, Counts, MoveState, Options, Summary
from tests.moves.conftest import Practice, assert_adds_up, request
from tests.project.perils import steps

pytestmark = pytest.mark.network
Accounts = Callable[..., Path]
ROWS = 50


def source_of(folder: Path, turn: int) -> Path:
    """Fifty rows whose keys belong to this turn only."""
    path = folder / f"accounts-{turn}.csv"
    rows = [(f"T{turn}-{n:03d}", f"Company {n}") for n in range(ROWS)]
    path.write_bytes(b"".join(encode(("ERP_Id__c", "Name"), rows)))
    return path


async def whole(practice: Practice, summary: Summary, source: Path, turn: int) -> None:
    assert summary.counts == Counts(ROWS)
    assert_adds_up(summary, source)
    made = await practice.records(f"SELECT ERP_Id__c FROM Account WHERE ERP_Id__c LIKE 'T{turn}-%'")
    assert sorted(record["ERP_Id__c"] for record in made) == [f"T{turn}-{n:03d}" for n in range(ROWS)]


@contextmanager
def filling(number: int) -> Iterator[list[int]]:
    """From the `number`-th step on that changes the disk nothing more fits; gives the count of steps.

    The practice org, in the same process, has room.
    """
    count = [0]

    def step() -> None:
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            if frame.f_globals["__name__"].startswith("studio.practice"):
                return
            frame = frame.f_back
        count[0] += 1
        if 0 < number <= count[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with steps(step, after=False):
        yield count


async def attempt(asked: Request, practice: Practice, step: int) -> Summary | WeftError:
    """A move on a disk that fills up; what it ends with."""
    try:
        with filling(step):
            return await load(asked, practice.org)
    except WeftError as error:
        return error


async def test_at_any_step(practice: Practice, tmp_path: Path, share: Callable[[int], int]) -> None:
    """An insert, so that a row sent twice would show."""
    source = source_of(tmp_path, 0)
    with filling(0) as count:
        await whole(practice, await load(request(source, Action.INSERT), practice.org), source, 0)
    order = list(range(1, count[0] + 1))
    random.Random(3).shuffle(order)
    seen = {"before": 0, "amid": 0}
    # Most of them in the full run, a few otherwise.
    for turn, step in enumerate([1, 3, *order[: 40 if share(1000) == 1000 else 7]], 1):
        source = source_of(tmp_path, turn)
        asked = request(source, Action.INSERT)
        found = await attempt(asked, practice, step)
        if isinstance(found, Interrupted):
            seen["amid"] += 1
            assert (found.exit_code, found.summary.state) == (2, MoveState.INTERRUPTED)
            assert "disk is full" in found.message
            assert f"weft move resume {found.summary.run}" in str(found)
            assert found.summary.counts.total == ROWS
            found = await resume(found.summary.run, practice.org)
        elif isinstance(found, WeftError):
            seen["before"] += 1
            assert "disk is full" in found.message
            found = await load(asked, practice.org)
        # Else one of the last steps failed, which clear away what is no longer needed: that troubles nobody.
        await whole(practice, found, source, turn)
    assert min(seen.values()) > 0


async def test_results_that_cannot_be_written_are_said_before_a_row_is_sent(
    practice: Practice, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")
    asked = Request(
        Action.INSERT, "Account", source_of(tmp_path, 1), results=tmp_path / "taken" / "results", options=Options()
    )  # fmt: skip
    with pytest.raises(BadInput, match="results"):
        await load(asked, practice.org)
    assert practice.calls("POST", "jobs/ingest") == 0
    assert not store.folder().exists()


async def test_a_journal_the_disk_has_no_room_for(practice: Practice, tmp_path: Path) -> None:
    summary = await load(request(source_of(tmp_path, 1), Action.INSERT), practice.org)
    with Journal.open(store.move_folder(summary.run)) as journal:
        before = journal.facts
        journal._connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(BadInput, match="disk is full"):
            journal.remember(much="x" * 500_000)
        assert journal.facts == before
        journal._connection.execute("PRAGMA max_page_count = 1000000")
        journal.remember(more="y")
        assert journal.facts == before | {"more": "y"}


async def test_an_export(practice: Practice, tmp_path: Path) -> None:
    await load(request(source_of(tmp_path, 1), Action.INSERT), practice.org)
    target = tmp_path / "out.csv"
    asked = exporting.Export("SELECT ERP_Id__c FROM Account", str(target))
    for step in (3, 5):
        folder = store.folder() / f"M-9{step:03d}"
        folder.mkdir()
        exporting.save(folder, asked)
        with filling(step), pytest.raises(BadInput, match="disk is full"):
            await exporting.run(folder, practice.org)
        assert not target.exists()
        assert (await exporting.run(folder, practice.org)).rows == ROWS
        assert len(target.read_text().split()) == ROWS + 1
        target.unlink()
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]
