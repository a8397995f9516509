"""A script that is tried tells its own variables at its end, alone and where it reads a record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.agent.script_study import ScriptStudy
from studio.agent.unsaved import transformation_to_text
from studio.base.progress import Progress
from studio.project.create import create
from studio.project.folder import load


def _tried(folder: Path, script: str, **more: Any) -> dict[str, Any]:
    return ScriptStudy(
        {"folder": str(folder), "script": script, **more}, lambda _event: None, Progress()
    ).run()


def test_own_variables_stand_beside_the_globals(tmp_path: Path) -> None:
    create(tmp_path / "orders", sample="orders")
    found = _tried(tmp_path / "orders", "one = 1; $two = one + 1; one = one + $two")
    assert found["own"] == (("one", "3"),)
    assert ("two", "2") in found["after"]
    # A mistake leaves what was set before it.
    found = _tried(tmp_path / "orders", "one = 1; RaiseError('no'); other = 2")
    assert found["problem"]
    assert found["own"] == (("one", "1"),)


def test_a_script_that_reads_a_record_tells_them_too(tmp_path: Path) -> None:
    folder = tmp_path / "orders"
    create(folder, sample="orders")
    map = load(folder).project.transformations["orders-to-invoices"]
    place = next(rule.path for rule in map.mapping.rules if rule.loop)
    more = {
        "path": place,
        "record": 1,
        "sample": map.samples[0],
        "transformation": transformation_to_text(map),
    }
    found = _tried(folder, "short = Left([@id], 2); short + '!'", **more)
    assert found["met"]
    assert found["own"] == (("short", found["value"].replace("!", "")),)
    assert _tried(folder, "[@id]", **more)["own"] == ()
