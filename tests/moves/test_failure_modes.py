"""The failure modes of the reference, by number: after the trouble and a resume, no row is lost and none is doubled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from studio.base.atomic import NotWritten
from studio.base.errors import BadInput, NotAllowed, NotReachable
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.pace import Pace
from studio.moves import store
from studio.moves.carrying.run import Interrupted, run
from studio.moves.journal import ChunkState, Journal
from studio.moves.load import load, resume
from studio.moves.model import Action, Counts, MoveState, Standing, Summary
from studio.practice.server import PracticeOrg
from tests.moves.conftest import QUICK, Practice, assert_adds_up, move, request, sign_in

pytestmark = pytest.mark.network
Accounts = Callable[..., Path]
IMPATIENT = Pace(first=0.01, most=0.02, patience=0.1)


def keys(rows: int) -> list[str]:
    return [f"A-{n:04d}" for n in range(1, rows + 1)]


async def whole(practice: Practice, summary: Summary, source: Path, rows: int) -> None:
    """All rows of an insert succeeded, are told, and are in the org once."""
    assert summary.counts == Counts(rows)
    assert summary.unreconciled == 0
    assert_adds_up(summary, source)
    assert await practice.keys() == keys(rows)


# Each fault in one of the calls of a chunk, once; an insert, so that doubling would show.
ONCE = {
    "1 the answer to create is lost": "lost-answer,on=POST */jobs/ingest,times=1",
    "1 create is refused for a moment": "unavailable=0,on=POST */jobs/ingest,times=2",
    "2 the upload is cut": "drop-request=300,on=PUT */batches,times=1",
    "2 the upload's answer is lost": "lost-answer,on=PUT */batches,times=1",
    "2 the upload meets a busy org": "unavailable=0,on=PUT */batches,times=1",
    "3 the answer to close is lost": "lost-answer,on=PATCH */jobs/ingest/*,times=1",
    "3 close is cut before it arrives": "drop-request=5,on=PATCH */jobs/ingest/*,times=1",
    "3 close meets a busy org": "unavailable=0,on=PATCH */jobs/ingest/*,times=1",
    "5 polls are cut": "lost-answer,on=GET */jobs/ingest/750*,times=3",
    "5 polls meet a busy org": "unavailable=0,on=GET */jobs/ingest/750*,times=3",
    "5 the token runs out at create": "unauthorized,on=POST */jobs/ingest,times=1",
    "5 the token runs out at upload": "unauthorized,on=PUT */batches,times=1",
    "5 the token runs out at close": "unauthorized,on=PATCH */jobs/ingest/*,times=1",
    "5 the token runs out while polling": "unauthorized,on=GET */jobs/ingest/750*,times=2",
    "6 a result download is cut": "drop-answer=500,on=GET */successfulResults,times=2",
    "6 a result file comes truncated": "truncated=500,on=GET */successfulResults,times=1",
    "6 a result file loses whole rows": "truncated=158,on=GET */successfulResults,times=1",
    "8 results drip": "slow=20000,on=GET */successfulResults,times=1",
    "gzip and chunks": "gzip,on=GET *",
    "small chunks": "chunked=7,on=GET */successfulResults,times=2",
}


@pytest.mark.parametrize("mode", ONCE)
async def test_trouble_in_one_call_changes_nothing(practice: Practice, accounts: Accounts, mode: str) -> None:
    source = accounts(50)
    practice.fault(ONCE[mode])
    summary = await move(practice, source, Action.INSERT)
    await whole(practice, summary, source, 50)


async def test_02_a_cut_upload_is_never_continued(practice: Practice, accounts: Accounts) -> None:
    practice.fault("drop-request=300,on=PUT */batches,times=2")
    summary = await move(practice, accounts(20), Action.INSERT, parallel=1)
    assert summary.counts == Counts(20)
    # One job for each upload: the cut ones are aborted, not filled again.
    assert practice.calls("POST", "jobs/ingest") == 3
    with Journal.open(store.move_folder(summary.run)) as journal:
        assert sorted(journal.jobs().values()) == ["abandoned", "abandoned", "used"]


async def test_04_results_can_be_fetched_days_later(practice: Practice, accounts: Accounts) -> None:
    source = accounts(50)
    practice.fault("unavailable=0,on=GET */successfulResults")
    practice.org.pace = IMPATIENT
    with pytest.raises(Interrupted) as caught:
        await move(practice, source, Action.INSERT)
    assert caught.value.exit_code == 3
    assert "weft move resume M-0001" in str(caught.value)
    assert_adds_up(caught.value.summary, source)
    assert caught.value.summary.counts.succeeded == 0
    assert caught.value.summary.counts.unprocessed > 0
    practice.server.org.faults.clear("unavailable")
    practice.server.org.clock.move(timedelta(days=6))
    summary = await resume("M-0001", await practice.signed_in())
    await whole(practice, summary, source, 50)


async def test_05_a_long_silence_is_no_failure_of_the_job(practice: Practice, accounts: Accounts) -> None:
    source = accounts(20)
    practice.fault("processing=0.2", "lost-answer,on=GET */jobs/ingest/750*,times=8")
    practice.org.pace = IMPATIENT
    with pytest.raises(Interrupted):
        await move(practice, source, Action.INSERT)
    summary = await resume("M-0001", await practice.signed_in())
    await whole(practice, summary, source, 20)
    assert practice.calls("POST", "jobs/ingest") == 1


async def test_06_a_failed_job_is_partly_applied_and_all_is_told(
    practice: Practice, accounts: Accounts
) -> None:
    source = accounts(50)
    practice.fault("fail-after=1")
    summary = await move(practice, source, Action.INSERT, chunk_rows=25, parallel=1)
    assert summary.counts == Counts(succeeded=20, unprocessed=30)
    assert summary.unreconciled == 0
    rows = assert_adds_up(summary, source)
    assert {row["answer"] for row in rows["unprocessed"]} == {"not processed by the org"}
    assert any("ended a job early" in warning for warning in summary.warnings)
    assert summary.exit_code == 1
    # What the org certified as unprocessed is safe to send again, and only that.
    practice.server.org.faults.clear("fail-after")
    again = await resume(summary.run, practice.org)
    await whole(practice, again, source, 50)


async def test_06_a_job_the_org_cannot_read_stops_the_rest(practice: Practice, accounts: Accounts) -> None:
    source = accounts([("A-1", "One", "x"), ("A-2", "Two", "x"), ("A-3", "Three", "x")])
    asked = request(source, Action.INSERT, chunk_rows=1, parallel=1)
    fields = (await _map(practice, asked)).entries
    wrong = replace(fields[1], field="Parent.Nonsense__c")
    from studio.moves.model import FieldMap

    summary = await load(replace(asked, map=FieldMap((fields[0], wrong))), practice.org)
    assert summary.counts == Counts(unprocessed=1, not_sent=2)
    assert any("no more were sent" in warning and "Nonsense__c" in warning for warning in summary.warnings)
    assert_adds_up(summary, source)


async def _map(practice: Practice, asked: object):  # type: ignore[no-untyped-def]
    from studio.connectors.salesforce.describe import describe
    from studio.moves.maps.automap import automap

    facts = await describe(practice.org, "Account")
    return automap(("ERP_Id__c", "Name", "Note"), facts, Action.INSERT).map


async def test_07_expired_results_are_unknown_and_never_sent_again(
    practice: Practice, accounts: Accounts
) -> None:
    """Rows without a key of their own cannot be asked for: those with one are settled (test_failure_modes_more)."""
    source = accounts([(f"Company {n}", "x") for n in range(20)], ("Name", "Note"))
    practice.fault("unavailable=0,on=GET */successfulResults")
    practice.org.pace = IMPATIENT
    with pytest.raises(Interrupted):
        await move(practice, source, Action.INSERT)
    practice.server.org.faults.clear("unavailable")
    practice.server.org.clock.move(timedelta(days=8))
    summary = await resume("M-0001", await practice.signed_in())
    assert summary.counts == Counts(unprocessed=20)
    assert summary.unreconciled == 20
    assert any(warning.startswith("UNRECONCILED: 20 rows") for warning in summary.warnings)
    rows = assert_adds_up(summary, source)["unprocessed"]
    assert "whether it was applied is not known" in rows[0]["answer"]
    again = await resume("M-0001", await practice.signed_in())
    assert again.counts == Counts(unprocessed=20)
    assert practice.calls("POST", "jobs/ingest") == 1
    assert len(await practice.records("SELECT Id FROM Account")) == 20


async def test_09_nothing_written_is_repeated_on_a_guess(practice: Practice, accounts: Accounts) -> None:
    """Every answer to a close is lost: the job is looked at each time, and there is one job per chunk."""
    source = accounts(60)
    practice.fault("lost-answer,on=PATCH */jobs/ingest/*")
    summary = await move(practice, source, Action.INSERT)
    await whole(practice, summary, source, 60)
    assert practice.calls("POST", "jobs/ingest") == 3


async def test_10_locked_rows_come_back_as_failed(practice: Practice, accounts: Accounts) -> None:
    source = accounts(50)
    practice.fault("lock-rows=5")
    summary = await move(practice, source)
    assert summary.counts == Counts(40, 10)
    failed = assert_adds_up(summary, source)["failed"]
    assert all(row["answer"].startswith("UNABLE_TO_LOCK_ROW") for row in failed)


async def test_19_a_used_up_allowance_pauses(practice: Practice, accounts: Accounts) -> None:
    source = accounts(100)
    used = practice.server.org.calls_today
    practice.fault(f"quota={used + 15}")
    with pytest.raises(Interrupted, match="allowance") as caught:
        await move(practice, source, Action.INSERT, parallel=1)
    assert caught.value.exit_code == 3
    summary = caught.value.summary
    assert_adds_up(summary, source)
    assert summary.counts.total - summary.counts.succeeded > 0
    practice.server.org.faults.clear("quota")
    await whole(practice, await resume(summary.run, practice.org), source, 100)


async def test_19_rows_over_the_day_stay_unprocessed_and_are_resumed(
    practice: Practice, accounts: Accounts
) -> None:
    source = accounts(50)
    practice.fault("row-quota=30")
    summary = await move(practice, source, Action.INSERT, parallel=1)
    assert summary.counts.succeeded == 30
    assert summary.counts.unprocessed == 20
    assert_adds_up(summary, source)
    practice.server.org.faults.clear("row-quota")
    await whole(practice, await resume(summary.run, practice.org), source, 50)


async def test_18_a_resume_in_another_org_is_refused(practice: Practice, accounts: Accounts) -> None:
    practice.fault("unavailable=0,on=GET */successfulResults")
    practice.org.pace = IMPATIENT
    with pytest.raises(Interrupted):
        await move(practice, accounts(20), Action.INSERT)
    async with PracticeOrg(seed=False) as other:
        elsewhere = await sign_in(practice.client, other)
        if (await elsewhere.identify()).id == (await practice.org.identify()).id:
            with Journal.open(store.move_folder("M-0001")) as journal:
                journal.remember(org_id="00D000000000001EAA", org_name="Aurora")
        with pytest.raises(Interrupted, match="began in another org"):
            await resume("M-0001", elsewhere)
        assert other.org.calls_today > 0
        assert not any(call.method == "POST" and "ingest" in call.path for call in other.org.calls)


async def test_21_a_full_disk_loses_nothing(
    practice: Practice, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parts of a chunk cannot be written: its results are still in the org, and fetched on resume."""
    from studio.moves.carrying import parts

    source = accounts(50)

    def full(path: Path, _data: bytes) -> None:
        raise NotWritten("The disk is full; the file was not written.", file=path)

    with monkeypatch.context() as patch:
        patch.setattr(parts.atomic, "write_bytes", full)
        with pytest.raises(Interrupted, match="disk is full"):
            await move(practice, source, Action.INSERT)
    await whole(practice, await resume("M-0001", practice.org), source, 50)


async def test_a_finished_move_is_not_touched_again(practice: Practice, accounts: Accounts) -> None:
    """Its parts and its copy of the source are gone; asked to go on, it answers what it answered."""
    source = accounts([("A-1", "One", "x"), ("A-2", "", "y")])
    summary = await move(practice, source, Action.INSERT)
    before = practice.calls("POST", "jobs/ingest")
    again = await resume(summary.run, practice.org)
    assert replace(again, seconds=summary.seconds) == summary
    assert_adds_up(again, source)
    assert practice.calls("POST", "jobs/ingest") == before


async def test_rows_lost_from_the_folder_are_said(practice: Practice, accounts: Accounts) -> None:
    practice.fault("unavailable=0,on=POST */jobs/ingest")
    practice.org.pace = IMPATIENT
    with pytest.raises(Interrupted):
        await move(practice, accounts(20), Action.INSERT)
    practice.server.org.faults.clear("unavailable")
    (store.move_folder("M-0001") / "rows.csv").unlink()
    with pytest.raises(BadInput, match="copy of the source in the move's folder was changed or cut"):
        await resume("M-0001", await practice.signed_in())


async def test_23_two_processes_cannot_work_on_one_move(practice: Practice, accounts: Accounts) -> None:
    practice.fault("processing=0.3")
    started = asyncio.Event()
    first = asyncio.create_task(
        load(request(accounts(20), Action.INSERT), practice.org, listener=lambda _s: started.set())
    )
    await started.wait()
    with pytest.raises(BadInput, match="another process"):
        await resume("M-0001", practice.org)
    assert (await first).counts == Counts(20)


async def test_stop_ends_what_runs_and_counts_what_was_applied(
    practice: Practice, accounts: Accounts
) -> None:
    source = accounts(200)
    practice.fault("processing=0.3")
    stop = asyncio.Event()

    def listen(standing: Standing) -> None:
        if any(chunk.state == "submitted" for chunk in standing.chunks):
            stop.set()

    asked = request(source, Action.INSERT)
    summary = await load(asked, practice.org, listener=listen, stop=stop)
    assert summary.state is MoveState.STOPPED
    assert summary.exit_code == 130
    assert summary.unreconciled == 0
    assert summary.counts.not_sent > 0
    rows = assert_adds_up(summary, source)
    assert await practice.keys() == sorted(row["ERP_Id__c"] for row in rows["succeeded"])
    practice.server.org.faults.clear("processing")
    again = await resume(summary.run, practice.org)
    await whole(practice, again, source, 200)


async def test_an_org_out_of_reach_is_said_and_resumed(practice: Practice, accounts: Accounts) -> None:
    source = accounts(60)
    practice.org.pace = IMPATIENT
    practice.fault("lost-answer,on=/services/data/*,at=8,times=100000")
    with pytest.raises((Interrupted, NotReachable)) as caught:
        await move(practice, source, Action.INSERT)
    assert caught.value.exit_code == 3
    practice.server.org.faults.clear()
    practice.fault("batch-rows=10")
    await whole(practice, await resume("M-0001", await practice.signed_in()), source, 60)


async def test_orphans_of_a_cut_create_are_aborted(practice: Practice, accounts: Accounts) -> None:
    """Mode 1: killed between the org's answer to create and our note of it."""
    source = accounts(20)
    practice.fault("lost-answer,on=POST */jobs/ingest")
    practice.org.pace = IMPATIENT
    with pytest.raises(Interrupted):
        await move(practice, source, Action.INSERT)
    opened = [job async for job in _open_jobs(practice)]
    assert opened
    practice.server.org.faults.clear("lost-answer")
    await whole(practice, await resume("M-0001", await practice.signed_in()), source, 20)
    assert [job async for job in _open_jobs(practice)] == []


async def _open_jobs(practice: Practice):  # type: ignore[no-untyped-def]
    from studio.connectors.salesforce.ingest import list_open

    async for job in list_open(practice.org):
        yield job


async def test_a_job_someone_else_closed_is_only_listened_to(practice: Practice, accounts: Accounts) -> None:
    """Killed while uploading, then the half-filled job was closed by hand: its answers count, nothing is sent twice."""
    from studio.connectors.salesforce import ingest

    source = accounts(20)
    practice.fault("unavailable=0,on=PATCH */jobs/ingest/*")
    practice.org.pace = IMPATIENT
    with pytest.raises(Interrupted):
        await move(practice, source, Action.INSERT)
    practice.server.org.faults.clear("unavailable")
    org = await practice.signed_in()
    with Journal.open(store.move_folder("M-0001")) as journal:
        (chunk,) = journal.chunks()
        await ingest.close(org, chunk.job)
        journal.update(chunk, state=ChunkState.UPLOADING)
        summary = await run(journal, org, journal.folder)
    await whole(practice, summary, source, 20)


@pytest.mark.parametrize("error", [SalesforceError("no", code="X", status=400), NotAllowed("no")])
async def test_a_refusal_in_the_middle_keeps_what_was_done(
    practice: Practice, accounts: Accounts, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.connectors.salesforce import ingest

    source = accounts(60)
    real, made = ingest.create, 0

    async def create(*given: object) -> object:
        nonlocal made
        made += 1
        if made > 1:
            raise error
        return await real(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(ingest, "create", create)
        with pytest.raises(Interrupted) as caught:
            await move(practice, source, Action.INSERT, parallel=1)
    assert caught.value.exit_code == error.exit_code  # type: ignore[attr-defined]
    assert caught.value.summary.counts == Counts(20, not_sent=40)
    assert_adds_up(caught.value.summary, source)
    await whole(practice, await resume("M-0001", practice.org), source, 60)


def test_the_waits_of_these_tests_are_short() -> None:
    assert QUICK.most < 1
