"""The clients people use today, as they are, against the org: an insert, an upsert, a query and a delete by each, and
the records that are there afterwards are the ones our own mover leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.practice.process import start_practice
from studio.practice.ready import Ready
from tests.practice.clients import heavy
from tests.practice.driver import DATA, bare

pytestmark = [pytest.mark.full, pytest.mark.network]
FIRST = [
    {"Name": f'Größe "{n}", Łódź', "ERP_Id__c": f"K-{n:02d}", "Phone": f"+49 {n}"} for n in range(30)
]  # fmt: skip
SECOND = [{"Name": f"New, {n}", "ERP_Id__c": f"K-{n:02d}", "Phone": ""} for n in range(20, 40)]
GONE = [f"K-{n:02d}" for n in range(5)]
SOQL = "SELECT Name, ERP_Id__c, Phone FROM Account WHERE ERP_Id__c != null"
CLIENTS: dict[str, Callable[[Ready, Path], Any]] = {
    "sf": heavy.SalesforceCli,
    "sfdmu": heavy.Sfdmu,
    "cumulusci": heavy.CumulusCi,
    "dataloader-soap": heavy.DataLoader,
    "dataloader-bulk": lambda ready, place: heavy.DataLoader(ready, place, "sfdc.useBulkApi=true"),
    "dataloader-bulk2": lambda ready, place: heavy.DataLoader(ready, place, "sfdc.useBulkV2Api=true"),
}


def records(ready: Ready) -> list[dict[str, Any]]:
    """What is in the org and in its recycle bin."""
    headers = {"Authorization": f"Bearer {ready.access_token}"}
    text = "SELECT Id, Name, ERP_Id__c, Phone, IsDeleted FROM Account ORDER BY ERP_Id__c"
    answer = httpx.get(f"{ready.url}{DATA}/queryAll", params={"q": text}, headers=headers).json()
    return [bare(record) for record in answer["records"]]


def without_ids(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.items() if name != "Id"} for record in found]


def ids_of(ready: Ready, keys: list[str]) -> list[str]:
    return [record["Id"] for record in records(ready) if record["ERP_Id__c"] in keys]


def ours(place: Path, blank: str) -> list[dict[str, Any]]:
    """What `weft move` leaves of the same rows; `blank` says what empty cells do."""
    env = os.environ | {
        "HOME": str(place),
        "WEFT_DATA": str(place / "data"),
        "XDG_DATA_HOME": str(place / "data"),
    }

    def weft(*words: str) -> None:
        command = [sys.executable, "-m", "studio", "move", *words, "--org", ready.url, "--json"]
        with_token = env | {"WEFT_ACCESS_TOKEN": ready.access_token}
        done = subprocess.run(
            command, env=with_token, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def file(rows: heavy.Rows) -> str:
        return str(heavy.write_rows(place / "rows.csv", rows))

    with start_practice(seed=False) as ready:
        weft("insert", "Account", file(FIRST))
        weft("upsert", "Account", file(SECOND), "--key", "ERP_Id__c", "--blank", blank)
        weft("delete", "Account", file([{"Id": id_} for id_ in ids_of(ready, GONE)]))
        return without_ids(records(ready))


@pytest.mark.parametrize("name", CLIENTS)
def test_it_leaves_the_records_that_we_leave(name: str, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").mkdir()
    with start_practice(https=True, seed=False) as ready:
        try:
            client = CLIENTS[name](ready, tmp_path / "theirs")
        except heavy.CannotBeHad as reason:
            pytest.skip(f"{name} CANNOT BE HAD HERE: {reason}")
        client.insert(FIRST)
        inserted = [(record["ERP_Id__c"], record["Name"]) for record in records(ready)]
        assert inserted == [(row["ERP_Id__c"], row["Name"]) for row in FIRST]
        client.upsert(SECOND)
        found = client.query(SOQL)
        there = [record for record in records(ready) if not record["IsDeleted"]]
        assert {(row["ERP_Id__c"], row["Name"]) for row in found} == {
            (r["ERP_Id__c"], r["Name"]) for r in there
        }
        client.delete(ids_of(ready, GONE), GONE)
        assert without_ids(records(ready)) == ours(tmp_path / "ours", client.blank), json.dumps(
            records(ready)
        )[:2000]
