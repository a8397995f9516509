"""Exports: complete or not there; cut pages are fetched again, a cut run goes on at the page it had reached."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.base.errors import BadInput, NotReachable
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.pace import Pace
from studio.moves import store
from studio.moves.exports import export as exporting
from studio.moves.exports.export import Export, ExportSummary
from studio.moves.rows.plan import new_folder
from tests.moves.conftest import Practice, move

pytestmark = pytest.mark.network
Accounts = Callable[..., Path]
SOQL = "SELECT ERP_Id__c, Name, Description FROM Account"


async def filled(practice: Practice, accounts: Accounts, rows: int = 55) -> list[list[str]]:
    values = [[f"A-{n:04d}", f'N "{n}", x', "a\nb\r\nc\u2028d" if n % 3 else ""] for n in range(rows)]
    await move(practice, accounts(values, ("ERP_Id__c", "Name", "Description")))
    return values


def begin(target: Path, soql: str = SOQL) -> Path:
    folder = new_folder(store.folder())
    exporting.save(folder, Export(soql, str(target), "practice"))
    return folder


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


async def test_an_export_over_many_pages(practice: Practice, accounts: Accounts, tmp_path: Path) -> None:
    values = await filled(practice, accounts)
    practice.fault("page-rows=10")
    target = tmp_path / "out" / "export.csv"
    seen: list[tuple[int, int]] = []
    summary = await exporting.run(begin(target), practice.org, listener=lambda *at: seen.append(at))
    found = read(target)
    assert found[0] == ["ERP_Id__c", "Name", "Description"]
    assert sorted(found[1:]) == sorted(values)
    assert summary.rows == 55
    assert summary.to_data()["succeeded"] == summary.to_data()["read"] == 55
    assert seen[-1] == (55, 55)
    assert sorted(path.name for path in target.parent.iterdir()) == ["export.csv"]
    assert practice.calls("DELETE", "jobs/query") == 1
    # The first page, then five at a time from the places the org names.
    assert (practice.calls("GET", "/results"), practice.calls("GET", "/resultPages")) == (6, 1)


@pytest.mark.parametrize("link", [[], ["old-page-link"]])
async def test_pages_side_by_side_keep_their_order(
    practice: Practice, accounts: Accounts, tmp_path: Path, link: list[str]
) -> None:
    """Sixteen pages, the earliest of each five the slowest: the file is the answer in the org's order."""
    values = await filled(practice, accounts, 155)
    practice.fault("page-rows=10", "slow=4000,on=GET */results,at=2,times=1", *link)
    target = tmp_path / "export.csv"
    await exporting.run(begin(target, SOQL + " ORDER BY ERP_Id__c"), practice.org)
    assert read(target)[1:] == values
    assert (practice.calls("GET", "/results"), practice.calls("GET", "/resultPages")) == (16, 3)
    assert not list((store.folder() / "M-0002").glob("*.part"))


async def test_an_org_that_names_no_places_is_asked_page_by_page(
    practice: Practice, accounts: Accounts, tmp_path: Path
) -> None:
    values = await filled(practice, accounts)
    practice.fault("page-rows=10")
    practice.org.version = "57.0"
    target = tmp_path / "export.csv"
    await exporting.run(begin(target), practice.org)
    assert sorted(read(target)[1:]) == sorted(values)
    assert (practice.calls("GET", "/results"), practice.calls("GET", "/resultPages")) == (6, 0)


@pytest.mark.parametrize(
    "fault",
    [
        "truncated=300,on=GET */results,at=2,times=1",
        "truncated=200,on=GET */results,at=1,times=1",
        "drop-answer=150,on=GET */results,at=3,times=2",
        "lost-answer,on=GET */results,at=2,times=2",
        "lost-answer,on=GET */resultPages,times=2",
        "unauthorized,on=GET */resultPages,times=1",
        "unavailable=0,on=GET */results,at=2,times=2",
        "unauthorized,on=GET */results,at=2,times=1",
        "chunked=5,on=GET */results",
        "gzip,on=GET */results",
        "lost-answer,on=POST */jobs/query,times=1",
    ],
)
async def test_trouble_on_the_way_changes_nothing(
    practice: Practice, accounts: Accounts, tmp_path: Path, fault: str
) -> None:
    values = await filled(practice, accounts)
    practice.fault("page-rows=10", fault)
    target = tmp_path / "export.csv"
    await exporting.run(begin(target), practice.org)
    assert sorted(read(target)[1:]) == sorted(values)


async def test_an_interrupted_export_goes_on_where_it_was(
    practice: Practice, accounts: Accounts, tmp_path: Path
) -> None:
    values = await filled(practice, accounts)
    practice.fault("page-rows=10", "lost-answer,on=GET */results,at=4,times=1000")
    target = tmp_path / "export.csv"
    folder = begin(target)
    impatient = await practice.signed_in(Pace(first=0.01, most=0.01, patience=0.05))
    with pytest.raises(NotReachable):
        await exporting.run(folder, impatient)
    assert not target.exists()
    reached = exporting.load(folder)
    # Whole pages, in order; how many came before the trouble depends on which were asked for first.
    assert reached.rows in (10, 20, 30)
    # What came after the last whole page is thrown away.
    part = next(tmp_path.glob(".export.csv*.part"))
    part.write_bytes(part.read_bytes() + b'"half a r')
    practice.server.org.faults.clear("lost-answer")
    summary = await exporting.run(folder, await practice.signed_in())
    assert summary.rows == 55
    assert sorted(read(target)[1:]) == sorted(values)
    assert practice.calls("POST", "jobs/query") == 1
    assert (await exporting.run(folder, practice.org)).rows == 55


async def test_killed_between_the_rename_and_the_note(
    practice: Practice, accounts: Accounts, tmp_path: Path
) -> None:
    await filled(practice, accounts, 5)
    target = tmp_path / "export.csv"
    folder = begin(target)
    await exporting.run(folder, practice.org)
    before = target.read_bytes()
    data = json.loads((folder / exporting.FILE).read_text())
    data["finished"] = False
    (folder / exporting.FILE).write_text(json.dumps(data))
    # The job is gone by now; nothing more may be asked of it.
    with pytest.raises(SalesforceError):
        await exporting.run(folder, practice.org)
    assert target.read_bytes() == before


async def test_an_empty_answer_is_a_header_alone(practice: Practice, tmp_path: Path) -> None:
    target = tmp_path / "none.csv"
    summary = await exporting.run(begin(target, "SELECT Id, Name FROM Account"), practice.org)
    assert summary == ExportSummary("M-0001", 0, summary.seconds, summary.api_calls, str(target))
    assert read(target) == [["Id", "Name"]]


@pytest.mark.parametrize(
    "soql", ["SELECT Nonsense FROM Account", "SELECT COUNT(Id) FROM Account GROUP BY Name", "x"]
)
async def test_a_query_the_org_does_not_take(practice: Practice, tmp_path: Path, soql: str) -> None:
    target = tmp_path / "none.csv"
    with pytest.raises((SalesforceError, BadInput)) as caught:
        await exporting.run(begin(target, soql), practice.org)
    assert caught.value.exit_code == 2
    assert not target.exists()


async def test_a_slow_job_is_waited_for(practice: Practice, accounts: Accounts, tmp_path: Path) -> None:
    await filled(practice, accounts, 5)
    practice.fault("processing=0.2")
    target = tmp_path / "export.csv"
    summary = await asyncio.wait_for(exporting.run(begin(target), practice.org), 20)
    assert summary.rows == 5


async def test_a_target_that_cannot_be_written(practice: Practice, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match=r"could not be written|does not allow"):
        await exporting.run(begin(tmp_path / "file" / "out.csv", "SELECT Id FROM Account"), practice.org)
