from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.practice.driver import DATA, Api


def part(name: str, method: str, url: str, body: Any = None) -> dict[str, Any]:
    request = {"referenceId": name, "method": method, "url": DATA + url}
    return request | ({"body": body} if body is not None else {})


async def test_later_requests_use_what_earlier_ones_answered(api: Api) -> None:
    parts = [
        part("made", "POST", "/sobjects/Account", {"Name": "A"}),
        part("child", "POST", "/sobjects/Contact", {"LastName": "C", "AccountId": "@{made.id}"}),
        part("found", "GET", "/query?q=SELECT Id, Account.Name FROM Contact WHERE Id = '@{child.id}'"),
        part("again", "GET", "/sobjects/Contact/@{found.records[0].Id}?fields=LastName"),
        part("bad", "GET", "/sobjects/Contact/@{nothing.id}"),
    ]
    answer = await api.post("/composite", {"compositeRequest": parts})
    found = {one["referenceId"]: one for one in answer.json()["compositeResponse"]}
    assert [one["httpStatusCode"] for one in found.values()] == [201, 201, 200, 200, 400]
    assert found["found"]["body"]["records"][0]["Account"]["Name"] == "A"
    assert found["again"]["body"]["LastName"] == "C"
    assert found["bad"]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert found["made"]["httpHeaders"]["Location"].endswith(found["made"]["body"]["id"])
    assert answer.headers["sforce-limit-info"].startswith("api-usage=1/")


async def test_all_or_none_undoes_everything(api: Api) -> None:
    parts = [
        part("a", "POST", "/sobjects/Account", {"Name": "A"}),
        part("b", "GET", "/query?q=SELECT Name FROM Account"),
        part("c", "POST", "/sobjects/Account", {}),
        part("d", "POST", "/sobjects/Account", {"Name": "D"}),
    ]
    answer = await api.post("/composite", {"allOrNone": True, "compositeRequest": parts})
    found = [
        (one["httpStatusCode"], one["body"][0]["errorCode"]) for one in answer.json()["compositeResponse"]
    ]
    assert found == [
        (400, "PROCESSING_HALTED"),
        (400, "PROCESSING_HALTED"),
        (400, "REQUIRED_FIELD_MISSING"),
        (400, "PROCESSING_HALTED"),
    ]
    assert await api.query("SELECT Id FROM Account") == []
    kept = await api.post("/composite", {"allOrNone": True, "compositeRequest": parts[:2]})
    assert kept.json()["compositeResponse"][1]["body"]["records"][0]["Name"] == "A"
    assert await api.query("SELECT Name FROM Account") == [{"Name": "A"}]


async def test_many_at_once_do_not_wait_for_each_other_for_ever(api: Api) -> None:
    parts = [part(f"r{n}", "POST", "/sobjects/Account", {"Name": "A"}) for n in range(3)]
    composites = [api.post("/composite", {"allOrNone": True, "compositeRequest": parts}) for _n in range(6)]
    singles = [api.post("/sobjects/Account", {"Name": "B"}) for _n in range(6)]
    answers = await asyncio.wait_for(asyncio.gather(*composites, *singles), 20)
    assert {answer.status_code for answer in answers} == {200, 201}
    assert len(await api.query("SELECT Id FROM Account")) == 24


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([part(f"r{n}", "GET", "/limits") for n in range(26)], "LIMIT_EXCEEDED"),
        ([part("same", "GET", "/limits")] * 2, "INVALID_INPUT"),
        ([], "JSON_PARSER_ERROR"),
        (["nonsense"], "JSON_PARSER_ERROR"),
    ],
)
async def test_requests_that_are_refused(api: Api, parts: list[Any], code: str) -> None:
    answer = await api.post("/composite", {"compositeRequest": parts})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


async def test_only_addresses_of_the_api(api: Api) -> None:
    request = {"referenceId": "x", "method": "GET", "url": "/practice"}
    answer = (await api.post("/composite", {"compositeRequest": [request]})).json()["compositeResponse"][0]
    assert (answer["httpStatusCode"], answer["body"][0]["errorCode"]) == (400, "INVALID_INPUT")
