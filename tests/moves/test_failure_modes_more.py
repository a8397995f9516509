"""Failure modes 7, 8, 10, 12, 15, 21 and 25: what is settled by asking, offered as an option, or told."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.connectors.salesforce.pace import Pace
from studio.moves import store
from studio.moves.carrying.run import Interrupted
from studio.moves.load import load, resume
from studio.moves.mending import again
from studio.moves.mending.fix import Fix
from studio.moves.model import Action, Api, Counts, MoveState, Summary
from studio.practice import lookups
from tests.moves.conftest import Practice, assert_adds_up, move, request
from tests.moves.test_failure_modes import keys, whole
from tests.moves.test_undo import rows_of, some, state

pytestmark = pytest.mark.network
Accounts = Callable[..., Path]


async def expired(practice: Practice, source: Path, action: Action, **options: Any) -> Summary:
    """A move whose results could not be fetched before the org forgot them; resumed after that."""
    practice.fault("unavailable=0,on=GET */successfulResults", "unavailable=0,on=GET */failedResults")
    practice.org.pace = Pace(first=0.01, most=0.02, patience=0.1)
    with pytest.raises(Interrupted):
        await load(request(source, action, api=Api.BULK, **options), practice.org)
    practice.server.org.faults.clear("unavailable")
    practice.server.org.clock.move(timedelta(days=8))
    return await resume(store.latest(), await practice.signed_in())


@pytest.mark.parametrize("action", [Action.INSERT, Action.UPSERT])
async def test_07_expired_results_are_settled_by_asking_for_the_keys(
    practice: Practice, accounts: Accounts, action: Action
) -> None:
    source = accounts(30)
    summary = await expired(practice, source, action)
    await whole(practice, summary, source, 30)
    assert practice.calls("POST", "jobs/ingest") == 2


async def test_07_only_what_holds_what_was_sent_is_told_as_done(
    practice: Practice, accounts: Accounts
) -> None:
    ids = await some(practice, accounts, 20)
    practice.server.org.clock.move(timedelta(seconds=60))
    rows = [(id_, f"Changed {n}" if n % 4 else "") for n, id_ in enumerate(ids.values())]
    practice.fault("fail-after=1")
    summary = await expired(practice, accounts(rows, ("Id", "Name")), Action.UPDATE)
    told = {row["weft__row"]: row["answer"] for row in _plain(summary)}
    # Half of the job was applied before it failed; nobody is told otherwise, and an empty row changes nothing to see.
    now = await state(practice)
    changed = {str(n) for n, row in enumerate(rows, 1) if row[1] and now[row[0]]["Name"] == row[1]}
    assert changed
    assert changed <= set(told)
    assert summary.counts.succeeded == len(told)
    assert summary.unreconciled == 20 - len(told)
    gone = await expired(practice, accounts([(i,) for i in ids.values()], ("Id",)), Action.DELETE)
    assert gone.counts.succeeded == 10


def _plain(summary: Summary) -> list[dict[str, str]]:
    return [{**row, "answer": row["weft__answer"]} for row in rows_of(summary)]


async def test_08_a_stamp_in_a_hidden_field_finds_equal_rows_again(
    practice: Practice, accounts: Accounts
) -> None:
    """Whole-row duplicates, results in any order, and a lost answer: each row has its own record all the same."""
    source = accounts([("Same", "x")] * 30 + [("Other", "y")], ("Name", "Description"))
    practice.fault("lost-answer,on=POST */composite/sobjects,at=1,times=2")
    summary = await move(practice, source, Action.INSERT, correlate="AccountNumber", api=Api.COLLECTIONS)
    assert summary.counts == Counts(31)
    stamps = {row["weft__id"]: row["weft__stamp"] for row in rows_of(summary)}
    found = await practice.records("SELECT Id, AccountNumber FROM Account")
    assert {record["Id"]: record["AccountNumber"] for record in found} == stamps
    assert len(set(stamps.values())) == 31
    with pytest.raises(BadInput, match="already inserted"):
        await move(practice, source, Action.INSERT, correlate="AccountNumber")
    bulk = await move(practice, source, Action.INSERT, correlate="Site", api=Api.BULK, again=True)
    assert bulk.counts == Counts(31)
    held = {record["Id"]: record["Site"] for record in await practice.records("SELECT Id, Site FROM Account")}
    assert all(held[row["weft__id"]] == row["weft__stamp"] for row in rows_of(bulk))


async def test_08_a_field_that_cannot_hold_a_stamp_is_refused(practice: Practice, accounts: Accounts) -> None:
    for field in ("AnnualRevenue", "ERP_Id__c", "Nonsense"):
        with pytest.raises(BadInput, match="cannot carry a stamp"):
            await move(practice, accounts(2), Action.INSERT, correlate=field)
    with pytest.raises(BadInput, match="sent from a column already"):
        await move(practice, accounts([("A", "B")], ("Name", "Site")), Action.INSERT, correlate="Site")


async def test_10_locked_rows_are_sent_again_sorted_by_parent_in_small_jobs_and_not_for_ever(
    practice: Practice, accounts: Accounts
) -> None:
    parents = list((await some(practice, accounts, 4)).values())
    rows = [(f"L-{n:02d}", f"Child {n}", parents[n % 4]) for n in range(24)]
    practice.fault("lock-rows=1")
    failed = await move(practice, accounts(rows, ("ERP_Id__c", "Name", "ParentId")), parallel=3)
    assert failed.counts == Counts(failed=24)
    run = failed.run
    for _turn in range(5):
        with Fix.open(run) as fix, again.sending(fix) as retried:
            assert (retried.options.parallel, retried.options.chunk_rows) == (1, 3)
            with Path(str(retried.source)).open(encoding="utf-8", newline="") as file:
                order = [row["ParentId"] for row in csv.DictReader(file)]
            assert order == sorted(order)
            run = (await load(retried, practice.org)).run
    with Fix.open(run) as fix, pytest.raises(BadInput, match="still locked"), again.sending(fix):
        pass
    practice.server.org.faults.clear("lock-rows")
    assert store.record(run).counts == Counts(failed=24)


@pytest.mark.parametrize("api", [Api.BULK, Api.COLLECTIONS])
async def test_12_a_lost_race_on_an_upsert_is_tried_once_more_as_an_update(
    practice: Practice, accounts: Accounts, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The org looks for the keys before another client's records are there, and inserts after."""
    ids = await some(practice, accounts, 5)
    real, looks = lookups.by_key, []

    def early(*given: Any) -> Any:
        looks.append(given)
        return real(*given) if len(looks) > 1 else {}

    monkeypatch.setattr(lookups, "by_key", early)
    source = accounts([(key, f'Late, "{key}"') for key in ids] + [("N-1", "New")], ("ERP_Id__c", "Name"))
    summary = await move(practice, source, api=api, before="off")
    assert summary.counts == Counts(6)
    assert_adds_up(summary, source)
    words = [row["weft__answer"] for row in rows_of(summary)]
    assert sorted(words) == ["created"] + ["updated"] * 5
    now = await state(practice)
    assert {now[id_]["Name"] for id_ in ids.values()} == {f'Late, "{key}"' for key in ids}
    assert len(now) == 6


async def test_15_too_long_texts_fail_and_are_cut_only_on_request(
    practice: Practice, accounts: Accounts
) -> None:
    long = "Ünïcode " * 50
    source = accounts([("A-1", "Short", "x"), ("A-2", long, "y")])
    whole_text = await move(practice, source)
    assert whole_text.counts == Counts(1, 1)
    assert rows_of(whole_text, "failed")[0]["weft__answer"].startswith("STRING_TOO_LONG")
    notes: list[str] = []
    cut = await load(request(source, cut=True), practice.org, note=notes.append)
    assert cut.counts == Counts(2)
    assert_adds_up(cut, source)
    report = store.move_folder(cut.run) / "cut.csv"
    assert any("1 value of Name is cut to 255 characters" in note and str(report) in note for note in notes)
    with report.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1:] == [["2", "Name", "255", long]]
    names = {record["Name"] for record in (await state(practice)).values()}
    assert {name.rstrip() for name in names} == {"Short", long[:255].rstrip()}
    # A key is never cut: two of them could become one.
    keyed = await move(practice, accounts([("A-3" * 10, "Key", "x")]), cut=True)
    assert keyed.counts == Counts(failed=1)


async def test_21_a_result_file_that_cannot_be_written_is_written_by_a_resume(
    practice: Practice, accounts: Accounts, tmp_path: Path
) -> None:
    """As a spreadsheet holds it on Windows; here a folder stands in its place."""
    source = accounts(30)
    asked = request(source, Action.INSERT)
    folder = tmp_path / "results"
    (folder / "M-0001" / "succeeded.csv").mkdir(parents=True)
    from dataclasses import replace

    with pytest.raises(Interrupted, match=r"succeeded\.csv") as caught:
        await load(replace(asked, results=folder), practice.org)
    assert "weft move resume M-0001" in str(caught.value)
    assert await practice.keys() == keys(30)
    assert store.record("M-0001").state is MoveState.INTERRUPTED
    (folder / "M-0001" / "succeeded.csv").rmdir()
    await whole(practice, await resume("M-0001", practice.org), source, 30)
    assert practice.calls("POST", "jobs/ingest") == 2


async def test_25_the_orgs_rules_are_options_sent_as_the_wire_has_them(
    practice: Practice, accounts: Accounts
) -> None:
    seen: list[tuple[str, str, dict[str, str]]] = []

    async def listen(sent: Any) -> None:
        seen.append((sent.method, sent.url.path, dict(sent.headers)))

    practice.client.event_hooks["request"] = [listen]
    rules = {"save_duplicates": True, "assignment": "FALSE", "all_or_none": True}
    source = accounts([("A-1", "One", "x"), ("A-2", "", "no name"), ("A-3", "Three", "x")])
    summary = await move(practice, source, **rules)
    headers = next(h for m, path, h in seen if m == "PATCH" and "composite/sobjects" in path)
    assert headers["sforce-duplicate-rule-header"] == "allowSave=true"
    assert headers["sforce-auto-assign"] == "FALSE"
    # One row fails, so none of its call is saved, and each says so.
    assert summary.counts == Counts(failed=3)
    assert await practice.keys() == []
    assert sum("ROLLED_BACK" in row["weft__answer"] for row in rows_of(summary, "failed")) == 2
    seen.clear()
    assert (await move(practice, source)).counts == Counts(2, 1)
    assert not any("sforce-duplicate-rule-header" in h or "sforce-auto-assign" in h for _m, _p, h in seen)
    for option in ({"all_or_none": True}, {"save_duplicates": True}, {"assignment": "TRUE"}):
        with pytest.raises(BadInput, match="Bulk API jobs have no"):
            await move(practice, source, api=Api.BULK, **option)
