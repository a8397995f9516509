"""Columns find their fields by name, label or spelling, each with its reason; and Data Loader's maps are read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.moves.maps.automap import Why, automap
from studio.moves.maps.sdl import properties, read_sdl, sdl_text
from studio.moves.model import Action, Entry, FieldMap
from tests.moves.facts import ACCOUNT


def found(
    header: list[str], action: Action = Action.UPSERT, key: str = "ERP_Id__c"
) -> dict[str, tuple[str, Why]]:
    return {match.column: (match.field, match.why) for match in automap(header, ACCOUNT, action, key).matches}


def test_names_labels_and_spellings() -> None:
    header = [
        "erp_id__c",
        "Account Name",
        "phone",
        "annual-revenue",
        "Parent.ERP_Id__c",
        "Notes",
        "External Key",
    ]
    assert found(header) == {
        "erp_id__c": ("ERP_Id__c", Why.NAME),
        "Account Name": ("Name", Why.LABEL),
        "phone": ("Phone", Why.NAME),
        "annual-revenue": ("AnnualRevenue", Why.SPELLING),
        "Parent.ERP_Id__c": ("Parent.ERP_Id__c", Why.RELATION),
    }
    assert automap(header, ACCOUNT, Action.UPSERT, "ERP_Id__c").unmapped == ("Notes", "External Key")


def test_the_stronger_reason_wins_wherever_it_stands() -> None:
    assert found(["Account Name", "Name"]) == {"Name": ("Name", Why.NAME)}


def test_a_label_of_two_fields_matches_neither() -> None:
    assert found(["Region"]) == {}
    assert found(["region2"]) == {"region2": ("Region2__c", Why.SPELLING)}


def test_only_what_the_action_may_write() -> None:
    header = ["Id", "Name", "CreatedDate", "BillingAddress"]
    assert set(found(header, Action.INSERT, "")) == {"Name"}
    assert set(found(header, Action.UPDATE, "")) == {"Id", "Name"}
    assert set(found(header, Action.DELETE, "")) == {"Id"}
    assert set(found(header, Action.UPSERT, "Id")) == {"Id", "Name"}


def test_our_own_result_files_can_be_sent_again() -> None:
    header = ["weft__row", "weft__id", "weft__answer", "Name"]
    assert set(found(header, Action.INSERT, "")) == {"Name"}
    assert found(header, Action.DELETE, "")["weft__id"][0] == "Id"


def test_a_data_loader_map(tmp_path: Path) -> None:
    path = tmp_path / "m.sdl"
    path.write_text(
        "#Mapping values\n! another comment\n\n"
        "ERP_ID=ERP_Id__c\nname = Name,Region__c\n"
        "Company\\ Phone:Phone\n"
        '"Retail"=Industry\n'
        "Parent\\u00e9=Parent:ERP_Id__c\n"
        "Mother=Parent:Account-ERP_Id__c\n"
        "Owner=Owner\\:User-Email\n"
        "Left out=\nNot there=Founded__c\n"
        "Lon\\\n   g=annualrevenue\n",
    )
    header = ("ERP_Id", "Name", "Company Phone", "Parenté", "Mother", "Owner", "Left out", "Long")
    assert read_sdl(path, header, ACCOUNT).entries == (
        Entry("ERP_Id__c", "ERP_Id"),
        Entry("Name", "Name"),
        Entry("Region__c", "Name"),
        Entry("Phone", "Company Phone"),
        Entry("Industry", constant="Retail"),
        Entry("Parent.ERP_Id__c", "Parenté"),
        Entry("Parent.ERP_Id__c", "Mother"),
        Entry("Owner.Email", "Owner"),
        Entry("AnnualRevenue", "Long"),
    )


def test_what_a_map_cannot_say(tmp_path: Path) -> None:
    path = tmp_path / "m.sdl"
    path.write_text("a=Name\nfirst,last=Region__c\n")
    with pytest.raises(BadInput, match=r"m\.sdl:2: Joining"):
        read_sdl(path, ("a",), ACCOUNT)
    path.write_text("x=Name\n")
    with pytest.raises(BadInput, match="No line"):
        read_sdl(path, ("a",), ACCOUNT)
    with pytest.raises(BadInput, match="cannot be read"):
        read_sdl(tmp_path / "gone.sdl", ("a",), ACCOUNT)


@given(st.text(max_size=80))
def test_any_text_is_taken_as_properties(text: str) -> None:
    for line, key, value in properties(text):
        assert line >= 1
        assert isinstance(key, str)
        assert isinstance(value, str)


@given(st.dictionaries(st.text(min_size=1, max_size=6), st.text(max_size=6), max_size=5))
def test_properties_written_as_java_does_read_back(entries: dict[str, str]) -> None:
    def escape(text: str) -> str:
        return "".join(
            f"\\u{ord(c):04x}" if not " " < c < "\x7f" and ord(c) < 0x10000
            else c if ord(c) > 0xFFFF
            else "\\" + c if c in "\\:=#! " else c
            for c in text
        )  # fmt: skip

    text = "\n".join(f"{escape(key)}={escape(value)}" for key, value in entries.items())
    assert {key: value for _line, key, value in properties(text)} == entries


def test_a_map_written_as_sdl_is_read_as_the_same_map(tmp_path: Path) -> None:
    header = ("Código #1", "a b=c:d", "Ünï 😀", "\\t", "two")
    entries = (
        Entry("ERP_Id__c", "Código #1"),
        Entry("Name", "two"),
        Entry("Region__c", "two"),
        Entry("Phone", "a b=c:d"),
        Entry("Region2__c", "Ünï 😀"),
        Entry("Industry", "\\t"),
        Entry("Active__c", constant="yes: it = so #1"),
        Entry("Parent.ERP_Id__c", "Código #1"),
        Entry("User:Owner.Username", "a b=c:d"),
    )
    text = sdl_text(FieldMap(entries), "Contas\nde São Paulo")
    assert text.isascii()
    path = tmp_path / "m.sdl"
    path.write_text(text)
    owner = replace(ACCOUNT.by_name["ownerid"], reference_to=("User", "Group"))
    facts = replace(ACCOUNT, fields=tuple(owner if f.name == "OwnerId" else f for f in ACCOUNT.fields))
    assert set(read_sdl(path, header, facts).entries) == set(entries)
    with pytest.raises(BadInput, match="would be a constant"):
        sdl_text(FieldMap((Entry("Name", '"x"'),)), "")
