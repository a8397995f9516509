"""weft check: problems as lines or JSON, 0 when clean, 1 with problems, 2 when nothing can be checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.cli.main import run
from studio.project.create import create


@pytest.fixture
def place(tmp_path: Path) -> Path:
    create(tmp_path / "orders", sample="orders")
    return tmp_path / "orders"


def test_a_clean_project(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(place)]) == 0
    assert capsys.readouterr().out == "No problems.\n"
    assert run(["check", str(place / "project.yaml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"errors": 0, "warnings": 0, "notes": 0, "problems": []}


def test_problems_name_file_line_and_mend(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = place / "operations/send-invoices.yaml"
    file.write_text(file.read_text().replace("connection: outbox", "connection: outbx"))
    assert run(["check", str(place)]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("error operations/send-invoices.yaml:7: ")
    assert "outbox" in out
    assert "1 problem" in err
    assert run(["check", str(place), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["errors"], len(found["problems"])) == (1, 1)
    problem = found["problems"][0]
    assert problem["severity"] == "error"
    assert (problem["file"], problem["line"]) == ("operations/send-invoices.yaml", 7)
    assert problem["object"] == "operations/send-invoices"
    assert problem["message"]
    assert problem["mend"]


def test_notes_alone_are_no_failure(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = place / "operations/send-invoices.yaml"
    file.write_text(file.read_text() + "# why\n")
    assert run(["check", str(place)]) == 0
    assert capsys.readouterr().out.startswith("note ")


def test_broken_yaml_is_a_problem_with_its_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "connections/crm.yaml").write_text("weft: connection/1\nkind: [\n")
    assert run(["check", str(place)]) == 1
    assert "connections/crm.yaml:3:1" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["weft: project/2\n", "weft: project/1\nname: [\n", "name: x\n", "\xff"])
def test_a_project_that_cannot_be_opened_is_one_message(
    place: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (place / "project.yaml").write_bytes(text.encode("latin-1"))
    assert run(["check", str(place)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("project.yaml:")
    assert err.count("\n") == 1


def test_no_project_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place in (tmp_path, tmp_path / "none"):
        assert run(["check", str(place)]) == 2
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be made unwritable by mode there")
def test_a_read_only_folder_can_be_checked_by_anybody(place: Path) -> None:
    """As a user who may not write, in a process of its own."""
    for path in (place, *place.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    place.parent.chmod(0o755)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "studio", "check", str(place)], capture_output=True, text=True, check=False
        )
    finally:
        for path in (place, *place.rglob("*")):
            path.chmod(0o755)
    assert (done.returncode, done.stdout) == (0, "No problems.\n")
    assert not (place / ".weft").exists()
