"""Each fault does what the list of faults says, to the calls it is meant for."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from studio.base.errors import BadInput
from studio.practice import faults
from studio.practice.faults import Fault, Faults
from tests.practice.driver import DATA, Api


def test_how_a_fault_is_written() -> None:
    text = "drop-answer=1000,on=GET */successfulResults,times=2"
    assert faults.parse(text) == Fault("drop-answer", 1000, "GET */successfulResults", 1, 2)
    assert faults.parse("unauthorized,at=3") == Fault("unauthorized", None, "", 3, 1)
    assert faults.parse("processing").amount == 1


@pytest.mark.parametrize(
    "text", ["nonsense", "slow=fast", "slow=1,when=now", "slow,at=x", "", "slow=1,times"]
)
def test_a_fault_that_does_not_read_is_named(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        faults.parse(text)
    assert caught.value.next_step


def test_which_calls_are_struck() -> None:
    armed = Faults([faults.parse("unavailable=5,on=GET /a/*,at=2,times=2"), faults.parse("slow=1,on=*/b")])
    found = [armed.striking("GET", path) for path in ("/a/x", "/A/X", "/a/b", "/a/x", "/c")]
    assert found == [{}, {"unavailable": 5}, {"unavailable": 5, "slow": 1}, {}, {}]
    assert armed.striking("POST", "/a/x") == {}
    armed.clear("slow")
    assert [fault["name"] for fault in armed.as_data()] == ["unavailable"]
    armed.clear()
    assert armed.as_data() == []


async def test_an_upload_cut_off_leaves_an_open_job_that_takes_no_other(api: Api) -> None:
    job = await api.make_job("insert")
    api.fault("drop-request=1000,on=PUT */batches,times=1")
    with pytest.raises(httpx.TransportError):
        await api.upload(job, "Name\n" + "x\n" * 500_000)
    assert (await api.get(f"/jobs/ingest/{job['id']}")).json()["state"] == "Open"
    again = await api.upload(job, "Name\nA\n")
    assert again.json()[0]["errorCode"] == "BULK_API_ERROR"
    assert (await api.patch(f"/jobs/ingest/{job['id']}", {"state": "Aborted"})).status_code == 200
    assert len((await api.load("insert", "Name\nA\n")).successful) == 1


async def test_a_lost_answer_has_been_done_all_the_same(api: Api) -> None:
    api.fault("lost-answer,on=POST */sobjects/Account,times=1")
    with pytest.raises(httpx.RemoteProtocolError):
        await api.post("/sobjects/Account", {"Name": "Twice?"})
    assert len(await api.query("SELECT Id FROM Account")) == 1
    job = await api.make_job("insert")
    await api.upload(job, "Name\nA\n")
    api.fault("lost-answer,on=PATCH */jobs/ingest/*,times=1")
    with pytest.raises(httpx.RemoteProtocolError):
        await api.close(job)
    assert (await api.ended(job["id"]))["state"] == "JobComplete"


async def cut_off(api: Api, path: str, coding: str) -> bytes:
    """What arrives of an answer before the connection breaks, as it must."""
    got = b""
    try:
        async with api.client.stream("GET", DATA + path, headers={"Accept-Encoding": coding}) as answer:
            async for block in answer.aiter_raw():
                got += block
    except httpx.RemoteProtocolError:
        return got
    pytest.fail("the answer arrived whole")


async def test_an_answer_cut_off_after_some_bytes(api: Api) -> None:
    done = await api.load("insert", "Name\n" + "\n".join(f"N{n}" for n in range(3000)))
    path = f"/jobs/ingest/{done.info['id']}/successfulResults"
    for coding in ("identity", "gzip"):
        api.fault("drop-answer=5000,on=GET */successfulResults,times=1")
        assert len(await cut_off(api, path, coding)) == 5000
    assert len((await api.get(path)).text) == len(done.texts["successful"])


async def test_a_body_truncated_without_a_sign(api: Api) -> None:
    done = await api.load("insert", "Name\n" + "\n".join(f"N{n}" for n in range(100)))
    api.fault("truncated=200,on=*/successfulResults")
    answer = await api.get(f"/jobs/ingest/{done.info['id']}/successfulResults")
    assert answer.status_code == 200
    assert answer.text == done.texts["successful"][:200]


async def test_unauthorized_at_the_third_call(api: Api) -> None:
    api.fault("unauthorized,at=3,on=GET */limits")
    assert [(await api.get("/limits")).status_code for _n in range(4)] == [200, 200, 401, 200]


async def test_unavailable_for_a_while(api: Api) -> None:
    api.fault("unavailable=2,times=2")
    answers = [await api.get("/limits") for _n in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["retry-after"] == "2"


async def test_a_slow_drip_and_a_delay(api: Api) -> None:
    api.fault("slow=20000,on=GET */describe,times=1")
    begun = time.monotonic()
    slow = asyncio.create_task(
        api.get("/sobjects/RecordType/describe", headers={"Accept-Encoding": "identity"})
    )
    await asyncio.sleep(0.05)
    assert (await api.get("/limits")).status_code == 200
    assert not slow.done()
    size = len((await slow).content)
    assert time.monotonic() - begun >= size / 20000 * 0.8
    api.fault("delay=0.2,times=1")
    begun = time.monotonic()
    await api.get("/limits")
    assert time.monotonic() - begun >= 0.2


async def test_compression_and_chunks_on_request(api: Api) -> None:
    api.fault("gzip")
    answer = await api.get("/limits", headers={"Accept-Encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "DailyApiRequests" in answer.json()
    api.practice.org.faults.clear()
    api.fault("chunked=7")
    answer = await api.get("/limits", headers={"Accept-Encoding": "identity"})
    assert answer.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in answer.headers
    assert "DailyApiRequests" in answer.json()


async def test_a_job_that_fails_half_way_keeps_what_it_has_done(api: Api) -> None:
    api.fault("batch-rows=100")
    api.fault("fail-after=2")
    done = await api.load("insert", "Name\n" + "\n".join(f"N{n}" if n % 50 else "#N/A" for n in range(450)))
    assert done.info["state"] == "Failed"
    assert (len(done.successful), len(done.failed), len(done.unprocessed)) == (196, 4, 250)
    assert sorted(int(row["Name"][1:]) for row in done.unprocessed if row["Name"] != "#N/A")[0] == 201
    assert len(await api.query("SELECT Id FROM Account")) == 196


async def test_locked_rows_can_be_sent_again(api: Api) -> None:
    api.fault("lock-rows=3")
    done = await api.load("insert", "Name\n" + "\n".join(f"N{n}" for n in range(9)))
    assert len(done.failed) == 3
    assert done.failed[0]["sf__Error"].startswith("UNABLE_TO_LOCK_ROW:")
    api.practice.org.faults.clear()
    again = await api.load("insert", "Name\n" + "\n".join(row["Name"] for row in done.failed))
    assert len(again.successful) == 3


async def test_the_days_calls_and_rows_run_out(api: Api) -> None:
    api.fault("row-quota=100")
    api.fault("batch-rows=100")
    done = await api.load("insert", "Name\n" + "\n".join(f"N{n}" for n in range(250)))
    assert (done.info["state"], len(done.successful), len(done.unprocessed)) == ("Failed", 100, 150)
    assert done.info["errorMessage"].startswith("ExceededQuota")
    api.practice.org.faults.clear()
    api.fault(f"quota={api.practice.org.calls_today + 1}")
    assert (await api.get("/limits")).json()["DailyApiRequests"]["Remaining"] == 0
    answer = await api.get("/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert (await api.get("/practice")).status_code == 200
    await api.call("DELETE", "/practice/calls")
    assert (await api.get("/limits")).status_code == 200


async def test_any_line_end(api: Api) -> None:
    api.fault("any-line-end")
    done = await api.load("insert", "Name\r\nA\nB\r\n")
    assert sorted(row["Name"] for row in done.successful) == ["A", "B"]


async def test_the_control_endpoint(api: Api) -> None:
    body = {"name": "unauthorized", "on": "GET */limits", "times": 1}
    made = await api.post("/practice/faults", body)
    assert (made.status_code, made.json()[0]["name"]) == (201, "unauthorized")
    assert [(await api.get("/limits")).status_code for _n in range(2)] == [401, 200]
    state = (await api.get("/practice")).json()
    assert state["faults"][0]["struck"] == 1
    assert state["answered"]["GET 200"] >= 1
    assert (await api.call("DELETE", "/practice/faults?name=slow")).status_code == 204
    assert len((await api.get("/practice")).json()["faults"]) == 1
    assert (await api.call("DELETE", "/practice/faults")).status_code == 204
    assert (await api.get("/practice")).json()["faults"] == []
    refused = await api.post("/practice/faults", {"name": "nonsense"})
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "INVALID_FAULT")
    calls = (await api.get("/practice/calls")).json()
    assert {"method": "POST", "path": "/practice/faults", "status": 400} in calls
    moved = (await api.post("/practice/clock", {"days": 1})).json()["now"]
    assert moved > state["now"]
    assert (await api.post("/practice/clock", {"days": "x"})).status_code == 400
