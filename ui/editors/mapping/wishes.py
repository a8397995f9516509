"""What a person wants of a map, turned into edits: drops, keys, menus and written scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from studio.base.i18n import _, ngettext
from studio.mapping import address, connect, edits, missing_loops, picking, remap
from studio.mapping.context import Contexts, reference
from studio.mapping.further import TARGET
from studio.mapping.losses import Lost
from studio.mapping.model import Mapping
from studio.mapping.suggest import Suggestion
from studio.mapping.tree import Trees
from studio.project import edits as project_edits
from ui.canvas.canvas import Drop, MappingCanvas
from ui.canvas.link_index import Side
from ui.editors.mapping import drops
from ui.editors.mapping.instance_drops import instance_choices
from ui.editors.mapping.pick_commands import PICK_IDS
from ui.editors.mapping.schema_changes import follow_all
from ui.editors.mapping.script_bar import Part

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor


class Wishes(QObject):
    """Carries out what canvas, script bar and commands ask for. Every edit is one named step of the history."""

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        # The target path whose rule is carried to another node, and whether it leaves its own.
        self.carried: tuple[str, bool] | None = None

    @property
    def _canvas(self) -> MappingCanvas:
        return self._editor.canvas

    @property
    def _mapping(self) -> Mapping:
        return self._editor.map.mapping

    @property
    def _trees(self) -> Trees:
        return self._editor.map.trees

    def connect_selected(self) -> None:
        """The keyboard's drop: the selected source rows onto the current target row."""
        rect = self._canvas.screen_rect(Side.TARGET, self._canvas.path(Side.TARGET))
        self.drop(Drop(self._canvas.selected(Side.SOURCE), self._canvas.path(Side.TARGET), rect.bottomLeft()))

    def drop(self, drop: Drop) -> None:
        """Do what a drop offers, or ask which of several things."""
        meant = instance_choices(self._editor.map.shape.variants, self._trees.target, drop.target)
        if meant:
            self._ask_instance(meant, drop)
            return
        selected = self._canvas.selected(Side.TARGET)
        targets = selected if drop.target in selected else ()
        found = drops.offer(self._mapping, self._trees, drop.sources, drop.target, drop.value, targets)
        if found.now is not None:
            self._do(found.now, drop.target)
        elif found.choices:
            self._ask_which(found.choices, drop)
        else:
            self._editor.desk.tell(found.refusal)

    def _ask_instance(self, meant: Sequence[tuple[str, str]], drop: Drop) -> None:
        """A node with instances takes nothing itself: ask for one of them, or a new one."""
        menu = QMenu(self._editor)
        menu.setAccessibleName(_("Which instance"))
        for text, path in meant:
            action = menu.addAction(text)
            action.triggered.connect(lambda _on=False, path=path: self.drop(replace(drop, target=path)))
        popup(menu, drop.point)

    def _ask_which(self, choices: Sequence[drops.Choice], drop: Drop) -> None:
        menu = QMenu(self._editor)
        menu.setAccessibleName(_("What the drop does"))
        menu.setToolTipsVisible(True)
        for choice in choices:
            action = menu.addAction(choice.text)
            action.setEnabled(not choice.reason)
            action.setToolTip(choice.reason or "\n".join(choice.preview))
            action.triggered.connect(lambda _on=False, choice=choice: self._do(choice, drop.target))
        popup(menu, drop.point)

    def _do(self, choice: drops.Choice, target: str) -> None:
        if choice.pairs:
            self._editor.bulk.offer_pairs(choice.label, choice.pairs)
        elif choice.insert:
            self.select_target(target)
            self.insert_field(choice.insert)
        elif choice.edit is not None:
            self.apply(choice.label, choice.edit(self._mapping), target)

    def apply(self, label: str, mapping: Mapping, show: str = "") -> None:
        """Make a mapping the current one, as one step; then show a target path."""
        self._editor.map.edit(label, mapping)
        if show:
            self.select_target(show)

    def select_target(self, path: str) -> None:
        """Make a target path current."""
        if self._canvas.path(Side.TARGET) != path:
            self._canvas.select(Side.TARGET, path)

    def insert_field(self, source: str) -> None:
        """Write a source field at the cursor of the script being written."""
        path = self._editor.bar.path
        if path:
            contexts = Contexts(self._mapping, self._trees.source)
            self._editor.bar.insert(reference(source, contexts.of(path)))

    def insert_selected(self) -> None:
        """Write the selected source fields at the cursor of the script or condition in hand."""
        part = self._editor.bar.part
        self._editor.write(part if part is Part.WHEN else Part.SCRIPT)
        for source in self._canvas.selected(Side.SOURCE):
            self.insert_field(source)

    def move(self, old: str, new: str, _point: QPoint) -> None:
        """Move a rule to another target node, or attach a parked one there."""
        base, number = address.instance(old)
        if number and address.instance(new)[0] == base and address.instance(new)[1]:
            self.reorder(old, address.instance(new)[1])
            return
        parked = next((rule for rule in self._mapping.parked if rule.path == old), None)
        names = {"name": address.name(old), "target": address.name(new)}
        if parked is not None and self._mapping.get(old) is None:
            label = _("Attach {name} to {target}").format(**names)
            self.apply(label, remap.attach(self._mapping, parked, new, self._trees), new)
        elif self._mapping.get(old) is not None:
            label = _("Move the rule of {name} to {target}").format(**names)
            self.apply(label, edits.move_rules(self._mapping, old, new, self._trees), new)

    def set_script(self, path: str, text: str) -> None:
        """Give a node this script."""
        self.take(path, Part.SCRIPT, text)

    def carry(self, *, cut: bool) -> None:
        """Take the selected rules along, to be put on another node: the keyboard's drag of a rule."""
        path = self._canvas.path(Side.TARGET)
        row = self._canvas.current_row(Side.TARGET)
        self.carried = None
        if row is None or row.rule is None:
            self._editor.clipboard.copy(cut=cut)
            return
        self.carried = path, cut
        self._editor.desk.tell(_("Select another node and press Ctrl+V for the rule of {name}.").format(
            name=address.name(path)
        ))  # fmt: skip
        self._editor.desk.commands.refresh_soon()

    def put_down(self) -> None:
        """Put the rules taken along on the current node."""
        if self.carried is None:
            self._editor.clipboard.paste()
            return
        old, _cut = self.carried
        self.carried = None
        self.move(old, self._canvas.path(Side.TARGET), QPoint())

    def make_constant(self) -> None:
        """Give the current target the sample's value of the current source field: the keyboard's drop of a value."""
        source, target = self._canvas.path(Side.SOURCE), self._canvas.path(Side.TARGET)
        value = next(iter(self._editor.suggestions.source_values(source)), "")
        self._give(target, value)

    def _give(self, target: str, value: str) -> None:
        label = _("Give {target} the constant {value}").format(target=address.name(target), value=value)
        self.apply(label, connect.constant(self._mapping, self._trees, target, value), target)

    def take(self, path: str, part: Part, text: str) -> None:
        """Take over what was written into a part of a rule."""
        mapping, target = self._mapping, self._trees.target
        name = address.name(path)
        if part is Part.SCRIPT:
            self.apply(_("Script of {name}").format(name=name), edits.set_script(mapping, path, text, target))
        elif part is Part.WHEN:
            self.apply(
                _("Condition of {name}").format(name=name), edits.set_when(mapping, path, text, target)
            )
        else:
            changed = edits.set_loop_text(mapping, path, text, self._trees)
            self.apply(_("Loop of {name}").format(name=name), changed)

    def loop_here(self) -> None:
        """Loop the current target node over the current source node if both repeat, else write the loop."""
        source, target = self._canvas.path(Side.SOURCE), self._canvas.path(Side.TARGET)
        trees = self._trees
        from_place, to_place = trees.source.find(source), trees.target.find(target)
        rule = self._mapping.get(target)
        if from_place and to_place and from_place.repeats and to_place.repeats and not (rule and rule.loops):
            choices = drops.loop_choices(self._mapping, trees, source, target)
            rect = self._canvas.screen_rect(Side.TARGET, target)
            if len(choices) == 1:
                self._do(choices[0], target)
            else:
                self._ask_which(choices, Drop((source,), target, rect.bottomLeft()))
        else:
            self._editor.write(Part.LOOP)

    def loop_instead(self, target: str, source: str) -> None:
        """Let the loop on a target node visit another source node; what is read below stays what it was."""
        names = {"target": address.name(target), "source": address.name(source)}
        label = _("Loop {target} over {source}").format(**names)
        self.apply(label, edits.set_loop(self._mapping, target, source, self._trees), target)

    def add_loops(self, path: str = "") -> None:
        """Loop over the nodes of which a rule, that of the current node, reads several at once."""
        path = path or self._canvas.path(Side.TARGET)
        label = _("Loop for the rule of {name}").format(name=address.name(path))
        self.apply(label, missing_loops.add(self._mapping, self._trees, path), path)

    def follow(self, lost: Lost, path: str) -> None:
        """Lead all that led to a lost node to where it is now."""
        follow_all(self._editor.map, [(lost, path)])

    def take_suggestion(self, found: Suggestion) -> None:
        """Map what was suggested."""
        if found.constant:
            self._give(found.target, found.constant)
            self._canvas.target.setFocus()
            return
        names = {"source": address.name(found.source), "target": address.name(found.target)}
        label = _("Map {source} to {target}").format(**names)
        mapping = connect.map_field(self._mapping, self._trees, found.source, found.target)
        self.apply(label, mapping, found.target)
        self._canvas.target.setFocus()

    def move_instance(self, by: int) -> None:
        """Give the current instance of a repeated node the place of the one before or after it."""
        path = self._canvas.path(Side.TARGET)
        base, number = address.instance(path)
        taken = edits.instances(self._mapping, base)
        if number in taken and 0 <= taken.index(number) + by < len(taken):
            self.reorder(path, taken[taken.index(number) + by])

    def reorder(self, path: str, to: int) -> None:
        """Give an instance the place of another."""
        base = address.instance(path)[0]
        label = _("Move an instance of {name}").format(name=address.name(base))
        self.apply(label, edits.reorder(self._mapping, path, to, self._trees.target), f"{base}[{to}]")

    def unmap(self) -> None:
        """Take away the rules of the selected target rows; a parked rule is given up."""
        paths = self._canvas.selected(Side.TARGET)
        rows = self._canvas.rows[Side.TARGET]
        chosen = [rows[row] for row in self._canvas.target.selection.rows()]
        parked = [row.rule for row in chosen if row.rule is not None]
        ruled = [path for path in paths if self._mapping.get(path) is not None]
        mapping = edits.unmap(self._mapping, ruled, self._trees)
        mapping = remap.discard(mapping, parked)
        number = len(ruled) + len(parked)
        text = ngettext("Remove {n} rule", "Remove {n} rules", number).format(n=number)
        self.apply(text, mapping)

    def remove_below(self) -> None:
        """Take away the current node's rule and all rules below it."""
        path = self._canvas.path(Side.TARGET)
        label = _("Remove everything below {name}").format(name=address.name(path))
        map = self._editor.map
        mapping = edits.remove(self._mapping, [path], self._trees.target)
        changed = picking.removed(replace(map.transformation, mapping=mapping), TARGET, path)
        if changed != map.transformation:
            map.put(label, changed)

    def duplicate(self) -> None:
        """One more instance of the current node, with its rules."""
        path = self._canvas.path(Side.TARGET)
        label = _("Duplicate {name}").format(name=address.name(path))
        mapping = edits.duplicate(self._mapping, path, self._trees.target)
        if mapping is self._mapping:
            self._editor.picking.one_more(path)
            return
        self.apply(label, mapping)

    def append_selected(self) -> None:
        """Append the selected source fields to the current rule."""
        target = self._canvas.path(Side.TARGET)
        mapping = self._mapping
        for source in self._canvas.selected(Side.SOURCE):
            mapping = connect.append_field(mapping, self._trees, source, target)
        self.apply(_("Append to {target}").format(target=address.name(target)), mapping)

    def menu(self, side: Side, _path: str, point: QPoint) -> None:
        """The menu of a row."""
        menu = QMenu(self._editor)
        menu.setAccessibleName(_("Node"))
        ids = ("map.connect", "map.edit_script", "map.condition", "map.loop", "map.suggest", "debug.toggle", "map.provenance", "", *PICK_IDS, "",
               "map.duplicate", "map.unmap", "map.remove_below", "", "map.show_all", "map.table")  # fmt: skip
        for id in (
            ids
            if side is Side.TARGET
            else ("map.connect", "map.provenance", "", *PICK_IDS, "", "map.show_partners", "map.show_all")
        ):
            if not id:
                menu.addSeparator()
            elif id in self._editor.desk.commands:
                menu.addAction(self._editor.desk.commands.action(id))
        popup(menu, point)

    def choose_sample(self, point: QPoint) -> None:
        """The project's samples, the one in use ticked; and one from elsewhere."""
        editor = self._editor
        menu = QMenu(editor)
        menu.setAccessibleName(_("Sample"))
        project = editor.workspace.project
        own = project_edits.own_samples(editor.map.transformation.source.schema)
        for file in dict.fromkeys((*own, *project.samples)):
            entry = menu.addAction(file.rpartition("/")[2])
            entry.setToolTip(file)
            entry.setCheckable(True)
            entry.setChecked(file == editor.preview.sample)
            entry.triggered.connect(lambda _on=False, file=file: self.take_sample(file))
        menu.addSeparator()
        if "map.add_sample" in editor.desk.commands:
            menu.addAction(editor.desk.commands.action("map.add_sample"))
        popup(menu, point)

    def take_sample(self, file: str) -> None:
        """Try the map with this sample from now on."""
        map = self._editor.map
        changed = project_edits.with_sample(map.transformation, file)
        if changed != map.transformation:
            map.put(_("Sample of {name}").format(name=map.transformation.name), changed)


def popup(menu: QMenu, point: QPoint) -> None:
    """Show a menu at a point of the screen with its first entry chosen; it goes when it closes."""
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(point)
    usable = (action for action in menu.actions() if action.isEnabled() and not action.isSeparator())
    first = next(usable, None)
    if first is not None:
        menu.setActiveAction(first)
