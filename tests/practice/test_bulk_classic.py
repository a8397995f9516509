"""The first Bulk API: XML and CSV as Data Loader and others send them, results in the order of the input."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
import yaml

from studio.practice.bulk import classic, classic_api
from tests.practice.driver import Api

PATH = "/services/async/62.0/job"
SPACE = "http://www.force.com/2009/06/asyncapi/dataload"


def job_xml(operation: str, more: str = "", name: str = "Contact") -> str:
    return (
        f'<jobInfo xmlns="{SPACE}"><operation>{operation}</operation><object>{name}</object>{more}'
        "<concurrencyMode>Parallel</concurrencyMode><contentType>CSV</contentType></jobInfo>"
    )


async def send(
    api: Api, method: str, path: str, content: str | bytes = b"", kind: str = "application/xml"
) -> httpx.Response:
    headers = {"X-SFDC-Session": api.practice.ready.access_token, "Content-Type": kind, "Authorization": ""}
    return await api.client.request(method, path, content=content, headers=headers)


def value(text: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", text)
    assert found is not None, text
    return found[1]


async def make(api: Api, operation: str, more: str = "", name: str = "Contact") -> str:
    answer = await send(api, "POST", PATH, job_xml(operation, more, name))
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{value(answer.text, 'id')}"


async def run(api: Api, job: str, content: str) -> tuple[str, str]:
    """Add a batch and wait for it: its address and its info."""
    answer = await send(api, "POST", job + "/batch", content, "text/csv")
    assert answer.status_code == 201, answer.text
    batch = f"{job}/batch/{value(answer.text, 'id')}"
    while True:
        text = (await send(api, "GET", batch)).text
        if value(text, "state") in ("Completed", "Failed"):
            return batch, text
        await asyncio.sleep(0.01)


async def test_a_job_with_two_batches(api: Api) -> None:
    job = await make(api, "upsert", "<externalIdFieldName>Email</externalIdFieldName>")
    first, info = await run(api, job, "LastName,Email\r\nA,a@b.example\r\n,none@b.example\r\nC,\r\n")
    assert (value(info, "numberRecordsProcessed"), value(info, "numberRecordsFailed")) == ("3", "1")
    second, _info = await run(api, job, "LastName,Email\nZ,A@B.example\n")
    results = (await send(api, "GET", first + "/result")).text.splitlines()
    assert results[0] == '"Id","Success","Created","Error"'
    assert [line.split(",")[1:3] for line in results[1:]] == [
        ['"true"', '"true"'],
        ['"false"', '"false"'],
        ['"true"', '"true"'],
    ]
    assert "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --" in results[2]
    again = (await send(api, "GET", second + "/result")).text.splitlines()[1]
    assert again == results[1].replace('"true","true"', '"true","false"')
    assert (await send(api, "GET", second + "/request")).text == "LastName,Email\nZ,A@B.example\n"
    closed = await send(api, "POST", job, f'<jobInfo xmlns="{SPACE}"><state>Closed</state></jobInfo>')
    assert value(closed.text, "state") == "Closed"
    assert value(closed.text, "numberBatchesCompleted") == "2"
    assert (await send(api, "POST", job + "/batch", "LastName\nX\n", "text/csv")).status_code == 400
    listed = (await send(api, "GET", job + "/batch")).text
    assert listed.count("<batchInfo>") == 2
    assert value(listed, "createdDate").endswith(".000Z")
    assert await api.query("SELECT LastName FROM Contact ORDER BY LastName") == [
        {"LastName": "C"},
        {"LastName": "Z"},
    ]


async def test_a_query(api: Api) -> None:
    for name in "ab":
        await api.post("/sobjects/Contact", {"LastName": name})
    job = await make(api, "query")
    batch, _info = await run(api, job, "SELECT LastName, Account.Name FROM Contact ORDER BY LastName")
    result = value((await send(api, "GET", batch + "/result")).text, "result")
    answer = await send(api, "GET", f"{batch}/result/{result}")
    assert answer.text == '"LastName","Account.Name"\n"a",""\n"b",""\n'
    _batch, info = await run(api, job, "SELECT Nonsense FROM Contact")
    assert value(info, "state") == "Failed"
    assert "No such column" in value(info.replace("\n", " "), "stateMessage")


async def test_deletes(api: Api) -> None:
    ids = [(await api.post("/sobjects/Contact", {"LastName": n})).json()["id"] for n in "ab"]
    job = await make(api, "delete")
    batch, _info = await run(api, job, f"Id\n{ids[0]}\nnonsense\n")
    rows = (await send(api, "GET", batch + "/result")).text.splitlines()[1:]
    assert [row.split(",")[1] for row in rows] == ['"true"', '"false"']
    assert await api.query("SELECT Id FROM Contact") == [{"Id": ids[1]}]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("LastName,Nonsense\nA,1\n", "Field name not found : Nonsense"),
        ("\ufeffLastName\nA\n", "Field name not found : \ufeffLastName"),
        ("", "header row"),
        ("LastName\n" + "x\n" * 10_001, "at most 10000 rows"),
    ],
)
async def test_batches_that_fail_as_a_whole(api: Api, content: str, words: str) -> None:
    job = await make(api, "insert")
    batch, info = await run(api, job, content)
    assert value(info, "state") == "Failed"
    assert value(info, "stateMessage").startswith("InvalidBatch : ")
    assert words in info
    assert (await send(api, "GET", batch + "/result")).status_code == 400


async def test_requests_that_are_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    without = await api.client.post(PATH, content=job_xml("insert"))
    assert value(without.text, "exceptionCode") == "InvalidSessionId"
    cases = [
        job_xml("explode"),
        job_xml("insert", name="Nothing"),
        job_xml("upsert"),
        "<jobInfo",
        "<!DOCTYPE x>" + job_xml("insert"),
    ]
    for content in cases:
        answer = await send(api, "POST", PATH, content)
        assert (answer.status_code, value(answer.text, "exceptionCode")) == (400, "InvalidJob")
    assert (await send(api, "GET", PATH + "/750000000000000")).status_code == 400
    monkeypatch.setattr(classic_api, "BATCH_LIMIT", 2000)
    job = await make(api, "insert")
    answer = await send(api, "POST", job + "/batch", b"x" * 2001, "text/csv")
    assert value(answer.text, "exceptionCode") == "InvalidBatch"
    assert (await send(api, "GET", job + "/batch/751000000000000")).status_code == 400
    assert classic.ROWS_LIMIT == 10_000


async def test_a_recorded_session(api: Api, shared: Path) -> None:
    """The upsert another program once sent to a real org, sent to ours: as many records, results of the same form."""
    name = "TestUpsert.test_upsert_complex_fields__bulk.yaml"
    text = (shared / "corpora/salesforce/recorded-traffic" / name).read_text("utf-8")
    exchanges = [
        item
        for item in yaml.safe_load(text)["interactions"]
        if "/services/async/" in item.get("request", {}).get("uri", "")
    ]
    job = batch = ""
    compared = 0
    for item in exchanges[:7]:
        request, answer = item["request"], item["response"]
        path = request["uri"].partition(".com")[2]
        if path.endswith("/job"):
            job = f"{PATH}/{value((await send(api, 'POST', PATH, request['body'])).text, 'id')}"
        elif request["method"] == "POST" and path.endswith("/batch"):
            lines = [line for line in request["body"].replace("\r", "").split("\n") if line.startswith('"')]
            batch, _info = await run(api, job, "\n".join(lines) + "\n")
        elif path.endswith("/result"):
            ours = (await send(api, "GET", batch + "/result")).text
            theirs = answer["body"]["string"]
            without_ids = [
                [re.sub(r'^"\w{18}"', '"id"', line) for line in t.split("\n") if line] for t in (ours, theirs)
            ]
            assert without_ids[0] == without_ids[1]
            compared += 1
    assert compared == 1
