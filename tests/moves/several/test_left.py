"""Rows of a set that did not succeed are sent again with what waited for them; a trial goes on; a set is taken back whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from studio.base.errors import BadInput
from studio.moves.load import load
from studio.moves.mending import again, fix_edits
from studio.moves.mending.fix import Fix
from studio.moves.model import Action, Counts, MoveState, Options
from studio.moves.several import kept, undo
from studio.moves.several.model import Asked, Part, Rows, Set, Step
from studio.moves.several.run import make, retry, run
from studio.moves.undoing.undo import NothingToUndo
from tests.moves.conftest import Practice
from tests.moves.several.conftest import Table
from tests.moves.several.test_files import SMALL, assert_whole, names, three

pytestmark = pytest.mark.network
PARENTS = "SELECT Name, Parent.Name FROM Account"
FIRMS = "SELECT LastName, Account.Name FROM Contact"
BOSSES = "SELECT LastName, ReportsTo.LastName FROM Contact"


async def done(practice: Practice, table: Table, **options: int) -> Set:
    made = await make(Asked(three(table), options=replace(SMALL, **options)), practice.org)
    return await run(made.run, practice.org)


async def held(practice: Practice) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Which account is below which, where each contact is, whom each reports to."""
    return (
        await names(practice, PARENTS, "Parent", "Name"),
        await names(practice, FIRMS, "Account", "Name"),
        await names(practice, BOSSES, "ReportsTo", "LastName"),
    )


def mended(run_name: str, value: str) -> Fix:
    """The failed rows of a move with a name for each."""
    fix = Fix.open(run_name)
    at = fix.header.index("Name")
    rows = [row for (row,) in fix.db.execute("SELECT at FROM row")]
    fix_edits.put(fix, "names", [(row, at, value) for row in rows])
    return fix


async def test_failed_rows_are_corrected_and_what_waited_for_them_goes_with_them(
    practice: Practice, table: Table
) -> None:
    """Account A7 has no name; A8 is below it, contact C7 works there, C2 reports to C7, three deals are of it or of A8."""
    found = await done(practice, table)
    assert (found.state, found.exit_code) == (MoveState.DONE, 1)
    account = found.steps[0]
    assert found.bound[account.part].object == "Account"
    assert account.counts == Counts(7, 1, 0, 0)
    before = (await held(practice))[1]
    assert len(before) == 7
    with mended(account.run, "Company 7") as fix, again.sending(fix) as request:
        assert (await load(request, practice.org)).counts.succeeded == 1
    found = await retry(found.run, practice.org)
    assert (found.state, found.exit_code) == (MoveState.DONE, 0)
    assert_whole(found)
    assert found.counts == Counts(1 + sum(step.counts.succeeded for step in found.steps), 0, 0, 0)
    assert found.summary()["read"] == found.counts.total
    parents, firms, bosses = await held(practice)
    assert parents["Company 7"] == "Company 1"
    assert parents["Company 8"] == "Company 7"
    assert firms == {f"Person {n}": f"Company {n}" for n in range(1, 9)}
    assert bosses == {f"Person {n}": f"Person {9 - n}" for n in range(1, 9)}
    assert before.items() < firms.items()
    assert await names(practice, "SELECT Name, Account.Name FROM Opportunity", "Name")
    # Nothing is left, so nothing is sent once more.
    calls = practice.calls("POST", "/composite") + practice.calls("POST", "/jobs/ingest")
    assert (await retry(found.run, practice.org)).steps == found.steps
    assert practice.calls("POST", "/composite") + practice.calls("POST", "/jobs/ingest") == calls


async def test_a_retry_takes_up_failed_rows_too_and_fails_them_again(
    practice: Practice, table: Table
) -> None:
    found = await done(practice, table)
    first = found.counts
    found = await retry(found.run, practice.org)
    assert_whole(found)
    assert (found.counts, found.exit_code, len(found.steps)) == (first, 1, 10)
    # A second time all over again: what was taken up before is not counted twice.
    assert (await retry(found.run, practice.org)).counts == first
    found = kept.load(found.run)
    assert found.counts.failed == 1
    assert found == kept.load(found.run)


@pytest.mark.parametrize("first", [1, 3])
async def test_the_first_rows_of_each_object_then_the_rest(
    practice: Practice, table: Table, first: int
) -> None:
    """A trial sends rows whose parents are among those sent; in the end the org holds what one move leaves there."""
    found = await done(practice, table, first=first)
    assert (found.state, found.exit_code) == (MoveState.TRIAL, 0)
    assert_whole(found)
    assert len(await practice.records("SELECT Id FROM Account")) == first
    assert 0 < len(await practice.records("SELECT Id FROM Contact")) <= first
    with pytest.raises(BadInput, match="not finished"):
        await retry(found.run, practice.org)
    found = await run(found.run, practice.org)
    assert found.state is MoveState.DONE
    assert_whole(found)
    there = await held(practice)
    rows = Counter(
        step["object"] for step in found.summary()["steps"] for _n in range(step["read"]) if step["pass"] == 1
    )
    assert rows == {"Account": 8, "Contact": 8, "Opportunity": 11}
    for record in ("Opportunity", "Contact", "Account"):
        for one in await practice.records(f"SELECT Id FROM {record}"):
            await practice.org.request("DELETE", f"{practice.org.data}/sobjects/{record}/{one['Id']}")
    whole = await make(Asked(three(table), options=SMALL, again=True), practice.org)
    whole = await run(whole.run, practice.org)
    assert await held(practice) == there
    assert found.counts == whole.counts


async def test_a_set_is_taken_back_children_first(practice: Practice, table: Table) -> None:
    """Second passes are nobody's changes; a record that somebody changed since stays, unless it is asked for."""
    found = await done(practice, table)
    found = await retry(found.run, practice.org)
    (kept_one,) = await practice.records("SELECT Id FROM Contact WHERE LastName = 'Person 3'")
    practice.server.org.clock.move(timedelta(seconds=60))
    await practice.org.request(
        "PATCH", f"{practice.org.data}/sobjects/Contact/{kept_one['Id']}", body={"FirstName": "New"}
    )
    seen = await undo.preview(found.run, practice.org)
    assert [one.object for one in seen] == ["Contact", "Opportunity", "Account"]
    assert [one.changed for one in seen] == [1, 0, 0]
    records = Counter({one.object: one.delete for one in seen})
    back = await undo.undo(found.run, practice.org)
    assert back.to_data()["succeeded"] == sum(records.values())
    assert await practice.records("SELECT Id FROM Account") == []
    with pytest.raises(BadInput, match="undone"):
        await retry(found.run, practice.org)
    with pytest.raises(NothingToUndo):
        await undo.undo(found.run, practice.org, changed_too=True)


async def test_an_upsert_and_its_second_pass_are_put_back(practice: Practice, table: Table) -> None:
    header = ["ERP_Id__c", "Name", "ParentId"]
    first = table("first", header, [["K1", "One", ""], ["K2", "Two", "K1"]])
    part = Part("Account", first, Action.UPSERT, "ERP_Id__c")
    made = await make(Asked((part,), options=Options()), practice.org)
    await run(made.run, practice.org)
    practice.server.org.clock.move(timedelta(seconds=60))
    second = table("second", header, [["K1", "Uno", "K2"], ["K2", "Dos", ""], ["K3", "Tres", "K1"]])
    changed = await make(Asked((replace(part, source=second),), options=Options()), practice.org)
    changed = await run(changed.run, practice.org)
    assert (changed.exit_code, len(changed.steps)) == (0, 2)
    assert (await names(practice, PARENTS, "Parent", "Name"))["Uno"] == "Dos"
    await undo.undo(changed.run, practice.org)
    assert await names(practice, PARENTS, "Parent", "Name") == {"One": None, "Two": "One"}


def test_states_are_told_from_what_was_written() -> None:
    """A set of an earlier version has no word about which rows a step sends."""
    step = Step.from_data({"part": 0, "second": False, "counts": {}, "state": "done"})
    assert (step.rows, step.taken, step.over) == (Rows.ALL, Counts(), True)
