"""Requests in requests: trees of records, batches, graphs; TYPEOF; page layouts and the beginnings of new records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.practice.driver import DATA, Api


def account(name: str, **more: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Account", "referenceId": name}, "Name": name, **more}


def contact(name: str, **more: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Contact", "referenceId": name}, "LastName": name, **more}


async def test_a_tree_makes_parents_and_children_together(api: Api) -> None:
    records = [
        account("a1", Contacts={"records": [contact("c1"), contact("c2")]}),
        account("a2", ChildAccounts={"records": [account("a3", Contacts={"records": [contact("c3")]})]}),
    ]
    answer = await api.post("/composite/tree/Account", {"records": records})
    assert (answer.status_code, answer.json()["hasErrors"]) == (201, False)
    names = [one["referenceId"] for one in answer.json()["results"]]
    assert names == ["a1", "c1", "c2", "a2", "a3", "c3"]
    ids = {one["referenceId"]: one["id"] for one in answer.json()["results"]}
    found = await api.query("SELECT LastName, AccountId FROM Contact ORDER BY LastName")
    assert [one["AccountId"] for one in found] == [ids["a1"], ids["a1"], ids["a3"]]
    assert await api.query("SELECT Name FROM Account WHERE Parent.Name = 'a2'") == [{"Name": "a3"}]


async def test_a_tree_with_a_mistake_makes_nothing(api: Api) -> None:
    records = [account("a1", Contacts={"records": [contact("c1", Email="no address")]}), account("a2")]
    answer = await api.post("/composite/tree/Account", {"records": records})
    assert (answer.status_code, answer.json()["hasErrors"]) == (400, True)
    (wrong,) = answer.json()["results"]
    assert (wrong["referenceId"], wrong["errors"][0]["statusCode"]) == ("c1", "INVALID_EMAIL_ADDRESS")
    assert wrong["errors"][0]["fields"] == ["Email"]
    assert await api.query("SELECT Id FROM Account") == []


@pytest.mark.parametrize(
    "records",
    [
        [{"Name": "A"}],
        [account("a"), account("a")],
        [account(f"a{n}") for n in range(201)],
        [account("a", Nothing={"records": [contact("c")]})],
        [account("a", Contacts={"records": []})],
        [contact("c")],
        "no list",
    ],
)
async def test_trees_that_cannot_be(api: Api, records: Any) -> None:
    assert (await api.post("/composite/tree/Account", {"records": records})).status_code == 400
    assert await api.query("SELECT Id FROM Account") == []


async def test_a_batch_answers_each_request_by_itself(api: Api) -> None:
    made = (await api.post("/sobjects/Account", {"Name": "A"})).json()["id"]
    parts: list[dict[str, Any]] = [
        {"method": "PATCH", "url": f"v62.0/sobjects/Account/{made}", "richInput": {"Name": "B"}},
        {"method": "GET", "url": f"v62.0/sobjects/Account/{made}?fields=Name"},
        {"method": "GET", "url": "v62.0/sobjects/Nothing"},
        {"method": "POST", "url": f"{DATA}/sobjects/Account", "richInput": {"Name": "C"}},
    ]
    answer = (await api.post("/composite/batch", {"batchRequests": parts})).json()
    assert [one["statusCode"] for one in answer["results"]] == [204, 200, 404, 201]
    assert answer["hasErrors"] is True
    assert (answer["results"][0]["result"], answer["results"][1]["result"]["Name"]) == (None, "B")
    halted = (await api.post("/composite/batch", {"haltOnError": True, "batchRequests": parts})).json()
    assert [one["statusCode"] for one in halted["results"]] == [204, 200, 404, 412]
    assert halted["results"][3]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert len(await api.query("SELECT Id FROM Account WHERE Name = 'C'")) == 1
    inside = [{"method": "POST", "url": "v62.0/composite/batch", "richInput": {"batchRequests": parts}}]
    nested = (await api.post("/composite/batch", {"batchRequests": inside})).json()
    assert nested["results"][0]["statusCode"] == 400
    for wrong in ({}, {"batchRequests": []}, {"batchRequests": parts * 7}):
        assert (await api.post("/composite/batch", wrong)).status_code == 400


async def test_each_graph_is_done_whole_or_not_at_all(api: Api) -> None:
    def graph(name: str, last_name: str) -> dict[str, Any]:
        firm = {
            "url": f"{DATA}/sobjects/Account",
            "method": "POST",
            "referenceId": "firm",
            "body": {"Name": name},
        }
        person = {
            "url": f"{DATA}/sobjects/Contact", "method": "POST", "referenceId": "person",
            "body": {"LastName": last_name, "AccountId": "@{firm.id}"},
        }  # fmt: skip
        return {"graphId": name, "compositeRequest": [firm, person]}

    answer = await api.post("/composite/graph", {"graphs": [graph("good", "P"), graph("bad", "")]})
    found = {one["graphId"]: one for one in answer.json()["graphs"]}
    assert [found[name]["isSuccessful"] for name in ("good", "bad")] == [True, False]
    parts = found["bad"]["graphResponse"]["compositeResponse"]
    assert [part["httpStatusCode"] for part in parts] == [400, 400]
    assert parts[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert await api.query("SELECT LastName, Account.Name FROM Contact") == [
        {"LastName": "P", "Account": {"Name": "good"}}
    ]
    for wrong in ({"graphs": [graph("a", "A")] * 2}, {"graphs": []}, {"graphs": [{"graphId": "a"}]}):
        assert (await api.post("/composite/graph", wrong)).status_code == 400


async def test_typeof_gives_fields_by_the_kind_of_record(api: Api) -> None:
    """The shape is that of a recorded answer (test_recorded); here the kinds without a branch, and what cannot be."""
    firm = (await api.post("/sobjects/Account", {"Name": "A", "Phone": "1"})).json()["id"]
    deal = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-12-01"}
    sale = (await api.post("/sobjects/Opportunity", deal)).json()["id"]
    for subject, what in (("x", firm), ("y", sale), ("z", None)):
        assert (await api.post("/sobjects/Task", {"Subject": subject, "WhatId": what})).status_code == 201
    branches = "TYPEOF What WHEN Account THEN Phone, Owner.Name ELSE Name END"
    text = f"SELECT Subject, {branches}, Status FROM Task ORDER BY Subject"
    answer = (await api.get("/query", params={"q": text})).json()["records"]
    assert [list(one) for one in answer] == [["attributes", "Subject", "What", "Status"]] * 3
    assert answer[0]["What"]["attributes"]["type"] == "Account"
    assert (answer[0]["What"]["Phone"], "Name" in answer[0]["What"]["Owner"]) == ("1", True)
    assert (answer[1]["What"]["attributes"]["type"], answer[1]["What"]["Name"]) == ("Opportunity", "D")
    assert answer[2]["What"] is None
    without = "SELECT TYPEOF What WHEN Account THEN Name END FROM Task WHERE Subject = 'y'"
    (only,) = (await api.get("/query", params={"q": without})).json()["records"]
    assert list(only["What"]) == ["attributes"]
    for wrong in (
        "SELECT TYPEOF Owner WHEN User THEN Name END FROM Account",
        "SELECT TYPEOF What WHEN Contact THEN Name END FROM Task",
        "SELECT TYPEOF What WHEN Account THEN Nothing END FROM Task",
        "SELECT TYPEOF What ELSE Name END FROM Task",
        "SELECT TYPEOF What WHEN Account THEN Name FROM Task",
        "SELECT COUNT(Id), TYPEOF What WHEN Account THEN Name END FROM Task",
    ):
        assert (await api.get("/query", params={"q": wrong})).status_code == 400, wrong
    refused = await api.post("/jobs/query", {"operation": "query", "query": text})
    assert (refused.status_code, "TYPEOF" in refused.json()[0]["message"]) == (400, True)


async def test_layouts_of_an_object_by_record_type(api: Api) -> None:
    described = (await api.get("/sobjects/Account/describe")).json()
    answer = (await api.get("/sobjects/Account/describe/layouts")).json()
    assert list(answer) == ["layouts", "recordTypeMappings", "recordTypeSelectorRequired"]
    types = {one["recordTypeId"] for one in described["recordTypeInfos"]}
    assert {one["recordTypeId"] for one in answer["recordTypeMappings"]} == types
    rows = answer["layouts"][0]["editLayoutSections"][0]["layoutRows"]
    items = {item["layoutComponents"][0]["value"]: item for row in rows for item in row["layoutItems"]}
    assert (items["Name"]["required"], items["Phone"]["required"], "CreatedDate" in items) == (
        True,
        False,
        False,
    )
    # Each record type of a describe answer names the address of its own layout.
    for one in described["recordTypeInfos"]:
        assert (await api.get(one["urls"]["layout"])).json()["id"] == answer["layouts"][0]["id"]
    assert (await api.get("/sobjects/Account/describe/layouts/012000000000999AAA")).status_code == 404
    assert (await api.get("/sobjects/Nothing/describe/layouts")).status_code == 404


async def test_a_new_record_begins_with_the_defaults(api: Api) -> None:
    described = (await api.get("/sobjects/Project__c/describe")).json()
    other = next(
        one["recordTypeId"] for one in described["recordTypeInfos"] if not one["defaultRecordTypeMapping"]
    )
    answer = (await api.get("/ui-api/record-defaults/create/Project__c")).json()
    fields = answer["record"]["fields"]
    assert fields["Stage__c"] == {"displayValue": "Idea", "value": "Idea"}
    assert (fields["Billable__c"]["value"], fields["Start__c"]["value"]) == (True, None)
    assert "Left__c" not in fields
    info = answer["objectInfos"]["Project__c"]
    assert info["defaultRecordTypeId"] == answer["record"]["recordTypeId"] != other
    asked = (await api.get(f"/ui-api/record-defaults/create/Project__c?recordTypeId={other}")).json()
    assert asked["record"]["recordTypeId"] == other
    assert (await api.get("/ui-api/object-info/Project__c")).json() == info
    # What it begins with can be saved as it is, with the name a person gives it.
    given = {name: one["value"] for name, one in fields.items() if one["value"] is not None} | {"Name": "P"}
    assert (await api.post("/sobjects/Project__c", given)).status_code == 201


async def test_layouts_are_named_as_in_recorded_answers(api: Api, shared: Path) -> None:
    """The address of a record type's layout is written as an org writes it."""
    text = (shared / "corpora/salesforce/describe/Account.json").read_text("utf-8")
    theirs = json.loads(text)["recordTypeInfos"][0]["urls"]["layout"]
    ours = (await api.get("/sobjects/Account/describe")).json()["recordTypeInfos"][-1]["urls"]["layout"]
    assert theirs.split("/sobjects/")[1].rpartition("/")[0] == ours.split("/sobjects/")[1].rpartition("/")[0]
