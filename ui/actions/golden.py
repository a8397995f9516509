"""Tests of the open map: run, their results listed, taken as expected, and a new one of the sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.base.i18n import _
from studio.mapping.model import Transformation
from studio.project import edits
from studio.project.layout import ref_for
from studio.project.migrate import header
from studio.project.texts import object_text, with_text
from studio.workspace import Changes
from ui.actions.frame import Frame, workspace_of
from ui.commands import Command
from ui.dialogs.side_by_side import SideBySide
from ui.panels.tests import TestsPanel

IDS = ("map.run_tests", "map.compare_test", "map.take_tests", "map.new_test")


def commands(frame: Frame) -> list[Command]:
    """The commands about tests in the Map menu."""
    return [
        Command(
            "map.run_tests", _("Run tests"), _("Map"), lambda: _run(frame, take=False), "test-tube", ("Shift+F6",),
            lambda: _reason(frame), hint=_("Hold what the map makes against what its tests expect"),
        ),
        Command(
            "map.compare_test", _("Compare with what is expected"), _("Map"), lambda: _compare(frame), "columns",
            ("Ctrl+Shift+F6",), lambda: _compare_reason(frame),
            hint=_("The expected document and the present one side by side"),
        ),
        Command(
            "map.take_tests", _("Take the results as expected"), _("Map"), lambda: _run(frame, take=True), "check", (),
            lambda: _reason(frame), hint=_("What the map makes now is what its tests expect from here on"),
        ),
        Command(
            "map.new_test", _("New test from the sample"), _("Map"), lambda: _new(frame), "plus", (),
            lambda: _sample_reason(frame), hint=_("What the map makes of the sample now becomes what is expected"),
        ),
    ]  # fmt: skip


def _map(frame: Frame) -> tuple[str, Transformation] | None:
    editor, workspace = frame.area.current, frame.session.workspace
    found = workspace.project.get(editor.ref) if editor is not None and workspace is not None else None
    if editor is None or not isinstance(found, Transformation):
        return None
    return editor.ref.partition("/")[2], found


def _tests(frame: Frame, ref: str) -> dict[str, str]:
    """The texts of a map's tests by reference, unsaved ones included."""
    project = workspace_of(frame).project
    refs = [test for test in project.of_kind("tests") if test.rpartition("/")[0] == ref]
    return {test: object_text(project, f"tests/{test}") or "" for test in refs}


def _reason(frame: Frame) -> str:
    found = _map(frame)
    if found is None:
        return _("no map is open")
    return "" if _tests(frame, found[0]) else _("the map has no tests")


def _sample_reason(frame: Frame) -> str:
    found = _map(frame)
    if found is None:
        return _("no map is open")
    return "" if edits.sample_of(found[1]) else _("the map has no sample")


async def _run(frame: Frame, *, take: bool) -> None:
    found, editor = _map(frame), frame.area.current
    if found is None or editor is None:
        return
    editor.commit()
    ref, transformation = _map(frame) or found
    workspace = workspace_of(frame)
    asked = frame.session.agent.run_tests(
        workspace.folder, ref, transformation, _tests(frame, ref), take=take
    )
    frame.tell(_("Running the tests of {name}…").format(name=transformation.name))
    answer = await frame.session.tasks.felt(asked)
    if answer is None or frame.session.workspace is not workspace:
        return
    if answer["texts"]:
        project = workspace.project
        for test, text in answer["texts"].items():
            project = with_text(project, f"tests/{test}", text)
        workspace.edit(
            _("Expected by the tests of {name}").format(name=transformation.name), project, initiator="tests"
        )
    _show(frame, ref, transformation, answer)


def _show(frame: Frame, ref: str, tried: Transformation, answer: dict[str, Any]) -> None:
    """List the results at the bottom; the page for them comes with the first."""
    pages = frame.bottom.pages
    place = next((n for n in range(pages.count()) if isinstance(pages.widget(n), TestsPanel)), -1)
    if place < 0:
        panel = TestsPanel()
        panel.opened.connect(frame.open_object)
        _watch(frame, panel)
        place = frame.bottom.add(_("Tests"), panel)
    shown = pages.widget(place)
    assert isinstance(shown, TestsPanel)
    shown.show_answer(ref, answer, tried)
    _mark_old(frame, shown)
    # What can be compared is known only now.
    frame.table.refresh_soon()
    frame.bottom.set_count(place, answer["differs"] + answer["broken"])
    frame.panel("bottom").show()
    frame.bottom.show_page(place)
    passed = answer["passed"] + answer["updated"]
    frame.tell(_("{passed} of {n} tests passed.").format(passed=passed, n=len(answer["tests"])))


def _watch(frame: Frame, panel: TestsPanel) -> None:
    """Results say so once their map is another one."""

    def look(changes: Changes, _initiator: str) -> None:
        if f"transformations/{panel.ref}" in changes.objects:
            _mark_old(frame, panel)

    frame.session.changed.connect(look)


def _mark_old(frame: Frame, panel: TestsPanel) -> None:
    workspace = frame.session.workspace
    if workspace is not None:
        panel.show_old(old=workspace.project.get(f"transformations/{panel.ref}") != panel.tried)


def _panel(frame: Frame) -> TestsPanel | None:
    pages = frame.bottom.pages
    panels = (pages.widget(n) for n in range(pages.count()))
    return next((panel for panel in panels if isinstance(panel, TestsPanel)), None)


def _answered(frame: Frame) -> Mapping[str, Any] | None:
    """The test whose documents are to be compared."""
    panel = _panel(frame)
    return panel.test() if panel is not None else None


def _compare_reason(frame: Frame) -> str:
    if _answered(frame):
        return ""
    return _("no test could be run") if _panel(frame) else _("no test has run yet")


def _compare(frame: Frame) -> None:
    test = _answered(frame)
    if test is not None:
        texts = str(test["expected_text"]), str(test["made_text"])
        SideBySide(frame.widget(), _("Test {name}").format(name=test["name"]), texts).show()


async def _new(frame: Frame) -> None:
    """A test of the whole sample; what the map makes of it now is written as what is expected."""
    found = _map(frame)
    if found is None:
        return
    ref, transformation = found
    workspace = workspace_of(frame)
    sample = edits.sample_of(transformation)
    taken = {test.rpartition("/")[2] for test in _tests(frame, ref)}
    name = ref_for(sample.rpartition("/")[2].partition(".")[0], taken)
    data = {"weft": header("test"), "name": name, "input": sample}
    project = edits.put(workspace.project, f"tests/{ref}/{name}", data)
    workspace.edit(_("New test of {name}").format(name=transformation.name), project, initiator="tests")
    await _run(frame, take=True)
