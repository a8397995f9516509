"""Operations run in order, hand on their documents, follow their links and account for what went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.agent.documents import delivered, document_path, fetched
from studio.agent.run import Counts, RunEvent, RunRequest, RunState
from studio.agent.runner import Perform, Running, run_operation
from studio.base.errors import BadInput, NotReachable
from studio.base.progress import Progress
from studio.project.model import Activity, Connection, Operation, Project


def copy(running: Running, activity: Activity) -> None:
    connection = running.connection(activity)
    path = document_path(activity, connection, running.folder)
    if activity.kind == "read":
        running.document = fetched(path)
        running.done(Counts(read=1))
    else:
        delivered(running.need_document(activity), path)
        running.done(Counts(written=1))


def refuse(running: Running, activity: Activity) -> None:
    raise NotReachable("Nobody answers.")


def fail_one(running: Running, activity: Activity) -> None:
    running.done(Counts(read=2, written=1, failed=1))


PERFORMERS: dict[str, Perform] = {"read": copy, "write": copy, "call": refuse, "transform": fail_one}


def project(**operations: Operation) -> Project:
    files = Connection("Files", "files", {"folder": "data"})
    return Project("p", "P", operations=operations, connections={"files": files})


def act(kind: str, path: str = "") -> Activity:
    return Activity(kind, {"connection": "files", "path": path})


def ran(folder: Path, project: Project, first: str) -> tuple[RunState, list[RunEvent]]:
    events: list[RunEvent] = []
    state = run_operation(project, folder, RunRequest(str(folder), first), events.append, PERFORMERS)
    assert events[-1].kind == "ended"
    assert events[-1].state is state
    return state, events


def test_a_document_is_handed_on(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "in.txt").write_bytes(b"ol\xc3\xa1")
    state, events = ran(
        tmp_path,
        project(copy=Operation("Copy", (act("read", "in.txt"), act("write", "out/here.txt")))),
        "copy",
    )
    assert state is RunState.SUCCEEDED
    assert (tmp_path / "data" / "out" / "here.txt").read_bytes() == b"ol\xc3\xa1"
    assert events[-1].counts == Counts(read=1, written=1)
    assert [e.text for e in events if e.kind == "activity"] == [
        "read files in.txt",
        "write files out/here.txt",
    ]


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/hostname", "a/../../secret.txt"])
def test_a_path_out_of_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "data").mkdir()
    state, events = ran(tmp_path, project(copy=Operation("Copy", (act("read", path),))), "copy")
    assert state is RunState.FAILED
    assert "leaves the folder" in events[-1].text


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "data" / "link.txt").symlink_to(tmp_path / "secret.txt")
    state, _events = ran(tmp_path, project(copy=Operation("Copy", (act("read", "link.txt"),))), "copy")
    assert state is RunState.FAILED


def test_failed_records_make_the_run_partly_done_and_follow_the_failure_link(tmp_path: Path) -> None:
    state, events = ran(
        tmp_path,
        project(
            first=Operation("First", (act("transform"),), on_success=("good",), on_failure=("bad",)),
            good=Operation("Good", (act("transform"),)),
            bad=Operation("Bad", (act("transform"),)),
        ),
        "first",
    )
    assert state is RunState.PARTLY
    assert events[-1].counts == Counts(read=4, written=2, failed=2)


def test_an_activity_that_cannot_go_on_ends_its_operation_and_follows_the_failure_link(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "in.txt").write_text("x")
    state, events = ran(
        tmp_path,
        project(
            first=Operation(
                "First", (act("call"), act("write", "never.txt")), on_failure=("clean-up", "tell-us")
            ),
            **{"clean-up": Operation("Clean up", (act("read", "in.txt"), act("write", "cleaned.txt")))},
        ),
        "first",
    )
    assert state is RunState.FAILED
    assert events[-1].error is not None
    assert events[-1].error["type"] == "NotReachable"
    assert (tmp_path / "data" / "cleaned.txt").exists()
    assert not (tmp_path / "data" / "never.txt").exists()
    assert any("tell-us" in event.text for event in events if event.kind == "log")


def test_operations_in_a_circle_end_with_a_message(tmp_path: Path) -> None:
    state, events = ran(
        tmp_path, project(a=Operation("A", on_success=("b",)), b=Operation("B", on_success=("a",))), "a"
    )
    assert state is RunState.FAILED
    assert "circle" in events[-1].text


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (Operation("X", (Activity("dance"),)), "dance"),
        (Operation("X", (act("write", "a.txt"),)), "no document"),
        (Operation("X", (Activity("read", {"connection": "gone", "path": "a"}),)), "gone"),
        (Operation("X", (act("read", "missing.txt"),)), "no such file"),
        (Operation("X", (act("read"),)), "which file"),
    ],
)
def test_a_wrong_activity_says_what_is_wrong(tmp_path: Path, operation: Operation, words: str) -> None:
    state, events = ran(tmp_path, project(x=operation), "x")
    assert state is RunState.FAILED
    assert words in events[-1].text


def test_an_unknown_operation_lists_those_there_are(tmp_path: Path) -> None:
    state, events = ran(tmp_path, project(one=Operation("One"), two=Operation("Two")), "three")
    assert state is RunState.FAILED
    assert "one, two" in events[-1].text


def test_a_stopped_run_is_cancelled(tmp_path: Path) -> None:
    progress = Progress()
    events: list[RunEvent] = []

    def stop(running: Running, activity: Activity) -> None:
        progress.stop()

    operation = Operation("X", (Activity("stop"), act("write", "never.txt")))
    state = run_operation(
        project(x=operation),
        tmp_path,
        RunRequest("", "x"),
        events.append,
        {"stop": stop, "write": copy},
        progress,
    )
    assert state is RunState.CANCELLED
    assert events[-1].text == "Stopped."


def test_a_full_disk_is_told_in_words(tmp_path: Path) -> None:
    def full(running: Running, activity: Activity) -> None:
        raise OSError(28, "No space left on device", "out.xml")

    events: list[RunEvent] = []
    operation = Operation("X", (Activity("full"),))
    state = run_operation(project(x=operation), tmp_path, RunRequest("", "x"), events.append, {"full": full})
    assert state is RunState.FAILED
    assert "No space left" in events[-1].text
    with pytest.raises(BadInput):
        fetched(tmp_path / "nothing")
