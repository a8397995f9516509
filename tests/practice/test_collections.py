from __future__ import annotations

from typing import Any

import pytest

from tests.practice.driver import Api


def account(name: str, **more: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Account"}, "Name": name, **more}


async def test_records_are_answered_in_order_the_bad_ones_alone_refused(api: Api) -> None:
    records = [
        account("a"),
        account("x" * 300),
        {"attributes": {"type": "Contact"}, "LastName": "b"},
        account("c", Phone="1"),
    ]
    answer = await api.post("/composite/sobjects", {"records": records})
    assert answer.status_code == 200
    first, second, third, fourth = answer.json()
    assert (first["id"][:3], third["id"][:3], fourth["id"][:3]) == ("001", "003", "001")
    assert second["success"] is False
    assert second["errors"][0]["statusCode"] == "STRING_TOO_LONG"
    assert second["errors"][0]["fields"] == ["Name"]
    changed = await api.patch(
        "/composite/sobjects",
        {"records": [account("d", Id=fourth["id"]), account("e", Id=first["id"], Phone="2")]},
    )
    assert [one["id"] for one in changed.json()] == [fourth["id"], first["id"]]
    assert await api.query("SELECT Name, Phone FROM Account ORDER BY Name") == [
        {"Name": "d", "Phone": "1"},
        {"Name": "e", "Phone": "2"},
    ]


async def test_all_or_none(api: Api) -> None:
    body = {"allOrNone": True, "records": [account("a"), account("x" * 300)]}
    first, second = (await api.post("/composite/sobjects", body)).json()
    assert first["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert second["errors"][0]["statusCode"] == "STRING_TOO_LONG"
    assert await api.query("SELECT Id FROM Account") == []


async def test_upsert_by_external_id(api: Api) -> None:
    body = {"records": [account("a", ERP_Id__c="1"), account("b", ERP_Id__c="2"), account("c")]}
    made = (await api.patch("/composite/sobjects/Account/ERP_Id__c", body)).json()
    assert [one["created"] for one in made] == [True, True, True]
    again = (
        await api.patch("/composite/sobjects/Account/ERP_Id__c", {"records": [account("z", ERP_Id__c="1")]})
    ).json()
    assert again == [{"id": made[0]["id"], "success": True, "errors": [], "created": False}]
    by_id = {
        "records": [
            account("q", Id=made[1]["id"]),
            {"attributes": {"type": "Account"}, "Name": "new", "Id": None},
        ]
    }
    found = (await api.patch("/composite/sobjects/Account/Id", by_id)).json()
    assert [one["created"] for one in found] == [False, True]


async def test_a_key_twice_in_one_request_refuses_both(api: Api) -> None:
    body = {
        "records": [
            account("a", ERP_Id__c="k"),
            account("b", ERP_Id__c="K", Phone="1"),
            account("c", ERP_Id__c="x"),
        ]
    }
    found = (await api.patch("/composite/sobjects/Account/ERP_Id__c", body)).json()
    assert [one["success"] for one in found] == [False, False, True]
    assert found[0]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"
    assert found[1]["errors"][0]["message"] == "Duplicate external id specified: K"


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([account(str(n)) for n in range(201)], "EXCEEDED_ID_LIMIT"),
        ([account("a"), {"attributes": {"type": "Contact"}, "LastName": "b"}] * 6, "EXCEEDED_ID_LIMIT"),
        ([{"Name": "no type"}], "INVALID_TYPE"),
        ([{"attributes": {"type": "Nothing"}}], "INVALID_TYPE"),
        ("nonsense", "JSON_PARSER_ERROR"),
    ],
)
async def test_requests_that_are_refused_as_a_whole(api: Api, records: Any, code: str) -> None:
    answer = await api.post("/composite/sobjects", {"records": records})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert await api.query("SELECT Id FROM Account") == []


async def test_two_hundred_records_in_at_most_ten_runs(api: Api) -> None:
    records = ([account("a")] * 20 + [{"attributes": {"type": "Contact"}, "LastName": "b"}] * 20) * 5
    answer = await api.post("/composite/sobjects", {"records": records})
    assert [one["success"] for one in answer.json()] == [True] * 200


async def test_reading_and_deleting_several(api: Api) -> None:
    ids = [
        one["id"]
        for one in (await api.post("/composite/sobjects", {"records": [account("a"), account("b")]})).json()
    ]
    gone = "001Wf000000zz99IAA"
    params = {"ids": f"{ids[1]},{gone},{ids[0][:15]}", "fields": "Name"}
    found = (await api.get("/composite/sobjects/Account", params=params)).json()
    assert [one and one["Name"] for one in found] == ["b", None, "a"]
    posted = (await api.post("/composite/sobjects/Account", {"ids": ids, "fields": ["Id"]})).json()
    assert [one["Id"] for one in posted] == ids
    assert (await api.get("/composite/sobjects/Account", params={"ids": ids[0]})).json()[0][
        "errorCode"
    ] == "MISSING_ARGUMENT"
    answer = await api.call(
        "DELETE", "/composite/sobjects", params={"ids": f"{ids[0]},{gone}", "allOrNone": "true"}
    )
    assert [one["success"] for one in answer.json()] == [False, False]
    answer = await api.call("DELETE", "/composite/sobjects", params={"ids": f"{ids[0]},{gone}"})
    assert [one["success"] for one in answer.json()] == [True, False]
    assert len(await api.query("SELECT Id FROM Account")) == 1
