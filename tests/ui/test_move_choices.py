"""Which steps of a move are ready, what is missing, and what the mover is asked with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.moves.model import Action
from ui.dialogs.move.choices import Choices, Mapped, OpenOrg, SourceFile, Step, TargetField, step_name

ORG = OpenOrg("practice", "Weft Practice", "http://127.0.0.1:1", "66.0", production=False, practice=True)
FILE = SourceFile(Path("f.csv"), "utf-8", ",", "UTF-8, comma", ("Key", "Name"), (("A", "One"),))
FIELDS = (
    TargetField("ERP_Id__c", "ERP Id", "text 18", False, True),
    TargetField("Name", "Name", "text", True, False),
)
WHOLE = Choices(
    org=ORG,
    target="Account",
    target_label="Account",
    key="ERP_Id__c",
    fields=FIELDS,
    source=FILE,
    mapped=(Mapped("ERP_Id__c", "Key"), Mapped("Name", "Name")),
    checked={"rows": 10, "held": 2},
)


def test_steps_open_one_after_the_other() -> None:
    assert Choices().furthest is Step.ORG
    assert replace(Choices(), org=ORG).furthest is Step.OBJECT
    assert replace(WHOLE, source=None, mapped=(), checked=None).furthest is Step.SOURCE
    assert replace(WHOLE, checked=None).furthest is Step.PREFLIGHT
    assert WHOLE.furthest is Step.RUN
    assert replace(WHOLE, summary={"run": "M-1", "succeeded": 3}).furthest is Step.RESULTS


@pytest.mark.parametrize(
    ("changed", "step", "said"),
    [
        (replace(WHOLE, target=""), Step.OBJECT, "Choose an object."),
        (replace(WHOLE, key=""), Step.OBJECT, "Choose the field records are found by."),
        (replace(WHOLE, key="", action=Action.INSERT), Step.OBJECT, ""),
        (replace(WHOLE, mapped=(Mapped("", "Key"),)), Step.MAP, "Map a column to a field."),
        (replace(WHOLE, mapped=(Mapped("Name", "Name"),)), Step.MAP, "Map a column to ERP_Id__c."),
        (
            replace(WHOLE, mapped=(*WHOLE.mapped, Mapped("Name", constant="x"))),
            Step.MAP,
            "Name is mapped twice.",
        ),
        (replace(WHOLE, checked={"rows": 2, "held": 2}), Step.PREFLIGHT, "Every row would be refused."),
        (replace(WHOLE, checked={"rows": 2, "held": 2}, hold=False), Step.PREFLIGHT, ""),
        (
            replace(WHOLE, checked={"rows": 2, "held": 2, "held_always": 2}, hold=False),
            Step.PREFLIGHT,
            "Every row would be refused.",
        ),
    ],
)
def test_what_is_missing_is_said(changed: Choices, step: Step, said: str) -> None:
    assert changed.hint(step) == said


def test_what_was_chosen_is_said_in_a_few_words() -> None:
    said = [WHOLE.said(step) for step in Step]
    assert said[:6] == [
        "Upsert", "Weft Practice", "Account · key ERP_Id__c", "f.csv", "2 of 2 columns", "2 would be refused",
    ]  # fmt: skip
    assert said[6:] == ["", ""]
    assert len({step_name(step) for step in Step}) == 8


def test_the_mover_is_asked_with_everything() -> None:
    mapped = (
        *WHOLE.mapped,
        Mapped("", "Left out"),
        Mapped("Type", constant="Customer"),
        Mapped("Site", script="[Name]"),
    )
    request = replace(WHOLE, mapped=mapped, blank_leaves=False, hold=False, duplicates="last").request
    assert request == {
        "action": "upsert",
        "object": "Account",
        "key": "ERP_Id__c",
        "source": "f.csv",
        "encoding": "utf-8",
        "delimiter": ",",
        "map": [
            {"field": "ERP_Id__c", "column": "Key", "constant": None, "fixes": []},
            {"field": "Name", "column": "Name", "constant": None, "fixes": []},
            {"field": "Type", "column": "", "constant": "Customer", "fixes": []},
        ],
        "scripts": {"Site": "[Name]"},
        "zone": "",
        "blank": "null",
        "duplicates": "last",
        "hold": False,
        "api": "auto",
        "first": 0,
    }
    assert replace(WHOLE, action=Action.INSERT).request["key"] == ""


def test_another_map_is_checked_anew_and_missing_fields_are_named() -> None:
    other = WHOLE.with_map((Mapped("ERP_Id__c", "Key"),))
    assert other.checked is None
    assert [field.name for field in other.missing] == ["Name"]
    assert WHOLE.missing == ()
