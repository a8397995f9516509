"""weft new: a project on disk, or one message and exit 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.cli.main import run
from studio.project.folder import load


def test_an_empty_project_and_one_from_a_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", str(tmp_path / "mine"), "--name", "My project"]) == 0
    assert load(tmp_path / "mine").project.name == "My project"
    assert run(["new", str(tmp_path / "orders"), "--sample", "orders"]) == 0
    out, err = capsys.readouterr()
    assert str(tmp_path / "orders") in out
    assert "weft studio" in err
    assert run(["check", str(tmp_path / "orders")]) == 0


@pytest.mark.parametrize("arguments", [["{full}"], ["{new}", "--sample", "none"], []])
def test_bad_usage_is_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").write_text("mine")
    places = {"full": tmp_path / "full", "new": tmp_path / "new"}
    assert run(["new", *(argument.format(**places) for argument in arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip()
    assert "Traceback" not in err
    assert not (tmp_path / "new").exists()
