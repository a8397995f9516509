"""A map of hundreds of rules is opened over several events, and still comes back as it was left."""

from __future__ import annotations

from pathlib import Path

from studio.mapping.model import Mapping, Transformation
from tests.ui.canvas_hands import TARGET, Map
from tests.ui.driver import Drive, running, window_test
from tests.ui.open_project import write_open

COUNT = 420
REF = "transformations/open"


def _large(folder: Path) -> Path:
    open_ = write_open(folder)
    file = open_ / f"{REF}.yaml"
    head = file.read_text(encoding="utf-8").partition("  out/party/name")[0]
    rules = "".join(f"  out/party[{n}]/name: \"'{n}'\"\n" for n in range(1, COUNT + 1))
    file.write_text(f"{head}{rules}  out/gone: \"'parked'\"\n", encoding="utf-8")
    return open_


def _map_of(drive: Drive) -> Mapping:
    found = drive.window.session.workspace.project.get(REF)
    assert isinstance(found, Transformation)
    return found.mapping


def _script(drive: Drive) -> str | None:
    rule = _map_of(drive).get("out/party[7]/name")
    return rule.script if rule else None


async def _opened(drive: Drive) -> Map:
    if not drive.all(TARGET):
        drive.window.open_object(REF)
    map = Map(drive)
    await drive.until(lambda: len(_map_of(drive)) == COUNT + 1 and len(map.shown(TARGET)) > COUNT)
    return map


@window_test
async def test_instances_of_a_large_map_come_back_where_they_were_left(tmp_path: Path) -> None:
    folder = _large(tmp_path)
    async with running(folder) as drive:
        map = await _opened(drive)
        await map.fold(TARGET, "out/party[410]")
        await map.click(TARGET, "out/party[410]/name")
        drive.key("F4", map.tree(TARGET))
        assert drive.find("Script of the rule").toPlainText() == "'410'"
        drive.key("Escape", drive.find("Script of the rule"))
        await drive.until(lambda: not drive.window.places.waiting)
        left = map.shown(TARGET), map.tree(TARGET).verticalScrollBar().value()
    async with running(folder) as drive:
        map = await _opened(drive)
        await drive.until(lambda: map.tree(TARGET).selection.paths()[:1] == ("out/party[410]/name",))
        assert (map.shown(TARGET), map.tree(TARGET).verticalScrollBar().value()) == left
        # The rule whose node has gone waits to be put somewhere.
        assert any("gone" in row for row in map.shown(TARGET))


@window_test
async def test_an_edit_before_the_rules_are_found_is_not_lost(tmp_path: Path) -> None:
    folder = _large(tmp_path)
    async with running(folder) as drive:
        drive.window.open_object(REF)
        editor = drive.window.area.current
        assert editor.map.opening
        editor.wishes.set_script("out/party[7]/name", "'seven'")
        map = await _opened(drive)
        await drive.until(lambda: not editor.map.busy)
        assert _script(drive) == "'seven'"
        assert len(_map_of(drive)) == COUNT + 1
        drive.key("Ctrl+Z", map.tree(TARGET))
        assert _script(drive) == "'7'"
