"""Several objects from files: parents first, lookups filled with the new ids, circles in two passes, nothing lost."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput, NotAllowed
from studio.moves import store
from studio.moves.access import guard
from studio.moves.access.guard import Level
from studio.moves.model import Action, MoveState, Options
from studio.moves.several import kept, plan
from studio.moves.several.model import Asked, Missing, Part, Relation, Set
from studio.moves.several.run import make, run
from tests.moves.conftest import Practice
from tests.moves.several.conftest import Table

pytestmark = pytest.mark.network
SMALL = Options(chunk_rows=3, parallel=2)


def rows_of(files: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    found = {}
    for kind, path in files.items():
        with Path(path).open(encoding="utf-8", newline="") as file:
            found[kind] = list(csv.DictReader(file))
    return found


def assert_whole(found: Set) -> None:
    """Every row of every step is in exactly one of its four files, and they are as many as were read."""
    for step in found.steps:
        if step.state == "nothing":
            continue
        rows = rows_of(step.files)
        counts = {kind: len(some) for kind, some in rows.items()}
        assert counts == {
            "succeeded": step.counts.succeeded,
            "failed": step.counts.failed,
            "unprocessed": step.counts.unprocessed,
            "not_sent": step.counts.not_sent,
        }
        numbers = sorted(int(row["weft__row"]) for some in rows.values() for row in some)
        assert numbers == list(range(1, step.read + 1))


def three(table: Table) -> tuple[Part, Part, Part]:
    """Accounts below each other in a circle, contacts who report to each other, opportunities; ids of an older system."""
    accounts = [[f"A{n}", f"Company {n}", f"A{n + 1}" if n < 6 else "A1"] for n in range(1, 7)]
    accounts += [["A7", "", "A1"], ["A8", "Company 8", "A7"]]
    contacts = [[f"C{n}", f"Person {n}", f"A{n}", f"C{9 - n}"] for n in range(1, 9)]
    opportunities = [
        [f"O{n}", f"Deal {n}", "Prospecting", "2026-12-31", f"A{1 + n % 8}" if n < 10 else ""]
        for n in range(1, 12)
    ]
    return (
        Part(
            "Opportunity",
            table("opportunities", ["Id", "Name", "StageName", "CloseDate", "AccountId"], opportunities),
        ),
        Part("Contact", table("contacts", ["Id", "LastName", "AccountId", "ReportsToId"], contacts)),
        Part("Account", table("accounts", ["Id", "Name", "ParentId"], accounts)),
    )


async def names(practice: Practice, soql: str, *path: str) -> dict[str, Any]:
    found = {}
    for record in await practice.records(soql):
        value: Any = record
        for name in path:
            value = value and value[name]
        found[record.get("Name") or record["LastName"]] = value
    return found


async def test_three_files_children_first_and_circles(practice: Practice, table: Table) -> None:
    made = await make(Asked(three(table), options=SMALL), practice.org)
    assert [(made.bound[step.part].object, step.second) for step in made.steps] == [
        ("Account", False), ("Opportunity", False), ("Contact", False), ("Account", True), ("Contact", True),
    ]  # fmt: skip
    said = plan.lines(made)
    assert "Account: insert, 8 rows of accounts.csv" in said[0]
    assert "AccountId = the new id of the Account whose Id is in AccountId" in said[1]
    assert practice.calls("POST", "/jobs/") == 0
    done = await run(made.run, practice.org)
    assert_whole(done)
    by = {(done.bound[step.part].object, step.second): step for step in done.steps}
    assert (by["Account", False].counts.succeeded, by["Account", False].counts.failed) == (7, 1)
    # Company 7 has no name, so it is not there: what belongs to it is told so, with its row.
    held = rows_of(by["Contact", False].files)["not_sent"]
    assert [row["Id"] for row in held] == ["C7"]
    assert (
        held[0]["weft__answer"] == "AccountId: its Account A7 (row 7) failed, so there is no record to name"
    )
    assert by["Contact", False].counts.succeeded == 7
    assert await names(practice, "SELECT LastName, Account.Name FROM Contact", "Account", "Name") == {
        f"Person {n}": f"Company {n}" for n in range(1, 9) if n != 7
    }
    parents = await names(practice, "SELECT Name, Parent.Name FROM Account", "Parent", "Name")
    assert parents == {f"Company {n}": f"Company {n + 1}" for n in range(1, 6)} | {
        "Company 6": "Company 1",
        "Company 8": None,
    }
    assert [row["ParentId"] for row in rows_of(by["Account", True].files)["not_sent"]] == ["A7"]
    reports = await names(
        practice, "SELECT LastName, ReportsTo.LastName FROM Contact", "ReportsTo", "LastName"
    )
    assert reports["Person 1"] == "Person 8"
    # Person 2 reports to Person 7, who is not there.
    assert reports["Person 2"] is None
    deals = await names(practice, "SELECT Name, Account.Name FROM Opportunity", "Account", "Name")
    assert deals["Deal 11"] is None
    assert "Deal 6" not in deals  # of Company 7
    assert done.exit_code == 1
    data = done.summary()
    assert data["read"] == sum(data[k] for k in ("succeeded", "failed", "unprocessed", "not_sent"))
    assert (kept.folder_of(done.run) / "summary.json").exists()
    # A set that is over is left as it is.
    before = len(list(store.records()))
    assert (await run(done.run, practice.org)).summary() == data
    assert len(list(store.records())) == before


async def test_by_external_id(practice: Practice, table: Table) -> None:
    accounts = table(
        "accounts", ["ERP_Id__c", "Name", "Parent.ERP_Id__c"],
        [["K1", "One", "K2"], ["K2", "Two", ""], ["K3", "", "K1"]],
    )  # fmt: skip
    contacts = table(
        "contacts", ["LastName", "Account.ERP_Id__c"], [["Ann", "k1"], ["Bob", "K3"], ["Cid", "K0"]]
    )
    parts = (Part("Contact", contacts), Part("Account", accounts, Action.UPSERT, "ERP_Id__c"))
    # K0 is in the org from before.
    first = await make(
        Asked((Part("Account", table("old", ["ERP_Id__c", "Name"], [["K0", "Zero"]])),)), practice.org
    )
    assert (await run(first.run, practice.org)).exit_code == 0
    made = await make(Asked(parts, options=SMALL), practice.org)
    done = await run(made.run, practice.org)
    assert_whole(done)
    found = await names(practice, "SELECT LastName, Account.Name FROM Contact", "Account", "Name")
    assert found == {"Ann": "One", "Cid": "Zero"}
    parents = await names(practice, "SELECT Name, Parent.Name FROM Account", "Parent", "Name")
    assert parents == {"One": "Two", "Two": None, "Zero": None}
    step = next(one for one in done.steps if done.bound[one.part].object == "Contact")
    assert "K3 (row 3) failed" in rows_of(step.files)["not_sent"][0]["weft__answer"]


async def test_relations_named_and_what_is_missing(practice: Practice, table: Table) -> None:
    accounts = Part(
        "Account", table("companies", ["Code", "Name"], [["x", "One"], ["y", "Two"], ["y", "Three"]])
    )
    people = table("people", ["LastName", "Firm"], [["Ann", "x"], ["Bob", "q"], ["Cid", "y"], ["Dot", ""]])
    relation = Relation("AccountId", "Firm", "Account", "Code")
    with pytest.raises(BadInput, match=r"Contact\.AccountId names rows of Account, and no column"):
        await make(
            Asked((accounts, Part("Contact", people, relations=(Relation("AccountId", "Firm", "Account"),)))),
            practice.org,
        )
    made = await make(Asked((accounts, Part("Contact", people, relations=(relation,)))), practice.org)
    done = await run(made.run, practice.org)
    held = {row["LastName"]: row["weft__answer"] for row in rows_of(done.steps[1].files)["not_sent"]}
    assert held == {
        "Bob": "AccountId: no row of Account in this move is called q",
        "Cid": "AccountId: two rows of Account are called y",
    }
    lone = Part(
        "Contact", people, relations=(Relation("AccountId", "Firm", "Account", "Code", Missing.EMPTY),)
    )
    again = await make(Asked((accounts, lone), again=True), practice.org)
    done = await run(again.run, practice.org)
    assert done.steps[1].counts.succeeded == 3
    assert any("1 row is sent without its AccountId" in text for text in done.notes)


async def test_nothing_is_sent_when_one_object_cannot_work(practice: Practice, table: Table) -> None:
    accounts = Part("Account", table("accounts", ["Id", "Name"], [["1", "One"]]))
    people = table("contacts", ["LastName", "AccountId"], [["Ann", "1"]])
    broken = Part("Contact", people, fields={"Surname": "LastName", "AccountId": "AccountId"})
    with pytest.raises(BadInput, match="Contact has no field Surname"):
        await make(Asked((accounts, broken)), practice.org)
    with pytest.raises(BadInput, match="not delete"):
        await make(Asked((Part("Account", accounts.source, Action.DELETE),)), practice.org)
    assert not kept.all_sets()
    assert not await practice.records("SELECT Id FROM Account")


async def test_the_same_rows_are_not_inserted_twice(practice: Practice, table: Table) -> None:
    asked = Asked((Part("Account", table("accounts", ["Id", "Name"], [["1", "One"]])),))
    await run((await make(asked, practice.org)).run, practice.org)
    with pytest.raises(BadInput, match="already inserted into Account"):
        await make(asked, practice.org)


async def test_an_object_without_rows_is_passed_over(practice: Practice, table: Table) -> None:
    parts = (
        Part("Account", table("accounts", ["Id", "Name"], [])),
        Part("Contact", table("contacts", ["LastName", "AccountId"], [["Ann", ""]])),
    )
    done = await run((await make(Asked(parts), practice.org)).run, practice.org)
    assert [step.state for step in done.steps] == ["nothing", "done"]
    assert (done.state, done.exit_code) == (MoveState.DONE, 0)


async def test_changes_of_production_are_asked_about_before_the_first_row(
    practice: Practice, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        guard, "level", lambda action, *_given, **_more: Level.ASK if action is Action.UPSERT else Level.NONE
    )
    accounts = table("accounts", ["ERP_Id__c", "Name"], [["K1", "One"], ["K2", "Two"]])
    contacts = Part("Contact", table("contacts", ["LastName", "Account.ERP_Id__c"], [["Ann", "K1"]]))
    asked = Asked((contacts, Part("Account", accounts, Action.UPSERT, "ERP_Id__c")))
    with pytest.raises(NotAllowed):
        await make(asked, practice.org, confirm=guard.confirmed("here", "elsewhere"))
    assert not kept.all_sets()
    found = []

    async def yes(danger: guard.Danger) -> None:
        found.append((danger.object, danger.rows))

    done = await run((await make(asked, practice.org, confirm=yes)).run, practice.org)
    assert found == [("Account", 2)]
    assert done.exit_code == 0
