"""The commands of the mapping editor: the same table entry serves menu, palette, toolbar, key and context menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.base.i18n import _
from studio.mapping import address, edits
from studio.mapping.missing_loops import missing
from ui.canvas.link_index import Side
from ui.canvas.shape import RowKind
from ui.commands import Command, always
from ui.editors.mapping.pick_commands import PICK_IN_TREES
from ui.editors.mapping.script_bar import Part

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

Reason = Callable[[], str]

# Commands whose keys act only while a tree has the focus.
IN_TREES = (
    "map.connect", "map.suggest", "map.insert", "map.append", "map.loop", "map.condition", "map.unmap", "map.remove_below",
    "map.show_all", "map.cut", "map.copy", "map.paste", "map.constant",
    "map.instance_up", "map.instance_down", *PICK_IN_TREES,
)  # fmt: skip


def commands_of(editor: MappingEditor) -> list[Command]:
    """Everything a person can do in this map; ids the window declares take over its entries."""
    ask = _Reasons(editor)
    table: tuple[tuple[str, str, str, Reason, Callable[[], object], tuple[str, ...]], ...] = (
        ("map.connect", _("Map the selected fields"), "arrow-right", ask.both, editor.wishes.connect_selected, ("Return",)),
        ("map.edit_script", _("Edit the script"), "pencil-simple", ask.target,
         lambda: editor.write(Part.SCRIPT), ("F4",)),
        ("map.wide_editor", _("Wide editor"), "arrows-out-simple", ask.target, editor.wide.turn, ("Shift+F4",)),
        ("map.loop", _("Loop here"), "repeat", ask.target, editor.wishes.loop_here, ("L",)),
        ("map.add_loops", _("Add the missing loop"), "repeat", ask.unlooped, editor.wishes.add_loops, ("Ctrl+Alt+L",)),
        ("map.condition", _("Condition"), "diamond", ask.target, lambda: editor.write(Part.WHEN), ("C",)),
        ("map.unmap", _("Remove the rule"), "trash", ask.ruled, editor.wishes.unmap, ("Del",)),
        ("map.remove_below", _("Remove the rule and all below"), "trash", ask.target, editor.wishes.remove_below,
         ("Shift+Del",)),
        ("map.duplicate", _("Duplicate the node"), "copy", ask.many, editor.wishes.duplicate, ("Ctrl+D",)),
        ("map.suggest", _("Suggestions"), "lightbulb", ask.target, editor.suggest, ("Ctrl+Space",)),
        ("map.automap", _("Automap"), "magic-wand", ask.both_trees, editor.bulk.automap,
         ("Ctrl+Shift+A",)),
        ("map.same_named", _("Map same-named children…"), "equals", ask.both, editor.bulk.same_named,
         ("Ctrl+Shift+K",)),
        ("map.replace", _("Find and replace in scripts…"), "swap", always, editor.bulk.replace, ("Ctrl+H",)),
        ("map.replace_all", _("Find and replace in the project…"), "swap", always,
         lambda: editor.bulk.replace(everywhere=True), ("Ctrl+Alt+H",)),
        ("map.instance_up", _("Move the instance up"), "arrow-up", ask.not_first, lambda: editor.wishes.move_instance(-1),
         ("Alt+Shift+Up",)),
        ("map.instance_down", _("Move the instance down"), "arrow-down", ask.not_last,
         lambda: editor.wishes.move_instance(1), ("Alt+Shift+Down",)),
        ("map.insert", _("Insert the field into the script"), "brackets-square", ask.both, editor.wishes.insert_selected,
         ("Ctrl+Return",)),
        ("map.append", _("Append the field to the rule"), "plus", ask.both, editor.wishes.append_selected,
         ("Shift+Return",)),
        ("map.cut", _("Cut the rule"), "scissors", ask.carriable, lambda: editor.wishes.carry(cut=True), ("Ctrl+X",)),
        ("map.copy", _("Copy the rule"), "copy", ask.copyable, lambda: editor.wishes.carry(cut=False), ("Ctrl+C",)),
        ("map.paste", _("Put the rule here"), "clipboard", ask.carrying, editor.wishes.put_down, ("Ctrl+V",)),
        ("map.constant", _("Use the sample's value as a constant"), "quotes", ask.valued,
         editor.wishes.make_constant, ("Alt+Return",)),
        ("map.previous_record", _("Previous record"), "caret-left", ask.earlier,
         lambda: editor.records.step_by(-1), ("Alt+Left",)),
        ("map.next_record", _("Next record"), "caret-right", ask.later,
         lambda: editor.records.step_by(1), ("Alt+Right",)),
        ("map.sample", _("Choose the sample…"), "file-text", always, editor.bar.stepper.ask_sample, ("Alt+Down",)),
        ("map.show_all", _("Show all links"), "eye", ask.escapable, lambda: _escape(editor),
         ("Escape",)),
        ("map.show_partners", _("Show the other end"), "arrows-left-right", ask.focused, editor.show_partners,
         ("Ctrl+J",)),
        ("map.filter_source", _("Filter the source"), "funnel-simple", always,
         lambda: editor.filter_side(Side.SOURCE), ("Ctrl+Shift+F",)),
        ("map.filter_target", _("Filter the target"), "funnel-simple", always,
         lambda: editor.filter_side(Side.TARGET), ("Ctrl+F",)),
        ("map.table", _("Rules as a table"), "table", always, editor.turn_table, ("Ctrl+T",)),
        ("map.text", _("Map as text"), "code", always, editor.turn_text, ("Ctrl+Shift+T",)),
        ("map.review_schema", _("Review changes of the schemas"), "git-diff", ask.lost, editor.review_changes,
         ("Ctrl+Alt+R",)),
        ("map.options", _("Options of this transformation"), "sliders-horizontal", always, editor.show_options, ()),
    )  # fmt: skip
    switches = {"map.table": lambda: editor.as_table, "map.text": lambda: editor.as_text}
    return [
        Command(
            id, text, _("Map"), do, icon, keys, when, local=id in IN_TREES,
            checked=switches.get(id),
        )
        for id, text, icon, when, do, keys in table
    ]  # fmt: skip


def _escape(editor: MappingEditor) -> None:
    """What Esc means in the trees: give up what is being looked for, else the gesture going on, else the focus."""
    if editor.bulk.looking:
        editor.bulk.cancel()
    else:
        editor.canvas.escape()


class _Reasons:
    """Why a command cannot be done now, "" if it can."""

    def __init__(self, editor: MappingEditor) -> None:
        self._editor = editor

    def target(self) -> str:
        row = self._editor.canvas.current_row(Side.TARGET)
        if row is None:
            return _("no target field is selected")
        return "" if row.kind is RowKind.NODE else _("this row has no rule of its own")

    def unlooped(self) -> str:
        map = self._editor.map
        path = self._editor.canvas.path(Side.TARGET)
        found = self.target()
        return found or ("" if missing(map.mapping, map.trees, path) else _("its rule misses no loop"))

    def both(self) -> str:
        if not self._editor.canvas.selected(Side.SOURCE):
            return _("no source field is selected")
        return self.target()

    def both_trees(self) -> str:
        trees = self._editor.map.trees
        missing = trees.source.root is None or trees.target.root is None
        return _("a schema is missing") if missing else ""

    def ruled(self) -> str:
        editor = self._editor
        rows = editor.canvas.rows[Side.TARGET]
        chosen = [rows[row] for row in editor.canvas.target.selection.rows()]
        if any(row.rule is not None or editor.map.mapping.get(row.path) is not None for row in chosen):
            return ""
        return _("no rule is selected")

    def carriable(self) -> str:
        row = self._editor.canvas.current_row(Side.TARGET)
        if row is not None and row.rule is not None:
            return ""
        return self.copyable()

    def copyable(self) -> str:
        path = self._editor.canvas.path(Side.TARGET)
        return "" if self._editor.map.mapping.get(path) is not None else _("no rule is selected")

    def carrying(self) -> str:
        carried = self._editor.wishes.carried
        if carried is None:
            return self._editor.clipboard.reason() or self.target()
        same = carried[0] == self._editor.canvas.path(Side.TARGET)
        return _("the rule stands here already") if same else self.target()

    def valued(self) -> str:
        editor = self._editor
        reason = self.both()
        source = editor.canvas.path(Side.SOURCE)
        return reason or (
            "" if editor.suggestions.source_values(source) else _("the field has no value here")
        )

    def many(self) -> str:
        reason = self.target()
        place = self._editor.map.trees.target.find(self._editor.canvas.path(Side.TARGET))
        return reason or ("" if place is not None and place.repeats else _("this node occurs once only"))

    def lost(self) -> str:
        return "" if self._editor.watch.lost else _("every rule has its nodes")

    def not_first(self) -> str:
        return self._instance(-1)

    def not_last(self) -> str:
        return self._instance(1)

    def _instance(self, by: int) -> str:
        base, number = address.instance(self._editor.canvas.path(Side.TARGET))
        taken = edits.instances(self._editor.map.mapping, base) if number else ()
        if number not in taken:
            return _("this is no instance of a repeated node")
        at = taken.index(number) + by
        if 0 <= at < len(taken):
            return ""
        return _("this is the first instance") if by < 0 else _("this is the last instance")

    def earlier(self) -> str:
        return "" if self._editor.records.beyond(-1) is not None else _("this is the first record")

    def later(self) -> str:
        return "" if self._editor.records.beyond(1) is not None else _("this is the last record")

    def escapable(self) -> str:
        editor = self._editor
        return "" if editor.bulk.looking or editor.canvas.can_escape else _("all links are shown")

    def focused(self) -> str:
        return "" if self._editor.canvas.focused else _("all links are shown")
