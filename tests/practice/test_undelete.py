"""undelete(), which only the SOAP API has: records and their details come back; what cannot is said one by one."""

from __future__ import annotations

import re

from tests.practice.driver import Api
from tests.practice.test_sign_in import envelope, soap


async def undelete(api: Api, ids: list[str], *, token: str = "", version: str = "66.0") -> tuple[int, str]:
    session = token or api.practice.ready.access_token
    head = f"<urn:SessionHeader><urn:sessionId>{session}</urn:sessionId></urn:SessionHeader>"
    listed = "".join(f"<urn:ids>{id_}</urn:ids>" for id_ in ids)
    return await soap(
        api, envelope(f"<urn:undelete>{listed}</urn:undelete>", head=head), f"/services/Soap/u/{version}"
    )


async def make(api: Api, name: str, **values: object) -> str:
    return str((await api.post(f"/sobjects/{name}", values)).json()["id"])


async def test_a_record_comes_back_with_the_details_that_went_with_it(api: Api) -> None:
    account = await make(api, "Account", Name="One")
    contact = await make(api, "Contact", LastName="Two", AccountId=account)
    await api.call("DELETE", f"/sobjects/Account/{account}")
    assert await api.query("SELECT Id FROM Contact") == []
    status, text = await undelete(api, [account, account])
    assert (status, re.findall("<success>(.*?)</success>", text)) == (200, ["true", "false"])
    assert "<statusCode>UNDELETE_FAILED</statusCode>" in text
    assert await api.query("SELECT Id, AccountId FROM Contact") == [{"Id": contact, "AccountId": account}]
    assert await api.query("SELECT Name FROM Account") == [{"Name": "One"}]


async def test_what_cannot_come_back_is_said_one_by_one(api: Api) -> None:
    old = await make(api, "Account", Name="Old", ERP_Id__c="K-1")
    await api.call("DELETE", f"/sobjects/Account/{old}")
    await make(api, "Account", Name="New", ERP_Id__c="k-1")
    gone = await make(api, "Account", Name="Gone")
    await api.load("hardDelete", f"Id\n{gone}\n")
    _status, text = await undelete(api, [old, gone, "nonsense"])
    codes = re.findall("<statusCode>(.*?)</statusCode>", text)
    assert codes == ["DUPLICATE_VALUE", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"]
    assert await api.query("SELECT Name FROM Account") == [{"Name": "New"}]


async def test_calls_that_are_refused(api: Api) -> None:
    account = await make(api, "Account", Name="One")
    status, text = await undelete(api, [account], token="wrong")
    assert (status, "<sf:exceptionCode>INVALID_SESSION_ID</sf:exceptionCode>" in text) == (500, True)
    assert "EXCEEDED_ID_LIMIT" in (await undelete(api, [account] * 201))[1]
    api.practice.org.calls_today = api.practice.org.call_limit
    assert "REQUEST_LIMIT_EXCEEDED" in (await undelete(api, [account]))[1]
