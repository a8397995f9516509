"""The journal keeps every acknowledged event through kills, several writers and odd texts."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.agent.journal import Journal
from studio.agent.run import (
    Counts,
    RunEvent,
    RunRequest,
    RunState,
    error_from_data,
    error_to_data,
    event_from_data,
    event_to_data,
)
from studio.base.errors import BadInput, NotAllowed, WeftError

WRITER = """
import sys
from pathlib import Path
from studio.agent.journal import Journal
from studio.agent.run import RunEvent, RunRequest
journal = Journal(Path(sys.argv[1]))
request = RunRequest("folder", "operation", id=sys.argv[2])
journal.begin(request, 1)
for number in range(100000):
    journal.add(RunEvent(request.id, "log", str(number)))
    print(number, flush=True)
"""


def test_a_run_is_kept_from_start_to_end(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "runs.sqlite")
    request = RunRequest("/p", "send-invoices")
    journal.begin(request, 42)
    journal.add(RunEvent(request.id, "log", "Olá"))
    journal.add(RunEvent(request.id, "progress", counts=Counts(10, 8, 1, 1)))
    journal.add(RunEvent(request.id, "ended", "Done.", state=RunState.PARTLY, counts=Counts(20, 17, 2, 1)))
    journal.close()
    journal = Journal(tmp_path / "runs.sqlite")
    record = journal.run(request.id)
    assert record is not None
    assert (record.state, record.counts, record.message, record.process) == (
        RunState.PARTLY,
        Counts(20, 17, 2, 1),
        "Done.",
        42,
    )
    assert [event.kind for event in journal.events(request.id)] == ["log", "ended"]
    journal.lose(request.id, "too late")
    again = journal.run(request.id)
    assert again is not None
    assert again.state is RunState.PARTLY
    journal.close()


def test_runs_are_listed_newest_first_per_project_and_cleared(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "runs.sqlite")
    for number in range(5):
        journal.begin(RunRequest(f"/p{number % 2}", "op", id=f"r{number}"), 1)
        time.sleep(0.002)
    assert [record.id for record in journal.runs()] == ["r4", "r3", "r2", "r1", "r0"]
    assert [record.id for record in journal.runs(folder="/p1")] == ["r3", "r1"]
    journal.clear(keep=2)
    assert [record.id for record in journal.runs()] == ["r4", "r3"]
    journal.close()


def test_a_writer_killed_at_any_moment_loses_nothing_it_acknowledged(
    tmp_path: Path, share: Callable[[int], int]
) -> None:
    chance = random.Random(7)
    for attempt in range(share(200) // 5):
        path = tmp_path / "runs.sqlite"
        run = f"r{attempt}"
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), run], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        assert writer.stdout is not None
        told = writer.stdout.readline()
        time.sleep(chance.random() * 0.05)
        os.kill(writer.pid, signal.SIGKILL)
        lines = [told, *writer.stdout.readlines()]
        writer.stdout.close()
        writer.wait()
        # A last line without its end was cut by the kill and counts as not acknowledged.
        acknowledged = [line for line in lines if line.endswith("\n")]
        journal = Journal(path)
        kept = [event.text for event in journal.events(run)]
        journal.close()
        assert kept[: len(acknowledged)] == [line.strip() for line in acknowledged]


TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


@given(
    st.builds(
        RunEvent,
        run=TEXT,
        kind=st.sampled_from(["started", "log", "progress", "ended"]),
        text=TEXT,
        counts=st.builds(Counts, *[st.integers(0, 2**40)] * 4),
        total=st.none() | st.integers(0),
        state=st.sampled_from(list(RunState)),
    )
)
def test_events_survive_the_wire(event: RunEvent) -> None:
    assert event_from_data(event_to_data(event)) == event


@pytest.mark.parametrize("kind", [WeftError, BadInput, NotAllowed])
def test_errors_survive_the_wire(kind: type[WeftError]) -> None:
    error = kind("Broken.", file="a.xsd", line=3, column=9, path="a/b", next_step="Mend it.")
    again = error_from_data(error_to_data(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert again.exit_code == error.exit_code


class Odd(BadInput):
    """An error of a room the other side does not know."""


def test_an_unknown_error_arrives_as_the_nearest_known_one() -> None:
    assert type(error_from_data(error_to_data(Odd("Odd.")))) is BadInput
