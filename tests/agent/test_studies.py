"""Studies in a process of their own: a debugged run that is held, looked into and stopped; what samples try; records."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from studio.agent.embedded import EmbeddedAgent
from studio.agent.sample_studies import RecordsStudy
from studio.agent.study import Study
from studio.agent.unsaved import transformation_to_text
from studio.base.progress import Progress
from studio.mapping.model import Mapping, Rule, Transformation
from studio.project.folder import load_transformation
from tests.ui.small_project import write_small_project

SAMPLE = "samples/orders.xml"
NUMBER = "invoices/invoice/@number"


@pytest.fixture
async def agent() -> AsyncIterator[EmbeddedAgent]:
    embedded = EmbeddedAgent()
    yield embedded
    await embedded.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_small_project(tmp_path / "p")
    return tmp_path / "p"


def the_map(folder: Path, **scripts: str) -> Transformation:
    """The small map, some scripts others."""
    made = load_transformation(folder / "transformations" / "orders-to-invoices.yaml")
    rules = [
        replace(rule, script=scripts.get(rule.path.rpartition("/")[2].lstrip("@"), rule.script))
        for rule in made.mapping.rules
    ]
    return replace(made, mapping=Mapping(tuple(rules)))


class Hands:
    """Takes what a study tells until it is held, or has ended."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.events = study.events()

    async def next(self, *kinds: str) -> dict[str, Any]:
        """The next event of these kinds."""
        async for event in self.events:
            if event["event"] in kinds:
                return event
        raise AssertionError("the study has ended")

    async def go(self, held: dict[str, Any], how: str) -> dict[str, Any]:
        """Go on; where it is held next, or how it ends."""
        await self.study.say("go", hold=held["hold"], how=how)
        return await self.next("held", "ended")


def debugging(agent: EmbeddedAgent, folder: Path, made: Transformation, **more: Any) -> Hands:
    asked = {"breakpoints": [{"path": NUMBER}], **more}
    return Hands(agent.study("debug", folder, made, SAMPLE, **asked))


async def test_a_run_is_held_and_goes_on(agent: EmbeddedAgent, folder: Path) -> None:
    hands = debugging(
        agent, folder, the_map(folder, number="a = [@id];\na + '!'"), watches=["[placed]", "$currency", "a"]
    )
    held = await hands.next("held")
    stop = held["stop"]
    assert (stop["why"], stop["path"], stop["record"]) == ("breakpoint", NUMBER, 1)
    assert stop["sources"][0]["text"] == "10248"
    assert [each["value"] for each in stop["watches"]] == ["2026-03-01", '"BRL"', None]
    held = await hands.go(held, "into")
    held = await hands.go(held, "into")
    assert (held["stop"]["line"], dict(held["stop"]["locals"])) == (2, {"a": '"10248"'})
    assert held["stop"]["watches"][2]["value"] == '"10248"'
    await hands.study.say("watch", watches=["1 + 1", "[nowhere]"])
    watched = await hands.next("watched")
    assert watched["watches"][0]["value"] == "2"
    assert "nowhere" in watched["watches"][1]["problem"]
    held = await hands.go(held, "run")
    assert held["stop"]["record"] == 3
    await hands.study.say("breakpoints", breakpoints=[])
    ended = await hands.go(held, "run")
    assert ended["result"]["records_out"] == 2
    assert "10250!" in ended["result"]["document"]


async def test_a_field_that_no_rule_reads_can_be_watched(agent: EmbeddedAgent, folder: Path) -> None:
    made = the_map(folder)
    rules = (*made.mapping.rules[:1], Rule(NUMBER, script="'x'"))
    hands = debugging(
        agent,
        folder,
        replace(made, mapping=Mapping(rules)),
        watches=["[placed]", "[/orders/order[2]/@status]"],
    )
    held = await hands.next("held")
    assert held["stop"]["watches"][0]["value"] == "2026-03-01"
    await hands.study.stop()
    assert (await hands.next("ended"))["stopped"]


async def test_stop_while_held_and_in_a_script_without_end(agent: EmbeddedAgent, folder: Path) -> None:
    endless = "$jitterbit.scripting.while.max_iterations = 1000000000; While(true, $a = 1); 'x'"
    hands = debugging(agent, folder, the_map(folder, issueDate=endless))
    held = await hands.next("held")
    while held["stop"]["at"] != "line":
        await hands.study.say("go", hold=held["hold"], how="run")
        await hands.next("going")
        await hands.study.say("pause")
        held = await hands.next("held")
    assert (held["stop"]["why"], held["stop"]["path"]) == ("pause", "invoices/invoice/issueDate")
    await hands.study.say("go", hold=held["hold"], how="run")
    ending = asyncio.create_task(hands.study.stop())
    assert (await hands.next("ended"))["stopped"]
    await ending


async def test_a_process_that_dies_is_told_and_closing_ends_all(agent: EmbeddedAgent, folder: Path) -> None:
    hands = debugging(agent, folder, the_map(folder))
    await hands.next("held")
    (child,) = _children()
    child.kill()
    assert (await hands.next("ended"))["lost"]
    hands = debugging(agent, folder, the_map(folder))
    await hands.next("held")
    await agent.close()
    assert (await hands.next("ended"))["stopped"]
    assert not _children()


def _children() -> list[psutil.Process]:
    found = psutil.Process().children()
    return [child for child in found if "studio.agent.study_process" in " ".join(child.cmdline())]


async def test_a_map_that_cannot_run_is_an_error(agent: EmbeddedAgent, folder: Path) -> None:
    hands = debugging(agent, folder, the_map(folder, number="[nowhere]"))
    assert "nowhere" in (await hands.next("ended"))["error"]["message"]


async def test_what_the_samples_try(agent: EmbeddedAgent, folder: Path) -> None:
    made = the_map(folder, number="If([@id] == 'none', 'a', [@id])", issueDate="If(false, [placed])")
    hands = Hands(agent.study("coverage", folder, made, SAMPLE))
    ended = await hands.next("ended")
    found = ended["result"]
    assert (found["records"], found["failed"], found["samples"]) == (3, 0, [SAMPLE])
    assert found["never"] == {
        NUMBER: ["The branch was never taken: If [@id] == 'none'."],
        "invoices/invoice/issueDate": ["Never had a value.", "The branch was never taken: If false."],
    }
    assert found["counts"]["condition"] == [2, 2]


async def test_records_that_fail_and_those_with_a_value(agent: EmbeddedAgent, folder: Path) -> None:
    made = the_map(folder, number="If([@id] == '10250', RaiseError('no'), [@id])")

    async def records(**more: Any) -> Any:
        return (await Hands(agent.study("records", folder, made, SAMPLE, **more)).next("ended"))["result"]

    assert await records(which="failing") == {"records": [3], "of": 3, "paths": [], "at": []}
    first = await Hands(agent.study("records", folder, made, SAMPLE, which="failing")).next("progress")
    assert first["records"] == [3]
    assert (await records(which="holding", path="orders/order/@status", text="SHIP"))["records"] == [2]
    found = await records(which="holding", path="", text="1024")
    assert (found["records"], found["paths"], found["at"]) == ([1, 2], ["orders/order/@id"], [0, 0])


def test_where_a_run_cannot_go_on_the_judge_looks_for_the_records_that_fail(folder: Path) -> None:
    made = the_map(folder, number="If([@id] == '10250', RaiseError('no'), [@id])")
    outside = Rule("invoices", when="1 / 0 == 1")
    told: list[dict[str, Any]] = []

    def study(*more: Rule) -> dict[str, Any]:
        map = replace(made, mapping=Mapping((*made.mapping.rules, *more)))
        text = transformation_to_text(map)
        asked = {"folder": str(folder), "transformation": text, "sample": SAMPLE, "which": "failing"}
        return RecordsStudy(asked, told.append, Progress()).run()

    assert study()["records"] == [3]
    assert study(outside) == {"records": [1, 2, 3], "of": 3, "paths": [], "at": []}
    assert [number for event in told for number in event["records"]][:2] == [3, 1]


async def test_where_values_come_from_and_where_they_go(agent: EmbeddedAgent, folder: Path) -> None:
    made = the_map(folder, number="a = 1;\n[@id] + [placed]")
    found = await agent.provenance(folder, made, SAMPLE, 3, side="target", path=NUMBER)
    assert found is not None
    (value,) = found.values
    assert (value.text, value.turns[0].nodes) == ("102502026-03-08", ("orders/order[3]",))
    assert [(each.path, each.text, each.read, each.line, each.column) for each in value.sources] == [
        ("orders/order[3]/@id", "10250", "[@id]", 2, 1),
        ("orders/order[3]/placed", "2026-03-08", "[placed]", 2, 9),
    ]
    back = await agent.provenance(folder, made, SAMPLE, 1, side="source", path="orders/order/placed")
    assert back is not None
    assert {each.path: each.text for each in back.values} == {
        NUMBER: "102482026-03-01",
        "invoices/invoice/issueDate": "2026-03-01",
    }
