"""Moves by sObject collections: every action, every lost answer settled by asking the org, nothing there twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.base.errors import BadInput, NotReachable
from studio.connectors.salesforce import collections
from studio.connectors.salesforce.session import Org
from studio.moves import store
from studio.moves.carrying.run import Interrupted
from studio.moves.journal import ChunkState, Journal
from studio.moves.load import load, resume
from studio.moves.model import Action, Api, Counts, Duplicates, MoveState, Options, Summary
from studio.moves.rows.recognise import Recogniser
from tests.moves.conftest import Practice, assert_adds_up, files, request
from tests.moves.test_failure_modes import IMPATIENT, keys, whole

pytestmark = pytest.mark.network
Accounts = Callable[..., Path]


async def collect(
    practice: Practice,
    source: Path,
    action: Action = Action.INSERT,
    *,
    again: bool = False,
    **options: object,
) -> Summary:
    """A move by collections of twenty rows a call, unless told otherwise."""
    given = {"api": Api.COLLECTIONS, "chunk_rows": 20, **options}
    return await load(request(source, action, again=again, **given), practice.org)


def by_id(accounts: Accounts, ids: dict[str, str], names: list[str]) -> Path:
    return accounts([(ids[name], f"New {name}", "") for name in names], ("Id", "Name", "Note"))


async def ids_of(practice: Practice) -> dict[str, str]:
    found = await practice.records("SELECT Id, ERP_Id__c FROM Account WHERE ERP_Id__c != null")
    return {record["ERP_Id__c"]: record["Id"] for record in found}


async def test_every_action(practice: Practice, accounts: Accounts) -> None:
    source = accounts(45)
    inserted = await collect(practice, source)
    await whole(practice, inserted, source, 45)
    assert (inserted.api, practice.calls("POST", "composite/sobjects")) == ("collections", 3)
    assert practice.calls("POST", "jobs/ingest") == 0
    ids = await ids_of(practice)
    told = assert_adds_up(inserted, source)["succeeded"]
    assert {row["ERP_Id__c"]: row["id"] for row in told} == ids

    source = accounts([(f"A-{n:04d}", f"New {n}", "") for n in range(40, 61)])
    upserted = await collect(practice, source, Action.UPSERT)
    answers = [row["answer"] for row in assert_adds_up(upserted, source)["succeeded"]]
    assert (answers.count("updated"), answers.count("created")) == (6, 15)

    source = by_id(accounts, ids, ["A-0001", "A-0002"])
    updated = await collect(practice, source, Action.UPDATE)
    assert {row["answer"] for row in assert_adds_up(updated, source)["succeeded"]} == {"updated"}
    assert await practice.records("SELECT Name FROM Account WHERE ERP_Id__c = 'A-0002'") == [
        {"Name": "New A-0002"}
    ]

    deleted = await collect(practice, source, Action.DELETE)
    assert {row["answer"] for row in assert_adds_up(deleted, source)["succeeded"]} == {"deleted"}
    assert "A-0001" not in await practice.keys()

    back = await collect(practice, source, Action.UNDELETE)
    assert {row["answer"] for row in assert_adds_up(back, source)["succeeded"]} == {"undeleted"}
    assert {"A-0001", "A-0002"} <= set(await practice.keys())


async def test_the_result_of_a_delete_takes_it_back(practice: Practice, accounts: Accounts) -> None:
    inserted = await collect(practice, accounts(5))
    gone = await collect(practice, Path(inserted.files["succeeded"]), Action.DELETE)
    back = await load(request(Path(gone.files["succeeded"]), Action.UNDELETE), practice.org)
    assert (back.counts, back.api) == (Counts(5), "collections")
    assert await practice.keys() == keys(5)
    twice = await load(request(Path(back.files["succeeded"]), Action.UNDELETE), practice.org)
    assert twice.counts == Counts(0, 5)
    assert "UNDELETE_FAILED:Entity is not in the recycle bin" in Path(twice.files["failed"]).read_text()


async def test_a_hard_delete_leaves_nothing_to_take_back(practice: Practice, accounts: Accounts) -> None:
    inserted = await collect(practice, accounts(5))
    source = Path(inserted.files["succeeded"])
    gone = await load(request(source, Action.HARD_DELETE), practice.org)
    assert (gone.counts, gone.api) == (Counts(5), "bulk")
    assert {row["weft__answer"] for row in files(gone)["succeeded"]} == {"deleted for good"}
    assert [r async for r in _all(practice)] == []
    back = await load(request(Path(gone.files["succeeded"]), Action.UNDELETE), practice.org)
    assert back.counts == Counts(0, 5)


def _all(practice: Practice):  # type: ignore[no-untyped-def]
    from studio.connectors.salesforce.query import query

    return query(practice.org, "SELECT Id FROM Account", deleted_too=True)


async def test_18_a_hard_delete_without_the_right_is_refused_in_words(
    practice: Practice, accounts: Accounts
) -> None:
    inserted = await collect(practice, accounts(5))
    practice.fault("no-hard-delete")
    with pytest.raises(Interrupted, match="FeatureNotEnabled") as caught:
        await load(request(Path(inserted.files["succeeded"]), Action.HARD_DELETE), practice.org)
    assert "Bulk API Hard Delete" in str(caught.value)
    assert caught.value.summary.counts == Counts(not_sent=5)
    assert await practice.keys() == keys(5)


@pytest.mark.parametrize(
    ("action", "rows", "options", "api"),
    [
        (Action.INSERT, 1000, {}, "collections"),
        (Action.INSERT, 1001, {}, "bulk"),
        (Action.INSERT, 10, {"chunk_rows": 5}, "bulk"),
        (Action.UPSERT, 10, {}, "collections"),
        (Action.UPSERT, 10, {"empty_keys": True}, "bulk"),
        (Action.UPSERT, 10, {"api": Api.BULK}, "bulk"),
        (Action.UPSERT, 1001, {"api": Api.COLLECTIONS}, "collections"),
    ],
)
async def test_what_carries_the_rows(
    practice: Practice, accounts: Accounts, action: Action, rows: int, options: dict[str, object], api: str
) -> None:
    practice.server.org.faults.clear()
    source = accounts(rows)
    asked = request(source, action)
    notes: list[str] = []
    chosen = replace(asked, options=Options(**options))  # type: ignore[arg-type]
    summary = await load(chosen, practice.org, note=notes.append)
    assert summary.api == api
    assert any("collections" in note for note in notes) == (api == "collections")
    await whole(practice, summary, source, rows)


async def test_an_insert_that_could_not_be_settled_goes_as_a_job(
    practice: Practice, accounts: Accounts
) -> None:
    source = accounts([("One", ""), ("Two", "")], ("Name", "Note"))
    summary = await load(replace(request(source, Action.INSERT), options=Options()), practice.org)
    assert (summary.api, summary.counts) == ("bulk", Counts(2))


async def test_what_cannot_be_is_said_before_anything_is_sent(practice: Practice, accounts: Accounts) -> None:
    ids = accounts([("001000000000001AAA", "x", "")], ("Id", "Name", "Note"))
    with pytest.raises(BadInput, match="no Bulk API job that undeletes"):
        await load(request(ids, Action.UNDELETE, api=Api.BULK), practice.org)
    with pytest.raises(BadInput, match="Collections cannot delete for good"):
        await load(request(ids, Action.HARD_DELETE, api=Api.COLLECTIONS), practice.org)
    with pytest.raises(BadInput, match="Rows without a key"):
        await collect(practice, accounts(2), Action.UPSERT, empty_keys=True)
    assert practice.calls("POST", "composite") + practice.calls("POST", "jobs") == 0


async def test_refusals_are_told_in_the_orgs_words_and_by_row(practice: Practice, accounts: Accounts) -> None:
    source = accounts([("A-1", "One", "a"), ("A-2", "", "b"), ("A-3", "x" * 256, "c"), ("A-4", "Four", "d")])
    summary = await collect(practice, source)
    assert summary.counts == Counts(2, 2)
    failed = {row["ERP_Id__c"]: row["answer"] for row in assert_adds_up(summary, source)["failed"]}
    assert failed["A-2"].startswith("REQUIRED_FIELD_MISSING:")
    assert failed["A-3"].startswith("STRING_TOO_LONG:")


async def test_blank_leaves_and_null_empties_as_in_a_job(practice: Practice, accounts: Accounts) -> None:
    header = ("ERP_Id__c", "Name", "Phone", "NumberOfEmployees", "Parent.ERP_Id__c")
    await collect(practice, accounts([("P-1", "Parent", "", "", "")], header), Action.UPSERT)
    rows = [("A-1", "One\r\ntwo", "1", "12", "P-1"), ("A-2", "Two", "2", "7", "")]
    await collect(practice, accounts(rows, header), Action.UPSERT)
    await collect(
        practice,
        accounts([("A-1", "", "#N/A", "", ""), ("A-2", "Two", "", "#N/A", "")], header),
        Action.UPSERT,
    )
    found = await practice.records(
        "SELECT Name, Phone, NumberOfEmployees, Parent.ERP_Id__c FROM Account WHERE ERP_Id__c LIKE 'A-%' "
        "ORDER BY ERP_Id__c"
    )
    assert [(r["Phone"], r["NumberOfEmployees"]) for r in found] == [(None, 12), ("2", None)]
    assert found[0]["Parent"] == {"ERP_Id__c": "P-1"}


async def test_a_call_the_org_cannot_read_goes_as_a_job(
    practice: Practice, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One value of the wrong type has the org refuse a whole call; in a job only its row fails."""
    # Else the value would be held back, being none in its column's format.
    monkeypatch.setattr(Recogniser, "needed", False)
    header = ("ERP_Id__c", "Name", "AnnualRevenue")
    source = accounts([("A-1", "One", "1"), ("A-2", "Two", "much"), ("A-3", "Three", "3")], header)
    summary = await collect(practice, source)
    assert summary.counts == Counts(2, 1)
    assert assert_adds_up(summary, source)["failed"][0]["ERP_Id__c"] == "A-2"
    assert await practice.keys() == ["A-1", "A-3"]


# Each fault once in one of the calls; an insert, so that doubling would show.
ONCE = {
    "9 the answer to an insert is lost": "lost-answer,on=POST */composite/sobjects,times=1",
    "9 the answer to every second call is lost": "lost-answer,on=POST */composite/sobjects,at=2,times=2",
    "9 an insert is cut before it arrives": "drop-request=50,on=POST */composite/sobjects,times=1",
    "9 an answer is cut": "drop-answer=20,on=POST */composite/sobjects,times=1",
    "9 an answer comes truncated": "truncated=20,on=POST */composite/sobjects,times=1",
    "5 the org is busy": "unavailable=0,on=POST */composite/sobjects,times=2",
    "5 the token runs out": "unauthorized,on=POST */composite/sobjects,times=1",
    "gzip": "gzip,on=POST *",
    "chunked": "chunked=7,on=POST */composite/sobjects",
}


@pytest.mark.parametrize("mode", ONCE)
async def test_trouble_in_one_call_changes_nothing(practice: Practice, accounts: Accounts, mode: str) -> None:
    source = accounts(50)
    practice.fault(ONCE[mode])
    summary = await collect(practice, source)
    await whole(practice, summary, source, 50)


async def test_9_an_insert_whose_answer_was_lost_is_not_repeated(
    practice: Practice, accounts: Accounts
) -> None:
    practice.fault("lost-answer,on=POST */composite/sobjects")
    source = accounts(60)
    summary = await collect(practice, source)
    await whole(practice, summary, source, 60)
    assert practice.calls("POST", "composite/sobjects") == 3


async def test_9_rows_without_a_key_are_found_by_their_values(practice: Practice, accounts: Accounts) -> None:
    practice.fault("lost-answer,on=POST */composite/sobjects")
    source = accounts(
        [(f"Same {n % 3}", "12.50", str(n)) for n in range(33)], ("Name", "AnnualRevenue", "Note")
    )
    summary = await collect(practice, source)
    assert (summary.counts, summary.unreconciled) == (Counts(33), 0)
    rows = assert_adds_up(summary, source)["succeeded"]
    assert len({row["id"] for row in rows}) == 33
    names = {r["Id"]: r["Name"] for r in await practice.records("SELECT Id, Name FROM Account")}
    assert names == {row["id"]: row["Name"] for row in rows}


async def test_9_rows_without_a_key_that_are_not_found_are_not_sent_again(
    practice: Practice, accounts: Accounts
) -> None:
    practice.fault("drop-request=50,on=POST */composite/sobjects,times=1")
    source = accounts([(f"Name {n}", str(n)) for n in range(30)], ("Name", "Note"))
    summary = await collect(practice, source, parallel=1)
    assert (summary.counts, summary.unreconciled) == (Counts(10, unprocessed=20), 20)
    assert any(warning.startswith("UNRECONCILED: 20 rows") for warning in summary.warnings)
    assert "is not known" in assert_adds_up(summary, source)["unprocessed"][0]["answer"]
    again = await resume(summary.run, practice.org)
    assert again.counts == summary.counts
    assert len(await practice.records("SELECT Id FROM Account")) == 10


async def test_9_a_call_that_never_left_is_made_once_there_is_a_connection(
    practice: Practice, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a connection nothing was sent: rows no query could find again are not given up for that."""
    real, times = collections.insert, iter([True, True, False])

    async def insert(org: Org, records: Sequence[Mapping[str, Any]], *more: Any) -> list[collections.Outcome]:
        if next(times, False):
            raise NotReachable("away") from httpx.ConnectError("refused")
        return await real(org, records, *more)

    monkeypatch.setattr(collections, "insert", insert)
    source = accounts([(f"Name {n}", str(n)) for n in range(30)], ("Name", "Note"))
    summary = await collect(practice, source)
    assert (summary.counts, summary.unreconciled) == (Counts(30), 0)
    assert len(await practice.records("SELECT Id FROM Account")) == 30


async def test_bodies_are_compressed_on_their_way_to_an_org_elsewhere(
    practice: Practice, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, int]] = []

    async def noted(request: httpx.Request) -> None:
        if request.method == "POST":
            sent.append((request.headers.get("Content-Encoding", ""), len(request.content)))

    monkeypatch.setitem(practice.client.event_hooks, "request", [noted])
    practice.org.compress = True
    source = accounts(50)
    summary = await collect(practice, source, chunk_rows=0)
    await whole(practice, summary, source, 50)
    assert [coding for coding, _size in sent] == ["gzip"]
    assert sent[0][1] < source.stat().st_size


@pytest.mark.parametrize("fault", ["lost-answer", "drop-request=20", "drop-answer=5"])
@pytest.mark.parametrize("action", [Action.UPDATE, Action.UPSERT, Action.DELETE, Action.UNDELETE])
async def test_9_other_actions_lead_to_the_same_end(
    practice: Practice, accounts: Accounts, action: Action, fault: str
) -> None:
    await collect(practice, accounts(30))
    ids = await ids_of(practice)
    source = accounts(30) if action is Action.UPSERT else by_id(accounts, ids, keys(30))
    if action is Action.UNDELETE:
        await collect(practice, source, Action.DELETE)
    path = "/services/Soap/*" if action is Action.UNDELETE else "*/composite/sobjects*"
    practice.fault(f"{fault},on={path},times=1")
    summary = await collect(practice, source, action)
    assert (summary.counts, summary.unreconciled) == (Counts(30), 0)
    assert_adds_up(summary, source)
    assert await practice.keys() == ([] if action is Action.DELETE else keys(30))


async def test_5_the_token_runs_out_in_an_undelete(practice: Practice, accounts: Accounts) -> None:
    inserted = await collect(practice, accounts(5))
    gone = await collect(practice, Path(inserted.files["succeeded"]), Action.DELETE)
    practice.server.org.sessions.close(practice.org.grant.access_token)
    # The first calls renew the token by themselves; the undelete gets one that has run out since.
    practice.fault("unauthorized,on=/services/Soap/*,times=1")
    back = await load(request(Path(gone.files["succeeded"]), Action.UNDELETE), practice.org)
    assert back.counts == Counts(5)


async def test_an_org_away_for_long_is_asked_at_the_resume(practice: Practice, accounts: Accounts) -> None:
    source = accounts(50)
    practice.fault(
        "lost-answer,on=POST */composite/sobjects,times=1", "unavailable=0,on=GET */query,at=2,times=100"
    )
    practice.org.pace = IMPATIENT
    with pytest.raises(Interrupted) as caught:
        await collect(practice, source, parallel=1)
    rows = assert_adds_up(caught.value.summary, source)
    assert {row["answer"] for row in rows["unprocessed"]} == {"sent, no answer yet"}
    assert len(rows["unprocessed"]) == 20
    practice.server.org.faults.clear("unavailable")
    summary = await resume("M-0001", await practice.signed_in())
    await whole(practice, summary, source, 50)


@pytest.mark.parametrize("fault", ["delay=0.2", "delay=0"])
@pytest.mark.parametrize("action", [Action.INSERT, Action.UPSERT])
async def test_stopped_with_calls_under_way_and_resumed(
    practice: Practice, accounts: Accounts, action: Action, fault: str
) -> None:
    practice.fault(f"{fault},on=*/composite/sobjects*")
    source = accounts(100)
    stop = asyncio.Event()
    chosen = request(source, action, api=Api.COLLECTIONS)
    # The first news is that a call is about to be made.
    summary = await load(chosen, practice.org, listener=lambda _standing: stop.set(), stop=stop)
    assert (summary.state, summary.unreconciled) == (MoveState.STOPPED, 0)
    assert_adds_up(summary, source)
    await whole(practice, await resume(summary.run, practice.org), source, 100)


async def test_19_a_used_up_allowance_pauses(practice: Practice, accounts: Accounts) -> None:
    source = accounts(100)
    practice.fault(f"quota={practice.server.org.calls_today + 5}")
    with pytest.raises(Interrupted, match="allowance") as caught:
        await collect(practice, source, parallel=1)
    assert_adds_up(caught.value.summary, source)
    with Journal.open(store.move_folder("M-0001")) as journal:
        assert {chunk.state for chunk in journal.chunks()} == {ChunkState.PLANNED, ChunkState.DONE}
    practice.server.org.faults.clear("quota")
    await whole(practice, await resume("M-0001", practice.org), source, 100)


async def test_rows_held_back_are_told_beside_those_sent(practice: Practice, accounts: Accounts) -> None:
    source = accounts([("A-1", "One", ""), ("A-1", "Two", ""), ("A-2", "Three", "")])
    summary = await collect(practice, source, Action.UPSERT, duplicates=Duplicates.FIRST)
    assert summary.counts == Counts(2, not_sent=1)
    assert "same as in row 1" in assert_adds_up(summary, source)["not_sent"][0]["answer"]


async def test_a_small_move_makes_no_call_too_many(practice: Practice, accounts: Accounts) -> None:
    """What the org is, what the object is, and five full calls of rows: blocks that were staged small make no more."""
    before = len(practice.server.org.calls)
    summary = await load(
        replace(request(accounts(1000), Action.INSERT), options=Options(api=Api.COLLECTIONS)), practice.org
    )
    made = [(call.method, call.path.rpartition("/")[2]) for call in list(practice.server.org.calls)[before:]]
    assert summary.counts == Counts(1000)
    assert made == [("GET", "describe"), ("GET", "query"), *[("POST", "sobjects")] * 5]
