"""View: palette and quick open, panels shown and hidden, tabs, theme."""

from __future__ import annotations

from dataclasses import replace

from studio.base.i18n import _
from ui.actions.frame import HISTORY, PROBLEMS, RUNS, Frame, with_project
from ui.commands import Command


def commands(frame: Frame) -> list[Command]:
    """The commands of the View menu."""
    view = _("View")
    opened = with_project(frame)

    def several() -> str:
        return "" if len(frame.area.refs()) > 1 else _("fewer than two objects are open")

    return [
        Command(
            "view.palette", _("Find a command…"), view, frame.find_commands, "magnifying-glass", ("Ctrl+Shift+P",)
        ),
        Command(
            "view.quick_open", _("Find an object, field or function…"), view, frame.find_objects, "magnifying-glass",
            ("Ctrl+P",), opened,
        ),
        _panel(frame, "project", _("Project"), "Ctrl+1"),
        _panel(frame, "inspector", _("Inspector"), "Ctrl+2"),
        _panel(frame, "bottom", _("Panel at the bottom"), "Ctrl+3"),
        _page(frame, PROBLEMS, _("Problems"), "warning-circle", "Ctrl+Shift+M"),
        _page(frame, RUNS, _("Runs"), "list-bullets", "Ctrl+Shift+R"),
        _page(frame, HISTORY, _("History"), "clock-counter-clockwise", "Ctrl+Shift+H"),
        Command(
            "view.next_tab", _("Next tab"), view, lambda: _step(frame, 1), "", ("Ctrl+Tab", "Ctrl+PgDown"), several
        ),
        Command(
            "view.previous_tab", _("Previous tab"), view, lambda: _step(frame, -1), "",
            ("Ctrl+Shift+Tab", "Ctrl+PgUp"), several,
        ),
        _theme(frame, "system", _("Theme of the system")),
        _theme(frame, "light", _("Light theme")),
        _theme(frame, "dark", _("Dark theme")),
    ]  # fmt: skip


def _panel(frame: Frame, name: str, text: str, keys: str) -> Command:
    def turn() -> None:
        panel = frame.panel(name)
        panel.setVisible(panel.isHidden())
        frame.keep_layout()

    return Command(
        f"view.{name}", text, _("View"), turn, "square-half", (keys,), with_project(frame),
        checked=lambda: not frame.panel(name).isHidden(),
    )  # fmt: skip


def _page(frame: Frame, page: int, text: str, icon: str, keys: str) -> Command:
    names = {PROBLEMS: "problems", RUNS: "runs", HISTORY: "history"}

    def show() -> None:
        frame.panel("bottom").show()
        frame.bottom.show_page(page)

    return Command(f"view.{names[page]}", text, _("View"), show, icon, (keys,), with_project(frame))


def _step(frame: Frame, by: int) -> None:
    bar = frame.area.bar
    bar.setCurrentIndex((bar.currentIndex() + by) % bar.count())


def _theme(frame: Frame, mode: str, text: str) -> Command:
    def choose() -> None:
        frame.session.prefer(replace(frame.session.settings, theme=mode))

    return Command(
        f"view.theme_{mode}",
        text,
        _("View"),
        choose,
        "",
        (),
        checked=lambda: frame.session.settings.theme == mode,
    )
