"""weft clear: samples, history, runs and the rows of moves go, all that something needs or that is unsaved stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.agent.journal import Journal
from studio.base import paths
from studio.cli.main import run
from studio.moves import store
from studio.moves.journal import Journal as MoveJournal
from studio.moves.model import MoveState
from studio.project.create import create
from studio.workspace import Workspace
from tests.cli.test_move import practice, source, weft

__all__ = ["practice", "source", "weft"]

# Stands in no sample we ship.
PERSON = b"Zuleica Prado"


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a person in its samples and in its history, and a home of its own."""
    monkeypatch.setenv("WEFT_HOME", str(tmp_path / "home"))
    folder = tmp_path / "orders"
    create(folder, sample="orders")
    sample = folder / "samples/customers.csv"
    sample.write_bytes(sample.read_bytes().replace(b"Ltd", PERSON, 1))
    workspace = Workspace.open(folder)
    for text in (PERSON.decode(), "nobody"):
        workspace.edit("named", replace(workspace.project, description=text))
    workspace.save()
    workspace.close()
    return folder


def holding(folder: Path, what: bytes) -> list[str]:
    """The files below a folder that hold these bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [str(path.relative_to(folder)) for path in files if what in path.read_bytes()]


def test_data_of_a_project_is_gone_and_the_project_is_whole(
    orders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["run", str(orders), "list-order-lines"]) == 0
    assert list((orders / ".weft/runs").iterdir())
    assert "samples/customers.csv" in holding(orders, PERSON)
    capsys.readouterr()
    assert run(["clear", str(orders), "--yes", "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert "samples/customers.csv" in told["files"]
    assert (told["history"], len(told["runs"]), err) == (True, 1, "")
    assert holding(orders, PERSON) == []
    assert not list((orders / ".weft/runs").iterdir())
    journal = Journal()
    assert journal.runs() == ()
    journal.close()
    assert run(["check", str(orders)]) == 0
    assert run(["test", str(orders)]) == 0, "golden tests keep what they need"
    workspace = Workspace.open(orders)
    assert all(not found.samples for found in workspace.project.transformations.values())
    assert not workspace.history.can_undo
    workspace.close()


def test_golden_tests_go_when_asked_for(orders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clear", str(orders), "--yes"]) == 0
    assert "samples/few-orders.xml (tests/" in capsys.readouterr().err
    assert run(["clear", str(orders), "--yes", "--tests"]) == 0
    assert [path for name in ("samples", "tests") for path in (orders / name).rglob("*.*")] == []
    assert run(["check", str(orders)]) == 0


def test_nothing_goes_unasked_or_while_work_is_unsaved(
    orders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in orders.rglob("samples/*")}
    assert run(["clear", str(orders)]) == 2
    assert "samples/orders.xml" in capsys.readouterr().out
    assert run(["clear", str(orders), "--dry-run"]) == 0
    workspace = Workspace.open(orders)
    assert run(["clear", str(orders), "--yes"]) == 2, "another program has it open"
    workspace.edit("mine", replace(workspace.project, description="unsaved"))
    workspace.close()
    assert run(["clear", str(orders), "--yes"]) == 2
    assert "unsaved work" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in orders.rglob("samples/*")} == before
    workspace = Workspace.open(orders)
    assert workspace.project.description == "unsaved"
    workspace.close()


def test_parts_can_be_left(orders: Path) -> None:
    assert run(["clear", str(orders), "--yes", "--no-samples", "--no-runs"]) == 0
    assert holding(orders, PERSON) == ["samples/customers.csv"]


@pytest.mark.network
def test_rows_of_moves_go_once_they_have_ended(
    weft: Callable[..., tuple[int, Any, str]], source: Path
) -> None:
    for _move in range(2):
        weft("move", "upsert", "Account", source, "--key", "ERP_Id__c", "--org", "practice", "--json")
    assert holding(paths.data_folder() / "moves", b"Z-2")
    with MoveJournal.open(store.move_folder("M-0002")) as journal:
        journal.set_state(MoveState.STOPPED)
    code, told, _err = weft("clear", "--yes", "--json")
    assert (code, told["moves"], list(told["stays"])) == (0, ["M-0001"], ["M-0002"])
    assert weft("clear", "--yes", "--unfinished", "--json")[1]["moves"] == ["M-0002"]
    assert not holding(paths.data_folder() / "moves", b"Z-2")
