"""What the org describes of rights, lists, dependent lists and record types is judged as the org itself judges it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.connectors.salesforce.describe import describe
from studio.connectors.salesforce.session import Org, connect
from studio.connectors.salesforce.sign_in import password
from studio.moves.access.orgs import PRACTICE_CLIENT
from studio.moves.desks.desk_fixes import fields_data
from studio.moves.load import Checked, Request, check, load
from studio.moves.model import Action, Entry, FieldMap, Options
from tests.moves.conftest import QUICK, Practice, files

pytestmark = pytest.mark.network


def asked(folder: Path, name: str, *rows: str, fixes: tuple[str, ...] = ()) -> Request:
    """An insert of a file of these rows (values between bars), whose columns are named as the fields."""
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(row.split("|") for row in rows)
    fields = FieldMap(tuple(Entry(field, field) for field in rows[0].split("|")))
    return Request(Action.INSERT, name, path, map=fields, fixes=fixes, options=Options(), again=True)


def findings(found: Checked, field: str) -> dict[str, tuple[int, bool]]:
    """What was found in a field: rows, and whether they fail."""
    return {
        f.text: (f.rows, f.fails) for one in found.report.fields if one.field == field for f in one.findings
    }


async def refused(request: Request, org: Org) -> set[int]:
    """The rows that the org itself refuses."""
    return {int(row["weft__row"]) for row in files(await load(request, org))["failed"]}


async def fixes_offered(practice: Practice, request: Request, field: str) -> list[str]:
    """What the window offers against the first finding of a field."""
    facts = await describe(practice.org, request.object)
    data = fields_data(await check(request, practice.org), facts, request)
    (one,) = [one for one in data if one["field"] == field]
    return [offer["text"] for offer in one["findings"][0]["fixes"]]


async def test_a_field_the_user_may_only_read_is_told_by_column_and_left_out(
    practice: Practice, tmp_path: Path
) -> None:
    ready = practice.server.ready
    grant = await password(
        practice.client, ready.url, "sales@practice.example", ready.password, PRACTICE_CLIENT
    )
    practice.org = await connect(practice.client, grant, pace=QUICK)
    rows = ("Name|Rating", "A| Hot", "B|", "C|Cold")
    request = asked(tmp_path, "Account", *rows)
    found = await check(request, practice.org)
    assert findings(found, "Rating") == {
        "this user lacks Edit Access to the field (field-level security of a permission set or the profile)": (
            2,
            True,
        )
    }
    assert set(found.held) == {1, 3}
    assert await fixes_offered(practice, request, "Rating") == ["the column is left out"]
    with pytest.raises(BadInput, match="Rating cannot be written"):
        await load(request, practice.org)
    dropped = asked(tmp_path, "Account", *rows, fixes=("Rating=drop",))
    assert (await check(dropped, practice.org)).held == {}
    assert await refused(dropped, practice.org) == set()


async def test_a_value_that_an_open_list_does_not_have_is_told_and_sent(
    practice: Practice, tmp_path: Path
) -> None:
    request = asked(
        tmp_path, "Account", "Name|Industry", "A|Retale", "B|Retail", "C|retail", "D|Retale", "E|"
    )
    found = await check(request, practice.org)
    told = {"not in the field's list of values, which takes others too": (2, False)}
    assert (findings(found, "Industry"), found.held) == (told, {})
    assert (await fixes_offered(practice, request, "Industry"))[0] == "Retale becomes Retail"
    assert await refused(request, practice.org) == set()


async def test_a_dependent_value_is_judged_with_its_controlling_one(
    practice: Practice, tmp_path: Path
) -> None:
    rows = (
        "Name|Country__c|City__c",
        "A|Brasil|Berlin",
        "B|Deutschland|Berlin",
        "C|Portugal|Online",
        "D||Porto",
    )
    request = asked(tmp_path, "Project__c", *rows)
    found = await check(request, practice.org)
    assert findings(found, "City__c") == {"does not go with the value of Country__c": (1, False)}
    # An org does not ask for it over its interface, so nothing is held back.
    assert found.held == {}
    assert await refused(request, practice.org) == set()


async def test_a_record_type_must_be_one_of_the_object_that_the_user_may_choose(
    practice: Practice, tmp_path: Path
) -> None:
    own = (await describe(practice.org, "Account")).field("RecordTypeId")
    other = (await describe(practice.org, "Project__c")).field("RecordTypeId")
    assert own is not None
    assert other is not None
    rows = (
        "Name|RecordTypeId",
        f"A|{own.values[0]}",
        f"B|{other.values[0]}",
        "C|supplier",
        f"D|{own.values[1][:15]}",
        "E|",
    )
    request = asked(tmp_path, "Account", *rows)
    found = await check(request, practice.org)
    assert findings(found, "RecordTypeId") == {
        "a record type that the user may not choose; there are Customer, Supplier": (1, True),
        "not a record id": (1, True),
        "empty: a new record gets the type Customer": (1, False),
    }
    assert set(found.held) == {2, 3} == await refused(request, practice.org)
    mended = asked(tmp_path, "Account", *rows, fixes=(f"RecordTypeId=map:supplier>{own.values[1]}",))
    assert set((await check(mended, practice.org)).held) == {2} == await refused(mended, practice.org)
