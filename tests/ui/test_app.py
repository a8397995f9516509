"""The program as it is started: self-test, pictures, options, the entry points."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from ui.app import main

pytestmark = pytest.mark.network


def studio(*arguments: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ui", *map(str, arguments)]
    environment = os.environ | {"WEFT_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip


def test_the_program_tests_itself(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--self-test"]) == 0
    opened, previewed, ran = capsys.readouterr().out.splitlines()
    assert opened.startswith("opened ")
    assert "record 1 of" in previewed
    assert " 0 failed" in ran


def test_a_picture_has_the_size_scale_and_theme_asked_for(
    own_home: Path, small: Path, tmp_path: Path
) -> None:
    file = tmp_path / "window.png"
    done = studio(
        small, "--screenshot", file, "--size", "1200x700", "--scale", "2", "--theme", "dark",
        "--open", "scripts/clean-phone", home=own_home,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    image = QImage(str(file))
    assert (image.width(), image.height()) == (2400, 1400)
    # The menu bar of the dark theme.
    assert image.pixelColor(2390, 10).name() == "#1b1d20"


def test_a_picture_of_no_project_is_not_made(tmp_path: Path) -> None:
    assert main([str(tmp_path / "nothing"), "--screenshot", str(tmp_path / "no.png")]) == 1
    assert not (tmp_path / "no.png").exists()


def test_a_command_that_cannot_be_done_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--start-page", "--screenshot", str(tmp_path / "no.png"), "--do", "file.save"]) == 1
    assert "no project is open" in capsys.readouterr().err


def test_the_window_is_registered_where_the_command_line_looks() -> None:
    found = [point.value for point in entry_points(group="weft.programs", name="studio")]
    if not found:
        pytest.skip("the project is not installed in this environment")
    assert found == ["ui.app:main"]
