"""Salesforce describe answers, and schemas of our own format: what one says the other keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.base.errors import BadInput, NotHere
from studio.schema.model import Base, Node, Schema
from studio.schema.own import own_text
from studio.schema.read import read_schema
from tests.schema.trees import Reads, lines


def _field(schema: Schema, name: str) -> Node:
    place = schema.find(f"row/{name}")
    assert place is not None
    return place.node


def test_an_object_is_rows_of_fields_with_what_the_org_says(shared: Path) -> None:
    schema = read_schema(shared / "corpora" / "salesforce" / "describe" / "Account.json")
    assert schema.kind == "salesforce"
    root = schema.root()
    assert root is not None
    assert (root.path, str(root.node.occurs), root.node.facts["object"]) == ("row", "0..n", "Account")
    assert len(root.children()) == 68
    name, owner, revenue, kind = (_field(schema, n) for n in ("Name", "OwnerId", "AnnualRevenue", "Type"))
    assert name.occurs.min == 1
    assert name.value is not None
    assert (name.value.name, name.value.max_length) == ("string", 255)
    assert name.facts["label"] == "Account Name"
    assert (owner.occurs.min, owner.facts["referenceTo"], owner.facts["relationshipName"]) == (
        0,
        "User",
        "Owner",
    )
    assert revenue.value is not None
    assert (revenue.value.base, revenue.value.total_digits, revenue.value.fraction_digits) == (
        Base.DECIMAL,
        18,
        0,
    )
    assert kind.value is not None
    assert "Prospect" in kind.value.enumeration
    assert name.facts["createable"] == name.facts["updateable"] == "true"
    assert _field(schema, "Id").facts["createable"] == "false"


def test_relations_record_types_and_compound_fields_are_told(shared: Path) -> None:
    folder = shared / "corpora" / "salesforce" / "describe"
    account, event = read_schema(folder / "Account_PersonAccount.json"), read_schema(folder / "Event.json")
    types = account.facts["recordTypes"].split("\n")
    names = ["HH_Account", "Organization", "PersonAccount", "PersonAccount"]
    assert [line.split(" = ")[0] for line in types] == names
    assert sum(line.endswith(" *") for line in types) == 1
    assert "Contacts: Contact.AccountId" in account.facts["childRelationships"].split("\n")
    parts = _field(account, "BillingAddress").facts["components"].split()
    assert {"BillingStreet", "BillingCity", "BillingPostalCode"} <= set(parts)
    assert _field(account, "BillingCity").facts["compoundFieldName"] == "BillingAddress"
    who = _field(event, "WhoId")
    assert (who.facts["referenceTo"], who.facts["relationshipName"]) == ("Contact Lead", "Who")
    assert (who.facts["polymorphicForeignKey"], who.facts["namePointing"]) == ("true", "true")
    assert "namePointing" not in _field(event, "Subject").facts


def test_dependent_picklists_say_which_values_go_together(tmp_path: Path) -> None:
    def pick(value: str, valid: str | None = None, **more: object) -> dict[str, object]:
        return {"value": value, "label": value, "active": True, "validFor": valid, **more}

    describe = {
        "name": "Car__c",
        "fields": [
            {"name": "Make__c", "type": "picklist", "createable": True, "soapType": "xsd:string"}
            | {"picklistValues": [pick("VW"), pick("Fiat", label="FIAT"), pick("Saab", active=False)]},
            {"name": "Model__c", "type": "picklist", "controllerName": "Make__c", "dependentPicklist": True}
            | {"picklistValues": [pick("Golf", "gAAA"), pick("Uno", "QAAA", defaultValue=True), pick("Van", "wAAA"), pick("Old", "!")]},
            {"name": "Trim__c", "type": "picklist", "controllerName": "Sport__c"}
            | {"picklistValues": [pick("Red", "QAAA")]},
            {"name": "Sport__c", "type": "boolean"},
        ],
    }  # fmt: skip
    (tmp_path / "car.json").write_text(json.dumps(describe))
    schema = read_schema(tmp_path / "car.json")
    assert schema.kind == "salesforce"
    model = _field(schema, "Model__c")
    assert model.facts["validFor"].split("\n") == ["Golf: VW", "Uno: Fiat", "Van: VW, Fiat"]
    assert model.default == "Uno"
    assert _field(schema, "Trim__c").facts["validFor"] == "Red: true"
    assert _field(schema, "Make__c").facts["labels"] == "Fiat = FIAT"
    assert "validFor" not in _field(schema, "Make__c").facts


def test_every_recorded_describe_is_recognised(shared: Path) -> None:
    files = sorted((shared / "corpora" / "salesforce" / "describe").glob("*.json"))
    assert len(files) == 10
    for file in files:
        schema = read_schema(file)
        assert schema.kind == "salesforce", file
        assert schema.roots
    objects = read_schema(files[0].with_name("Global.json"))
    assert objects.root("Account") is not None
    assert "list of an org's objects" in objects.problems[0].message


def test_a_schema_written_by_us_reads_back_as_it_was(shared: Path, tmp_path: Path) -> None:
    for file in sorted((shared / "corpora" / "salesforce" / "describe").glob("*.json")):
        given = read_schema(file)
        if file.stem == "Global":
            continue
        own = tmp_path / f"{file.stem}.yaml"
        own.write_text(own_text(given), "utf-8")
        back = read_schema(own)
        assert back.kind == "salesforce"
        assert back.facts["object"] == given.facts["object"]
        for one, other in zip(given.roots[0].type.children, back.roots[0].type.children, strict=True):
            assert (one.name, one.occurs, one.value, one.default) == (
                other.name,
                other.occurs,
                other.value,
                other.default,
            )
            assert dict(one.facts) == dict(other.facts)


_OWN = """weft: schema/1
kind: delimited
encoding: windows-1252
delimiter: ";"
quote: '"'
header: false
records:
  row:
    fields:
      id: {type: integer, required: true}
      name: text
      born: {type: date, format: dd/mm/yyyy, description: Birthday}
      state: {values: [SP, RJ], length: 2, default: SP}
    records:
      line:
        fields:
          qty: decimal
"""


def test_a_delimited_description_says_everything(reads: Reads) -> None:
    schema = reads(("customers.yaml", _OWN))
    assert schema.facts == {"encoding": "windows-1252", "delimiter": ";", "quote": '"', "header": "false"}
    assert lines(schema) == [
        "row 0..n row",
        "row/id 1 integer",
        "row/name 0..1 string",
        "row/born 0..1 date",
        "row/state 0..1 string",
        "row/line 0..n line",
        "row/line/qty 0..1 decimal",
    ]
    born, state = schema.find("row/born"), schema.find("row/state")
    assert born is not None
    assert born.node.value is not None
    assert (born.node.value.format, born.node.documentation, born.node.line) == ("dd/mm/yyyy", "Birthday", 12)
    assert state is not None
    assert state.node.value is not None
    assert (state.node.value.enumeration, state.node.value.max_length, state.node.default) == (
        ("SP", "RJ"),
        2,
        "SP",
    )


def test_a_sample_can_be_kept_as_a_description(reads: Reads, tmp_path: Path) -> None:
    sample = reads(("a.csv", "id;full name;born\n1;Ada: L.;2026-03-01\n"))
    (tmp_path / "own.yaml").write_text(own_text(sample), "utf-8")
    back = read_schema(tmp_path / "own.yaml")
    assert lines(back) == lines(sample)
    assert back.facts["delimiter"] == ";"


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (("weft: schema/1", "weft: schema/9"), 1, "newer version"),
        (("weft: schema/1", "weft: schema/x"), 1, "does not start with weft"),
        (("kind: delimited", "kind: poem"), 2, "says its kind"),
        (("kind: delimited\n", ""), 1, "says its kind"),
        (('delimiter: ";"', 'delimiter: ";;"'), 4, "one character"),
        (("header: false", "header: maybe"), 6, "true or false"),
        (("required: true", "required: 1"), 10, "true or false"),
        (("length: 2", "length: two"), 13, "whole number"),
        (("      name: text", "      id: text"), 11, "already used"),
        (("records:", "recordz:"), 1, "lists its records"),
    ],
)
def test_a_wrong_description_names_its_line(
    reads: Reads, change: tuple[str, str], line: int, message: str
) -> None:
    with pytest.raises((BadInput, NotHere), match=message) as caught:
        reads(("a.yaml", _OWN.replace(*change, 1)))
    assert caught.value.line == line


def test_other_json_is_no_describe_answer(reads: Reads) -> None:
    with pytest.raises(BadInput, match="not what Salesforce answers"):
        reads(("a.json", '{"fields": [1]}'), kind="salesforce")
    assert reads(("a.json", '{"fields": [{"name": "x"}], "createable": true}')).kind == "json"


@pytest.mark.parametrize("member", ["picklistValues", "referenceTo", "recordTypeInfos", "childRelationships"])
def test_a_member_that_is_no_list_is_passed_over(tmp_path: Path, member: str) -> None:
    field = {"name": "City__c", "type": "string", "createable": True, "soapType": "xsd:string"}
    describe: dict[str, object] = {"name": "Place__c", "fields": [field], "childRelationships": []}
    for place in (field, describe):
        place[member] = True
        (tmp_path / "place.json").write_text(json.dumps(describe))
        assert (
            _field(read_schema(tmp_path / "place.json", kind="salesforce"), "City__c").type.name == "string"
        )
