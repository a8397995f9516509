"""The partner API over SOAP: what Data Loader and its relatives call."""

from __future__ import annotations

from typing import Any

from lxml import etree

from tests.practice.driver import Api

URN = "{urn:partner.soap.sforce.com}"
SF = "{urn:sobject.partner.soap.sforce.com}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


async def soap(api: Api, body: str, head: str = "", token: str | None = None) -> etree._Element:
    """The response element of a call, or the fault."""
    token = api.practice.ready.access_token if token is None else token
    text = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
        'xmlns:s="urn:sobject.partner.soap.sforce.com">'
        f"<e:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader>{head}</e:Header>"
        f"<e:Body>{body}</e:Body></e:Envelope>"
    )
    answer = await api.call("POST", "/services/Soap/u/62.0", content=text, headers={"SOAPAction": '""'})
    found = etree.fromstring(answer.content).find("{*}Body")[0]
    assert (answer.status_code == 200) == (etree.QName(found).localname != "Fault")
    return found


def account(**values: str) -> str:
    inner = "".join(f"<s:{name}>{value}</s:{name}>" for name, value in values.items())
    return f"<sObjects><s:type>Account</s:type>{inner}</sObjects>"


def results(found: etree._Element) -> list[tuple[str, str | None]]:
    """Per result whether it was created (`-` where that is not said), and its error."""
    return [
        (one.findtext(URN + "created", "-"), one.findtext(f"{URN}errors/{URN}statusCode"))
        for one in found.findall(URN + "result")
    ]


def fault(found: etree._Element) -> str:
    return found.findtext(".//{*}exceptionCode", "")


async def test_records_are_created_changed_upserted_and_deleted(api: Api) -> None:
    made = await soap(api, "<create>" + account(Name="A", ERP_Id__c="1") + account(Phone="2") + "</create>")
    assert results(made) == [("-", None), ("-", "REQUIRED_FIELD_MISSING")]
    id_ = made.findtext(f"{URN}result/{URN}id")
    nulls = f"<sObjects><s:type>Account</s:type><fieldsToNull>ERP_Id__c</fieldsToNull><s:Id>{id_}</s:Id></sObjects>"
    assert results(await soap(api, f"<update>{nulls}</update>")) == [("-", None)]
    records = account(ERP_Id__c="2", Name="B") + account(ERP_Id__c="3", Name="C")
    body = f"<upsert><externalIDFieldName>ERP_Id__c</externalIDFieldName>{records}</upsert>"
    assert results(await soap(api, body)) == [("true", None)] * 2
    assert results(await soap(api, body)) == [("false", None)] * 2
    rows = await api.query("SELECT Name, ERP_Id__c FROM Account ORDER BY Name")
    assert rows == [{"Name": n, "ERP_Id__c": k} for n, k in (("A", None), ("B", "2"), ("C", "3"))]
    gone = await soap(api, f"<delete><ids>{id_}</ids><ids>001000000000000</ids></delete>")
    assert results(gone) == [("-", None), ("-", "INVALID_CROSS_REFERENCE_KEY")]
    emptied = await soap(api, f"<emptyRecycleBin><ids>{id_}</ids></emptyRecycleBin>")
    assert results(emptied) == [("-", None)]
    text = "SELECT COUNT() FROM Account"
    assert (await api.get("/queryAll", params={"q": text})).json()["totalSize"] == 2


async def test_a_parent_is_named_by_its_key(api: Api) -> None:
    await soap(api, "<create>" + account(Name="Parent", ERP_Id__c="P") + "</create>")
    parent = "<s:Account><s:type>Account</s:type><s:ERP_Id__c>P</s:ERP_Id__c></s:Account>"
    record = f"<sObjects><s:type>Contact</s:type><s:LastName>L</s:LastName>{parent}</sObjects>"
    assert results(await soap(api, f"<create>{record}</create>")) == [("-", None)]
    query = "<query><queryString>SELECT Id, LastName, Account.Name FROM Contact</queryString></query>"
    found = await soap(api, query)
    assert found.findtext(f".//{URN}records/{SF}Account/{SF}Name") == "Parent"


async def test_all_or_none_and_texts_that_are_too_long(api: Api) -> None:
    both = "<create>" + account(Name="A") + account(Phone="1") + "</create>"
    head = "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>"
    assert [code for _created, code in results(await soap(api, both, head))] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert await api.query("SELECT Id FROM Account") == []
    long = "<create>" + account(Name="x" * 300) + "</create>"
    assert results(await soap(api, long)) == [("-", "STRING_TOO_LONG")]
    head = "<AllowFieldTruncationHeader><allowFieldTruncation>true</allowFieldTruncation></AllowFieldTruncationHeader>"
    assert results(await soap(api, long, head)) == [("-", None)]
    assert [row["Name"] for row in await api.query("SELECT Name FROM Account")] == ["x" * 255]


async def test_a_query_is_paged(api: Api) -> None:
    rows = "Name,ERP_Id__c\n" + "".join(f"N{n},{n}\n" for n in range(450))
    await api.load("insert", rows)
    head = "<QueryOptions><batchSize>200</batchSize></QueryOptions>"
    text = "<query><queryString>SELECT Id, Name, Phone FROM Account</queryString></query>"
    found, names, pages = await soap(api, text, head), [], 0
    while True:
        pages += 1
        names += [one.text for one in found.iter(SF + "Name")]
        assert found.find(f".//{SF}Phone").get(XSI + "nil") == "true"
        assert found.findtext(f".//{URN}size") == "450"
        locator = found.findtext(f".//{URN}queryLocator")
        if found.findtext(f".//{URN}done") == "true":
            break
        found = await soap(api, f"<queryMore><queryLocator>{locator}</queryLocator></queryMore>", head)
    assert (pages, sorted(names)) == (3, sorted(f"N{n}" for n in range(450)))


async def test_descriptions_have_what_rest_ones_have(api: Api) -> None:
    body = "<describeSObjects><sObjectType>Account</sObjectType><sObjectType>Project__c</sObjectType></describeSObjects>"
    found = await soap(api, body)
    for name, one in zip(("Account", "Project__c"), found.findall(URN + "result"), strict=True):
        theirs: dict[str, Any] = (await api.get(f"/sobjects/{name}/describe")).json()
        fields = one.findall(URN + "fields")
        assert [f.findtext(URN + "name") for f in fields] == [f["name"] for f in theirs["fields"]]
        assert [f.findtext(URN + "length") for f in fields] == [str(f["length"]) for f in theirs["fields"]]
        tags = [etree.QName(child).localname for child in fields[-1]]
        assert tags == sorted(tags)
    listed = await soap(api, "<describeGlobal/>")
    names = [one.findtext(URN + "name") for one in listed.iter(URN + "sobjects")]
    assert {"Account", "Task", "PricebookEntry"} <= set(names)


async def test_who_and_when(api: Api) -> None:
    found = await soap(api, "<getUserInfo/>")
    assert found.findtext(f".//{URN}userName") == api.practice.ready.username
    before = (await soap(api, "<getServerTimestamp/>")).findtext(f".//{URN}timestamp")
    await api.post("/practice/clock", {"days": 1})
    after = (await soap(api, "<getServerTimestamp/>")).findtext(f".//{URN}timestamp")
    assert before[:10] < after[:10]


async def test_retrieve_keeps_the_order_and_says_what_is_not_there(api: Api) -> None:
    made = await soap(api, "<create>" + account(Name="A") + account(Name="B") + "</create>")
    a, b = [one.text for one in made.iter(URN + "id")]
    ids = "".join(f"<ids>{id_}</ids>" for id_ in (b, "001000000000000AAA", a))
    body = f"<retrieve><fieldList>Name</fieldList><sObjectType>Account</sObjectType>{ids}</retrieve>"
    found = (await soap(api, body)).findall(URN + "result")
    assert [one.findtext(SF + "Name") for one in found] == ["B", None, "A"]


async def test_faults_say_what_is_wrong(api: Api) -> None:
    assert fault(await soap(api, "<getUserInfo/>", token="")) == "INVALID_SESSION_ID"
    assert fault(await soap(api, "<merge/>")) == "INVALID_OPERATION"
    query = "<query><queryString>SELECT Nope FROM Account</queryString></query>"
    assert fault(await soap(api, query)) == "INVALID_FIELD"
    locator = "<queryMore><queryLocator>01gNope-2000</queryLocator></queryMore>"
    assert fault(await soap(api, locator)) == "INVALID_QUERY_LOCATOR"
    assert fault(await soap(api, "<create>" + account(Name="A") * 201 + "</create>")) == "EXCEEDED_ID_LIMIT"
    other = "<create><sObjects><s:type>Nope</s:type></sObjects></create>"
    assert fault(await soap(api, other)) == "INVALID_TYPE"
    api.fault("quota=1")
    await api.get("/sobjects/Account/describe")
    assert fault(await soap(api, "<getUserInfo/>")) == "REQUEST_LIMIT_EXCEEDED"
