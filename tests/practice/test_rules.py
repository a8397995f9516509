"""What an administrator has set up: validation, duplicates, assignment, record types' values, what a user may see."""

from __future__ import annotations

import base64
from typing import Any

import httpx

from tests.practice.driver import DATA, Api

INVOICES = "Number__c,Issue_Date__c,Due_Date__c,Name\n"


async def sales(api: Api) -> httpx.AsyncClient:
    """A client signed in as the user who may not see and do everything."""
    ready, apps = api.practice.ready, api.practice.org.sessions.apps
    app = next(app for app in apps.values() if app.secret)
    form = {
        "grant_type": "password", "client_id": app.client_id, "client_secret": app.secret,
        "username": "sales@practice.example", "password": ready.password,
    }  # fmt: skip
    answer = (await api.call("POST", "/services/oauth2/token", data=form)).json()
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    return httpx.AsyncClient(base_url=ready.url + DATA, headers=headers, timeout=30)


async def described(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get(f"/sobjects/{name}/describe")).json()
    return answer | {"by_name": {field["name"]: field for field in answer["fields"]}}


async def test_a_validation_rule_refuses_the_row_and_names_its_field(api: Api) -> None:
    rows = "I-1,2026-03-01,2026-02-01,A\nI-2,2026-03-01,2026-04-01,B\nI-3,2026-03-01,,C\n"
    done = await api.load("insert", INVOICES + rows, "Invoice__c")
    assert [row["Number__c"] for row in done.failed] == ["I-1"]
    assert done.failed[0]["sf__Error"] == (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION:The due date lies before the issue date.:Due_Date__c --"
    )
    assert {row["Number__c"] for row in done.successful} == {"I-2", "I-3"}


async def test_a_validation_rule_looks_at_what_an_update_leaves_alone(api: Api) -> None:
    done = await api.load("insert", INVOICES + "I-2,2026-03-01,2026-04-01,B\n", "Invoice__c")
    id_ = done.successful[0]["sf__Id"]
    refused = await api.patch(f"/sobjects/Invoice__c/{id_}", {"Issue_Date__c": "2026-05-01"})
    assert refused.status_code == 400
    assert refused.json() == [
        {
            "message": "The due date lies before the issue date.",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": ["Due_Date__c"],
        }
    ]
    assert (await api.patch(f"/sobjects/Invoice__c/{id_}", {"Paid__c": True})).status_code == 204
    both = {"Issue_Date__c": "2026-05-01", "Due_Date__c": "2026-06-01"}
    assert (await api.patch(f"/sobjects/Invoice__c/{id_}", both)).status_code == 204


async def test_a_rule_without_a_field(api: Api) -> None:
    refused = (await api.post("/sobjects/Project__c", {"Name": "P", "Stage__c": "Running"})).json()
    assert (refused[0]["errorCode"], refused[0]["fields"]) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", [])
    body = {"Name": "P", "Stage__c": "Running", "Budget__c": 10}
    assert (await api.post("/sobjects/Project__c", body)).status_code == 201


async def test_a_duplicate_is_refused_unless_the_header_says_otherwise(api: Api) -> None:
    lead = {"LastName": "Lopes", "Company": "C", "Email": "l@example.com"}
    assert (await api.post("/sobjects/Lead", lead)).status_code == 201
    again = lead | {"Email": "L@EXAMPLE.COM", "Company": "Other"}
    refused = await api.post("/sobjects/Lead", again)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "DUPLICATES_DETECTED")
    record = {"attributes": {"type": "Lead"}} | again
    (one,) = (await api.post("/composite/sobjects", {"records": [record]})).json()
    assert one["errors"][0]["statusCode"] == "DUPLICATES_DETECTED"
    other = record | {"LastName": "Other"}
    (one,) = (await api.post("/composite/sobjects", {"records": [other]})).json()
    assert one["success"] is True
    headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    (one,) = (await api.post("/composite/sobjects", {"records": [record]}, headers=headers)).json()
    assert one["success"] is True


async def test_assignment_rules_find_an_owner(api: Api) -> None:
    users = api.practice.org.users
    lead = {"LastName": "A", "Company": "C", "LeadSource": "Partner Referral"}
    await api.post("/sobjects/Lead", lead)
    await api.post("/sobjects/Lead", lead | {"LastName": "B"}, headers={"Sforce-Auto-Assign": "FALSE"})
    await api.post(
        "/sobjects/Lead", lead | {"LastName": "C", "OwnerId": users["integration@practice.example"]}
    )
    content = "LastName,Company,LeadSource\nD,C,Partner Referral\nE,C,Web\n"
    await api.load("insert", content, "Lead")
    rule = (await api.query("SELECT Id FROM AssignmentRule WHERE SobjectType = 'Lead'"))[0]["Id"]
    await api.load("insert", content.replace("D,", "F,").replace("E,", "G,"), "Lead", assignmentRuleId=rule)
    found = await api.query("SELECT LastName, Owner.Username FROM Lead ORDER BY LastName")
    assert {row["LastName"]: row["Owner"]["Username"].partition("@")[0] for row in found} == {
        "A": "sales", "B": "admin", "C": "integration", "D": "admin", "E": "admin", "F": "sales", "G": "admin",
    }  # fmt: skip


async def test_a_restricted_picklist_takes_what_the_record_type_offers(api: Api) -> None:
    types = {
        row["DeveloperName"]: row["Id"]
        for row in await api.query(
            "SELECT Id, DeveloperName FROM RecordType WHERE SobjectType = 'Project__c'"
        )
    }
    infos = (await api.get("/sobjects/Project__c/describe")).json()["recordTypeInfos"]
    assert [info["developerName"] for info in infos] == ["Internal", "Client", "Master"]
    body = {"Name": "P", "RecordTypeId": types["Client"], "Stage__c": "Offered"}
    made = (await api.post("/sobjects/Project__c", body)).json()
    wrong = await api.patch(f"/sobjects/Project__c/{made['id']}", {"Stage__c": "Idea"})
    assert wrong.json()[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert wrong.json()[0]["fields"] == ["Stage__c"]
    assert (await api.patch(f"/sobjects/Project__c/{made['id']}", {"Stage__c": "Done"})).status_code == 204


async def test_a_dependent_picklist_says_what_goes_with_what(api: Api) -> None:
    fields = {f["name"]: f for f in (await api.get("/sobjects/Project__c/describe")).json()["fields"]}
    city, country = fields["City__c"], fields["Country__c"]
    assert (city["dependentPicklist"], city["controllerName"]) == (True, "Country__c")
    assert {value["validFor"] for value in country["picklistValues"]} == {None}
    countries = [value["value"] for value in country["picklistValues"]]
    goes = {}
    for value in city["picklistValues"]:
        bits = base64.b64decode(value["validFor"])
        goes[value["value"]] = [c for n, c in enumerate(countries) if bits[n // 8] & 0x80 >> n % 8]
    assert goes["Porto"] == ["Portugal"]
    assert goes["Online"] == ["Brasil", "Deutschland", "Portugal"]


async def test_fields_a_user_does_not_see_are_not_there(api: Api) -> None:
    async with await sales(api) as client:
        account = await described(client, "Account")
        assert "AnnualRevenue" not in account["by_name"]
        assert account["deletable"] is False
        asked = await client.get("/query", params={"q": "SELECT AnnualRevenue FROM Account"})
        assert (asked.status_code, asked.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
        given = await client.post("/sobjects/Account", json={"Name": "A", "AnnualRevenue": 1})
        assert given.json()[0]["errorCode"] == "INVALID_FIELD"
        job = (await client.post("/jobs/ingest", json={"object": "Account", "operation": "insert"})).json()
        content = {"content": b"Name,AnnualRevenue\nA,1\n", "headers": {"Content-Type": "text/csv"}}
        await client.put(f"/jobs/ingest/{job['id']}/batches", **content)
        await client.patch(f"/jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
    ended = await api.ended(job["id"])
    assert (ended["state"], ended["errorMessage"]) == (
        "Failed",
        "InvalidBatch : Field name not found : AnnualRevenue",
    )


async def test_fields_a_user_may_only_read(api: Api) -> None:
    made = (await api.post("/sobjects/Account", {"Name": "A", "Rating": "Hot"})).json()["id"]
    async with await sales(api) as client:
        rating = (await described(client, "Account"))["by_name"]["Rating"]
        assert (rating["createable"], rating["updateable"]) == (False, False)
        assert (await client.get(f"/sobjects/Account/{made}")).json()["Rating"] == "Hot"
        refused = await client.patch(f"/sobjects/Account/{made}", json={"Rating": "Cold"})
        assert refused.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
        assert refused.json()[0]["fields"] == ["Rating"]
        assert (await client.patch(f"/sobjects/Account/{made}", json={"Phone": "1"})).status_code == 204
        gone = await client.delete(f"/sobjects/Account/{made}")
        assert gone.status_code in (400, 403)
    (row,) = await api.query("SELECT Rating, Phone, LastModifiedBy.Username FROM Account")
    assert (row["Rating"], row["Phone"]) == ("Hot", "1")
    assert row["LastModifiedBy"]["Username"] == "sales@practice.example"
