"""Undo: after every action the org holds what it held before; what others changed since stays; nothing is undone twice."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.connectors.salesforce import collections
from studio.connectors.salesforce.pace import Pace
from studio.moves import load, store
from studio.moves.carrying.run import Interrupted
from studio.moves.model import Action, Api, Before, Counts, Duplicates, MoveState, Summary
from studio.moves.undoing import before, undo
from tests.moves.conftest import Practice, move, request

pytestmark = pytest.mark.network
Accounts = Callable[..., Path]
FIELDS = ("Id", "ERP_Id__c", "Name", "Phone", "NumberOfEmployees", "AnnualRevenue", "Description")
WAYS = [Api.BULK, Api.COLLECTIONS]


async def state(practice: Practice) -> dict[str, dict[str, Any]]:
    """Every account as it is, by its id."""
    found = await practice.records(f"SELECT {', '.join(FIELDS)} FROM Account")
    return {record["Id"]: record for record in found}


def rows_of(summary: Summary, kind: str = "succeeded") -> list[dict[str, str]]:
    with Path(summary.files[kind]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def some(practice: Practice, accounts: Accounts, count: int = 30) -> dict[str, str]:
    """Accounts with values to lose; their ids by key."""
    values = [
        (f"A-{n:04d}", f"Company {n}", "" if n % 3 else f"+55 {n}", str(n), f"{n}.25", 'a "b"\r\n' + "é" * n)
        for n in range(1, count + 1)
    ]
    source = accounts(values, ("ERP_Id__c", *FIELDS[2:]))
    summary = await move(practice, source, Action.INSERT)
    assert summary.counts == Counts(count)
    return {row["ERP_Id__c"]: row["weft__id"] for row in rows_of(summary)}


def touch(practice: Practice) -> None:
    """From here on, what is written is later than what was."""
    practice.server.org.clock.move(timedelta(seconds=5))


async def go(practice: Practice, run: str, **more: Any) -> undo.Undone:
    return await undo.undo(run, practice.org, **more)


@pytest.mark.parametrize("api", WAYS)
async def test_an_insert_is_undone_by_its_ids(practice: Practice, accounts: Accounts, api: Api) -> None:
    await some(practice, accounts, 3)
    before_it = await state(practice)
    source = accounts([(f"B-{n}", f"New {n}", "x") for n in range(45)])
    done = await move(practice, source, Action.INSERT, api=api)
    assert done.before_image is None
    found = await undo.preview(done.run, practice.org)
    assert (found.delete, found.ready, found.applied) == (45, 45, 45)
    assert len(await state(practice)) == 48
    undone = await go(practice, done.run)
    assert undone.counts == Counts(45)
    assert await state(practice) == before_it
    with pytest.raises(BadInput, match="was undone already, by M-0003"):
        await go(practice, done.run)
    # What was taken back may be inserted once more; then it is there, and is not inserted twice.
    assert (await move(practice, source, Action.INSERT, api=api)).counts == Counts(45)
    with pytest.raises(BadInput, match="already inserted into Account by M-0004"):
        await move(practice, source, Action.INSERT, api=api)


@pytest.mark.parametrize("api", WAYS)
async def test_an_update_puts_back_the_fields_that_were_sent(
    practice: Practice, accounts: Accounts, api: Api
) -> None:
    ids = await some(practice, accounts)
    before_it = await state(practice)
    touch(practice)
    rows = [(id_, "Other", "" if n % 2 else "+1", "#N/A", "7") for n, id_ in enumerate(ids.values())]
    source = accounts(rows, ("Id", "Name", "Phone", "NumberOfEmployees", "AnnualRevenue"))
    done = await move(practice, source, Action.UPDATE, api=api)
    assert done.counts == Counts(30)
    assert done.before_image is True
    # A field that was not sent may change meanwhile without being put back, and without standing in the way.
    undone = await go(practice, done.run)
    assert undone.counts == Counts(30)
    assert [step.state for step in undone.steps] == [MoveState.DONE]
    assert await state(practice) == before_it


@pytest.mark.parametrize("api", WAYS)
async def test_an_upsert_is_put_back_and_deleted(practice: Practice, accounts: Accounts, api: Api) -> None:
    ids = await some(practice, accounts)
    before_it = await state(practice)
    touch(practice)
    rows = [(key.lower(), f"Changed {key}", "") for key in ids] + [(f"N-{n}", "New", "+3") for n in range(12)]
    done = await move(practice, accounts(rows, ("ERP_Id__c", "Name", "Phone")), api=api)
    assert done.counts == Counts(42)
    assert len(await state(practice)) == 42
    found = await undo.preview(done.run, practice.org)
    assert (found.put_back, found.delete) == (30, 12)
    undone = await go(practice, done.run)
    assert undone.counts == Counts(42)
    assert await state(practice) == before_it
    # The undo is a move: undone in turn, the records are as the upsert left them.
    assert len(undone.steps) == 2
    touch(practice)
    again = await go(practice, undone.steps[0].run)
    assert again.counts == Counts(30)
    assert {record["Name"] for record in (await state(practice)).values()} == {
        f"Changed {key}" for key in ids
    }
    with pytest.raises(BadInput, match=f"undone already.*{undone.steps[0].run}"):
        await go(practice, done.run)


@pytest.mark.parametrize("kept", [Before.ON, Before.OFF])
async def test_deleted_records_come_out_of_the_bin(
    practice: Practice, accounts: Accounts, kept: Before
) -> None:
    ids = await some(practice, accounts, 12)
    before_it = await state(practice)
    done = await move(practice, accounts([(i,) for i in ids.values()], ("Id",)), Action.DELETE, before=kept)
    assert await state(practice) == {}
    undone = await go(practice, done.run)
    assert undone.preview is not None
    assert undone.preview.undelete == 12
    assert await state(practice) == before_it


async def test_records_deleted_for_good_are_created_anew_and_that_is_told(
    practice: Practice, accounts: Accounts
) -> None:
    ids = await some(practice, accounts, 12)
    before_it = await state(practice)
    source = accounts([(i,) for i in ids.values()], ("Id",))
    done = await move(practice, source, Action.HARD_DELETE)
    notes: list[str] = []
    undone = await go(practice, done.run, note=notes.append)
    assert undone.counts == Counts(12)
    assert any("12 records are no longer in the recycle bin" in note for note in notes)
    now = await state(practice)
    assert not set(now) & set(before_it)
    pairs = {row["old_id"]: row["weft__id"] for row in rows_of(undone.steps[0])}
    assert {old: {**now[new], "Id": old} for old, new in pairs.items()} == before_it
    with pytest.raises(BadInput, match="undone already"):
        await go(practice, done.run)


async def test_what_others_changed_since_is_left_unless_asked(practice: Practice, accounts: Accounts) -> None:
    ids = await some(practice, accounts, 10)
    before_it = await state(practice)
    rows = [(key, "Changed") for key in ids] + [("N-1", "New"), ("N-2", "New")]
    done = await move(practice, accounts(rows, ("ERP_Id__c", "Name")))
    made = {row["ERP_Id__c"]: row["weft__id"] for row in rows_of(done)}
    touch(practice)
    others = [made["A-0003"], made["N-1"]]
    await collections.update(
        practice.org,
        [{"attributes": {"type": "Account"}, "Id": id_, "Phone": "+99"} for id_ in others],
    )
    await collections.delete(practice.org, [made["A-0004"], made["N-2"]])
    found = await undo.preview(done.run, practice.org)
    assert (found.put_back, found.delete, found.changed, found.gone, found.as_before) == (8, 0, 2, 1, 1)
    undone = await go(practice, done.run)
    assert undone.counts == Counts(8, not_sent=2)
    assert {row["weft__answer"] for row in rows_of(undone.steps[0], "not_sent")} == {
        "changed since the move",
        "the record was deleted since the move",
    }
    now = await state(practice)
    assert now[made["A-0003"]]["Name"] == "Changed"
    assert now[made["N-1"]]["Phone"] == "+99"
    # What was left is taken up by a second undo that is told to.
    again = await go(practice, done.run, changed_too=True)
    assert again.counts.succeeded == 2
    now = await state(practice)
    assert now[made["A-0003"]]["Name"] == before_it[made["A-0003"]]["Name"]
    assert made["N-1"] not in now


async def test_without_an_image_only_what_was_created_is_undone(
    practice: Practice, accounts: Accounts
) -> None:
    ids = await some(practice, accounts, 5)
    rows = [(key, "Changed") for key in ids] + [("N-1", "New")]
    notes: list[str] = []
    asked = request(accounts(rows, ("ERP_Id__c", "Name")), before=Before.OFF)
    done = await load.load(asked, practice.org, note=notes.append)
    assert done.before_image is False
    assert any(note.startswith("No before-image") for note in notes)
    undone = await go(practice, done.run)
    assert undone.preview is not None
    assert undone.preview.without == 5
    assert undone.counts == Counts(1)
    update = await move(practice, accounts([(i, "X") for i in ids.values()], ("Id", "Name")), Action.UPDATE,
                        before=Before.OFF)  # fmt: skip
    with pytest.raises(BadInput, match="nothing of M-0004 that can be undone") as caught:
        await go(practice, update.run)
    assert "not kept as they were" in str(caught.value)


def test_left_to_us_the_image_has_a_limit_that_is_shown() -> None:
    from studio.moves.model import Move, Options

    upsert = Move(Action.UPSERT, "Account", "x.csv", "ERP_Id__c")
    assert before.wanted(upsert, before.AUTO_LIMIT) is True
    assert before.wanted(upsert, before.AUTO_LIMIT + 1) is False
    assert "200,000" in before.said(upsert, False)
    always = Move(Action.UPSERT, "Account", "x.csv", "ERP_Id__c", options=Options(before=Before.ON))
    assert before.wanted(always, 10**7) is True
    assert before.wanted(Move(Action.INSERT, "Account", "x.csv"), 5) is None


async def test_an_undo_cut_off_goes_on(practice: Practice, accounts: Accounts) -> None:
    ids = await some(practice, accounts, 30)
    before_it = await state(practice)
    rows = [(key, "Changed") for key in ids] + [(f"N-{n}", "New") for n in range(5)]
    done = await move(practice, accounts(rows, ("ERP_Id__c", "Name")))
    org = await practice.signed_in(Pace(first=0.01, most=0.02, patience=0.1))
    practice.fault("unavailable=0,on=PATCH */composite/sobjects")
    with pytest.raises(Interrupted) as caught:
        await undo.undo(done.run, org)
    assert f"weft move undo {done.run}" in str(caught.value)
    practice.server.org.faults.clear("unavailable")
    undone = await go(practice, done.run)
    assert undone.counts == Counts(35)
    assert await state(practice) == before_it
    with pytest.raises(BadInput, match="undone already"):
        await go(practice, done.run)


async def test_equal_keys_are_kept_as_they_were_before_the_first(
    practice: Practice, accounts: Accounts
) -> None:
    ids = await some(practice, accounts, 4)
    before_it = await state(practice)
    rows = [(id_, f"Turn {turn}") for turn in range(6) for id_ in ids.values()]
    source = accounts(rows, ("Id", "Name"))
    done = await move(practice, source, Action.UPDATE, duplicates=Duplicates.SEND, chunk_rows=4, parallel=1)
    assert done.counts.succeeded == 24
    undone = await go(practice, done.run)
    assert undone.counts == Counts(4)
    assert await state(practice) == before_it


async def test_a_move_that_cannot_be_undone_says_why(practice: Practice, accounts: Accounts) -> None:
    with pytest.raises(BadInput, match="no move to undo"):
        undo.latest()
    ids = await some(practice, accounts, 20)
    failed = await move(practice, accounts([("001000000000001AAA", "X")], ("Id", "Name")), Action.UPDATE)
    assert failed.counts.succeeded == 0
    with pytest.raises(BadInput, match="changed nothing"):
        await go(practice, failed.run)
    practice.fault("unavailable=0,on=GET */successfulResults")
    practice.org.pace = Pace(first=0.01, most=0.02, patience=0.1)
    with pytest.raises(Interrupted):
        await move(practice, accounts([(i, "Y") for i in ids.values()], ("Id", "Name")), Action.UPDATE)
    with pytest.raises(BadInput, match="M-0003 is not finished"):
        await undo.preview("M-0003", practice.org)
    assert undo.latest() == "M-0001"
    Path(store.record("M-0001").facts["files"]["succeeded"]).write_text("weft__row,weft__id,weft__answer\n")
    with pytest.raises(BadInput, match="holds 0 rows, but 20 succeeded"):
        await undo.preview("M-0001", await practice.signed_in())


async def test_stopped_half_way_what_was_done_is_undone_and_the_move_ends(
    practice: Practice, accounts: Accounts
) -> None:
    stop = asyncio.Event()
    asked = request(accounts(200), Action.INSERT, parallel=1)
    stopped = await load.load(
        asked, practice.org, listener=lambda s: stop.set() if s.counts.succeeded else None, stop=stop
    )
    assert stopped.state is MoveState.STOPPED
    undone = await go(practice, stopped.run)
    assert undone.counts.succeeded == stopped.counts.succeeded
    assert await state(practice) == {}
    with pytest.raises(BadInput, match="M-0001 was undone by M-0002, so it cannot go on"):
        await load.resume(stopped.run, practice.org)
