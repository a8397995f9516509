"""weft run: by file name or by the name shown, exit codes, and no run for an operation that is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.agent.journal import Journal
from studio.cli.main import run
from studio.project.create import create
from tests.practice_beside import users_org_beside


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    folder = tmp_path / "orders"
    create(folder, sample="orders")
    return folder


def test_an_operation_runs_by_the_name_the_window_shows(
    orders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["run", str(orders), "List order lines", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["state"] == "succeeded"
    assert summary["read"] == summary["written"] + summary["failed"] + summary["filtered"]
    assert Path(summary["files"]["written"]).is_file()


def test_failed_records_end_with_1_and_are_named(orders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", str(orders), "send-invoices"]) == 1
    said = capsys.readouterr().err
    assert "There is no tax rate for class V" in said


def test_a_wrong_name_runs_nothing_and_lists_those_there_are(
    orders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["run", str(orders), "nope"]) == 2
    said = capsys.readouterr().err
    assert said.count("There is no operation called nope") == 1
    assert "list-order-lines, send-invoices, upsert-accounts" in said
    journal = Journal()
    assert journal.runs() == ()
    journal.close()


def test_a_failing_activity_is_told_once(orders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (orders / "samples" / "orders.xml").write_text("<orders><order></orders>", encoding="utf-8")
    assert run(["run", str(orders), "send-invoices"]) == 2
    said = capsys.readouterr().err
    assert said.count("orders.xml:1") == 1


def test_what_is_not_a_variable_or_a_project_is_refused(tmp_path: Path, orders: Path) -> None:
    assert run(["run", str(tmp_path), "x"]) == 2
    assert run(["run", str(orders), "send-invoices", "--var", "nonsense"]) == 2


def test_the_agents_runs_are_listed(orders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["run", str(orders), "list-order-lines"])
    capsys.readouterr()
    assert run(["agent", "runs", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [row["operation"] for row in listed] == ["list-order-lines"]
    assert run(["agent", "log", listed[0]["run"]]) == 0
    assert "order-lines.csv" in capsys.readouterr().out
    assert run(["agent", "log", "unknown"]) == 2


def test_without_a_display_weft_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert run([]) == 2
    assert "no display" in capsys.readouterr().err


def test_rows_made_of_records_that_were_read_are_not_read_again(
    orders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file, a transformation and a move are one way of each record: 504 customers, not 504 and their 501 rows."""
    with users_org_beside():
        assert run(["run", str(orders), "upsert-accounts", "--json"]) == 1
    summary = json.loads(capsys.readouterr().out)
    assert (summary["read"], summary["written"], summary["failed"], summary["filtered"]) == (504, 497, 7, 0)
