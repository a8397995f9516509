"""Versions of a rule counted over all records: in how many they give the same, and which of them cannot be used."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from studio.agent.embedded import EmbeddedAgent
from studio.mapping.versions import rule_of, with_rule
from studio.project.folder import load_transformation
from studio.project.joining import joined
from tests.ui.small_project import write_small_project

DATE = "invoices/invoice/issueDate"
LOOP = "invoices/invoice"


@pytest.fixture
async def agent() -> AsyncIterator[EmbeddedAgent]:
    embedded = EmbeddedAgent()
    yield embedded
    await embedded.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_small_project(tmp_path / "p")
    return tmp_path / "p"


async def told(agent: EmbeddedAgent, folder: Path, *places: tuple[str, list[Any]]) -> list[dict[str, Any]]:
    made = load_transformation(folder / "transformations" / "orders-to-invoices.yaml")
    asked = [{"path": path, "versions": versions} for path, versions in places]
    study = agent.study("versions", folder, made, "samples/orders.xml", places=asked)
    events = [event async for event in study.events()]
    assert events[-1].get("result") == {"places": len(places)}
    return [event for event in events if event["event"] == "place"]


async def test_records_in_which_versions_give_the_same_are_counted(
    agent: EmbeddedAgent, folder: Path
) -> None:
    late = "If([@id] > 10248, '2026-04-01', [placed])"
    (date,) = await told(agent, folder, (DATE, ["[placed]", late, "'2026-04-01'", late]))
    # Of three orders the second is not open, so that no version gives anything.
    assert date["records"] == 3
    assert date["same"]["0 1"] == 2
    assert date["same"]["1 2"] == 2
    assert date["same"]["0 2"] == 1
    assert date["same"]["1 3"] == 3
    assert date["same"]["0 1 2"] == 1


async def test_a_loop_one_side_deleted_and_a_script_that_is_none_are_versions_too(
    agent: EmbeddedAgent, folder: Path
) -> None:
    open_ones = {"loop": "orders/order", "when": "[@status] == 'open'"}
    loop, broken, wrong = await told(
        agent,
        folder,
        (LOOP, [open_ones, {"loop": "orders/order"}, open_ones]),
        (DATE, ["[placed]", "Nonsense([placed", None]),
        (DATE, ["[placed]", ["no rule"], None]),
    )
    assert (loop["same"]["0 2"], loop["same"]["1 2"]) == (3, 2)
    assert (broken["records"], broken["same"]["1 2"]) == (3, 1)
    assert wrong["problem"]


def test_a_rule_takes_the_place_of_another_or_goes(folder: Path) -> None:
    made = load_transformation(folder / "transformations" / "orders-to-invoices.yaml")
    other = with_rule(made, DATE, rule_of(DATE, "'x'"))
    assert [rule.path for rule in other.mapping.rules] == [rule.path for rule in made.mapping.rules]
    assert other.mapping.by_path[DATE].script == "'x'"
    gone = with_rule(made, DATE, rule_of(DATE, None))
    assert gone.mapping.get(DATE) is None
    assert (
        with_rule(gone, DATE, rule_of(DATE, {"script": "'x'", "note": "why"})).mapping.by_path[DATE].note
        == "why"
    )


def test_both_are_joined_where_they_touch_different_parts() -> None:
    base = {"loop": "a/b", "when": "x"}
    assert joined(base, {"loop": "a/b", "when": "y"}, {**base, "sort": ["z"]}) == {
        "loop": "a/b",
        "when": "y",
        "sort": ["z"],
    }
    assert joined(base, {"loop": "a/b"}, {**base, "note": "n"}) == {"loop": "a/b", "note": "n"}
    assert joined(base, {**base, "when": "y"}, {**base, "when": "z"}) is None
    assert joined("x", "y", "z") is None
    assert joined(base, None, {**base, "note": "n"}) is None
