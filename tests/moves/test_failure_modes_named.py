"""Failure modes whose parts are tried one by one elsewhere, each once as a whole move, by their number."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.connectors.salesforce.ingest import list_open
from studio.connectors.salesforce.pace import Pace
from studio.connectors.salesforce.rows import encode
from studio.moves import store
from studio.moves.carrying.run import Interrupted
from studio.moves.exports.export import Export, run, save
from studio.moves.load import check, load, resume
from studio.moves.model import Action, Api, Blank, Counts, Duplicates
from studio.moves.rows.plan import new_folder
from tests.moves.conftest import Practice, assert_adds_up, move, request
from tests.moves.test_failure_modes import keys, whole
from tests.moves.test_undo import rows_of, state

pytestmark = pytest.mark.network
Accounts = Callable[..., Path]


async def test_01_a_lost_answer_to_create_leaves_no_open_job_behind(
    practice: Practice, accounts: Accounts
) -> None:
    source = accounts(30)
    practice.fault("lost-answer,on=POST */jobs/ingest")
    practice.org.pace = Pace(first=0.01, most=0.02, patience=0.1)
    with pytest.raises(Interrupted):
        await move(practice, source, Action.INSERT)
    practice.server.org.faults.clear("lost-answer")
    org = await practice.signed_in()
    assert [job async for job in list_open(org)]
    await whole(practice, await resume("M-0001", org), source, 30)
    assert [job async for job in list_open(org)] == []


async def test_03_a_lost_answer_to_close_makes_no_second_job(practice: Practice, accounts: Accounts) -> None:
    source = accounts(20)
    practice.fault("lost-answer,on=PATCH */jobs/ingest/*,times=3")
    await whole(practice, await move(practice, source, Action.INSERT), source, 20)
    assert practice.calls("POST", "jobs/ingest") == 1


async def test_11_rows_of_one_key_are_held_back_or_one_is_chosen(
    practice: Practice, accounts: Accounts
) -> None:
    source = accounts([("K-1", "First", ""), ("K-2", "Alone", ""), ("k-1", "Last", ""), ("", "No key", "")])
    held = await move(practice, source)
    assert held.counts == Counts(1, not_sent=3)
    answers = [row["weft__answer"] for row in rows_of(held, "not_sent")]
    assert answers == ["ERP_Id__c appears more than once: rows 1, 3"] * 2 + ["ERP_Id__c is empty"]
    assert_adds_up(held, source)
    chosen = await move(practice, source, duplicates=Duplicates.LAST)
    assert chosen.counts == Counts(2, not_sent=2)
    assert {record["Name"] for record in (await state(practice)).values()} == {"Alone", "Last"}


async def test_13_every_byte_arrives_whatever_the_file_was_written_in(
    practice: Practice, tmp_path: Path
) -> None:
    """Where others fail: a byte order mark, CR LF inside quotes, U+2028, and bytes that make no character."""
    texts = [
        "plain",
        "two\r\nlines",
        "bare\rreturn",
        "\u2028 and \u0085 and \x0b",
        'a "quote"',
        "Ünï ✓ 漢字",
        "a,b;c\td",
    ]
    header = ["ERP_Id__c", "Name", "Description"]
    rows = [[f"A-{n:04d}", f"Row {n}", text] for n, text in enumerate(texts, 1)]
    source = tmp_path / "odd.csv"
    for encoding in ("utf-8-sig", "utf-16"):
        text = b"".join(encode(header, rows)).decode("utf-8").replace('"\n', '"\r\n')
        source.write_bytes(text.encode(encoding))
        summary = await move(practice, source, blank=Blank.NULL)
        assert summary.counts == Counts(len(texts))
        found = await practice.records("SELECT ERP_Id__c, Description FROM Account ORDER BY ERP_Id__c")
        assert [record["Description"].replace("\r\n", "\n") for record in found] == [
            text.replace("\r\n", "\n") for text in texts
        ]
        with Path(summary.files["succeeded"]).open(encoding="utf-8", newline="") as file:
            told = {row["ERP_Id__c"]: row["Description"] for row in csv.DictReader(file)}
        assert [told[row[0]] for row in rows] == texts
    source.write_bytes(b"ERP_Id__c,Name\nA-1,caf\xe9\xff\xfe\n\xc3\x28,B\n")
    with pytest.raises(BadInput):
        await load(replace(request(source), encoding="utf-8"), practice.org)


async def test_14_blank_and_null_are_a_choice(practice: Practice, accounts: Accounts) -> None:
    fields = ("ERP_Id__c", "Name", "Phone")
    await move(practice, accounts([("A-1", "One", "+1"), ("A-2", "Two", "+2")], fields))
    source = accounts([("A-1", "One", ""), ("A-2", "Two", "#N/A")], fields)
    notes: list[str] = []
    await load(request(source), practice.org, note=notes.append)
    assert "1 cell holds #N/A, which empties the field." in notes
    assert [record["Phone"] for record in (await state(practice)).values()] == ["+1", None]
    await move(practice, source, blank=Blank.NULL)
    assert [record["Phone"] for record in (await state(practice)).values()] == [None, None]


async def test_16_dates_pass_no_zone_and_moments_keep_theirs(practice: Practice, accounts: Accounts) -> None:
    rows = [("A-1", "One", "2026-03-29"), ("A-2", "Two", "1582-10-15"), ("A-3", "Three", "2026-02-30")]
    day = accounts([(r[1], "Prospecting", r[2]) for r in rows], ("Name", "StageName", "CloseDate"))
    asked = replace(request(day, Action.INSERT, api=Api.BULK), object="Opportunity")
    summary = await load(asked, practice.org)
    assert summary.counts.succeeded == 2
    assert summary.counts.failed + summary.counts.not_sent == 1
    found = await practice.records("SELECT CloseDate FROM Opportunity ORDER BY CloseDate")
    assert [record["CloseDate"] for record in found] == ["1582-10-15", "2026-03-29"]


async def test_17_damaged_ids_are_found_before_anything_is_sent(
    practice: Practice, accounts: Accounts
) -> None:
    ids = [row["weft__id"] for row in rows_of(await move(practice, accounts(3), Action.INSERT))]
    bad = [ids[0].lower() if ids[0].lower() != ids[0] else ids[0].upper(), "1.00E+15", ids[1]]
    source = accounts([(id_, "X") for id_ in bad], ("Id", "Name"))
    found = await check(request(source, Action.UPDATE), practice.org)
    assert set(found.held) == {1, 2}
    assert next(one for one in found.report.fields if one.field == "Id").failing == 2
    assert (await move(practice, source, Action.UPDATE, hold=True)).counts == Counts(1, not_sent=2)


async def test_20_an_export_is_whole_whatever_happens_to_its_pages(
    practice: Practice, accounts: Accounts, tmp_path: Path
) -> None:
    await move(practice, accounts(60), Action.INSERT)
    practice.fault(
        "page-rows=7",
        "drop-answer=100,on=GET */results,at=2,times=2",
        "truncated=200,on=GET */results,at=5,times=1",
        "lost-answer,on=GET */results,at=7,times=1",
    )
    folder, target = new_folder(store.folder()), tmp_path / "out.csv"
    asked = Export("SELECT ERP_Id__c FROM Account ORDER BY ERP_Id__c", str(target), "practice")
    save(folder, replace(asked, org_id=(await practice.org.identify()).id))
    summary = await run(folder, practice.org)
    assert summary.rows == 60
    with target.open(encoding="utf-8", newline="") as file:
        assert sorted(row["ERP_Id__c"] for row in csv.DictReader(file)) == keys(60)


async def test_22_the_source_may_change_or_go_and_is_not_inserted_twice(
    practice: Practice, accounts: Accounts
) -> None:
    source = accounts(30)
    trial = await move(practice, source, Action.INSERT, first=10)
    text = source.read_bytes()
    source.write_bytes(b"ERP_Id__c,Name,Note\nZ-1,Other,x\n")
    rest = await resume(trial.run, practice.org)
    source.write_bytes(text)
    await whole(practice, rest, source, 30)
    with pytest.raises(BadInput, match="already inserted"):
        await move(practice, source, Action.INSERT)


async def test_24_rows_are_read_once_and_told_in_the_sources_order(
    practice: Practice, accounts: Accounts
) -> None:
    """A query that would give its rows in another order the second time is asked once."""
    import sqlite3

    place = accounts(1).with_name("rows.db")
    with sqlite3.connect(place) as made:
        made.execute("CREATE TABLE account (ERP_Id__c TEXT, Name TEXT)")
        made.executemany("INSERT INTO account VALUES (?,?)", [(key, f"Company {key}") for key in keys(40)])
    made.close()
    from studio.moves.sources.kinds import Pick

    query = "SELECT ERP_Id__c, Name FROM account ORDER BY random()"
    practice.fault("lost-answer,on=PATCH */jobs/ingest/*,times=2")
    asked = replace(request(place, Action.INSERT), pick=Pick(query=query))
    summary = await load(asked, practice.org)
    assert summary.counts == Counts(40)
    names = {record["Id"]: record["Name"] for record in (await state(practice)).values()}
    for row in rows_of(summary):
        assert names[row["weft__id"]] == row["Name"] == f"Company {row['ERP_Id__c']}"


async def test_04_and_18_nothing_is_deleted_that_an_undo_could_not_bring_back(
    practice: Practice, accounts: Accounts
) -> None:
    """The affected records are kept first, and a deletion whose results came days later is undone all the same."""
    from studio.moves.undoing import undo

    ids = [row["weft__id"] for row in rows_of(await move(practice, accounts(25), Action.INSERT))]
    was = await state(practice)
    practice.fault("unavailable=0,on=GET */successfulResults")
    practice.org.pace = Pace(first=0.01, most=0.02, patience=0.1)
    with pytest.raises(Interrupted):
        await move(practice, accounts([(i,) for i in ids], ("Id",)), Action.HARD_DELETE)
    practice.server.org.faults.clear("unavailable")
    practice.server.org.clock.move(timedelta(days=6))
    org = await practice.signed_in()
    done = await resume("M-0002", org)
    assert done.counts == Counts(25)
    assert (await undo.undo(done.run, org)).counts == Counts(25)
    now = await state(practice)
    assert sorted(r["ERP_Id__c"] for r in now.values()) == sorted(r["ERP_Id__c"] for r in was.values())
