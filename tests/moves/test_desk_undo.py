"""What the window asks of its mover: a dry run, a trial that goes on, what an undo would do, and the undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.moves.test_worker import MAP, Asking, worker

__all__ = ["worker"]
pytestmark = pytest.mark.network


async def test_tried_continued_and_undone_as_the_window_does(worker: Asking, tmp_path: Path) -> None:
    source = tmp_path / "accounts.csv"
    source.write_text("ERP_Id__c,Name\n" + "".join(f"W-{n},Name {n}\n" for n in range(30)))
    asked: dict[str, Any] = {
        "source": str(source),
        "action": "upsert",
        "object": "Account",
        "key": "ERP_Id__c",
        "map": MAP,
    }
    await worker.ask("open", org="practice")
    foretold = await worker.ask("dry_run", **asked)
    assert (foretold["created"], foretold["updated"], foretold["refused"]) == (30, 0, 0)
    trial = (await worker.ask("run", **asked, first=4))["summary"]
    assert (trial["state"], trial["succeeded"], trial["before_image"]) == ("trial", 4, True)
    rest = (await worker.ask("continue", run=trial["run"]))["summary"]
    assert (rest["run"], rest["state"], rest["succeeded"]) == (trial["run"], "done", 30)
    found = await worker.ask("undo_preview", run=trial["run"])
    assert (found["delete"], found["put_back"], found["ready"]) == (30, 0, 30)
    undone = await worker.ask("undo", run=trial["run"])
    assert undone["trouble"] is None
    assert (undone["undone"]["undo_of"], undone["undone"]["succeeded"]) == (trial["run"], 30)
    assert any(event["event"] == "standing" for event in worker.events)
    error = await worker.refused("undo", run=trial["run"])
    assert "undone already" in error["message"]
