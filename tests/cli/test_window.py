"""`weft studio` finds the window among the installed programs, and says what to install where there is none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from studio.cli import window
from studio.cli.main import run


class Found:
    """An entry point as importlib.metadata gives it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.given: list[str] = []

    def load(self) -> object:
        if self.error is not None:
            raise self.error
        return self._program

    def _program(self, arguments: Sequence[str]) -> int:
        self.given = list(arguments)
        return 7


def offer(monkeypatch: pytest.MonkeyPatch, *programs: Found) -> None:
    asked = {"group": "weft.programs", "name": "studio"}
    monkeypatch.setattr(window, "entry_points", lambda **wanted: programs if wanted == asked else ())


def test_the_window_gets_the_project_and_its_own_options(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Found()
    offer(monkeypatch, program)
    assert run(["studio", "some/project", "--theme", "dark"]) == 7
    assert program.given == ["some/project", "--theme", "dark"]


def test_weft_alone_opens_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Found()
    offer(monkeypatch, program)
    assert run([]) == 7
    assert program.given == []


@pytest.mark.parametrize(
    ("programs", "step"),
    [
        ((), "python -m ui"),
        ((Found(ModuleNotFoundError("no", name="ui")),), "python -m ui"),
    ],
)
def test_without_a_window_the_next_step_is_told(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    programs: tuple[Found, ...],
    step: str,
) -> None:
    offer(monkeypatch, *programs)
    assert run(["studio"]) == 2
    assert step in capsys.readouterr().err


def test_without_qt_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(window.sys.modules, "PySide6", raising=False)
    offer(monkeypatch, Found(ModuleNotFoundError("no", name="PySide6.QtCore")))
    assert run(["studio"]) == 2
    assert "weft-studio[ui]" in capsys.readouterr().err
