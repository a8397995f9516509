"""What is done to many rules at a time, looked at before: automap, same-named children, find and replace."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QSplitter, QWidget

from studio.base.i18n import _, ngettext
from studio.mapping import address, connect
from studio.mapping import replace as in_map
from studio.mapping.context import Contexts
from studio.mapping.loops import unvisited
from studio.mapping.replace import Change
from studio.mapping.suggest import Suggestion
from studio.mapping.tree import Trees
from studio.project import replace as in_project
from ui.bridge import numbers
from ui.canvas.link_index import Side
from ui.editors.mapping.proposals import HEIGHT, Proposal, Proposals
from ui.editors.mapping.replace_fields import ReplaceFields

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

# How long the search for pairs may work between two events, in seconds.
_SLICE = 0.01
# So many pairs are listed at once.
_FEW = 40
# Less alike than this, a pair is offered but not ticked.
_FIRM = 0.7
# So many letters before a change are shown of a text.
_BEFORE = 16
Work = Generator[int | None, None, None]
"""A slice of work at a time; it tells how many fields were looked at."""


class Bulk(QObject):
    """Fills the list of proposals and does those ticked, as one step. `split` holds the editor's pages and the list."""

    def __init__(self, editor: MappingEditor, pages: QWidget) -> None:
        super().__init__(editor)
        self._editor = editor
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setHandleWidth(1)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(pages)
        self._work: Work | None = None
        self._pump = QTimer(self, interval=0)
        self._pump.timeout.connect(self._go_on)

    # Made when first wanted.

    @cached_property
    def panel(self) -> Proposals:
        """The list."""
        made = Proposals()
        self.split.addWidget(made)
        made.taken.connect(self._closed)
        made.left.connect(self._closed)
        made.shown.connect(self._show_target)
        return made

    @cached_property
    def fields(self) -> ReplaceFields:
        """What is looked for and what takes its place."""
        made = ReplaceFields()
        self.panel.extra.addWidget(made)
        made.changed.connect(self._find)
        made.entered.connect(self.panel.enter)
        made.left.connect(self.panel.leave)
        return made

    def open(self) -> None:
        """Give the list its room."""
        room = self.split.height()
        height = min(HEIGHT, room // 2)
        if self.panel.height() < height:
            self.split.setSizes([room - height, height])

    def _closed(self) -> None:
        self._stop()
        self.fields.hide()
        self._editor.canvas.target.setFocus()

    def _show_target(self, path: str) -> None:
        self._editor.canvas.select(Side.TARGET, path)

    # Automap

    def automap(self) -> None:
        """Look for what fits below the selected nodes, or in the whole map, and list it."""
        trees = self._editor.map.trees
        source = trees.source.find(self._editor.canvas.path(Side.SOURCE)) or trees.source.root
        target = trees.target.find(self._editor.canvas.path(Side.TARGET)) or trees.target.root
        if source is None or target is None:
            return
        if source.node.type.leaf or target.node.type.leaf:
            source, target = trees.source.root or source, trees.target.root or target
        mapping = self._editor.map.mapping
        taken = {rule.path for rule in mapping.rules if rule.script is not None or rule.loops}
        suggester = self._editor.suggestions.suggester_below(source, target)
        self._begin(
            self._automapping(suggester.automapping(target, taken=taken, numbering=mapping.numbering))
        )

    def _automapping(self, work: Generator[int, None, tuple[Suggestion, ...]]) -> Work:
        found = yield from work
        if not any(not each.loop for each in found):
            self._editor.desk.tell(_("Nothing that is not mapped yet fits well enough."))
            return
        known = {connect.Pair(each.source, each.target, each.loop): each for each in found}

        def row(pair: connect.Pair) -> Proposal:
            each = known.get(pair)
            return _proposal(pair, each.reason, None if each.loop else each.score) if each else _implied(pair)

        yield from self._offering(_("Automap"), known, row, _automap_text)

    def _begin(self, work: Work, *, whole: bool = False) -> None:
        """Work between the events, a slice at a time, or all of it now."""
        self._stop()
        self._work = work
        self._go_on(math.inf if whole else _SLICE)
        if self._work is not None:
            self._editor.desk.tell(_("Looking for fields that fit…"))
            self._editor.evidence.wait_for(_("Looking for fields that fit…"), self.cancel)
            self._pump.start()

    @property
    def looking(self) -> bool:
        """Fields that fit are being looked for."""
        return self._pump.isActive()

    def cancel(self) -> None:
        """Give up looking for fields that fit."""
        if self.looking:
            self._stop()
            self._editor.desk.tell(_("Nothing was mapped."))

    def _stop(self) -> None:
        if self.looking:
            self._editor.evidence.waited()
        self._pump.stop()
        self._work = None

    def _go_on(self, seconds: float | None = None) -> None:
        until = time.perf_counter() + (_SLICE if seconds is None else seconds)
        seen = 0
        while self._work is not None and time.perf_counter() < until:
            try:
                seen = next(self._work) or seen
            except StopIteration:
                self._stop()
        if seen and self.looking:
            said = _("Looking for fields that fit: {n} of the target looked at…")
            self._editor.evidence.bar.say(said.format(n=numbers.count(seen)))

    def same_named(self) -> None:
        """List the children of the selected nodes that have the same name."""
        source = self._editor.canvas.path(Side.SOURCE)
        target = self._editor.canvas.path(Side.TARGET)
        trees = self._editor.map.trees
        pairs = connect.same_named(self._editor.map.mapping, trees, source, target)
        if not pairs:
            self._editor.desk.tell(_("No unmapped child has the same name."))
            return
        self.offer_pairs(_("Map same-named children"), pairs)

    def offer_pairs(self, title: str, pairs: Sequence[connect.Pair]) -> None:
        """List pairs of one name."""
        given = frozenset(pairs)

        def row(pair: connect.Pair) -> Proposal:
            said = _("Both repeat.") if pair.loop else _("Same name.")
            return _proposal(pair, said) if pair in given else _implied(pair)

        self._begin(self._offering(title, pairs, row, _map_text), whole=len(pairs) <= _FEW)

    def _offering(
        self,
        title: str,
        pairs: Iterable[connect.Pair],
        row: Callable[[connect.Pair], Proposal],
        label: Callable[[int], str],
    ) -> Work:
        """List the pairs and the loops they bring: nothing is added that the list does not tell."""
        every: tuple[connect.Pair, ...] = ()
        for every in connect.looping(self._editor.map.mapping, self._editor.map.trees, pairs):  # noqa: B007
            yield None
        rows = []
        trees, mapping = self._editor.map.trees, self._editor.map.mapping
        for pair in every:
            if pair.loop:
                mapping = connect.loop_here(mapping, trees, pair.source, pair.target)
            rows.append(row(pair))
            yield None
        contexts = Contexts(mapping, trees.source)
        for at, pair in enumerate(every):
            rows[at] = doubted(rows[at], pair, trees, contexts)
            yield None
        self._offer(title, every, rows, label)

    def _offer(
        self,
        title: str,
        pairs: Sequence[connect.Pair],
        rows: Sequence[Proposal],
        label: Callable[[int], str],
    ) -> None:
        def said(ticked: Sequence[int]) -> str:
            fields = sum(not pairs[at].loop for at in ticked)
            return _with_loops(label(fields), len(ticked) - fields) if fields else label(len(ticked))

        def do(ticked: Sequence[int]) -> None:
            map = self._editor.map
            chosen = [pairs[at] for at in ticked]
            refused = [pair for at, pair in enumerate(pairs) if at not in set(ticked)]
            changed = connect.apply_pairs(map.mapping, map.trees, chosen, refused)
            self._editor.wishes.apply(said(ticked), changed)

        self.fields.hide()
        self._editor.picking.hide_fields()
        self._editor.desk.tell("")
        self.panel.offer(title, rows, lambda _n: said(self.panel.ticked), do)
        self.open()
        self.panel.enter()

    # Find and replace

    def replace(self, *, everywhere: bool = False) -> None:
        """Open the fields for find and replace; what is marked in the script is looked for."""
        self._stop()
        self._editor.picking.hide_fields()
        marked = self._editor.bar.edit.textCursor().selectedText()
        self.panel.offer(_("Find and replace in scripts"), (), _replace_text, lambda _ticked: None)
        self.open()
        self.fields.enter(marked, everywhere=everywhere)

    def _find(self) -> None:
        if not self.fields.isVisible():
            return
        wanted = self.fields.wanted
        title = _("Find and replace in scripts")
        if self.fields.everywhere.isChecked():
            self._editor.commit()
            workspace = self._editor.workspace
            everything = in_project.changes(workspace.project, wanted)

            def do_all(ticked: Sequence[int]) -> None:
                chosen = [everything[at] for at in ticked]
                project = in_project.apply(workspace.project, chosen)
                workspace.edit(_replace_text(len(chosen)), project, initiator=self._editor.map.initiator)

            rows = [_change_row(each.change, each.object, self._editor.ref) for each in everything]
            self.panel.offer(title, rows, _replace_text, do_all)
            return
        map = self._editor.map
        found = in_map.changes(map.mapping, wanted)

        def do(ticked: Sequence[int]) -> None:
            self._editor.wishes.apply(
                _replace_text(len(ticked)), in_map.apply(map.mapping, [found[at] for at in ticked])
            )

        self.panel.offer(title, [_change_row(each) for each in found], _replace_text, do)


def _proposal(pair: connect.Pair, why: str, score: float | None = None) -> Proposal:
    what = _("repeats per {source}").format(source=pair.source) if pair.loop else pair.source
    return Proposal(pair.target, what, why, score, pair.target)


def doubted(row: Proposal, pair: connect.Pair, trees: Trees, contexts: Contexts) -> Proposal:
    """The row, not ticked where the rule could not run, or where the two are hardly alike."""
    if pair.loop:
        return row
    goal = trees.target.find(pair.target)
    if goal is not None and not goal.repeats and unvisited(contexts, trees.source, pair.source, pair.target):
        names = {"source": address.name(pair.source), "name": address.name(pair.target)}
        wrong = _("{source} gives several values and {name} takes one.").format(**names)
        return replace(row, problem=wrong, chosen=False)
    return replace(row, chosen=False) if row.score is not None and row.score < _FIRM else row


def _implied(pair: connect.Pair) -> Proposal:
    return _proposal(pair, _("The fields in it need this loop."))


def _change_row(change: Change, object: str = "", here: str = "") -> Proposal:
    place = change.path or object
    if object and object != here and change.path:
        place = f"{object.partition('/')[2]} · {change.path}"
    part = "" if change.part == "script" else f" · {change.part}"
    old, new = _near(" ".join(change.old.split()), " ".join(change.new.split()))
    path = change.path if not object or object == here else ""
    return Proposal(
        f"{place}{part}", new, old, None, path, change.problem, chosen=not change.problem, ahead=True
    )


def _near(old: str, new: str) -> tuple[str, str]:
    """Both texts from shortly before the place where they part."""
    same = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), 0)
    start = same - _BEFORE
    return (old, new) if start < _BEFORE else (f"…{old[start:]}", f"…{new[start:]}")


def _with_loops(text: str, loops: int) -> str:
    """The text with the loops that come along, so that its counts are those of the list."""
    if not loops:
        return text
    return ngettext("{text} and {n} loop", "{text} and {n} loops", loops).format(text=text, n=loops)


def _automap_text(fields: int) -> str:
    return ngettext("Automap {n} field", "Automap {n} fields", fields).format(n=fields)


def _map_text(fields: int) -> str:
    return ngettext("Map {n} field", "Map {n} fields", fields).format(n=fields)


def _replace_text(texts: int) -> str:
    return ngettext("Replace in {n} text", "Replace in {n} texts", texts).format(n=texts)
