"""Each gesture of the map has a twin: a command with a key, a tooltip that says it, an entry in a menu and in the palette."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QListView, QMenu

from tests.ui.canvas_hands import open_map
from tests.ui.driver import Drive, running, window_test
from ui.commands import native

# What the mouse does, and the command and key that do the same. That each key does it is tested where the gesture is:
# test_mapping_drops, test_mapping_keys, test_mapping_editor, test_mapping_bulk, test_picking, test_evidence,
# test_debug_marks, test_wide_script, test_map_views, test_map_pages, test_turns.
TWINS = {
    "drag a field onto a field": ("map.connect", "Return"),
    "drag several fields, in their order": ("map.connect", "Return"),
    "drag a node onto a node: loop": ("map.loop", "L"),
    "drag a node onto a node: same-named children": ("map.same_named", "Ctrl+Shift+K"),
    "drag a node onto a node: the whole subtree": ("map.automap", "Ctrl+Shift+A"),
    "drag onto a mapped field: append": ("map.append", "Shift+Return"),
    "drag onto a mapped field: insert into the script": ("map.insert", "Ctrl+Return"),
    "drop a value of the sample": ("map.constant", "Alt+Return"),
    "drag a rule to another node": ("map.cut", "Ctrl+X"),
    "drag a rule to another node, the second half": ("map.paste", "Ctrl+V"),
    "copy a rule": ("map.copy", "Ctrl+C"),
    "drag an instance up": ("map.instance_up", "Alt+Shift+Up"),
    "drag an instance down": ("map.instance_down", "Alt+Shift+Down"),
    "give a gesture up, show all links": ("map.show_all", "Escape"),
    "click a link's far end": ("map.show_partners", "Ctrl+J"),
    "double-click a target": ("map.edit_script", "F4"),
    "click on Condition": ("map.condition", "C"),
    "click on the wide editor's button": ("map.wide_editor", "Shift+F4"),
    "take a rule away in the menu of its row": ("map.unmap", "Del"),
    "click a suggestion": ("map.suggest", "Ctrl+Space"),
    "click 'Add the missing loop'": ("map.add_loops", "Ctrl+Alt+L"),
    "click a value": ("map.provenance", "Ctrl+Alt+W"),
    "click beside a script's first line": ("debug.toggle", "F9"),
    "click the chip of a choice": ("map.pick", "P"),
    "one more instance in the chip's list": ("map.instance", "Shift+P"),
    "draw a node in the row's menu": ("map.draw", "Shift+N"),
    "click the arrows of the record": ("map.next_record", "Alt+Right"),
    "click the arrows of the record, back": ("map.previous_record", "Alt+Left"),
    "click the arrows of the turn": ("map.next_turn", "Alt+Shift+Right"),
    "click the arrows of the turn, back": ("map.previous_turn", "Alt+Shift+Left"),
    "click the sample's button": ("map.sample", "Alt+Down"),
    "click into a tree's filter": ("map.filter_target", "Ctrl+F"),
    "click into the other tree's filter": ("map.filter_source", "Ctrl+Shift+F"),
    "turn the wheel with Ctrl": ("map.zoom_in", "Ctrl++"),
    "click 'Review the changes'": ("map.review_schema", "Ctrl+Alt+R"),
}


def entries(menu: QMenu) -> Iterator[str]:
    """The ids in a menu and in those inside it."""
    for action in menu.actions():
        inside = action.menu()
        if isinstance(inside, QMenu):
            inside.aboutToShow.emit()
            yield from entries(inside)
        elif action.objectName():
            yield action.objectName()


def in_menus(drive: Drive) -> set[str]:
    tops = (action.menu() for action in drive.window.menuBar().actions())
    return {id for menu in tops if isinstance(menu, QMenu) for id in entries(menu)}


@pytest.mark.parametrize("language", ["en", "pt_BR"])
@window_test
async def test_each_gesture_has_a_key_a_tooltip_a_menu_and_a_line_in_the_palette(
    small: Path, language: str
) -> None:
    async with running(small, size="1600x1000", language=language, watched=False) as drive:
        if language == "en":
            await open_map(drive)
        else:
            drive.window.open_object("transformations/orders-to-invoices")
            await drive.rest()
        table, found = drive.window.table, in_menus(drive)
        drive.key("Ctrl+Shift+P", drive.window)
        await drive.rest()
        view = drive.find("Find" if language == "en" else "Localizar", QListView)
        listed = drive.rows(view)
        for gesture, (id, keys) in TWINS.items():
            command = table.get(id)
            assert keys in command.keys, gesture
            tooltip = table.action(id).toolTip()
            assert native(keys) in tooltip, (gesture, tooltip)
            assert len(tooltip.split(" (")[0]) > 3, (gesture, tooltip)
            assert id in found, f"{gesture}: {id} is in no menu"
            name = command.shown.rstrip("….")
            assert any(name in line for line in listed), f"{gesture}: {name} is not in the palette"
        drive.key("Escape")
        await drive.rest()
