"""Power cut at any moment of editing and saving: kept and saved work is there, and every sync of the product is needed."""

from __future__ import annotations

import contextlib
import copy
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from studio.project import edits
from studio.project.layout import file_of
from studio.workspace import Workspace
from tests.project.examples import project, saved, texts
from tests.project.perils import tree
from tests.project.power import Disk, Recorder, begun, laid

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders cannot be synced there")
OLD = {file_of(id): str(text).encode() for id, text in texts(project()).items()}
SHARES = (0.0, 1.0, 0.5, 0.3)
# A single missing name among several may be what shows that a sync is missing.
MANY = (0.0, 1.0, 0.5, 0.5, 0.8, 0.3, 0.6, 0.4)
Scripts = dict[str, str]


def put(workspace: Workspace, **texts: str) -> None:
    project = workspace.project
    for ref, text in texts.items():
        project = edits.put(project, f"scripts/{ref}", text)
    workspace.edit("Edit", project)


class Cuts:
    """A piece of work on a project, recorded; and what is wrong where power goes in it."""

    def __init__(self, place: Path, work: Callable[[Recorder, contextlib.ExitStack], None]) -> None:
        self.start = begun(place)
        self.recorder = Recorder(place)
        self.looked: dict[Any, str] = {}
        with contextlib.ExitStack() as later:
            self.recorder.run(lambda: work(self.recorder, later))

    def wrong(
        self, log: list[tuple[Any, ...]], found: Path, shares: tuple[float, ...] = SHARES
    ) -> Iterator[str]:
        """What is wrong after each operation of the log; the same disk is looked at once."""
        chance = random.Random(5)
        disk: Disk = copy.deepcopy(self.start)
        told: list[tuple[Any, ...]] = []
        for number, entry in enumerate(log, 1):
            disk.play(entry)
            if entry[0] == "said":
                told.append(entry)
            for share in shares:
                files, folders = disk.after_cut(chance, share)
                key = (frozenset(files.items()), frozenset(folders), len(told))
                if key not in self.looked:
                    with mock.patch.object(os, "fsync"):
                        self.looked[key] = _look(laid(found, files, folders), told, self.next(log, number))
                if self.looked[key]:
                    yield f"after {number} {entry[:2]}: {self.looked[key]}"

    def next(self, log: list[tuple[Any, ...]], number: int) -> list[Any]:
        """The files of the save that was under way."""
        return [entry[3] for entry in log[number:] if entry[:2] == ("said", "saved")][:1]


def _look(place: Path, told: list[tuple[Any, ...]], coming: list[Any]) -> str:
    if not (place / "project.yaml").exists():
        return "" if not told else "the project is gone"
    workspace = Workspace.open(place)
    try:
        saved_states = [said[3] for said in told if said[1] == "saved"]
        now = tree(place)
        if not any(now == state for state in (saved_states[-1:] or [OLD]) + coming):
            return "the files are those of no save, or of an older one"
        broken = [problem.message for problem in workspace.problems if problem.file and not problem.object]
        if broken:
            return f"broken: {broken}"
        for _said, what, scripts, _files in told:
            for ref, text in scripts.items():
                there = workspace.project.scripts.get(ref)
                if there is None or there < text:  # later texts are larger
                    return f"{what} {ref}, and {there!r} is there"
    finally:
        workspace.close(discard=True)
    return ""


def _edits_and_saves(place: Path) -> Callable[[Recorder, contextlib.ExitStack], None]:
    def work(recorder: Recorder, later: contextlib.ExitStack) -> None:
        def say(what: str, scripts: Scripts) -> None:
            recorder.said(what, scripts, tree(place))

        workspace = Workspace.open(place)
        later.callback(workspace.close)
        # SQLite syncs both, and their folder, when the log is begun; strace says so.
        recorder.durable(".weft/history.db", ".weft/history.db-wal")
        put(workspace, one="1")
        workspace.sync()
        say("kept", {"one": "1"})
        workspace.save()
        say("saved", {"one": "1"})
        put(workspace, one="2", two="2")
        put(workspace, **{"deep/er/three": "2"})
        workspace.sync()
        say("kept", {"one": "2", "two": "2", "deep/er/three": "2"})
        put(workspace, one="3")
        workspace.save()
        say("saved", {"one": "3", "two": "2", "deep/er/three": "2"})
        workspace.edit("Away", edits.remove(workspace.project, "scripts/mark/sent"))
        put(workspace, **{"other/four": "4"})
        workspace.save()
        say("saved", {"other/four": "4"})
        # What a list of an earlier save deletes must not be deleted again.
        put(workspace, **{"mark/sent": project().scripts["mark/sent"]})
        workspace.save()
        say("saved", {})
        put(workspace, **{"new/er/five": "5"})
        workspace.save()
        say("saved", {"new/er/five": "5"})
        put(workspace, one="5")
        workspace.sync()
        say("kept", {"one": "5"})

    return work


@pytest.fixture
def cuts(tmp_path: Path) -> Cuts:
    """A project that is opened for the first time, edited and saved."""
    saved(tmp_path / "p")
    shutil.rmtree(tmp_path / "p" / ".weft")
    return Cuts(tmp_path / "p", _edits_and_saves(tmp_path / "p"))


def test_no_cut_loses_what_was_kept_or_saved_and_every_sync_is_needed(cuts: Cuts, tmp_path: Path) -> None:
    log, sites = cuts.recorder.log, sorted(set(cuts.recorder.sites.values()))
    assert [entry[1] for entry in log if entry[0] == "said"].count("saved") == 5
    assert list(cuts.wrong(log, tmp_path / "found")) == []
    assert len(sites) >= 14
    idle = [
        site for site in sites if not any(cuts.wrong(cuts.recorder.without(site), tmp_path / "found", MANY))
    ]
    assert idle == []
