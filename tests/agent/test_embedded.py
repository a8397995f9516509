"""The real agent on the sample project: live values, runs, Stop, crashes; nothing of it harms the caller."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from studio.agent.embedded import EmbeddedAgent
from studio.agent.journal import Journal
from studio.agent.overlay import overlaid, overlay_of
from studio.agent.run import RunEvent, RunRequest, RunState
from studio.base.errors import WeftError
from studio.base.paths import resource
from studio.mapping.model import Mapping, Rule, SchemaUse, Transformation
from studio.project.folder import load
from studio.project.model import Activity, Operation, Project
from studio.project.schemas import Schemas

SAMPLE = "samples/orders.xml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resource("samples") / "orders", tmp_path / "orders"))


@pytest.fixture
def project(folder: Path) -> Project:
    return load(folder).project


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[EmbeddedAgent]:
    embedded = EmbeddedAgent(Journal(tmp_path / "runs.sqlite"))
    yield embedded
    await embedded.close()


def with_rule(transformation: Transformation, rule: Rule) -> Transformation:
    rules = tuple(rule if old.path == rule.path else old for old in transformation.mapping.rules)
    return replace(transformation, mapping=Mapping(rules, transformation.mapping.parked))


async def ended(agent: EmbeddedAgent, request: RunRequest) -> tuple[RunEvent, list[RunEvent]]:
    events = [event async for event in agent.run(request)]
    assert events[-1].kind == "ended"
    return events[-1], events


async def test_values_of_a_record_and_of_an_unsaved_edit(
    agent: EmbeddedAgent, folder: Path, project: Project
) -> None:
    await agent.start()
    map = project.transformations["orders-to-invoices"]
    first = await agent.preview(folder, map, SAMPLE, 3)
    assert first is not None
    assert (first.record, first.records) == (3, 830)
    assert first.source["orders/order/@id"].text == "10250"
    assert first.source["orders/order/lines/line"].count == 3
    assert first.target["invoices/invoice/dueDate"].text == "2026-04-07"
    assert first.loops["invoices/invoice"].candidates == 830
    edited = with_rule(map, Rule("invoices/invoice/dueDate", script="[placed]"))
    second = await agent.preview(folder, edited, SAMPLE, 3)
    assert second is not None
    assert second.target["invoices/invoice/dueDate"].text == "2026-03-08"


async def test_a_record_left_out_and_a_rule_that_fails(
    agent: EmbeddedAgent, folder: Path, project: Project
) -> None:
    map = project.transformations["orders-to-invoices"]
    left_out = with_rule(map, Rule("invoices/invoice", loop="orders/order", when="[@status] == 'nothing'"))
    evidence = await agent.preview(folder, left_out, SAMPLE, 3)
    assert evidence is not None
    assert "invoices/invoice/@number" not in evidence.target
    assert evidence.source["orders/order/@id"].text == "10250"
    assert evidence.loops["invoices/invoice"].written == 0
    failing = with_rule(map, Rule("invoices/invoice/dueDate", script="1 / 0"))
    evidence = await agent.preview(folder, failing, SAMPLE, 3)
    assert evidence is not None
    assert [problem.path for problem in evidence.problems] == ["invoices/invoice/dueDate"]
    assert "invoices/invoice/@number" in evidence.target


async def test_of_many_questions_the_newest_is_answered(
    agent: EmbeddedAgent, folder: Path, project: Project
) -> None:
    await agent.start()
    map = project.transformations["orders-to-invoices"]
    answers = await asyncio.gather(*(agent.preview(folder, map, SAMPLE, n) for n in range(1, 31)))
    assert answers[-1] is not None
    assert answers[-1].record == 30
    assert sum(answer is not None for answer in answers) < 5


async def test_first_values_may_take_their_time_and_can_be_stopped(
    agent: EmbeddedAgent, folder: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.agent.embedded.PREVIEW_LIMIT", 0.001)
    map = project.transformations["orders-to-invoices"]
    assert await agent.preview(folder, map, SAMPLE, 3) is not None
    endless = "$jitterbit.scripting.while.max_iterations = 1000000000; While(true, $n = $n + 1); 'x'"
    monkeypatch.setattr("studio.agent.embedded.PREVIEW_LIMIT", 300.0)
    edited = with_rule(map, Rule("invoices/invoice/dueDate", script=endless))
    asked = asyncio.ensure_future(agent.preview(folder, edited, SAMPLE, 3))
    while agent.state != "busy":
        await asyncio.sleep(0.01)
    # What waits behind it is given up without a word to the one that is at work.
    waiting = asyncio.ensure_future(agent.preview(folder, map, SAMPLE, 3, key="another"))
    await asyncio.sleep(0)
    agent.stop_preview("another")
    with pytest.raises(WeftError, match="Stopped"):
        await waiting
    assert not asked.done()
    agent.stop_preview("preview")
    with pytest.raises(WeftError, match="Stopped"):
        await asked
    assert await agent.preview(folder, map, SAMPLE, 3) is not None


async def test_a_script_without_end_is_stopped_and_the_next_preview_works(
    agent: EmbeddedAgent, folder: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.agent.embedded.PREVIEW_LIMIT", 3.0)
    await agent.start()
    map = project.transformations["orders-to-invoices"]
    assert await agent.preview(folder, map, SAMPLE, 3) is not None
    endless = with_rule(
        map, Rule("invoices/invoice/dueDate", script="$n = 0; While(true, While($n < 49000, $n++); $n = 0)")
    )
    try:
        evidence = await agent.preview(folder, endless, SAMPLE, 3)
    except WeftError:
        evidence = None
    # Either the language's own limit or the supervisor's ended it; the agent is there either way.
    assert evidence is None or evidence.problems
    assert await agent.preview(folder, map, SAMPLE, 3) is not None


async def test_a_sample_that_is_not_there_is_named(
    agent: EmbeddedAgent, folder: Path, project: Project
) -> None:
    with pytest.raises(WeftError, match="no such file"):
        await agent.preview(folder, project.transformations["orders-to-invoices"], "samples/gone.xml", 1)
    with pytest.raises(WeftError):
        await agent.preview(folder, project.transformations["orders-to-invoices"], "../../secret.xml", 1)


async def test_all_records_of_a_sample(agent: EmbeddedAgent, folder: Path, project: Project) -> None:
    found = await agent.test(folder, project.transformations["orders-to-invoices"], SAMPLE)
    assert found is not None
    assert found["records_in"] == 830 == found["records_out"] + found["failed"] + found["filtered"]
    assert len(found["problems"]) == found["failed"]
    assert found["document"].startswith("<?xml")


async def test_an_operation_runs_writes_and_is_journalled(agent: EmbeddedAgent, folder: Path) -> None:
    request = RunRequest(str(folder), "send-invoices")
    last, events = await ended(agent, request)
    assert last.state is RunState.PARTLY
    assert last.counts.read == 830 == last.counts.written + last.counts.failed + last.counts.filtered
    assert (folder / "out" / "invoices.xml").read_bytes().count(b"<invoice ") == last.counts.written
    record = agent.journal.run(request.id)
    assert record is not None
    assert (record.state, record.counts) == (last.state, last.counts)
    assert [e for e in agent.journal.events(request.id) if e.kind == "activity"] == [
        e for e in events if e.kind == "activity"
    ]


async def test_a_run_uses_the_unsaved_state(agent: EmbeddedAgent, folder: Path, project: Project) -> None:
    map = project.transformations["orders-to-invoices"]
    edited = with_rule(map, Rule("invoices/invoice", loop="orders/order", when="[@id] == '10250'"))
    changed = replace(project, transformations={**project.transformations, "orders-to-invoices": edited})
    overlay = overlay_of(changed, ["transformations/orders-to-invoices"])
    last, _events = await ended(agent, RunRequest(str(folder), "send-invoices", overlay=overlay))
    assert last.counts.written == 1
    assert overlaid(project, overlay) == changed
    assert overlaid(project, {"scripts/clean-phone": None}).scripts == {}


async def test_stop_ends_only_that_run(agent: EmbeddedAgent, folder: Path) -> None:
    (folder / "scripts" / "wait.jb").write_text(
        "While(true, $i = 0; While($i < 40000, $i++))", encoding="utf-8"
    )
    (folder / "operations" / "wait.yaml").write_text(
        "weft: operation/1\nname: Wait\nactivities:\n  - script: wait\n", encoding="utf-8"
    )
    stopped, other = RunRequest(str(folder), "wait"), RunRequest(str(folder), "list-order-lines")
    waiting = asyncio.create_task(ended(agent, stopped))
    running = asyncio.create_task(ended(agent, other))
    while stopped.id not in agent.running:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)
    await agent.cancel(stopped.id)
    last, _events = await waiting
    assert last.state in (RunState.CANCELLED, RunState.FAILED)
    assert (await running)[0].state is RunState.SUCCEEDED


async def test_a_run_stopped_before_it_has_begun_is_journalled(agent: EmbeddedAgent, folder: Path) -> None:
    request = RunRequest(str(folder), "list-order-lines")
    running = asyncio.create_task(ended(agent, request))
    while request.id not in agent.running:
        await asyncio.sleep(0)
    for child in psutil.Process().children():
        child.kill()
    last, _events = await running
    assert last.state is RunState.LOST
    record = agent.journal.run(request.id)
    assert record is not None
    assert (record.state, record.operation) == (RunState.LOST, "list-order-lines")


async def test_a_killed_run_is_told_and_journalled_as_lost(agent: EmbeddedAgent, folder: Path) -> None:
    request = RunRequest(str(folder), "send-invoices")
    events: list[RunEvent] = []
    async for event in agent.run(request):
        events.append(event)
        if event.kind == "activity":
            for child in psutil.Process().children():
                child.kill()
    assert events[-1].state is RunState.LOST
    record = agent.journal.run(request.id)
    assert record is not None
    assert record.state is RunState.LOST
    assert not (folder / "out" / "invoices.xml").exists()


async def test_a_broken_project_is_an_error_of_the_run(agent: EmbeddedAgent, folder: Path) -> None:
    (folder / "project.yaml").write_text("weft: project/99\n", encoding="utf-8")
    last, _events = await ended(agent, RunRequest(str(folder), "send-invoices"))
    assert last.state is RunState.FAILED
    assert last.error is not None
    json.dumps(last.error)


def test_an_operation_without_activities_does_nothing(folder: Path, project: Project) -> None:
    operation = Operation("Nothing", (Activity("script", ref="gone"),))
    changed = replace(project, operations={"nothing": operation})
    assert overlaid(project, overlay_of(changed, ["operations/nothing"])).operations["nothing"] == operation


@pytest.mark.parametrize(
    "name",
    ["transformations/orders-to-csv.yaml", "connections/inbox.yaml", "operations/list-order-lines.yaml"],
)
async def test_a_file_the_operation_needs_and_that_does_not_read_is_named(
    agent: EmbeddedAgent, folder: Path, name: str
) -> None:
    (folder / name).write_text("weft: [\n", encoding="utf-8")
    events = [event async for event in agent.run(RunRequest(str(folder), "list-order-lines"))]
    assert events[-1].state == RunState.FAILED
    assert events[-1].text.startswith(f"{name}:2:1: This is not YAML")
    other = [event async for event in agent.run(RunRequest(str(folder), "nope"))]
    assert "There is no operation called nope" in other[-1].text


async def test_a_large_schema_is_parsed_here_and_opened_from_its_cache(
    agent: EmbeddedAgent, folder: Path, shared: Path
) -> None:
    shutil.copy(
        shared / "corpora" / "wsdl" / "salesforce-partner-v66" / "sforce.660.partner.wsdl",
        folder / "schemas" / "partner.wsdl",
    )
    use = SchemaUse("schemas/partner.wsdl")
    window = Schemas(folder)
    assert not window.fresh(use)
    await agent.read_schema(folder, use)
    assert window.fresh(use)
    schema = window.get(use)
    assert schema.kind == "wsdl"
    assert {"login", "query", "upsert"} <= {node.name for node in schema.roots}
