from __future__ import annotations

import asyncio
import csv
import io

import httpx
import pytest

from tests.practice.driver import Api


async def make(api: Api, text: str, **more: str) -> dict[str, str]:
    answer = await api.post("/jobs/query", {"operation": "query", "query": text, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def fill(api: Api, count: int) -> None:
    await api.load("insert", "Name,ERP_Id__c\n" + "\n".join(f"N{n:05},K{n}" for n in range(count)))


def rows(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.text, newline="")))


async def test_a_query_job_is_closed_from_the_start(api: Api) -> None:
    api.fault("processing=0.2")
    job = await make(api, "SELECT Id FROM Account")
    assert (job["state"], job["operation"], job["object"]) == ("UploadComplete", "query", "Account")
    assert (await api.get(f"/jobs/query/{job['id']}/results")).status_code == 204
    info = await api.ended(job["id"], "query")
    assert (info["jobType"], info["numberRecordsProcessed"], info["isPkChunkingSupported"]) == (
        "V2Query",
        0,
        True,
    )
    answer = await api.get(f"/jobs/query/{job['id']}/results")
    assert answer.text == '"Id"\n'
    assert (answer.headers["sforce-locator"], answer.headers["sforce-numberofrecords"]) == ("null", "0")


async def test_values_of_every_kind(api: Api) -> None:
    parent = (
        await api.post(
            "/sobjects/Account", {"Name": 'A "q"\r\nb', "AnnualRevenue": 1e9, "NumberOfEmployees": 7}
        )
    ).json()["id"]
    await api.post("/sobjects/Contact", {"LastName": "C", "Birthdate": "1990-02-03", "AccountId": parent})
    await api.post("/sobjects/Contact", {"LastName": "D"})
    text = "SELECT LastName, Birthdate, IsEmailBounced, account.name, Account.AnnualRevenue, Account.NumberOfEmployees, CreatedDate FROM Contact ORDER BY LastName"
    job = await make(api, text)
    await api.ended(job["id"], "query")
    head, first, second = rows(await api.get(f"/jobs/query/{job['id']}/results"))
    assert head == [
        "LastName",
        "Birthdate",
        "IsEmailBounced",
        "Account.Name",
        "Account.AnnualRevenue",
        "Account.NumberOfEmployees",
        "CreatedDate",
    ]
    assert first[:6] == ["C", "1990-02-03", "false", 'A "q"\r\nb', "1000000000.0", "7"]
    assert first[6].endswith(".000Z")
    assert second[:6] == ["D", "", "false", "", "", ""]


async def test_pages_each_with_the_header_until_the_locator_says_null(api: Api) -> None:
    await fill(api, 25)
    job = await make(api, "SELECT Name FROM Account ORDER BY Name", columnDelimiter="PIPE", lineEnding="CRLF")
    await api.ended(job["id"], "query")
    names, locator, pages = [], "", 0
    while locator != "null":
        answer = await api.get(
            f"/jobs/query/{job['id']}/results",
            params={"maxRecords": 10} | ({"locator": locator} if locator else {}),
        )
        locator = answer.headers["sforce-locator"]
        lines = answer.text.split("\r\n")
        assert lines[0] == '"Name"'
        assert int(answer.headers["sforce-numberofrecords"]) == len(lines) - 2
        names += lines[1:-1]
        pages += 1
    assert (pages, names) == (3, [f'"N{n:05}"' for n in range(25)])
    answer = await api.get(f"/jobs/query/{job['id']}/results", params={"locator": "nonsense!"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "InvalidLocator")


@pytest.mark.parametrize(("fault", "link"), [("", "nextRecordsUrl"), ("old-page-link", "nextRecordUrl")])
async def test_pages_side_by_side(api: Api, fault: str, link: str) -> None:
    await fill(api, 35)
    if fault:
        api.fault(fault)
    job = await make(api, "SELECT Name FROM Account")
    await api.ended(job["id"], "query")
    path, found = f"/jobs/query/{job['id']}/resultPages?maxRecords=5", []
    pages = []
    while path:
        answer = (await api.get(path)).json()
        assert len(answer["resultPages"]) <= 5
        pages += [page["resultUrl"] for page in answer["resultPages"]]
        assert answer["done"] == (answer[link] is None)
        path = answer[link]
    for answer in await asyncio.gather(*(api.get(page) for page in pages)):
        found += [row[0] for row in rows(answer)[1:]]
    assert (len(pages), sorted(found)) == (7, [f"N{n:05}" for n in range(35)])


async def test_the_version_that_made_a_job_reads_its_results(api: Api) -> None:
    job = await make(api, "SELECT Id FROM Account")
    await api.ended(job["id"], "query")
    answer = await api.get(f"/services/data/v60.0/jobs/query/{job['id']}/results")
    assert answer.status_code == 409
    assert (await api.get(f"/services/data/v57.0/jobs/query/{job['id']}/resultPages")).status_code == 404


async def test_deleted_records_on_request(api: Api) -> None:
    made = (await api.post("/sobjects/Account", {"Name": "A"})).json()["id"]
    await api.call("DELETE", f"/sobjects/Account/{made}")
    job = (
        await api.post("/jobs/query", {"operation": "queryAll", "query": "SELECT Id, IsDeleted FROM Account"})
    ).json()
    await api.ended(job["id"], "query")
    assert rows(await api.get(f"/jobs/query/{job['id']}/results"))[1:] == [[made, "true"]]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"operation": "query", "query": "SELECT COUNT() FROM Account"}, "API_ERROR"),
        ({"operation": "query", "query": "SELECT Name, COUNT(Id) FROM Account GROUP BY Name"}, "API_ERROR"),
        ({"operation": "query", "query": "SELECT Id FROM Account LIMIT 5 OFFSET 5"}, "API_ERROR"),
        ({"operation": "query", "query": "SELECT BillingAddress FROM Account"}, "API_ERROR"),
        ({"operation": "query", "query": "SELECT Id, (SELECT Id FROM Contacts) FROM Account"}, "API_ERROR"),
        ({"operation": "query", "query": "SELECT Nonsense FROM Account"}, "INVALID_FIELD"),
        ({"operation": "query", "query": "SELECT"}, "MALFORMED_QUERY"),
        ({"operation": "guess", "query": "SELECT Id FROM Account"}, "InvalidJob"),
        ({"operation": "query", "query": "SELECT Id FROM Account", "lineEnding": "CR"}, "InvalidJob"),
    ],
)
async def test_queries_that_are_refused(api: Api, asked: dict[str, str], code: str) -> None:
    answer = await api.post("/jobs/query", asked)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


async def test_states(api: Api) -> None:
    api.fault("queued=60")
    job = await make(api, "SELECT Id FROM Account LIMIT 5")
    path = f"/jobs/query/{job['id']}"
    assert (await api.call("DELETE", path)).status_code == 400
    assert (await api.patch(path, {"state": "Aborted"})).json()["state"] == "Aborted"
    assert (await api.patch(path, {"state": "Aborted"})).json()[0]["errorCode"] == "InvalidJobState"
    assert (await api.get(path + "/results")).json()[0]["errorCode"] == "InvalidJobState"
    assert [found["id"] for found in (await api.get("/jobs/query")).json()["records"]] == [job["id"]]
    assert (await api.call("DELETE", path)).status_code == 204
    assert (await api.get(path)).status_code == 404
    assert (await api.get("/jobs/ingest")).json()["records"] == []
