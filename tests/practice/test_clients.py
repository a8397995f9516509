"""Other people's clients against the org over HTTPS, as they are: simple-salesforce and jsforce."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from simple_salesforce import Salesforce, SalesforceLogin

from studio.practice.process import start_practice
from studio.practice.ready import Ready
from tests.practice.clients import install

VERSION = "62.0"


@pytest.fixture(scope="module")
def ready() -> Iterator[Ready]:
    with start_practice(https=True, seed=False) as found:
        yield found


@pytest.fixture
def client(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> Iterator[Salesforce]:
    assert ready.ca is not None
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ready.ca)
    made = Salesforce(instance_url=ready.https_url, session_id=ready.access_token, version=VERSION)
    yield made
    made.session.close()


def write(path: Path, rows: list[list[str]]) -> str:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return str(path)


def test_simple_salesforce_inserts_upserts_and_queries(client: Salesforce, tmp_path: Path) -> None:
    rows = [[f'Py "{n}", größer', f"PY-{n}"] for n in range(60)]
    path = write(tmp_path / "a.csv", [["Name", "ERP_Id__c"], *rows])
    (inserted,) = client.bulk2.Account.insert(path, wait=0.1)
    assert (inserted["numberRecordsProcessed"], inserted["numberRecordsFailed"]) == (60, 0)
    changed = [[f"New {n}", f"PY-{n}"] for n in range(30, 80)] + [["x" * 300, "PY-long"]]
    path = write(tmp_path / "b.csv", [["Name", "ERP_Id__c"], *changed])
    (upserted,) = client.bulk2.Account.upsert(path, external_id_field="ERP_Id__c", wait=0.1)
    assert (upserted["numberRecordsProcessed"], upserted["numberRecordsFailed"]) == (51, 1)
    good = list(csv.DictReader(io.StringIO(client.bulk2.Account.get_successful_records(upserted["job_id"]))))
    bad = list(csv.DictReader(io.StringIO(client.bulk2.Account.get_failed_records(upserted["job_id"]))))
    assert sorted(row["sf__Created"] for row in good) == ["false"] * 30 + ["true"] * 20
    assert bad[0]["sf__Error"].startswith("STRING_TOO_LONG:")
    assert client.bulk2.Account.get_unprocessed_records(upserted["job_id"]) == "Name,ERP_Id__c\n"
    found = client.query_all(
        "SELECT Name, Owner.Username FROM Account WHERE ERP_Id__c LIKE 'PY-%' ORDER BY ERP_Id__c"
    )
    assert found["totalSize"] == 80
    assert found["records"][0]["Name"] == 'Py "0", größer'
    pages = list(
        client.bulk2.Account.query(
            "SELECT Id, Name FROM Account WHERE Name LIKE 'New %'", max_records=20, wait=0.1
        )
    )
    names = [row["Name"] for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert (len(pages), len(names)) == (3, 50)


def test_simple_salesforce_single_records_and_descriptions(client: Salesforce) -> None:
    made = client.Account.create({"Name": "One", "ERP_Id__c": "ONE"})
    assert made["success"] is True
    assert client.Account.update(made["id"], {"Phone": "1"}) == 204
    assert client.Account.upsert("ERP_Id__c/ONE", {"Name": "Uno"}) == 200
    assert client.Account.get_by_custom_id("ERP_Id__c", "ONE")["Phone"] == "1"
    assert client.Account.delete(made["id"]) == 204
    fields: list[dict[str, Any]] = client.Account.describe()["fields"]
    assert next(field for field in fields if field["name"] == "ERP_Id__c")["externalId"] is True
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000


def test_simple_salesforce_over_the_first_bulk_api(
    client: Salesforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simple_salesforce.bulk.sleep", lambda _seconds: time.sleep(0.02))
    made = client.bulk.Contact.insert(
        [{"LastName": "A", "Email": "a@b.example"}, {"LastName": None}, {"LastName": "C"}]
    )
    assert [one["success"] for one in made] == [True, False, True]
    assert made[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    changed = client.bulk.Contact.upsert([{"Email": "a@b.example", "LastName": "Z"}], "Email", batch_size=10)
    assert (changed[0]["id"], changed[0]["created"]) == (made[0]["id"], False)
    found = client.bulk.Contact.query("SELECT LastName FROM Contact WHERE Email = 'a@b.example'")
    assert [record["LastName"] for record in found] == ["Z"]
    gone = client.bulk.Contact.delete([{"Id": made[0]["id"]}, {"Id": made[2]["id"]}])
    assert [one["success"] for one in gone] == [True, True]


def test_simple_salesforce_logs_in_over_soap(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ready.ca is not None
    assert ready.https_url is not None
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ready.ca)
    login = {
        "scratch_url": ready.https_url,
        "sf_version": VERSION,
        "security_token": "",
        "username": ready.username,
    }
    session, instance = SalesforceLogin(password=ready.password, **login)
    assert instance == ready.https_url.removeprefix("https://")
    client = Salesforce(instance=instance, session_id=session, version=VERSION)
    assert client.query("SELECT COUNT() FROM User")["totalSize"] == 3
    client.session.close()


@pytest.fixture(scope="module")
def modules() -> Path:
    """Where jsforce is installed; installed now, if it can be."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("jsforce needs Node.js and npm, which are not installed")
    folder = install.folder()
    if not install.installed(folder):
        install.install(folder)
    return folder


def test_jsforce_inserts_upserts_and_queries(ready: Ready, modules: Path) -> None:
    assert ready.ca is not None
    settings = {
        "url": ready.https_url,
        "token": ready.access_token,
        "username": ready.username,
        "password": ready.password,
    }
    script = Path(install.__file__).with_name("jsforce_check.cjs")
    done = subprocess.run(
        ["node", str(script), str(modules), json.dumps(settings)],
        env=os.environ | {"NODE_EXTRA_CA_CERTS": ready.ca},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["describe"] is True
    insert, upsert = found["insert"], found["upsert"]
    assert (insert["succeeded"], insert["created"], insert["failed"], insert["unprocessed"]) == (
        60,
        60,
        [],
        0,
    )
    assert len(set(insert["ids"])) == 60
    assert (upsert["succeeded"], upsert["created"], upsert["unprocessed"]) == (50, 20, 0)
    assert [error.split(":")[0] for error in upsert["failed"]] == ["STRING_TOO_LONG"]
    assert found["query"] == {"total": 60, "first": 'JS "0", größer', "owner": ready.username}
    assert found["bulkQuery"] == sorted(f"New {n}" for n in range(20))
    assert found["classic"] == ["ok", "REQUIRED_FIELD_MISSING"]
    assert found["collection"] == ["ok", "REQUIRED_FIELD_MISSING"]
    assert found["singleUpsert"] == {"success": True, "created": False}
    assert found["soap"] == {"organization": "00D", "identity": ready.username}
