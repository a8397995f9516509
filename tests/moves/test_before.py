"""Records as they were, asked for by jobs: the same image to the byte as by calls, and calls where jobs do not answer."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.connectors.salesforce import bulk_query, jobs, retrieve
from studio.connectors.salesforce.jobs import Job, JobState
from studio.connectors.salesforce.session import Org
from studio.moves import load
from studio.moves.model import Action, Api, Before, Counts
from studio.moves.rows.shape import Shaper
from studio.moves.undoing import before
from tests.moves.conftest import Practice, move, request

pytestmark = pytest.mark.network
Accounts = Callable[..., Path]
HEADER = ("ERP_Id__c", "Name", "Phone", "NumberOfEmployees", "AnnualRevenue", "Description")
HARD = ['a "b"', "one\r\ntwo\u2028three", ",,", "'quoted' \\ back", "", "é😀"]
ROWS = 40
STRANGERS = ["001000000000000AAA", "Key-'none", "no id", "001"]


@pytest.fixture
def small_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are worth making for five records already, are asked for a dozen at most, and take several queries."""
    monkeypatch.setattr(retrieve, "JOB_LEAST", 5)
    monkeypatch.setattr(retrieve, "_JOB_MOST", 12)
    monkeypatch.setattr(retrieve, "_QUERY", 250)


async def fill(practice: Practice, accounts: Accounts) -> list[str]:
    """Accounts with hard values; their ids."""
    rows = []
    for n in range(1, ROWS + 1):
        revenue = f"{n * 10**7}.5" if n % 5 else ""
        rows.append(
            [f"Key-{n}'{n % 3}", f"1E{n}", "" if n % 3 else f"+55 {n}", str(n), revenue, HARD[n % len(HARD)]]
        )
    done = await move(practice, accounts(rows, HEADER), Action.INSERT)
    assert done.counts == Counts(ROWS)
    with Path(done.files["succeeded"]).open(encoding="utf-8", newline="") as file:
        return [row["weft__id"] for row in csv.DictReader(file)]


def changes(accounts: Accounts, ids: list[str], action: Action) -> Path:
    """Rows for all records: ids of both lengths, keys in other capitals, blank cells, names nobody has."""

    def cells(n: int) -> list[str]:
        return ["Other", "" if n % 2 else "+1", "7", "#N/A", "x" * (n % 3)]

    if action is Action.UPSERT:
        keys = [f"KEY-{n}'{n % 3}" if n % 4 else f"key-{n}'{n % 3}" for n in range(1, ROWS + 1)]
        return accounts([[key, *cells(n)] for n, key in enumerate([*keys, *STRANGERS])], HEADER)
    named = [*(id_[:15] if n % 2 else id_ for n, id_ in enumerate(ids)), *STRANGERS]
    if action is Action.DELETE:
        return accounts([[id_] for id_ in named], ("Id",))
    return accounts([[id_, *cells(n)] for n, id_ in enumerate(named)], ("Id", *HEADER[1:]))


async def images(practice: Practice, source: Path, action: Action) -> list[bytes]:
    """The images of a move that is planned and never sent."""
    asked = request(source, action, before=Before.ON, api=Api.BULK, chunk_rows=25)
    with await load.begin(asked, practice.org) as journal:
        shaper = Shaper(journal.fingerprint.header, journal.move.map, journal.move.options.blank)
        keeper = before.Keeper(practice.org, journal, shaper)
        for chunk in journal.chunks():
            await keeper.keep(chunk)
        kept = [before.image_path(journal.folder, chunk.number).read_bytes() for chunk in journal.chunks()]
        assert len({id_ for _row, id_, _values in before.images(journal.folder)}) == ROWS
    return kept


@pytest.mark.parametrize("action", [Action.UPDATE, Action.UPSERT, Action.DELETE])
async def test_by_jobs_the_image_is_that_of_calls(
    practice: Practice, accounts: Accounts, small_jobs: None, monkeypatch: pytest.MonkeyPatch, action: Action
) -> None:
    source = changes(accounts, await fill(practice, accounts), action)
    practice.fault("page-rows=5")
    by_jobs = await images(practice, source, action)
    made = practice.calls("POST", "/jobs/query")
    assert made > 4
    monkeypatch.setattr(retrieve, "JOB_LEAST", 10**6)
    assert await images(practice, source, action) == by_jobs
    assert practice.calls("POST", "/jobs/query") == made


@pytest.mark.parametrize("refused", [True, False])
async def test_where_jobs_do_not_answer_calls_do(
    practice: Practice, accounts: Accounts, small_jobs: None, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    source = changes(accounts, await fill(practice, accounts), Action.UPSERT)
    expected = await images(practice, source, Action.UPSERT)
    create = bulk_query.create

    async def refusing(org: Org, soql: str, **more: Any) -> Job:
        return await create(org, soql + " OFFSET 1", **more)

    async def ended(org: Org, soql: str, **more: Any) -> Job:
        job = await create(org, soql, **more)
        return await jobs.set_state(org, bulk_query.KIND, job.id, JobState.ABORTED)

    if not refused:
        practice.fault("processing=60")
    monkeypatch.setattr(bulk_query, "create", refusing if refused else ended)
    made = practice.calls("POST", "/jobs/query")
    assert await images(practice, source, Action.UPSERT) == expected
    assert practice.calls("POST", "/jobs/query") > made


async def test_a_page_that_is_cut_is_fetched_again(
    practice: Practice, accounts: Accounts, small_jobs: None
) -> None:
    source = changes(accounts, await fill(practice, accounts), Action.UPDATE)
    expected = await images(practice, source, Action.UPDATE)
    practice.fault("drop-answer=100,on=GET */results,times=3")
    assert await images(practice, source, Action.UPDATE) == expected


def test_very_wide_records_are_not_asked_for_by_jobs() -> None:
    assert retrieve.job_at_once(4) == 5000
    assert retrieve.job_at_once(50) == 2400
    assert retrieve.job_at_once(400) == 0
