"""weft export and weft import."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.cli.main import run
from studio.project.create import create
from studio.project.folder import load


def test_out_and_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(tmp_path / "orders", sample="orders")
    assert run(["export", str(tmp_path / "orders"), str(tmp_path / "o.weft")]) == 0
    assert run(["import", str(tmp_path / "o.weft"), str(tmp_path / "copy")]) == 0
    assert load(tmp_path / "copy").project == load(tmp_path / "orders").project
    assert "Unpacked" in capsys.readouterr().out
    small = tmp_path / "small.weft"
    assert run(["export", str(tmp_path / "orders"), str(small), "--no-samples"]) == 0
    assert small.stat().st_size < (tmp_path / "o.weft").stat().st_size / 2


def test_what_was_left_out_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(tmp_path / "orders", sample="orders")
    (tmp_path / "orders/connections/x.yaml").write_text("weft: connection/1\nkind: http\npassword: hunter2\n")
    assert run(["export", str(tmp_path / "orders"), str(tmp_path / "o.weft")]) == 0
    assert "connections/x.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["export", "import"])
def test_bad_input_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run([command, str(tmp_path / "none"), str(tmp_path / "target")]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert not (tmp_path / "target").exists()
