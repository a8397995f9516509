"""Records that rows name are looked for in the org, and values that must be there once are told: each as the org judges."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.connectors.salesforce.describe import describe
from studio.moves.load import Checked, Request, check, load
from studio.moves.model import Action, Duplicates, Options, Summary
from tests.moves.conftest import Practice, files
from tests.moves.test_preflight_org import asked, findings, refused

pytestmark = pytest.mark.network
GONE = "no such record of Account, or the user may not see it"
TWICE = "an earlier row has the same value, and the field is unique"


async def made(practice: Practice, folder: Path, name: str, *rows: str) -> list[str]:
    """The ids of records that are inserted, in the rows' order."""
    found = files(await load(asked(folder, name, *rows), practice.org))
    return [row["weft__id"] for row in sorted(found["succeeded"], key=lambda row: int(row["weft__row"]))]


async def looked_up(practice: Practice, request: Request) -> tuple[Checked, int]:
    """A check that asks the org, and how many calls more it took than one that does not."""
    before = len(practice.server.org.calls)
    plain = await check(request, practice.org)
    between = len(practice.server.org.calls)
    found = await check(replace(request, look_up=True), practice.org)
    more = (len(practice.server.org.calls) - between) - (between - before)
    assert plain.cost == found.cost
    assert not any("no such record" in reason for reason in plain.held.values())
    return found, more


async def test_references_are_looked_for_and_rows_held_are_those_the_org_refuses(
    practice: Practice, tmp_path: Path
) -> None:
    """Ids that are there, that never were, of a deleted record, of another object; keys of parents, one nobody has."""
    there, gone = await made(practice, tmp_path, "Account", "Name|ERP_Id__c", "A|K-1", "B|K-2")
    await practice.org.request("DELETE", f"{practice.org.data}/sobjects/Account/{gone}")
    rows = (
        "Name|Account__c|Parent__r.Code__c|Lead__r.Username|Code__c",
        f"P1|{there}|||",
        f"P2|{there[:15]}|||",
        f"P3|{gone}|||",
        "P4|001000000000ZZZ|||",
        "P5|003000000000001|||",
        "P6||P-8||",
        "P7|||nobody@practice.example|",
        "P8||||P-8",
        "P9||Nobody||",
    )
    request = asked(tmp_path, "Project__c", *rows)
    found, calls = await looked_up(practice, request)
    # One call for accounts, one for users and one for what a user's name is, two for projects: parents, and codes taken.
    assert calls == found.cost.calls == 5
    assert found.cost.values == 9
    assert findings(found, "Account__c") == {
        GONE: (2, True),
        "an id of another object, not of Account": (1, True),
    }
    parent = findings(found, "Parent__r.Code__c")
    assert parent == {
        "not there yet: its own row must be sent before this one": (1, False),
        "no record of Project__c has this Code__c, or the user may not see it": (1, True),
    }
    assert set(found.held) == {3, 4, 5, 7, 9}
    assert await refused(request, practice.org) == {*found.held, 6}


async def test_a_load_that_looks_up_keeps_those_rows_here(practice: Practice, tmp_path: Path) -> None:
    rows = ("Name|Account__c", "P1|", "P2|001000000000ZZZ")
    request = asked(tmp_path, "Project__c", *rows)
    summary = await load(
        replace(request, options=Options(hold=True), look_up=True), practice.org, note=lambda _t: None
    )
    assert (summary.counts.succeeded, summary.counts.failed, summary.counts.not_sent) == (1, 0, 1)
    (held,) = files(summary)["not_sent"]
    assert held["weft__answer"] == f"Account__c: {GONE}"


async def test_ids_of_a_custom_object_are_told_from_others(practice: Practice, tmp_path: Path) -> None:
    """What they begin with is asked of the org, once, and only where a field for such ids is sent."""
    (project,) = await made(practice, tmp_path, "Project__c", "Name", "P")
    (contact,) = await made(practice, tmp_path, "Contact", "LastName", "C")
    rows = ("Project__c|Contact__c", f"{project}|{contact}", f"{contact}|{project}")
    request = asked(tmp_path, "Project_Member__c", *rows)
    calls = practice.calls("GET", "/sobjects") - practice.calls("GET", "/describe")
    found = await check(request, practice.org)
    assert practice.calls("GET", "/sobjects") - practice.calls("GET", "/describe") == calls + 1
    assert findings(found, "Project__c") == {"an id of another object, not of Project__c": (1, True)}
    assert set(found.held) == {2} == await refused(request, practice.org)
    await check(asked(tmp_path, "Project__c", "Name", "P"), practice.org)
    assert practice.calls("GET", "/sobjects") - practice.calls("GET", "/describe") == calls + 1


@pytest.mark.parametrize("action", [Action.INSERT, Action.UPSERT])
async def test_a_unique_value_may_be_in_one_row_only(
    practice: Practice, tmp_path: Path, action: Action
) -> None:
    """Capitals count where the field says so; an empty cell, and a row that is held back anyway, are in nobody's way."""
    rows = (
        "Name|Code__c|Reference__c",
        "A|a-1|R-1",
        "B|a-2|r-1",
        "C|A-1|R-2",
        "|a-3|R-3",
        "E|a-4|R-3",
        "F|a-5|",
        "G|a-6|",
        "H|a-7|R-2",
    )
    key = "Code__c" if action is Action.UPSERT else ""
    request = replace(asked(tmp_path, "Project__c", *rows), action=action, key=key)
    found = await check(request, practice.org)
    assert findings(found, "Reference__c") == {TWICE: (2, True)}
    held = {row for row, reason in found.held.items() if row != 4}
    assert found.held[2] == "Reference__c: the same value as in row 1, and the field is unique"
    assert held == {2, 8} == await refused(request, practice.org) - {4}
    # What is there by now is told of an insert too, where it is asked for.
    if action is Action.INSERT:
        again, calls = await looked_up(
            practice, asked(tmp_path, "Project__c", "Name|Code__c", "X|a-1", "Y|new")
        )
        assert (set(again.held), calls) == ({1}, 1)


async def test_the_key_column_counts_its_empty_and_doubled_cells(practice: Practice, tmp_path: Path) -> None:
    rows = ("Name|ERP_Id__c", "A|k1", "B|", "C|K1", "D|k2", "E|", "F|k1")
    request = replace(asked(tmp_path, "Account", *rows), action=Action.UPSERT, key="ERP_Id__c")
    found = await check(request, practice.org)
    told = {
        "more than one row has this value": (3, True),
        "empty, and records are found by it": (2, True),
    }
    assert findings(found, "ERP_Id__c") == told
    (key,) = [one for one in found.report.fields if one.field == "ERP_Id__c"]
    assert (key.failing, found.report.failing, len(found.held)) == (5, 5, 5)
    assert key.findings[0].examples == ["k1", "K1"]
    one = replace(request, options=Options(duplicates=Duplicates.LAST, empty_keys=True))
    found = await check(one, practice.org)
    assert findings(found, "ERP_Id__c") == {"another row with this value is sent": (2, True)}


async def test_ids_of_an_update_are_looked_for(practice: Practice, tmp_path: Path) -> None:
    (there,) = await made(practice, tmp_path, "Account", "Name", "A")
    rows = ("Id|Name", f"{there}|B", "001000000000ZZZ|C")
    request = replace(asked(tmp_path, "Account", *rows), action=Action.UPDATE)
    found, calls = await looked_up(practice, request)
    assert (set(found.held), calls) == ({2}, 1)
    assert await refused(request, practice.org) == {2}


async def test_an_upsert_of_a_field_that_only_new_records_take(practice: Practice, tmp_path: Path) -> None:
    """Told with its count; which rows they are is known once the org is asked."""
    (contact,) = await made(practice, tmp_path, "Contact", "LastName", "C")
    columns = "Name|StageName|CloseDate"
    row = "Prospecting|2026-12-01"
    one, two = await made(practice, tmp_path, "Opportunity", columns, f"O|{row}", f"P|{row}")
    rows = (f"Id|ContactId|{columns}", f"{one}|{contact}|A|{row}", f"{two}||B|{row}", f"|{contact}|C|{row}")
    request = replace(
        asked(tmp_path, "Opportunity", *rows),
        action=Action.UPSERT,
        key="Id",
        options=Options(empty_keys=True),
    )
    facts = await describe(practice.org, "Opportunity")
    assert facts.by_name["contactid"].createable
    plain = await check(request, practice.org)
    text = "taken of new records only: a row whose record is there already will fail"
    assert (findings(plain, "ContactId"), plain.held) == ({text: (2, False)}, {})
    found = await check(replace(request, look_up=True), practice.org)
    assert found.held == {
        1: "ContactId: the record is there already, and the field is taken of new ones only"
    }
    assert await refused(request, practice.org) == {1}


async def test_why_a_field_cannot_be_written_is_said(practice: Practice, tmp_path: Path) -> None:
    async def said(name: str, *rows: str) -> str:
        with pytest.raises(BadInput) as caught:
            await _loaded(practice, asked(tmp_path, name, *rows))
        return f"{caught.value} {caught.value.next_step}"

    assert "a formula, which the org works out" in await said("Project__c", "Name|Left__c", "A|1")
    assert "a number that the org gives" in await said("Project_Member__c", "Name", "A")
    assert "Set Audit Fields upon Record Creation" in await said(
        "Account", "Name|CreatedDate", "A|2026-01-01"
    )
    assert "Read Access to it (field-level security)" in await said("Account", "Name|Secret__c", "A|x")


async def _loaded(practice: Practice, request: Request) -> Summary:
    return await load(request, practice.org)
