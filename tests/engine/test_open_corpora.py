"""Real schemas that leave things open, written and read by generated code and judge alike, and held against libxml2."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from studio.schema.drawn import Drawn
from studio.schema.model import Schema
from studio.schema.read import read_schema
from tests.engine.build import rows, xml
from tests.engine.open_maps import open_plan
from tests.engine.test_picked_reads import generated

ROWS = rows({"id": "text", "name": "text", "amount": "decimal"})
CSV = "id,name,amount\na7,Åse & Co,12.50\na8,Ben,1\n"
_XS = "{http://www.w3.org/2001/XMLSchema}"
_OF_ONE = (
    "charset", "htmlBody", "oneClickPost", "optOutPolicy", "targetObjectId", "templateId",
    "treatBodiesAsTemplate", "treatTargetObjectAsRecipient", "unsubscribeComment", "whatId",
)  # fmt: skip
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


@pytest.fixture(scope="module")
def fhir(shared: Path) -> tuple[Schema, etree.XMLSchema]:
    file = shared / "corpora/xsd/fhir-r4-single/fhir-single.xsd"
    return read_schema(file), etree.XMLSchema(file=str(file))


@pytest.fixture(scope="module")
def partner(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Schema, etree.XMLSchema]:
    """The schemas inside Salesforce's description of its service, each in a file of its own."""
    folder = tmp_path_factory.mktemp("partner")
    found = list(
        etree.parse(str(shared / "corpora/wsdl/salesforce-partner-v66/sforce.660.partner.wsdl")).iter(
            _XS + "schema"
        )
    )
    files = {part.get("targetNamespace"): f"part{number}.xsd" for number, part in enumerate(found)}
    for part in found:
        alone = etree.fromstring(etree.tostring(part))
        for asked in alone.iter(_XS + "import"):
            asked.set("schemaLocation", files[asked.get("namespace")])
        (folder / files[part.get("targetNamespace")]).write_bytes(etree.tostring(alone))
    file = folder / files["urn:partner.soap.sforce.com"]
    return read_schema(file), etree.XMLSchema(file=str(file))


def test_choices_and_resources_of_fhir(fhir: tuple[Schema, etree.XMLSchema]) -> None:
    """One of eleven types of value by the record, and a resource of another kind contained for each row."""
    schema, validator = fhir
    contained = "Observation/contained"
    rules = {
        "Observation/id/@value": "'o1'",
        f"{contained}[1]": {"loop": "/row"},
        f"{contained}[1]/Patient/id/@value": "[id]",
        f"{contained}[1]/Patient/name/family/@value": "[name]",
        f"{contained}[2]/Organization/id/@value": "'org'",
        "Observation/status/@value": "'final'",
        "Observation/code/text/@value": "'weight'",
        "Observation/valueQuantity": {"when": "[/row[1]/amount] > 2"},
        "Observation/valueQuantity/value/@value": "[/row[1]/amount]",
        "Observation/valueString": {"when": "[/row[1]/amount] <= 2"},
        "Observation/valueString/@value": "[/row[1]/name]",
    }
    made = open_plan(ROWS, schema, rules, roots=("", "Observation"))
    for data, kind in ((CSV, "valueQuantity"), (CSV.replace("12.50", "1"), "valueString")):
        text, failures, _counts = generated(made, data)
        assert failures == []
        document = etree.fromstring(text.encode())
        validator.assertValid(document)
        names = [etree.QName(each).localname for each in document]
        assert names == ["id", "contained", "contained", "contained", "status", "code", kind]
        assert [etree.QName(each[0]).localname for each in document if "contained" in each.tag] == [
            "Patient", "Patient", "Organization",
        ]  # fmt: skip
    again = open_plan(
        schema,
        xml({"out": {"who*": {"@id": "text", "name?": "text"}, "amount?": "decimal", "said?": "text"}}),
        {
            "out/who": {"loop": f"/{contained}"},
            "out/who/@id": "IfEmpty([Patient/id/@value], [Organization/id/@value])",
            "out/who/name": "[Patient/name[1]/family/@value]",
            "out/said": "[/Observation/valueString/@value]",
        },
        roots=("Observation", ""),
    )
    text, failures, _counts = generated(again, text)
    assert failures == []
    assert [each.get("id") for each in etree.fromstring(text.encode()).iter("who")] == ["a7", "a8", "org"]
    assert "<said>Åse &amp; Co</said>" in text


def test_types_of_a_service_are_told_by_their_xsi_type(partner: tuple[Schema, etree.XMLSchema]) -> None:
    """An abstract type, of which two kinds are sent in one request; each is read again by its own."""
    schema, validator = partner
    single, mass = "sendEmail/messages~SingleEmailMessage", "sendEmail/messages~MassEmailMessage"
    rules = {
        f"{single}[1]": {"loop": "/row"},
        f"{single}[1]/subject": "[name]",
        f"{single}[1]/toAddresses": "[id] + '@example.org'",
        f"{single}[1]/plainTextBody": "'owed: ' + [amount]",
        f"{mass}[2]/subject": "'to all'",
        f"{mass}[2]/templateId": "'00X000000000001AAA'",
        f"{mass}[2]/description": "[/row[2]/name]",
    }
    # What a message must have, empty as it may be.
    every = ("bccSender", "emailPriority", "replyTo", "saveAsActivity", "senderDisplayName", "useSignature")
    rules |= {f"{kind}/{name}": "null()" for kind in (f"{single}[1]", f"{mass}[2]") for name in every}
    rules |= {f"{single}[1]/{name}": "null()" for name in _OF_ONE}
    text, failures, _counts = generated(open_plan(ROWS, schema, rules, roots=("", "sendEmail")), CSV)
    assert failures == []
    document = etree.fromstring(text.encode())
    validator.assertValid(document)
    kinds = [each.get(_XSI + "type").rpartition(":")[2] for each in document]
    assert kinds == ["SingleEmailMessage", "SingleEmailMessage", "MassEmailMessage"]
    again = open_plan(
        schema,
        xml({"out": {"line*": {"subject": "text", "body?": "text", "told?": "text"}}}),
        {
            "out/line": {"loop": "/sendEmail/messages"},
            "out/line/subject": "[subject]",
            "out/line/body": "[/sendEmail/messages~SingleEmailMessage[1]/plainTextBody]",
            "out/line/told": "[/sendEmail/messages~MassEmailMessage[1]/description]",
        },
        roots=("sendEmail", ""),
    )
    text, failures, _counts = generated(again, text)
    assert failures == []
    assert text.count("<body>owed: 12.5") == 3
    assert text.count("<told>Ben</told>") == 3


def test_fields_of_salesforce_records_are_drawn(partner: tuple[Schema, etree.XMLSchema]) -> None:
    """A record's fields are whatever the organisation has: its wildcard lets in its own namespace only."""
    schema, validator = partner
    space = "urn:sobject.partner.soap.sforce.com"
    record = "create/sObjects"
    drawn = {f"{record}/Name": Drawn("text", space), f"{record}/Owed__c": Drawn("decimal", space), f"{record}/Owner": Drawn("", space), f"{record}/Owner/Alias": Drawn("text")}  # fmt: skip
    rules = {
        record: {"loop": "/row"},
        f"{record}/type": "'Account'",
        f"{record}/Id": "null()",
        f"{record}/Name": "[name]",
        f"{record}/Owed__c": "[amount] * 2",
        f"{record}/Owner/Alias": "[id]",
    }
    text, failures, _counts = generated(
        open_plan(ROWS, schema, rules, write=drawn, roots=("", "create")), CSV
    )
    assert failures == []
    document = etree.fromstring(text.encode())
    validator.assertValid(document)
    assert [etree.QName(each).localname for each in document[0]] == ["type", "Id", "Name", "Owed__c", "Owner"]
    assert document[0][1].get(_XSI + "nil") == "true"
    assert {
        etree.QName(each).namespace for each in document[0].iter("{*}Name", "{*}Owed__c", "{*}Alias")
    } == {space}
    again = open_plan(
        schema,
        xml({"out": {"line*": {"name": "text", "owed": "decimal", "by": "text"}}}),
        {"out/line": {"loop": f"/{record}"}, "out/line/name": "[Name]", "out/line/owed": "[Owed__c] + 1", "out/line/by": "[Owner/Alias]"},
        read=drawn,
        roots=("create", ""),
    )  # fmt: skip
    text, failures, _counts = generated(again, text)
    assert failures == []
    assert "<owed>26</owed>" in text
    assert "<by>a8</by>" in text
