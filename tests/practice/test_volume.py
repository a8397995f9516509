"""Many made-up records: always the same, put in once, streamed out in bounded memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from studio.practice.ids import full_id
from studio.practice.process import start_practice
from studio.practice.server import PracticeOrg
from tests.practice.driver import DATA, Api

NUMBERS = {"Account": 200, "Contact": 500, "Opportunity": 200, "Task": 100}


def everything(folder: Path) -> list[list[object]]:
    with sqlite3.connect(folder / "org.db") as connection:
        found = [connection.execute(f'SELECT * FROM "{name}" ORDER BY seq').fetchall() for name in NUMBERS]
    connection.close()
    return found


async def test_the_same_records_every_time_and_only_once(tmp_path: Path) -> None:
    for name in ("a", "b", "a"):
        async with PracticeOrg(data=tmp_path / name, seed=False, records=1000) as practice:
            headers = {"Authorization": f"Bearer {practice.ready.access_token}"}
            async with httpx.AsyncClient(base_url=practice.ready.url, headers=headers) as client:
                api = Api(practice, client)
                counts = (await api.get("/limits/recordCount")).json()["sObjects"]
                assert {one["name"]: one["count"] for one in counts}.items() >= NUMBERS.items()
    assert everything(tmp_path / "a") == everything(tmp_path / "b")


async def test_made_up_records_are_records_like_any_other(tmp_path: Path) -> None:
    async with PracticeOrg(seed=False, records=500) as practice:
        headers = {"Authorization": f"Bearer {practice.ready.access_token}"}
        async with httpx.AsyncClient(base_url=practice.ready.url, headers=headers, timeout=30) as client:
            api = Api(practice, client)
            text = "SELECT Id, Name, Account.ERP_Id__c, Owner.Username FROM Contact WHERE AccountId != null"
            rows = await api.query(text)
            assert len(rows) == 250
            assert all(full_id(row["Id"]) == row["Id"] and row["Account"]["ERP_Id__c"] for row in rows)
            tasks = await api.query("SELECT Who.Type, What.Type FROM Task")
            assert {(row["Who"]["Type"], row["What"]["Type"]) for row in tasks} == {("Contact", "Account")}
            done = await api.load(
                "upsert", "ERP_Id__c,Name\nv-0000007,Seven\nnew,New\n", externalIdFieldName="ERP_Id__c"
            )
            assert sorted(row["sf__Created"] for row in done.successful) == ["false", "true"]
            done = await api.load("insert", "Name\nA\n")
            assert done.successful[0]["sf__Id"] not in {row["Id"] for row in rows}


@pytest.mark.full
def test_a_million_records_stream_out(share: Callable[[int], int]) -> None:
    count = share(1_000_000)
    with start_practice(seed=False, records=count) as ready:
        headers = {"Authorization": f"Bearer {ready.access_token}"}
        with httpx.Client(base_url=ready.url + DATA, headers=headers, timeout=600) as client:
            asked = {"operation": "query", "query": "SELECT Id, LastName, Email, AccountId FROM Contact"}
            job = client.post("/jobs/query", json=asked).json()["id"]
            while client.get(f"/jobs/query/{job}").json()["state"] != "JobComplete":
                pass
            rows, locator = 0, ""
            while locator != "null":
                path = f"/jobs/query/{job}/results"
                with client.stream("GET", path, params={"locator": locator} if locator else {}) as page:
                    rows += sum(block.count(b"\n") for block in page.iter_bytes()) - 1
                    locator = page.headers["sforce-locator"]
            assert rows == count // 2
