from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from studio.practice.bulk import ingest
from studio.practice.bulk.work import spelled_anew
from studio.practice.server import PracticeOrg
from tests.practice.driver import Api


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


async def test_a_job_step_by_step(api: Api) -> None:
    api.fault("processing=0.1")
    job = await api.make_job("insert", lineEnding="LF")
    assert set(job) == {"id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state",
                        "concurrencyMode", "contentType", "apiVersion", "contentUrl", "lineEnding", "columnDelimiter"}  # fmt: skip
    assert job["id"].startswith("750")
    assert len(job["id"]) == 18
    assert job["contentUrl"] == f"services/data/v62.0/jobs/ingest/{job['id']}/batches"
    assert (job["apiVersion"], job["state"], job["columnDelimiter"]) == (62.0, "Open", "COMMA")
    assert job["createdDate"].endswith("+0000")
    sent = await api.upload(job, "Name,ERP_Id__c\nA,1\n,2\n")
    assert (sent.status_code, sent.content) == (201, b"")
    closed = (await api.close(job)).json()
    assert closed["state"] == "UploadComplete"
    assert "numberRecordsProcessed" not in closed
    seen = set()
    while True:
        info = (await api.get(f"/jobs/ingest/{job['id'][:15]}")).json()
        seen.add(info["state"])
        if info["state"] == "JobComplete":
            break
        early = await api.get(f"/jobs/ingest/{job['id']}/successfulResults")
        if early.status_code == 200:  # the job has ended between the two questions
            assert (await api.get(f"/jobs/ingest/{job['id']}")).json()["state"] == "JobComplete"
        else:
            assert refusal(early) == (400, "InvalidJobState")
        await asyncio.sleep(0.01)
    assert "InProgress" in seen
    assert (info["numberRecordsProcessed"], info["numberRecordsFailed"], info["retries"]) == (2, 1, 0)
    assert info["jobType"] == "V2Ingest"
    found = await api.results(job["id"])
    ids = [row["Id"] for row in await api.query("SELECT Id FROM Account")]
    assert found.texts["successful"] == f'"sf__Id","sf__Created",Name,ERP_Id__c\n"{ids[0]}","true","A","1"\n'
    error = "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"
    assert found.texts["failed"] == f'"sf__Id","sf__Error",Name,ERP_Id__c\n"","{error}","","2"\n'
    assert found.texts["unprocessed"] == "Name,ERP_Id__c\n"


async def test_the_three_files_hold_every_row_once_in_another_order(api: Api) -> None:
    api.fault("batch-rows=100")
    rows = [f'"Row {n}","K{n}","{"x" if n % 7 == 0 else n}"' for n in range(1000)]
    done = await api.load("insert", "Name,ERP_Id__c,NumberOfEmployees\n" + "\n".join(rows))
    assert len(done.failed) == 143
    order = [row["ERP_Id__c"] for row in done.successful]
    assert sorted(order + [row["ERP_Id__c"] for row in done.failed]) == sorted(f"K{n}" for n in range(1000))
    assert order != sorted(order, key=lambda key: int(key[1:]))
    firsts = [int(key[1:]) // 100 for key in order[:: len(order) // 9]]
    assert firsts != sorted(firsts)


async def test_results_in_the_order_of_the_input_if_asked(api: Api) -> None:
    api.fault("input-order")
    done = await api.load("insert", "Name\n" + "\n".join(f"N{n}" for n in range(2500)))
    assert [row["Name"] for row in done.successful] == [f"N{n}" for n in range(2500)]


async def test_empty_leaves_alone_and_na_empties(api: Api) -> None:
    first = await api.load("insert", "Name,ERP_Id__c,Phone,Site\nA,1,11,s\nB,2,22,t\n")
    assert len(first.successful) == 2
    done = await api.load(
        "upsert", "ERP_Id__c,Phone,Site,Name\n1,,#N/A,\n2,#N/A,,\n", externalIdFieldName="ERP_Id__c"
    )
    assert [row["sf__Created"] for row in done.successful] == ["false", "false"]
    assert await api.query("SELECT Name, Phone, Site FROM Account ORDER BY Name") == [
        {"Name": "A", "Phone": "11", "Site": None},
        {"Name": "B", "Phone": None, "Site": "t"},
    ]
    done = await api.load("upsert", "ERP_Id__c,Name\n1,#N/A\n", externalIdFieldName="ERP_Id__c")
    assert done.failed[0]["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"


async def test_values_come_back_to_the_letter(api: Api) -> None:
    value = 'a "quoted", line\r\nbreak\n𝄞\u2028 '
    body = f'Name,Description\nX,"{value.replace(chr(34), chr(34) * 2)}"\n'
    done = await api.load("insert", body)
    assert done.successful[0]["Description"] == value
    assert (await api.query("SELECT Description FROM Account"))[0]["Description"] == value


@pytest.mark.parametrize("name", ["BACKQUOTE", "CARET", "PIPE", "SEMICOLON", "TAB"])
async def test_other_delimiters_and_windows_line_ends(api: Api, name: str) -> None:
    letter = {"BACKQUOTE": "`", "CARET": "^", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}[name]
    body = f'Name{letter}Phone\r\n"a{letter}b"{letter}1,2\r\n'
    done = await api.load("insert", body, columnDelimiter=name, lineEnding="CRLF")
    assert done.successful[0]["Name"] == f"a{letter}b"
    assert done.texts["successful"].endswith("\r\n")


@pytest.mark.parametrize(
    ("declared", "body"),
    [
        ("LF", "Name\r\nA\r\n"),
        ("CRLF", "Name\nA\n"),
        ("LF", 'Name,Phone\nA,"1"\r\n'),
        ("CRLF", 'Name\r\n"A"\n"B"\r\n'),
    ],
)
async def test_line_ends_must_be_as_declared(api: Api, declared: str, body: str) -> None:
    job = await api.make_job("insert", lineEnding=declared)
    await api.upload(job, body)
    await api.close(job)
    info = await api.ended(job["id"])
    assert info["state"] == "Failed"
    assert info["errorMessage"] == (
        f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {declared}"
    )
    assert (await api.get(f"/jobs/ingest/{job['id']}/unprocessedrecords")).content == body.encode()
    assert await api.query("SELECT Id FROM Account") == []


@pytest.mark.parametrize(
    ("operation", "body", "more", "message"),
    [
        ("insert", "Name,Nonsense\nA,1\n", {}, "InvalidBatch : Field name not found : Nonsense"),
        ("insert", "\ufeffName\nA\n", {}, "InvalidBatch : Field name not found : \ufeffName"),
        ("insert", "Name, Phone\nA,1\n", {}, "InvalidBatch : Field name not found :  Phone"),
        ("insert", "Account Name\nA\n", {}, "InvalidBatch : Field name not found : Account Name"),
        ("insert", "Name,\nA,1\n", {}, "InvalidBatch : Field name not found : "),
        ("insert", "Name,Parent.Name\nA,1\n", {}, "InvalidBatch : Field name not found : Parent.Name"),
        ("insert", "Name,NAME\nA,1\n", {}, "InvalidBatch : Duplicate column : NAME"),
        ("update", "Name\nA\n", {}, "InvalidBatch : an update needs the column Id"),
        (
            "upsert",
            "Name\nA\n",
            {"externalIdFieldName": "ERP_Id__c"},
            "InvalidBatch : an upsert by ERP_Id__c needs its column",
        ),
        ("delete", "Id,Name\n1,A\n", {}, "InvalidBatch : a delete takes the column Id and no other"),
        ("insert", "", {}, "InvalidBatch : the header row does not read"),
        ("insert", b"Name\n\xff\xfe\n", {}, "ClientInputError : the content is not UTF-8"),
    ],
)
async def test_jobs_that_fail_as_a_whole(
    api: Api, operation: str, body: str | bytes, more: dict[str, str], message: str
) -> None:
    job = await api.make_job(operation, **more)
    await api.upload(job, body)
    await api.close(job)
    info = await api.ended(job["id"])
    assert (info["state"], info["errorMessage"]) == ("Failed", message)
    assert (info["numberRecordsProcessed"], info["numberRecordsFailed"]) == (0, 0)
    assert await api.query("SELECT Id FROM Account") == []


async def test_header_names_in_any_case_and_a_file_with_a_header_only(api: Api) -> None:
    done = await api.load("insert", "NAME,erp_id__C\nA,1\n")
    assert list(done.successful[0]) == ["sf__Id", "sf__Created", "NAME", "erp_id__C"]
    done = await api.load("insert", "Name\n")
    assert (done.info["state"], done.info["numberRecordsProcessed"]) == ("JobComplete", 0)


async def test_rows_that_do_not_read_are_failed_alone(api: Api) -> None:
    body = 'Name,Phone\nA,1\nB\nC,1,2\n"D" ,1\n"E"x,1\nF",1\n"G","1"\n'
    done = await api.load("insert", body)
    assert sorted(row["Name"] for row in done.successful) == ["A", "G"]
    errors = {row["Name"]: row["sf__Error"] for row in done.failed}
    assert errors["B"] == "CLIENT_INPUT_ERROR:invalid CSV: the record has 1 columns, the header has 2: --"
    assert set(errors) == {"B", "C", "D", "E", 'F"'}


async def test_update_by_id(api: Api) -> None:
    ids = [row["sf__Id"] for row in (await api.load("insert", "Name\nA\nB\nC\n")).successful]
    await api.call("DELETE", f"/sobjects/Account/{ids[2]}")
    body = f"Id,Phone\n{ids[0][:15]},1\n{ids[1]},2\n{ids[1]},3\n{ids[2]},4\n001Wf000000zz99IAA,5\n,6\nx,7\n003Wf000000zz99IAA,8\n"
    done = await api.load("update", body)
    assert [row["sf__Id"] for row in done.successful] == [ids[0]]
    codes = {row["Phone"]: row["sf__Error"].split(":")[0] for row in done.failed}
    assert codes == {"2": "DUPLICATE_VALUE", "3": "DUPLICATE_VALUE", "4": "ENTITY_IS_DELETED",
                     "5": "INVALID_CROSS_REFERENCE_KEY", "6": "MISSING_ARGUMENT", "7": "MALFORMED_ID",
                     "8": "INVALID_CROSS_REFERENCE_KEY"}  # fmt: skip


async def test_the_same_key_twice_in_a_batch_is_refused_and_across_batches_the_last_wins(api: Api) -> None:
    rows = ["a,Name 1", "b,Name 2", "A,Name 3", "c,Name 4"]
    body = "ERP_Id__c,Name\n" + "\n".join(rows)
    done = await api.load("upsert", body, externalIdFieldName="ERP_Id__c")
    assert sorted(row["Name"] for row in done.failed) == ["Name 1", "Name 3"]
    assert done.failed[0]["sf__Error"].startswith("DUPLICATE_VALUE:Duplicate external id specified: ")
    api.fault("batch-rows=2")
    done = await api.load("upsert", body, externalIdFieldName="ERP_Id__c")
    assert done.failed == []
    found = await api.query("SELECT Name FROM Account WHERE ERP_Id__c = 'a'")
    assert found == [{"Name": "Name 3"}]


async def test_an_upsert_without_a_key_inserts(api: Api) -> None:
    body = "ERP_Id__c,Name\n,A\n,A\n#N/A,B\n"
    done = await api.load("upsert", body, externalIdFieldName="ERP_Id__c")
    assert [row["sf__Created"] for row in done.successful] == ["true"] * 3


async def test_a_unique_value_twice_in_an_insert(api: Api) -> None:
    done = await api.load("insert", "Name,ERP_Id__c\nA,x\nB,X\nC,\nD,\n")
    assert sorted(row["Name"] for row in done.successful) == ["A", "C", "D"]
    assert done.failed[0]["sf__Error"].startswith(
        "DUPLICATE_VALUE:duplicate value found: ERP_Id__c duplicates"
    )


async def test_relationship_columns(api: Api) -> None:
    await api.load("insert", "Name,ERP_Id__c\nParent,P1\n")
    body = "LastName,Account.ERP_Id__c,Owner.Username,ReportsTo.Email\nA,p1,sales@practice.example,\nB,nope,,\nC,,,no@one.example\n"
    done = await api.load("insert", body, "Contact")
    assert list(done.successful[0])[2:] == [
        "LastName",
        "Account.ERP_Id__c",
        "Owner.Username",
        "ReportsTo.Email",
    ]
    assert await api.query("SELECT LastName, Account.Name, Owner.Alias FROM Contact") == [
        {"LastName": "A", "Account": {"Name": "Parent"}, "Owner": {"Alias": "sam"}}
    ]
    errors = {row["LastName"]: row["sf__Error"] for row in done.failed}
    assert (
        errors["B"]
        == "INVALID_FIELD:Foreign key external ID: nope not found for field ERP_Id__c in entity Account: --"
    )
    done = await api.load(
        "insert", "LastName,Company,User:Owner.Username\nL,C,sales@practice.example\n", "Lead"
    )
    assert len(done.successful) == 1
    await api.load("insert", "LastName,Email\nX,two@b.example\nY,two@b.example\n", "Contact")
    done = await api.load("insert", "LastName,ReportsTo.Email\nZ,two@b.example\n", "Contact")
    assert done.failed[0]["sf__Error"].startswith("DUPLICATE_EXTERNAL_ID:Email: more than one record found")


async def test_delete_and_hard_delete(api: Api) -> None:
    ids = [row["sf__Id"] for row in (await api.load("insert", "Name\nA\nB\n")).successful]
    done = await api.load("delete", f"Id\n{ids[0]}\n{ids[0]}\nnonsense\n")
    assert ([row["sf__Id"] for row in done.successful], len(done.failed)) == ([ids[0]], 2)
    done = await api.load("hardDelete", f"Id\n{ids[0]}\n{ids[1]}\n")
    assert len(done.successful) == 2
    assert (await api.get("/queryAll", params={"q": "SELECT Id FROM Account"})).json()["totalSize"] == 0
    api.fault("no-hard-delete")
    answer = await api.post("/jobs/ingest", {"object": "Account", "operation": "hardDelete"})
    assert refusal(answer) == (400, "FeatureNotEnabled")


async def test_one_content_a_job(api: Api) -> None:
    job = await api.make_job("insert")
    await api.upload(job, "Name\nA\n")
    again = await api.upload(job, "Name\nA\n")
    assert refusal(again) == (400, "BULK_API_ERROR")
    assert again.json()[0]["message"].startswith(f"Found multiple contents for job: <{job['id']}>, please")
    await api.close(job)
    await api.ended(job["id"])
    assert refusal(await api.upload(job, "Name\nA\n")) == (400, "InvalidJobState")


async def test_chunked_and_gzipped_uploads(api: Api) -> None:
    async def blocks() -> AsyncIterator[bytes]:
        for n in range(50):
            yield b"Name\n" if n == 0 else b"N%d\n" % n

    job = await api.make_job("insert")
    sent = await api.call(
        "PUT", "/" + job["contentUrl"], content=blocks(), headers={"Content-Type": "text/csv"}
    )
    assert sent.status_code == 201
    await api.close(job)
    assert len((await api.results(job["id"])).successful) == 49
    job = await api.make_job("insert")
    headers = {"Content-Type": "text/csv; charset=UTF-8", "Content-Encoding": "gzip"}
    await api.call("PUT", "/" + job["contentUrl"], content=gzip.compress(b"Name\nZ\n"), headers=headers)
    await api.close(job)
    assert (await api.results(job["id"])).successful[0]["Name"] == "Z"


async def test_a_content_has_a_limit_and_a_type(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ingest.CONTENT_LIMIT == 100 * 1024 * 1024
    monkeypatch.setattr(ingest, "CONTENT_LIMIT", 1000)
    job = await api.make_job("insert")
    assert refusal(await api.upload(job, "Name\n" + "x" * 1000)) == (400, "ClientInputError")
    job = await api.make_job("insert")
    answer = await api.call(
        "PUT", "/" + job["contentUrl"], content=b"Name\n", headers={"Content-Type": "application/json"}
    )
    assert refusal(answer) == (400, "ClientInputError")


async def test_a_small_job_in_one_request(api: Api) -> None:
    parts = (
        '--B\r\nContent-Disposition: form-data; name="job"\r\nContent-Type: application/json\r\n\r\n'
        '{"object":"Account","operation":"insert","contentType":"CSV"}\r\n'
        '--B\r\nContent-Disposition: form-data; name="content"; filename="c"\r\nContent-Type: text/csv\r\n\r\n'
        "Name\nA\nB\n\r\n--B--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    answer = await api.call("POST", "/jobs/ingest", content=parts.encode(), headers=headers)
    assert answer.json()["state"] == "UploadComplete"
    done = await api.results(answer.json()["id"])
    assert sorted(row["Name"] for row in done.successful) == ["A", "B"]
    broken = await api.call("POST", "/jobs/ingest", content=b"nonsense", headers=headers)
    assert refusal(broken) == (400, "InvalidJob")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"object": "Nothing", "operation": "insert"}, "InvalidJob"),
        ({"object": "Account", "operation": "explode"}, "InvalidJob"),
        ({"object": "Account"}, "InvalidJob"),
        ({"object": "Account", "operation": "upsert"}, "InvalidJob"),
        ({"object": "Account", "operation": "upsert", "externalIdFieldName": "Phone"}, "InvalidJob"),
        ({"object": "Account", "operation": "insert", "columnDelimiter": "STAR"}, "InvalidJob"),
        ({"object": "Account", "operation": "insert", "lineEnding": "CR"}, "InvalidJob"),
        ({"object": "Account", "operation": "insert", "contentType": "XML"}, "InvalidJob"),
        ({"object": "Organization", "operation": "insert"}, "InvalidJob"),
        ({"object": "User", "operation": "delete"}, "InvalidJob"),
    ],
)
async def test_jobs_that_are_not_made(api: Api, asked: dict[str, str], code: str) -> None:
    assert refusal(await api.post("/jobs/ingest", asked)) == (400, code)


async def test_states_follow_each_other(api: Api) -> None:
    job = await api.make_job("insert")
    path = f"/jobs/ingest/{job['id']}"
    assert refusal(await api.call("DELETE", path)) == (400, "InvalidJobState")
    assert refusal(await api.patch(path, {"state": "JobComplete"})) == (400, "InvalidJobState")
    aborted = await api.patch(path, {"state": "Aborted"})
    assert aborted.json()["state"] == "Aborted"
    assert "contentUrl" not in aborted.json()
    assert refusal(await api.patch(path, {"state": "UploadComplete"})) == (400, "InvalidJobState")
    assert (await api.call("DELETE", path)).status_code == 204
    assert (await api.get(path)).status_code == 404
    assert (await api.get("/jobs/ingest/750000000000000")).status_code == 404
    job = await api.make_job("insert")
    await api.close(job)
    assert "no data was uploaded" in (await api.ended(job["id"]))["errorMessage"]


async def test_a_job_that_is_aborted_keeps_what_it_has_done(api: Api) -> None:
    api.fault("batch-rows=50")
    job = await api.make_job("insert")
    rows = 60_000
    await api.upload(job, "Name\n" + "\n".join(f"N{n}" for n in range(rows)))
    await api.close(job)
    while (await api.get(f"/jobs/ingest/{job['id']}")).json()["numberRecordsProcessed"] < 100:
        await asyncio.sleep(0.005)
    assert (await api.patch(f"/jobs/ingest/{job['id']}", {"state": "Aborted"})).json()["state"] == "Aborted"
    done = await api.results(job["id"])
    assert done.successful
    assert done.unprocessed
    assert len(done.successful) + len(done.unprocessed) == rows
    counted = (await api.get("/query", params={"q": "SELECT COUNT() FROM Account"})).json()["totalSize"]
    assert counted == len(done.successful) == done.info["numberRecordsProcessed"]


async def test_a_queued_job_can_be_aborted_and_deleted(api: Api) -> None:
    api.fault("queued=60")
    for way in ("abort", "delete"):
        job = await api.make_job("insert")
        await api.upload(job, "Name\nA\n")
        await api.close(job)
        if way == "abort":
            await api.patch(f"/jobs/ingest/{job['id']}", {"state": "Aborted"})
            assert (await api.results(job["id"])).texts["unprocessed"] == "Name\nA\n"
        else:
            assert (await api.call("DELETE", f"/jobs/ingest/{job['id']}")).status_code == 204
    assert await api.query("SELECT Id FROM Account") == []


async def test_jobs_are_listed_and_gone_after_seven_days(api: Api) -> None:
    ids = [(await api.load("insert", "Name\nA\n")).info["id"] for _n in range(3)]
    open_ = (await api.make_job("insert"))["id"]
    listed = (await api.get("/jobs/ingest")).json()
    assert [job["id"] for job in listed["records"]] == [*ids, open_]
    assert (listed["done"], listed["nextRecordsUrl"]) == (True, None)
    assert listed["records"][0]["jobType"] == "V2Ingest"
    await api.post("/practice/clock", {"days": 6.9})
    assert (await api.get(f"/jobs/ingest/{ids[0]}/successfulResults")).status_code == 200
    await api.post("/practice/clock", {"days": 0.2})
    assert (await api.get(f"/jobs/ingest/{ids[0]}/successfulResults")).status_code == 404
    assert [job["id"] for job in (await api.get("/jobs/ingest")).json()["records"]] == [open_]
    assert len(await api.query("SELECT Id FROM Account")) == 3


async def test_failed_results_of_old_versions_have_no_id(api: Api) -> None:
    old = "/services/data/v52.0"
    job = (
        await api.call("POST", old + "/jobs/ingest", json={"object": "Account", "operation": "insert"})
    ).json()
    assert job["contentUrl"].startswith("services/data/v52.0/")
    await api.upload(job, "Name\n#N/A\n")
    await api.call("PATCH", f"{old}/jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
    await api.ended(job["id"])
    answer = await api.call("GET", f"{old}/jobs/ingest/{job['id']}/failedResults/")
    assert answer.text.splitlines()[0] == '"sf__Error",Name'


@pytest.mark.parametrize(
    ("sent", "spelled"),
    [("5", "5.0"), ("0.10", "0.1"), ("912260031", "9.12260031E8"), ("10000000", "1.0E7"), ("9999999", "9999999.0"),
     ("-0.00012", "-1.2E-4"), ("0", "0.0"), ("", ""), ("#N/A", "#N/A")],
)  # fmt: skip
def test_numbers_as_the_vendor_spells_them(sent: str, spelled: str) -> None:
    assert spelled_anew(sent) == spelled


async def test_numbers_in_results_may_not_be_spelled_as_they_were_sent(api: Api) -> None:
    api.fault("vendor-numbers")
    done = await api.load("insert", "Name,AnnualRevenue,NumberOfEmployees\nA,912260031,5\n")
    assert done.successful[0] | {"sf__Id": ""} == {
        "sf__Id": "", "sf__Created": "true", "Name": "A", "AnnualRevenue": "9.12260031E8", "NumberOfEmployees": "5"
    }  # fmt: skip


async def test_jobs_outlive_a_lasting_org(tmp_path: Path) -> None:
    async def drive(work: Callable[[Api], object]) -> object:
        async with PracticeOrg(data=tmp_path / "org", seed=False) as practice:
            headers = {"Authorization": f"Bearer {practice.ready.access_token}"}
            async with httpx.AsyncClient(base_url=practice.ready.url, headers=headers) as client:
                return await work(Api(practice, client))  # type: ignore[misc]

    async def first(api: Api) -> list[str]:
        done = await api.load("insert", "Name\nA\n")
        api.fault("queued=60")
        job = await api.make_job("insert")
        await api.upload(job, "Name\nB\n")
        await api.close(job)
        return [done.info["id"], job["id"]]

    ids = await drive(first)

    async def second(api: Api) -> None:
        old, queued = [await api.results(id_) for id_ in ids]  # type: ignore[attr-defined]
        assert [row["Name"] for row in old.successful] == ["A"]
        assert [row["Name"] for row in queued.successful] == ["B"]
        assert len(await api.query("SELECT Id FROM Account")) == 2

    await drive(second)


async def test_others_are_served_while_a_large_job_runs(api: Api, share: Callable[[int], int]) -> None:
    rows = share(200_000)
    job = await api.make_job("insert")
    await api.upload(job, "Name,ERP_Id__c\n" + "\n".join(f"N{n},E{n}" for n in range(rows)))
    await api.close(job)
    made = 0
    while (await api.get(f"/jobs/ingest/{job['id']}")).json()["state"] != "JobComplete":
        assert (await api.post("/sobjects/Contact", {"LastName": "meanwhile"})).status_code == 201
        made += 1
    assert made > 1
    done = await api.results(job["id"])
    assert len(done.successful) == rows
