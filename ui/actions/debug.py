"""Debug: a map's run held at breakpoints; going on, stepping, stopping; the panel at the bottom comes with the first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from studio.base.i18n import _
from studio.mapping.held import Go
from ui.actions.frame import Frame, with_project
from ui.bridge import numbers
from ui.commands import Command, never
from ui.panels.debug import HEIGHT, DebugPanel

IDS = (
    "debug.start", "debug.start_here", "debug.toggle", "debug.edit", "debug.clear", "debug.failures", "",
    "debug.continue", "debug.over", "debug.into", "debug.out", "debug.pause", "debug.stop", "debug.panel",
)  # fmt: skip


def commands(frame: Frame) -> list[Command]:
    """The debugger's commands; those of a map are its editor's while it is in front."""
    debugging, category = frame.session.debugging, _("Debug")
    debugging.held.connect(lambda: _show(frame))
    debugging.ended.connect(lambda result: _ended(frame, result))
    debugging.ended.connect(lambda _result: frame.make_room(0))
    debugging.edit_wanted.connect(lambda _ref, path: _show(frame, lambda panel: panel.enter(path)))
    debugging.changed.connect(frame.table.refresh_soon)

    def held() -> str:
        return "" if debugging.state == "held" else _("no run is held")

    def running() -> str:
        return "" if debugging.state == "running" else _("no debugged run is going on")

    def any_run() -> str:
        return "" if debugging.state else _("nothing is being debugged")

    def go(id: str, text: str, how: Go, icon: str, keys: str, hint: str) -> Command:
        return Command(id, text, category, lambda: debugging.go(how), icon, (keys,), held, hint=hint)

    return [
        *_declared(),
        Command(
            "debug.failures", _("Hold where a rule fails"), category,
            lambda: debugging.hold_at_failures(on=not debugging.failures), "warning", (),
            checked=lambda: debugging.failures,
        ),
        go("debug.continue", _("Continue"), Go.RUN, "play", "F8", _("Go on to the next breakpoint")),
        go("debug.over", _("Step over"), Go.OVER, "arrow-arc-right", "F10", _("Go on to the next rule, or line")),
        go("debug.into", _("Step in"), Go.INTO, "arrow-elbow-right-down", "F11", _("Go on to the next line of the script")),
        go("debug.out", _("Step out"), Go.OUT, "arrow-line-up", "Shift+F11", _("Go on behind this script, or this turn")),
        Command("debug.pause", _("Hold now"), category, debugging.pause, "pause", ("Ctrl+F8",), running,
                hint=_("Hold the run wherever it is")),
        Command("debug.stop", _("Stop debugging"), category, debugging.stop, "stop-fill", ("Shift+F8",), any_run),
        Command("debug.panel", _("Debug panel"), category, lambda: _show(frame), "bug", ("Ctrl+Shift+Y",),
                with_project(frame)),
    ]  # fmt: skip


def _declared() -> list[Command]:
    reason = never(_("no map is open"))
    return [
        Command(id, text, _("Debug"), lambda: None, icon, (keys,), reason)
        for id, text, icon, keys in (
            ("debug.start", _("Debug"), "bug", "Ctrl+F5"),
            ("debug.start_here", _("Debug the record shown"), "bug-beetle", "Ctrl+Shift+F5"),
            ("debug.toggle", _("Breakpoint"), "circle-fill", "F9"),
            ("debug.edit", _("Condition of the breakpoint…"), "record-fill", "Ctrl+F9"),
            ("debug.clear", _("Remove all breakpoints"), "circle", "Ctrl+Shift+F9"),
        )
    ]


def _show(frame: Frame, then: Callable[[DebugPanel], object] = lambda _panel: None) -> None:
    """Bring the panel to the front, high enough to read; it is made first, in an event of its own."""
    pages = frame.bottom.pages
    place = next((n for n in range(pages.count()) if isinstance(pages.widget(n), DebugPanel)), -1)
    if place < 0:
        panel = DebugPanel(frame.session.debugging, frame.table)
        panel.opened.connect(frame.open_object)
        frame.area.turned.connect(lambda: panel.show_map(_map(frame)))
        place = frame.bottom.add(_("Debug"), panel)
    QTimer.singleShot(0, frame.widget(), lambda: _bring(frame, place, then))


def _bring(frame: Frame, place: int, then: Callable[[DebugPanel], object]) -> None:
    panel = frame.bottom.pages.widget(place)
    assert isinstance(panel, DebugPanel)
    panel.show_map(_map(frame))
    frame.panel("bottom").show()
    frame.bottom.show_page(place)
    frame.make_room(HEIGHT)
    then(panel)


def _map(frame: Frame) -> tuple[Path, str] | None:
    editor, workspace = frame.area.current, frame.session.workspace
    if editor is None or workspace is None or not editor.ref.startswith("transformations/"):
        return None
    return workspace.folder, editor.ref


def _ended(frame: Frame, result: dict[str, Any] | None) -> None:
    said = _("The debugged run was stopped.")
    if result is None:
        said = _("The debugged run ended by itself, without a result.")
    elif result:
        text = _("The debugged run has ended: {read} records read, {written} written, {failed} failed.")
        counts = {name: numbers.count(result[f"records_{name}"]) for name in ("in", "out")}
        said = text.format(read=counts["in"], written=counts["out"], failed=numbers.count(result["failed"]))
    frame.session.debugging.said = said
    frame.tell(said)
