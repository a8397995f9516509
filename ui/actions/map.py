"""Map: the commands of the mapping editor, listed with their reason while no map is in front."""

from __future__ import annotations

from studio.base.i18n import _
from ui.actions.frame import Frame
from ui.commands import Command, never

IDS = (
    "map.connect", "map.edit_script", "map.wide_editor", "map.loop", "map.condition", "map.unmap", "",
    "map.suggest", "map.automap", "map.test", "", "map.previous_record", "map.next_record", "map.show_all",
)  # fmt: skip


def commands(_frame: Frame) -> list[Command]:
    """The declared commands; the mapping editor binds its own with the same ids while it is in front."""
    return [_declared(*values) for values in _declarations()]


def _declared(id: str, text: str, icon: str, *keys: str) -> Command:
    local = bool(keys) and len(keys[0]) == 1
    return Command(id, text, _("Map"), lambda: None, icon, keys, never(_("no map is open")), local=local)


def _declarations() -> tuple[tuple[str, ...], ...]:
    return (
        ("map.connect", _("Map the selected fields"), "arrow-right", "Return"),
        ("map.edit_script", _("Edit the script"), "pencil-simple", "F4"),
        ("map.wide_editor", _("Wide editor"), "arrows-out-simple", "Shift+F4"),
        ("map.loop", _("Loop here"), "repeat", "L"),
        ("map.condition", _("Condition"), "diamond", "C"),
        ("map.unmap", _("Remove the rule"), "trash", "Del"),
        ("map.suggest", _("Suggestions"), "lightbulb", "Ctrl+Space"),
        ("map.automap", _("Automap"), "magic-wand"),
        ("map.test", _("Test"), "test-tube", "F6"),
        ("map.previous_record", _("Previous record"), "caret-left", "Alt+Left"),
        ("map.next_record", _("Next record"), "caret-right", "Alt+Right"),
        ("map.show_all", _("Show all links"), "eye", "Escape"),
    )
