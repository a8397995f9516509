"""A move that cannot work is refused before anything is sent, with the name of what is wrong and the nearest right one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.base.errors import BadInput, Severity
from studio.moves.judging.checks import check_move, problems
from studio.moves.model import Action, Entry, FieldMap, Move
from tests.moves.facts import ACCOUNT

HEADER = ("ERP_Id__c", "Name", "Nmae", "Id")


def move(action: Action, *entries: Entry, key: str = "") -> Move:
    return Move(action, "Account", "f.csv", key, FieldMap(entries))


KEY, NAME, ID = Entry("ERP_Id__c", "ERP_Id__c"), Entry("Name", "Name"), Entry("Id", "Id")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (move(Action.UPSERT, NAME), "needs a key field.*ERP_Id__c, Id"),
        (
            move(Action.UPSERT, NAME, Entry("Phone", "ERP_Id__c"), key="Phone"),
            "Phone is not a field that records",
        ),
        (move(Action.UPSERT, NAME, key="ERP_Id__c"), "key ERP_Id__c is not among the mapped"),
        (move(Action.INSERT, Entry("Nam", "Name")), "no field Nam, .* Did you mean Name"),
        (move(Action.INSERT, Entry("Name", "Naem")), "no column Naem. Did you mean N"),
        (move(Action.INSERT, NAME, Entry("name", "Nmae")), "mapped 2 times"),
        (move(Action.INSERT, NAME, ID), "Id cannot be written"),
        (move(Action.UPDATE, NAME), "needs the Id"),
        (move(Action.UPDATE, NAME, ID, key="ERP_Id__c"), "by their Id, not by ERP_Id__c"),
        (move(Action.DELETE, ID, NAME), "Name cannot be written"),
        (move(Action.INSERT, NAME, Entry("CreatedDate", "Nmae")), "CreatedDate cannot be written"),
        (move(Action.INSERT), "No column of the source is mapped"),
    ],
)
def test_refused(wrong: Move, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_move(wrong, HEADER, ACCOUNT)


@pytest.mark.parametrize(
    "right",
    [
        move(Action.INSERT, NAME, Entry("Parent.ERP_Id__c", "Nmae")),
        move(Action.UPSERT, KEY, NAME, key="erp_id__c"),
        move(Action.UPSERT, ID, NAME, key="Id"),
        move(Action.UPDATE, ID, NAME, key="Id"),
        move(Action.DELETE, ID),
    ],
)
def test_accepted(right: Move) -> None:
    check_move(right, HEADER, ACCOUNT)
    assert [p for p in problems(right, HEADER, ACCOUNT) if p.severity is Severity.ERROR] == []


def test_a_missing_required_field_is_a_warning() -> None:
    found = list(problems(move(Action.UPSERT, KEY, key="ERP_Id__c"), HEADER, ACCOUNT))
    assert [(p.severity, p.path) for p in found] == [(Severity.WARNING, "Name")]


def test_an_object_that_may_not_be_changed() -> None:
    with pytest.raises(BadInput, match="does not allow insert"):
        check_move(move(Action.INSERT, NAME), HEADER, replace(ACCOUNT, createable=False))
