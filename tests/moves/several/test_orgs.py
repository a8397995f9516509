"""Several objects from one org to another: picked by conditions, related ones only, owners and record types by name."""

from __future__ import annotations

import pytest

from studio.base.errors import BadInput
from studio.moves.model import Action, Options
from studio.moves.several.model import Asked, Part
from studio.moves.several.run import make, run
from studio.practice.seed import insert
from tests.moves.conftest import Practice
from tests.moves.several.test_files import assert_whole, names

pytestmark = pytest.mark.network


def fill(other: Practice, owner: str = "") -> None:
    """Accounts, one below another and of its own owner, their contacts and opportunities."""
    org = other.server.org
    ids: list[str] = []
    for n in range(1, 7):
        account = {"Name": f"Firm {n}", "ERP_Id__c": f"F{n}"} | ({"Industry": "Apparel"} if n < 4 else {})
        if n == 2 and owner:
            account |= {"OwnerId": owner, "ParentId": ids[0]}
        ids += insert(org, "Account", [account])
    for n, id_ in enumerate(ids, 1):
        insert(org, "Contact", [{"LastName": f"Person {n}", "AccountId": id_}])
        deal = {"Name": f"Deal {n}", "StageName": "Prospecting", "CloseDate": "2026-03-31", "AccountId": id_}
        insert(org, "Opportunity", [deal])


async def own(practice: Practice, username: str) -> str:
    return (await practice.records(f"SELECT Id FROM User WHERE Username = '{username}'"))[0]["Id"]


async def test_picked_accounts_with_what_belongs_to_them(practice: Practice, other: Practice) -> None:
    fill(other, await own(other, "integration@practice.example"))
    asked = Asked(
        (
            Part("Opportunity", related="Account"),
            Part("Contact", related="Account"),
            Part("Account", action=Action.UPSERT, key="ERP_Id__c", where="Industry = 'Apparel'"),
        ),
        source_org="other",
        options=Options(chunk_rows=2),
    )
    notes: list[str] = []
    made = await make(asked, practice.org, other.org, note=notes.append)
    assert any(text.startswith("Opportunity: lookups to objects that are not in the move") for text in notes)
    done = await run(made.run, practice.org, other.org)
    assert_whole(done)
    assert done.exit_code == 0, [(step.counts, step.files) for step in done.steps]
    contacts = await names(practice, "SELECT LastName, Account.Name FROM Contact", "Account", "Name")
    assert contacts == {f"Person {n}": f"Firm {n}" for n in range(1, 4)}
    deals = await names(practice, "SELECT Name, Account.Name FROM Opportunity", "Account", "Name")
    assert deals == {f"Deal {n}": f"Firm {n}" for n in range(1, 4)}
    parents = await names(practice, "SELECT Name, Parent.Name FROM Account", "Parent", "Name")
    assert parents == {"Firm 1": None, "Firm 2": "Firm 1", "Firm 3": None}
    owners = await names(practice, "SELECT Name, Owner.Username FROM Account", "Owner", "Username")
    assert owners["Firm 2"] == "integration@practice.example"
    # Once more changes the same accounts; the others are inserts of the very same rows, which is refused before.
    again = Asked((asked.parts[2],), source_org="other")
    done = await run((await make(again, practice.org, other.org)).run, practice.org, other.org)
    assert done.exit_code == 0
    assert len(await practice.records("SELECT Id FROM Account")) == 3


async def test_parents_of_picked_children(practice: Practice, other: Practice) -> None:
    fill(other)
    asked = Asked(
        (Part("Account", related="Contact"), Part("Contact", where="LastName IN ('Person 2', 'Person 5')")),
        source_org="other",
    )
    done = await run((await make(asked, practice.org, other.org)).run, practice.org, other.org)
    assert done.exit_code == 0
    found = await names(practice, "SELECT LastName, Account.Name FROM Contact", "Account", "Name")
    assert found == {"Person 2": "Firm 2", "Person 5": "Firm 5"}
    assert len(await practice.records("SELECT Id FROM Account")) == 2


async def test_what_cannot_be_related(practice: Practice, other: Practice) -> None:
    for parts, said in (
        ((Part("Contact", related="Lead"),), "not in the move"),
        ((Part("Lead"), Part("Contact", related="Lead")), "No lookup leads from Contact to Lead"),
        (
            (Part("Account", related="Contact"), Part("Contact", related="Account")),
            "none is picked by itself",
        ),
    ):
        with pytest.raises(BadInput, match=said):
            await make(Asked(parts, source_org="other"), practice.org, other.org)
