"""What a run tells its scripts through system variables."""

from __future__ import annotations

from pathlib import Path

from studio.agent.activities import PERFORMERS
from studio.agent.run import RunEvent, RunRequest, RunState
from studio.agent.runner import run_operation
from studio.project.model import Activity, Operation, Project

TELL = "WriteToOperationLog($jitterbit.operation.name + ' ' + $jitterbit.operation.guid + ' ' + $mine)"


def logged(folder: Path, **variables: str) -> tuple[str, list[str]]:
    """The id of a run of one script, and the lines it logged."""
    project = Project(
        "p",
        "P",
        variables={"mine": "the project's"},
        operations={"send": Operation("send", activities=(Activity("script", {"": "tell"}, ref="tell"),))},
        scripts={"tell": TELL},
    )
    events: list[RunEvent] = []
    request = RunRequest(str(folder), "send", variables)
    assert run_operation(project, folder, request, events.append, PERFORMERS) is RunState.SUCCEEDED
    return request.id, [event.text for event in events if event.kind == "log"]


def test_scripts_know_their_operation_and_run(tmp_path: Path) -> None:
    id, lines = logged(tmp_path)
    assert f"send {id} the project's" in lines


def test_a_request_may_say_otherwise(tmp_path: Path) -> None:
    id, lines = logged(tmp_path, mine="asked", **{"jitterbit.operation.name": "trial"})
    assert f"trial {id} asked" in lines
