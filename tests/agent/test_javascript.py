"""JavaScript in an operation: it shares the run's variables and log, Stop ends it, and it leaves no process behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from studio.agent.embedded import EmbeddedAgent
from studio.agent.journal import Journal
from studio.agent.run import RunEvent, RunRequest, RunState

FILES = {
    "project.yaml": "weft: project/1\nname: P\nid: abcdefgh\nvariables:\n  rate: '2'\n",
    "tables/countries.csv": "code,name\nBR,Brazil\n",
    "operations/mark.yaml": "weft: operation/1\nname: Mark\nactivities:\n  - script: mark\n",
    "operations/endless.yaml": "weft: operation/1\nname: Endless\nactivities:\n  - script: endless.js\n",
    "scripts/mark.js": "WriteToOperationLog($rate + Jitterbit.TableLookup('countries', 'BR'));\n",
    "scripts/endless.js": "WriteToOperationLog('begun');\nwhile (true) {}\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / "p" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return tmp_path / "p"


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[EmbeddedAgent]:
    made = EmbeddedAgent(Journal(tmp_path / "journal.sqlite"))
    yield made
    await made.close()


def engines() -> list[psutil.Process]:
    """The children in which a script runs."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if "studio.script.javascript.child" in child.cmdline():
                found.append(child)
        except psutil.Error:
            continue
    return found


async def gone() -> bool:
    """No engine is left, or is within a few seconds."""
    until = time.monotonic() + 10
    while engines() and time.monotonic() < until:
        await asyncio.sleep(0.05)
    return engines() == []


async def test_it_sees_variables_tables_and_the_log(agent: EmbeddedAgent, folder: Path) -> None:
    events = [event async for event in agent.run(RunRequest(str(folder), "mark", variables={"rate": "7"}))]
    assert events[-1].state is RunState.SUCCEEDED
    assert "7Brazil" in [event.text for event in events if event.kind == "log"]


async def begun(agent: EmbeddedAgent, request: RunRequest, events: list[RunEvent]) -> None:
    async for event in agent.run(request):
        events.append(event)


@pytest.mark.parametrize("how", ["stop", "kill the run", "kill the engine"])
async def test_an_endless_script_is_ended(agent: EmbeddedAgent, folder: Path, how: str) -> None:
    request, events = RunRequest(str(folder), "endless"), list[RunEvent]()
    running = asyncio.create_task(begun(agent, request, events))
    while "begun" not in [event.text for event in events]:
        assert not running.done(), events
        await asyncio.sleep(0.02)
    (engine,) = engines()
    if how == "stop":
        await agent.cancel(request.id)
    elif how == "kill the run":
        parent = engine.parent()
        assert parent is not None
        parent.kill()
    else:
        engine.kill()
    await running
    expected = {"stop": RunState.CANCELLED, "kill the run": RunState.LOST, "kill the engine": RunState.FAILED}
    assert events[-1].state is expected[how]
    assert await gone()
