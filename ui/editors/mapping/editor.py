"""The mapping editor: puts canvas, script bar, table, inspector and preview together and turns wishes into edits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.base.i18n import _
from studio.mapping.model import Rule
from studio.project import text_drafts
from studio.script.functions import FUNCTIONS
from studio.workspace import Workspace
from ui.canvas.canvas import MappingCanvas
from ui.canvas.gestures import Target
from ui.canvas.link_index import Side, find_ends
from ui.canvas.shape import RowKind
from ui.commands import Command
from ui.editors.base import Desk, Editor
from ui.editors.functions import function_card
from ui.editors.mapping.arrangement import Arrangement
from ui.editors.mapping.bulk import Bulk
from ui.editors.mapping.clipboard import RuleClipboard
from ui.editors.mapping.commands import IN_TREES, commands_of
from ui.editors.mapping.debug_marks import DebugMarks
from ui.editors.mapping.drafts import Drafts
from ui.editors.mapping.evidence import MapEvidence
from ui.editors.mapping.inspector import MapInspector
from ui.editors.mapping.language import Language
from ui.editors.mapping.map_state import MapState
from ui.editors.mapping.map_writing import MapWriting
from ui.editors.mapping.mends import Mends
from ui.editors.mapping.options import MapOptions
from ui.editors.mapping.pages import MapPages
from ui.editors.mapping.part_result import PartResult
from ui.editors.mapping.pick_commands import pick_commands
from ui.editors.mapping.picking import Picking
from ui.editors.mapping.preview import LivePreview
from ui.editors.mapping.provenance import ProvenanceSection
from ui.editors.mapping.quiet import Quiet
from ui.editors.mapping.records import MapRecords
from ui.editors.mapping.rule_table import RuleTable
from ui.editors.mapping.sample_strip import SampleStrip
from ui.editors.mapping.schema_changes import ChangesPage, ChangesStrip, SchemaWatch
from ui.editors.mapping.script_bar import Part, ScriptBar
from ui.editors.mapping.suggestions import Suggestions
from ui.editors.mapping.summary import summary_of
from ui.editors.mapping.text_page import TextPage
from ui.editors.mapping.turns import MapTurns
from ui.editors.mapping.view_commands import view_commands, view_ids
from ui.editors.mapping.wide import WideScript
from ui.editors.mapping.wishes import Wishes
from ui.widgets.labels import Text

# So long (seconds) after an edit the links and the Inspector wait for the values.
_LINKS, _INSPECTOR = 0.3, 2.0


class MappingEditor(Editor):
    """One transformation."""

    def __init__(self, workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> None:
        super().__init__(workspace, agent, ref, desk)
        self.setAccessibleName(_("Map {name}").format(name=self.title()))
        self.map = MapState(workspace, ref)
        self.preview = LivePreview(agent, workspace.folder, desk.spawn, key=ref)
        self.map.asked = lambda: self.preview.waits
        self.quiet = Quiet(self.map, self)
        self._inspector = MapInspector()
        self.provenance = ProvenanceSection(self)
        self._inspector.add_below(self.provenance)
        self.suggestions = Suggestions(self.map)
        self._inspector.add_below(self.suggestions)
        self._notice = Text("", "orange_text", wrap=True)
        self._notice.setContentsMargins(12, 6, 12, 6)
        self.bar = ScriptBar()
        self.watch = SchemaWatch(self.map)
        self._strip = ChangesStrip()
        self._pages = QStackedWidget()
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        self.bulk = Bulk(self, self._pages)
        self._split.addWidget(self.bulk.split)
        self._split.addWidget(self.bar)
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._notice)
        column.addWidget(self._strip)
        column.addWidget(SampleStrip(self))
        column.addWidget(self._split, 1)
        self.wishes = Wishes(self)
        self.clipboard = RuleClipboard(self)
        self.picking = Picking(self)
        self.records = MapRecords(self)
        self.canvas = self._new_canvas()
        self._pages.addWidget(self.canvas)
        self._drafts = Drafts(self)
        self.marks = DebugMarks(self)
        self.evidence = MapEvidence(self)
        self.turns = MapTurns(self)
        column.insertWidget(0, self.evidence.bar)
        self.map_pages = MapPages(self)
        self.writing = MapWriting(self)
        self.wide = WideScript(self, self._split)
        self.parts = PartResult(self)
        self.arrangement = Arrangement(self, self._split, self._pages)
        self._page_of(self.canvas)
        self.map.looked_at = lambda scene: find_ends(scene, *self.canvas.rows.values())
        self.bar.edit.helper = Language(self.map, lambda: self.bar.path, lambda: self.bar.part)
        self._connect()
        self.records.take_sample()
        if text_drafts.kept(workspace.folder, ref) is not None:
            # A text left with a mistake comes back as it was left.
            self.text.setVisible(False)
        self._show()
        self.setFocusProxy(self.canvas.target)

    # Made when first wanted: opening a map shows none of them.

    def _made(self, name: str) -> bool:
        return name in self.__dict__

    @cached_property
    def options(self) -> MapOptions:
        """What a run of this map does besides."""
        made = MapOptions(self.map)
        self.map.changed.connect(made.refresh)
        return made

    @cached_property
    def table(self) -> RuleTable:
        """The rules as a table."""
        made = RuleTable()
        made.opened.connect(self._open_from_table)
        made.left.connect(self.show_canvas)
        self._pages.addWidget(made)
        return made

    @cached_property
    def text(self) -> TextPage:
        """The map as its file holds it."""
        made = TextPage(self.map)
        made.left.connect(self.show_canvas)
        made.placed.connect(self._place_of_text)
        made.wronged.connect(self.unread_turned)
        made.code.reference_wanted.connect(self.show_reference)
        self.marks.follow_text(made)
        self._pages.addWidget(made)
        return made

    @cached_property
    def changes(self) -> ChangesPage:
        """What the schemas no longer have."""
        made = ChangesPage(self.map, self.watch)
        made.left.connect(self.show_canvas)
        self._pages.addWidget(made)
        return made

    def _new_canvas(self) -> MappingCanvas:
        canvas = MappingCanvas(self.map.scene)
        canvas.show_scene(self.map.scene, self.map.shape, source=self.map.source_shape)
        canvas.dropped.connect(self.wishes.drop)
        canvas.area.changed.connect(self.desk.commands.refresh)
        canvas.moved.connect(self.wishes.move)
        canvas.rearranged.connect(self.rearranged)
        canvas.current_changed.connect(self._current_changed)
        canvas.activated.connect(lambda path: self.write(Part.SCRIPT, path))
        canvas.picked.connect(lambda _path: self.wishes.insert_selected())
        canvas.picker_wanted.connect(self.picking.open_row)
        canvas.menu_wanted.connect(self.wishes.menu)
        canvas.value_asked.connect(lambda side: self.turns.clicked(side))
        canvas.extra_targets = [
            Target(self.bar, lambda _row: True, lambda _row, _point: self.wishes.insert_selected())
        ]
        for side, use in (
            (Side.SOURCE, self.map.transformation.source),
            (Side.TARGET, self.map.transformation.target),
        ):
            canvas.heads[side].show_title(
                use.schema.rpartition("/")[2] or _("no schema"), self.records.side_note(side)
            )
            canvas.heads[side].fill_views(self.desk.commands, view_ids(side))
        # The keys that act only in the trees.
        for id in IN_TREES:
            if id in self.desk.commands:
                for view in canvas.views.values():
                    view.addAction(self.desk.commands.action(id))
        return canvas

    def _connect(self) -> None:
        self.map.changed.connect(self._show)
        self.map.retreed.connect(self._replace_canvas)
        self.bar.committed.connect(self.wishes.take)
        self.bar.left.connect(lambda: self.canvas.target.setFocus())
        self.bar.wide_wanted.connect(lambda: self.wide.turn())
        self.bar.stepper.sample_wanted.connect(self.wishes.choose_sample)
        self.watch.changed.connect(lambda: self._strip.show_lost(self.watch.told))
        self.watch.changed.connect(self.desk.commands.refresh_soon)
        self.watch.changed.connect(self._inspect_soon)
        self._strip.wanted.connect(self.review_changes)
        self._inspector.edit_wanted.connect(self.write)
        self._inspector.loop_wanted.connect(self.wishes.loop_instead)
        self._inspector.mends = Mends(self.wishes.add_loops, self.wishes.follow, self.watch.lost_in)
        self.bar.edit.reference_wanted.connect(self.show_reference)
        self.suggestions.chosen.connect(self.wishes.take_suggestion)
        self.suggestions.left.connect(lambda: self.canvas.target.setFocus())
        self._inspector.node_wanted.connect(lambda side, path: self.show_node(side, path))
        self.provenance.node_wanted.connect(lambda side, path: self.show_node(side, path))

    # What the window asks

    def title(self) -> str:
        """The transformation's own name."""
        found = self.workspace.project.get(self.ref)
        return found.name if found is not None and found.name else super().title()

    def commands(self) -> Sequence[Command]:
        """What can be done in a map."""
        return [
            *commands_of(self),
            *view_commands(self),
            *pick_commands(self),
            *self.marks.commands(),
            *self.evidence.commands(),
            *self.turns.commands(),
        ]

    def inspector(self) -> QWidget:
        """The node in hand, or the function asked about."""
        return self._reference or self._inspector

    def suggest(self) -> None:
        """Put the focus on the suggestions for the current target field."""
        self._inspect()
        if not self.suggestions.enter():
            self.desk.tell(_("No source field is alike."))

    def show_options(self) -> None:
        """Put the focus on the options of the transformation."""
        self._reference = None
        self._inspect()
        self.options.enter()

    def show_reference(self, name: str) -> None:
        """Show a function of the language in the Inspector until another node is selected."""
        if name in FUNCTIONS:
            self._reference = function_card(name)
            self.inspected.emit()
        else:
            self.desk.tell(_("This is not a function."))

    def unread(self) -> bool:
        """The text of the map has a mistake."""
        return self._made("text") and self.text.wrong

    def summary(self) -> str:
        """Rules, problems, missing, parked, and how long the preview took."""
        shown = None if self.map.evidence is None else self.map.evidence.milliseconds
        return summary_of(self.map, -1.0 if self.records.error else shown)

    def go_to(self, path: str) -> None:
        """Show a target node, or a source node where the target has none of this address; a rule of the text in it."""
        if self.writing.go_to(path):
            return
        if self.as_text and self.text.go_to(path):
            self.text.setFocus()
            return
        self.show_canvas()
        known = self.map.trees.target.find(path) is not None or self.canvas.rows[Side.TARGET].at(path) >= 0
        self.show_node(Side.TARGET if known else Side.SOURCE, path)

    def layout_state(self) -> Mapping[str, Any]:
        """What comes back when the map is opened again."""
        return self.arrangement.state()

    def restore_layout(self, state: Mapping[str, Any]) -> None:
        """Put back what was kept."""
        self.arrangement.restore(state)

    def commit(self) -> None:
        """Take over what is being written."""
        self.bar.commit()
        if self._made("text"):
            self.text.commit()

    def let_go(self) -> None:
        """The tab is being closed."""
        self.suggestions.learn()
        self.marks.let_go()
        self.evidence.let_go()
        self.watch.stop()
        self.quiet.stop()
        self.map.let_go()

    # Following the map

    def _show(self) -> None:
        map = self.map
        self.canvas.show_values(map.scene, lambda: map.shape, lambda: map.source_shape, self.records.flash)
        if map.large:
            self.quiet.do("links", lambda: self.canvas.behind.steps(), _LINKS)
        else:
            self.canvas.behind.catch_up()
        if self.as_table:
            self.table.show_scene(self.map.scene)
        elif self.as_text:
            self.text.show_map()
        said = [str(error) for error in self.map.errors]
        if self.records.error and not self.map.errors:
            said.append(self.records.error)
        if self.unread() and not self.as_text:
            said.append(_("The text of this map has a mistake and was not taken over: see Map as text."))
        self._notice.setText("\n".join(said))
        self._notice.setVisible(bool(said))
        self._show_rule()
        self._inspect_soon()
        self.summarised.emit()

    def _replace_canvas(self) -> None:
        state = self.canvas.state()
        held = self.canvas.isAncestorOf(QApplication.focusWidget() or self)
        old, self.canvas = self.canvas, self._new_canvas()
        self.wide.move_to(self.canvas)
        self._pages.insertWidget(0, self.canvas)
        self._pages.setCurrentWidget(self.canvas)
        self._pages.removeWidget(old)
        if held:
            self.canvas.target.setFocus()
        old.deleteLater()
        self.canvas.restore(state)
        self._page_of(self.canvas)
        self.setFocusProxy(self.canvas.target)

    def _page_of(self, canvas: MappingCanvas) -> None:
        """Another canvas shows the page of the old one."""
        canvas.links_head.pages_wanted.connect(self.map_pages.open_menu)
        self.map_pages.follow()

    def _show_rule(self) -> None:
        path = self.canvas.path(Side.TARGET)
        row = self.canvas.current_row(Side.TARGET)
        if row is None or row.kind is not RowKind.NODE:
            self.bar.show_rule("", {})
            return
        rule = self.map.mapping.get(path) or Rule(path)
        texts = {Part.SCRIPT: rule.script or "", Part.WHEN: rule.when or "", Part.LOOP: rule.loop or ""}
        self.bar.show_rule(path, texts)
        self._drafts.show_kept(path)

    def _inspect_soon(self) -> None:
        self.quiet.do("inspector", self._inspecting, _INSPECTOR)

    @property
    def hurried(self) -> bool:
        """The values that an edit of a large map gives are on their way."""
        return self.map.waits(_LINKS)

    def _inspect(self) -> None:
        for _step in self._inspecting():
            pass

    def _inspecting(self) -> Iterator[None]:
        side = self.last_side
        path = self.canvas.path(side)
        self.provenance.keep_for(side, path)
        self.turns.follow()
        if not self._made("options"):
            self._inspector.add_below(self.options)
        if self.canvas.current_row(side) is None:
            self._inspector.show_nothing()
        else:
            self._inspector.show_node(self.map.scene, side, path)
        yield
        row = self.canvas.current_row(Side.TARGET)
        wanted = side is Side.TARGET and row is not None and row.kind is RowKind.NODE
        self.suggestions.show_for(path if wanted else "")
        self.inspected.emit()

    last_side = Side.TARGET
    _reference: QWidget | None = None

    def _current_changed(self, side: Side, _path: str) -> None:
        self.last_side = side
        self._reference = None
        if side is Side.TARGET:
            self.bar.commit()
            self._show_rule()
        self._inspect_soon()
        self.desk.commands.refresh_soon()

    def showEvent(self, event: QShowEvent) -> None:
        """What was put off while another tab stood in front."""
        super().showEvent(event)
        self.records.ask_soon()

    def write(self, part: Part, path: str = "") -> None:
        """Put the cursor into a part of the current rule, or of the rule at `path`."""
        if path:
            self.wishes.select_target(path)
        self.show_canvas()
        self.bar.write(part)

    # Views

    def show_node(self, side: Side, path: str) -> None:
        """Make a node current and bring it and its links into view."""
        self.show_canvas()
        self.canvas.select(side, path)
        self.canvas.show_partners(side)
        self.canvas.views[side].setFocus()

    def show_canvas(self) -> None:
        """Trees and links instead of the table."""
        if self.as_text:
            self.text.settle()
            QTimer.singleShot(0, self, self._show)
        if self._pages.currentWidget() is not self.canvas:
            self._pages.setCurrentWidget(self.canvas)
            self.canvas.target.setFocus()

    def turn_table(self) -> None:
        """The table instead of the canvas, or back."""
        if self.as_table:
            self.show_canvas()
            return
        self.table.show_scene(self.map.scene)
        self._pages.setCurrentWidget(self.table)
        self.table.select(self.canvas.path(Side.TARGET))
        self.table.view.setFocus()

    def turn_text(self) -> None:
        """The map as text instead of the canvas, or back."""
        if self.as_text:
            self.show_canvas()
            return
        self.text.show_map()
        self._pages.setCurrentWidget(self.text)
        self.text.go_to(self.canvas.path(Side.TARGET))
        self.text.setFocus()

    def review_changes(self) -> None:
        """Show what the schemas no longer have, with where it may be."""
        self.commit()
        self._pages.setCurrentWidget(self.changes)
        self.changes.show_lost({side: self.canvas.path(side) for side in Side})

    @property
    def as_text(self) -> bool:
        """The text is shown."""
        return self._made("text") and self._pages.currentWidget() is self.text

    def _place_of_text(self, path: str) -> None:
        if self.as_text:
            self.canvas.select(Side.TARGET, path)

    @property
    def as_table(self) -> bool:
        """The table is shown."""
        return self._made("table") and self._pages.currentWidget() is self.table

    def _open_from_table(self, path: str) -> None:
        self.show_node(Side.TARGET, path)

    def show_partners(self) -> None:
        """Scroll the other end of the focused links into sight."""
        self.canvas.show_partners(self.last_side)

    def filter_side(self, side: Side) -> None:
        """Put the cursor into a tree's filter, or into the text's find."""
        if self.as_text:
            self.text.ask_find()
            return
        self.show_canvas()
        self.canvas.heads[side].filter.setFocus()
