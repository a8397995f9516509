from __future__ import annotations

from typing import Any

import httpx
import pytest

from studio.practice.server import PracticeOrg
from tests.practice.driver import Api, bare


def error(answer: Any) -> tuple[int, str, str]:
    body = answer.json()[0]
    return answer.status_code, body["errorCode"], body["message"]


async def test_a_record_from_cradle_to_grave(api: Api) -> None:
    made = await api.post(
        "/sobjects/Account", {"Name": "Weft", "ERP_Id__c": "E1", "AnnualRevenue": 12.0, "Phone": None}
    )
    assert made.status_code == 201
    id_ = made.json()["id"]
    assert made.json() == {"id": id_, "success": True, "errors": []}
    assert made.headers["location"] == f"/services/data/v62.0/sobjects/Account/{id_}"
    assert len(id_) == 18
    assert (
        await api.patch(f"/sobjects/Account/{id_[:15]}", {"Phone": "1", "Name": "Warp"})
    ).status_code == 204
    found = (await api.get(f"/sobjects/Account/{id_}", params={"fields": "Name,Phone,AnnualRevenue"})).json()
    assert found.pop("attributes") == {
        "type": "Account",
        "url": f"/services/data/v62.0/sobjects/Account/{id_}",
    }
    assert found == {"Name": "Warp", "Phone": "1", "AnnualRevenue": 12.0, "Id": id_}
    whole = (await api.get(f"/sobjects/Account/{id_}")).json()
    assert whole["CreatedDate"].endswith("+0000")
    assert whole["BillingAddress"] is None
    assert whole["OwnerId"] == api.practice.org.user_id
    assert (await api.call("DELETE", f"/sobjects/Account/{id_}")).status_code == 204
    assert (await api.get(f"/sobjects/Account/{id_}")).status_code == 404
    assert error(await api.call("DELETE", f"/sobjects/Account/{id_}"))[:2] == (404, "ENTITY_IS_DELETED")
    assert await api.query("SELECT Id FROM Account") == []
    bin_ = (await api.get("/queryAll", params={"q": "SELECT Id, IsDeleted FROM Account"})).json()["records"]
    assert bare(bin_) == [{"Id": id_, "IsDeleted": True}]


@pytest.mark.parametrize(
    ("name", "record", "code", "words"),
    [
        ("Account", {}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"),
        ("Lead", {"FirstName": "A"}, "REQUIRED_FIELD_MISSING", "[LastName, Company]"),
        ("Account", {"Name": "x" * 256}, "STRING_TOO_LONG", "data value too large"),
        ("Account", {"Name": "a", "Nonsense": 1}, "INVALID_FIELD", "No such column 'Nonsense' on sobject of type Account"),
        ("Account", {"Name": "a", "CreatedDate": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "CreatedDate"),
        ("Account", {"Name": "a", "Id": "0015500001QdQWaAAN"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Id"),
        ("Account", {"Name": "a", "AnnualRevenue": "much"}, "JSON_PARSER_ERROR", "Cannot deserialize instance of double"),
        ("Account", {"Name": "a", "CleanStatus": "Odd"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "picklist field: Odd"),
        ("Account", {"Name": "a", "ParentId": "nonsense"}, "MALFORMED_ID", "id value of incorrect type: nonsense"),
        ("Account", {"Name": "a", "ParentId": "0035500001H9cakAAB"}, "MALFORMED_ID", "incorrect type"),
        ("Account", {"Name": "a", "ParentId": "0015500001QdQWaAAN"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        ("Account", {"Name": "a", "Parent": {"ERP_Id__c": "no"}}, "INVALID_FIELD", "Foreign key external ID: no not found"),
        ("Account", {"Name": "a", "Parent": {"Name": "b"}}, "INVALID_FIELD", "No such column 'Parent.Name'"),
        ("Contact", {"LastName": "a", "Email": "nobody"}, "INVALID_EMAIL_ADDRESS", "invalid email address: nobody"),
        ("User", {"LastName": "a"}, "INVALID_TYPE_FOR_OPERATION", "cannot be inserted"),
        ("Organization", {}, "INVALID_TYPE_FOR_OPERATION", "cannot be inserted"),
        ("Order_Line__c", {"Quantity__c": 1}, "REQUIRED_FIELD_MISSING", "[Invoice__c]"),
    ],
)  # fmt: skip
async def test_records_that_are_refused(
    api: Api, name: str, record: dict[str, Any], code: str, words: str
) -> None:
    status, found, message = error(await api.post(f"/sobjects/{name}", record))
    assert (status, found) in ((400, code), (404, code))
    assert words in message
    if name in ("Account", "Contact"):
        assert await api.query(f"SELECT Id FROM {name}") == []


async def test_unique_values_are_unique_whatever_their_case_until_deleted(api: Api) -> None:
    first = (await api.post("/sobjects/Account", {"Name": "a", "ERP_Id__c": "Key"})).json()["id"]
    status, code, message = error(await api.post("/sobjects/Account", {"Name": "b", "ERP_Id__c": "kEY"}))
    assert (status, code) == (400, "DUPLICATE_VALUE")
    assert message == f"duplicate value found: ERP_Id__c duplicates value on record with id: {first[:15]}"
    other = (await api.post("/sobjects/Account", {"Name": "b", "ERP_Id__c": "Other"})).json()["id"]
    assert error(await api.patch(f"/sobjects/Account/{other}", {"ERP_Id__c": "KEY"}))[1] == "DUPLICATE_VALUE"
    assert (await api.patch(f"/sobjects/Account/{first}", {"ERP_Id__c": "KEY"})).status_code == 204
    await api.call("DELETE", f"/sobjects/Account/{first}")
    assert (await api.patch(f"/sobjects/Account/{other}", {"ERP_Id__c": "KEY"})).status_code == 204
    for number in ("a", "A"):
        made = await api.post("/sobjects/Invoice__c", {"Name": "I", "Number__c": number})
        assert made.status_code == 201


async def test_upsert_by_external_id(api: Api) -> None:
    path = "/sobjects/Account/ERP_Id__c/E%2F1"
    made = await api.patch(path, {"Name": "New"})
    assert (made.status_code, made.json()["created"]) == (201, True)
    again = await api.patch(path, {"Name": "Newer", "Phone": "1"})
    assert (again.status_code, again.json()) == (200, made.json() | {"created": False})
    old = await api.call("PATCH", "/services/data/v45.0" + path, json={"Name": "Newest"})
    assert (old.status_code, old.content) == (204, b"")
    assert (await api.get(path, params={"fields": "Name,ERP_Id__c"})).json()["Name"] == "Newest"
    assert error(await api.patch("/sobjects/Account/Phone/1", {"Name": "x"}))[1] == "NOT_FOUND"
    assert (await api.call("DELETE", path)).status_code == 204
    assert (await api.get(path)).status_code == 404


async def test_a_key_several_records_have_gives_a_choice(api: Api) -> None:
    ids = [
        (await api.post("/sobjects/Contact", {"LastName": n, "Email": "a@b.example"})).json()["id"]
        for n in "xy"
    ]
    answer = await api.patch("/sobjects/Contact/Email/a@b.example", {"FirstName": "Z"})
    assert answer.status_code == 300
    assert answer.json() == [f"/services/data/v62.0/sobjects/Contact/{id_}" for id_ in ids]
    assert (await api.patch("/sobjects/Contact/Email/new@b.example", {"LastName": "N"})).status_code == 201


async def test_parents_by_key(api: Api) -> None:
    parent = (await api.post("/sobjects/Account", {"Name": "P", "ERP_Id__c": "P"})).json()["id"]
    made = await api.post("/sobjects/Contact", {"LastName": "C", "Account": {"ERP_Id__c": "p"},
                                               "Owner": {"attributes": {"type": "User"}, "Username": "sales@practice.example"}})  # fmt: skip
    assert made.status_code == 201
    (found,) = await api.query("SELECT AccountId, Owner.Name FROM Contact")
    assert found == {"AccountId": parent, "Owner": {"Name": "Sam Sales"}}
    assert (await api.post("/sobjects/Contact", {"LastName": "C", "Account": None})).status_code in (201, 400)


async def test_defaults_and_computed_values(api: Api) -> None:
    await api.post("/sobjects/Case", {"Subject": "Torn thread"})
    (case,) = await api.query("SELECT CaseNumber, Status, Priority, IsClosed, IsEscalated FROM Case")
    assert case == {
        "CaseNumber": "00000001",
        "Status": "New",
        "Priority": "Medium",
        "IsClosed": False,
        "IsEscalated": False,
    }
    invoice = (await api.post("/sobjects/Invoice__c", {"Name": "I-1"})).json()["id"]
    line = {"Invoice__c": invoice, "Quantity__c": 2.5, "Unit_Price__c": 1.2345}
    await api.post("/sobjects/Order_Line__c", line)
    (found,) = await api.query(
        "SELECT Name, Amount__c, Invoice__r.Name, Invoice__r.Status__c FROM Order_Line__c"
    )
    assert found == {
        "Name": "OL-000001",
        "Amount__c": 3.09,
        "Invoice__r": {"Name": "I-1", "Status__c": "Draft"},
    }


async def test_details_go_with_their_master_and_lookups_are_cleared(api: Api) -> None:
    account = (await api.post("/sobjects/Account", {"Name": "A"})).json()["id"]
    contact = (await api.post("/sobjects/Contact", {"LastName": "C", "AccountId": account})).json()["id"]
    invoice = (
        await api.post("/sobjects/Invoice__c", {"Name": "I", "Customer__c": account, "Contact__c": contact})
    ).json()["id"]
    await api.post("/sobjects/Order_Line__c", {"Invoice__c": invoice, "Quantity__c": 1})
    await api.call("DELETE", f"/sobjects/Account/{account}")
    assert await api.query("SELECT Id FROM Contact") == []
    assert await api.query("SELECT Customer__c, Contact__c FROM Invoice__c") == [
        {"Customer__c": None, "Contact__c": None}
    ]
    await api.call("DELETE", f"/sobjects/Invoice__c/{invoice}")
    assert await api.query("SELECT Id FROM Order_Line__c") == []


async def test_a_required_value_cannot_be_emptied(api: Api) -> None:
    id_ = (await api.post("/sobjects/Account", {"Name": "A"})).json()["id"]
    assert error(await api.patch(f"/sobjects/Account/{id_}", {"Name": None}))[1] == "REQUIRED_FIELD_MISSING"
    assert (
        error(await api.patch(f"/sobjects/Account/{id_}", {"OwnerId": None}))[1] == "REQUIRED_FIELD_MISSING"
    )
    assert error(await api.patch("/sobjects/Account/001Wf000000zz99IAA", {"Name": "x"}))[0] == 404
    assert error(await api.patch("/sobjects/Account/nonsense", {"Name": "x"}))[1] == "NOT_FOUND"


async def test_pages_of_a_query(api: Api) -> None:
    for start in range(0, 450, 150):
        records = [{"attributes": {"type": "Account"}, "Name": f"N{n:03}"} for n in range(start, start + 150)]
        await api.post("/composite/sobjects", {"records": records})
    headers = {"Sforce-Query-Options": "batchSize=200"}
    first = (
        await api.get("/query", params={"q": "SELECT Name FROM Account ORDER BY Name"}, headers=headers)
    ).json()
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
    assert first["nextRecordsUrl"].startswith("/services/data/v62.0/query/01g")
    assert first["nextRecordsUrl"].endswith("-200")
    await api.query("SELECT Id FROM Account LIMIT 5")
    id_ = (await api.query("SELECT Id FROM Account WHERE Name = 'N201'"))[0]["Id"]
    await api.call("DELETE", f"/sobjects/Account/{id_}")
    second = (await api.get(first["nextRecordsUrl"], headers=headers)).json()
    assert [record["Name"] for record in second["records"]][:2] == ["N200", "N201"]
    third = (await api.get(second["nextRecordsUrl"], headers=headers)).json()
    assert (third["done"], len(third["records"])) == (True, 50)
    assert "nextRecordsUrl" not in third


async def test_an_eleventh_cursor_closes_the_oldest_and_two_days_close_any(api: Api) -> None:
    api.fault("page-rows=1")
    for name in "ab":
        await api.post("/sobjects/Account", {"Name": name})
    urls = []
    for _n in range(11):
        urls.append(
            (await api.get("/query", params={"q": "SELECT Id FROM Account"})).json()["nextRecordsUrl"]
        )
    assert error(await api.get(urls[0]))[:2] == (400, "INVALID_QUERY_LOCATOR")
    assert (await api.get(urls[1])).status_code == 200
    await api.post("/practice/clock", {"days": 2.1})
    assert error(await api.get(urls[1]))[1] == "INVALID_QUERY_LOCATOR"
    assert error(await api.get("/query/01gnonsense-x"))[1] == "INVALID_QUERY_LOCATOR"


async def test_counting(api: Api) -> None:
    for name in "abc":
        await api.post("/sobjects/Account", {"Name": name})
    answer = (await api.get("/query", params={"q": "SELECT COUNT() FROM Account"})).json()
    assert answer == {"totalSize": 3, "done": True, "records": []}
    answer = (await api.get("/query", params={"q": "SELECT COUNT(Id) CNT FROM Account"})).json()
    assert answer["records"] == [{"attributes": {"type": "AggregateResult"}, "CNT": 3}]
    counts = (await api.get("/limits/recordCount", params={"sObjects": "Account,Contact"})).json()
    assert counts == {"sObjects": [{"count": 3, "name": "Account"}]}


async def test_every_answer_says_how_much_of_the_day_is_used(api: Api) -> None:
    first = (await api.get("/limits")).headers["sforce-limit-info"]
    second = await api.get("/sobjects/Nothing/describe")
    assert first == "api-usage=1/100000"
    assert second.headers["sforce-limit-info"] == "api-usage=2/100000"
    limits = (await api.get("/limits")).json()["DailyApiRequests"]
    assert limits == {"Max": 100_000, "Remaining": 99_997}


async def test_objects_added_while_it_runs(api: Api) -> None:
    table = "object Loom__c | auto | Loom | Looms\nCode__c | Code | string(10) | external unique\n"
    assert (await api.call("POST", "/practice/objects", content=table)).json() == ["Loom__c"]
    made = (await api.post("/sobjects/Loom__c", {"Code__c": "L1"})).json()["id"]
    assert made.startswith("a02")
    assert await api.query("SELECT Name, Code__c FROM Loom__c") == [{"Name": made, "Code__c": "L1"}]
    names = [item["name"] for item in (await api.get("/sobjects")).json()["sobjects"]]
    assert "Loom__c" in names
    assert names == sorted(names)
    refused = await api.call("POST", "/practice/objects", content="object Loom | x")
    assert error(refused)[1] == "INVALID_TABLE"


async def test_the_sample_customers() -> None:
    async with PracticeOrg() as practice:
        headers = {"Authorization": f"Bearer {practice.ready.access_token}"}
        async with httpx.AsyncClient(base_url=practice.ready.url, headers=headers) as client:
            api = Api(practice, client)
            found = await api.query(
                "SELECT Name, ERP_Id__c, (SELECT LastName FROM Contacts) FROM Account ORDER BY Name"
            )
    assert [row["ERP_Id__c"] for row in found] == ["C-1002", "C-1001", "C-1003"]
    assert found[1]["Contacts"]["records"] == [{"LastName": "Reis"}]
