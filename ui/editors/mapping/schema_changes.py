"""Schemas that changed under a map: a strip that says so, and a page where each lost node is given its new place."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from studio.mapping import address
from studio.mapping.losses import SOURCE, Fact, Lost, apply, facts, lost_nodes, ranked
from studio.mapping.picking import followed
from studio.project import shapes
from ui.bridge.numbers import locale
from ui.canvas.link_index import Side
from ui.editors.mapping.map_state import HURRIED, MapState
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, link
from ui.widgets.fields import Combo
from ui.widgets.foot import Foot
from ui.widgets.labels import Line, Picture, Text

# More are decided in turns.
_MOST_SHOWN = 60
# After the last change of the map, in milliseconds.
_SOON = 400
_MOST_KNOWN = 40_000
# How long facts are gathered between two events, in seconds.
_SLICE = 0.012


class SchemaWatch(QObject):
    """Knows which nodes a map has lost, and keeps what the others are for the day on which they are lost.

    `told` are those that were there before or whose rules are parked: a name that never was one is a mistake in a
    rule, which the problems list tells.
    """

    changed = Signal()

    def __init__(self, map: MapState) -> None:
        super().__init__(map)
        self._map = map
        self._known: Mapping[str, Fact] | None = None
        self.lost: tuple[Lost, ...] = ()
        self._soon = QTimer(self, singleShot=True, interval=_SOON)
        self._soon.timeout.connect(self._look)
        self._noting: Iterator[tuple[str, Fact]] | None = None
        self._now: dict[str, Fact] = {}
        self._pump = QTimer(self, interval=0)
        self._pump.timeout.connect(self._note_on)
        map.changed.connect(self._soon.start)
        map.retreed.connect(self._soon.start)
        self._soon.start()

    @property
    def known(self) -> Mapping[str, Fact]:
        """What the nodes in use were when the map last fitted."""
        if self._known is None:
            self._known = shapes.noted(self._map.workspace.folder, self._map.ref)
        return self._known

    def lost_in(self, path: str) -> tuple[Lost, ...]:
        """The lost nodes that the rule at a target path uses, with where they may be now."""
        map = self._map
        found = (lost for lost in self.lost if path in lost.rules)
        return tuple(ranked(lost, map.mapping, map.trees, self.known) for lost in found)

    @property
    def told(self) -> tuple[Lost, ...]:
        """The lost nodes worth a word without being asked."""
        return tuple(
            lost
            for lost in self.lost
            if lost.side != SOURCE or any(use in self.known for use in (lost.path, *lost.used))
        )

    def stop(self) -> None:
        """The map is being closed."""
        self._soon.stop()
        self._pump.stop()

    def _look(self) -> None:
        map = self._map
        before = self.lost
        self.lost = () if map.errors else lost_nodes(map.mapping, map.trees, map.scene.drawing)
        self._noting = None
        if not self.lost and not map.errors and len(map.mapping):
            self._noting, self._now = facts(map.mapping, map.trees, map.scene.drawing), {}
            self._pump.start()
        if self.lost != before:
            self.changed.emit()

    def _note_on(self) -> None:
        """Gather facts for a moment; those of a whole map are kept."""
        self._pump.setInterval(HURRIED if self._map.hurried else 0)
        if self._pump.interval():
            return
        until = time.perf_counter() + _SLICE
        while self._noting is not None and time.perf_counter() < until:
            one = next(self._noting, None)
            if one is None:
                self._noting = None
                # What was in use earlier stays known: an undo may bring its rule back.
                found = {**self.known, **self._now} if len(self.known) < _MOST_KNOWN else self._now
                if found != self.known and shapes.note(self._map.workspace.folder, self._map.ref, found):
                    self._known = found
            else:
                self._now[one[0]] = one[1]
        if self._noting is None:
            self._pump.stop()


def follow_all(map: MapState, chosen: Sequence[tuple[Lost, str]]) -> None:
    """Lead all that led to lost nodes to where they are now, as one step."""
    label = ngettext("Follow {n} changed node", "Follow {n} changed nodes", len(chosen))
    changed = map.transformation
    for lost, path in chosen:
        changed = followed(changed, lost.side, lost.path, path)
    # Rules of drawn nodes have a place only once these stand where they belong now.
    trees = map.trees if changed == map.transformation else map.trees_with(changed)
    changed = replace(changed, mapping=apply(map.mapping, trees, chosen))
    if changed != map.transformation:
        map.put(label.format(n=len(chosen)), changed)


class ChangesStrip(QFrame):
    """One sentence above the map while nodes are lost, with the way to mend it."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_PANEL, 4, metrics.PAD_PANEL, 4)
        row.setSpacing(8)
        row.addWidget(Picture("info", "accent"))
        self._text = Text("")
        row.addWidget(self._text)
        row.addWidget(link(_("Review the changes"), self.wanted.emit))
        row.addStretch(1)
        self.hide()

    def show_lost(self, lost: tuple[Lost, ...]) -> None:
        """Say how many nodes have gone; nothing where none has."""
        told = ngettext(
            "The schemas have changed: {n} node that rules use is no longer there. Its rules are kept.",
            "The schemas have changed: {n} nodes that rules use are no longer there. Their rules are kept.",
            len(lost),
        )
        self._text.setText(told.format(n=len(lost)))
        self.setVisible(bool(lost))


class ChangesPage(QWidget):
    """Every lost node with the places it may be at now. `left` wants the canvas back."""

    left = Signal()

    def __init__(self, map: MapState, watch: SchemaWatch) -> None:
        super().__init__()
        self._map, self._watch = map, watch
        self._rows: list[_Row] = []
        self.setAccessibleName(_("Changes of the schemas"))
        self._title = Text(_("Changes of the schemas"), step=fonts.TITLE, weight=600)
        self._about = Text("", "text2", wrap=True)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        inside = QFrame()
        inside.setProperty("band", "base")
        box = QVBoxLayout(inside)
        box.setContentsMargins(metrics.PAD_DIALOG, 12, metrics.PAD_DIALOG, 12)
        box.setSpacing(4)
        box.addWidget(self._title)
        box.addWidget(self._about)
        box.addSpacing(8)
        box.addLayout(self._list)
        box.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        self._apply = button(_("Follow the chosen ones"), self.take, primary=True)
        foot = Foot((button(_("Later"), self.left.emit), self._apply))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(area, 1)
        column.addWidget(Line())
        column.addWidget(foot)

    def show_lost(self, selected: Mapping[Side, str]) -> None:
        """List what is lost now; `selected` are the nodes selected in the trees, offered as places too."""
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = []
        map = self._map
        found = self._watch.lost[:_MOST_SHOWN]
        for lost in found:
            own = selected[Side.SOURCE if lost.side == SOURCE else Side.TARGET]
            row = _Row(ranked(lost, map.mapping, map.trees, self._watch.known), own)
            row.chosen.connect(self._count)
            self._rows.append(row)
            self._list.addWidget(row)
        left = len(self._watch.lost) - len(found)
        about = [
            _("Choose where each node is now: its rules and all that stands below it follow, in one step.")
        ]
        if left:
            about.append(
                ngettext("{n} more comes after these.", "{n} more come after these.", left).format(n=left)
            )
        self._about.setText(" ".join(about) if found else _("Every rule has its nodes."))
        self._count()
        if self._rows:
            # Made a moment ago, it is shown with the next event: before, it would take no focus.
            first = self._rows[0].places
            QTimer.singleShot(0, first, first.setFocus)

    def take(self) -> None:
        """Follow all that is chosen, as one step."""
        chosen = [(row.lost, row.choice) for row in self._rows if row.choice]
        if chosen:
            follow_all(self._map, chosen)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves it for later."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _count(self) -> None:
        self._apply.setEnabled(any(row.choice for row in self._rows))


class _Row(QFrame):
    """One lost node: what it was, who uses it, where it may be."""

    chosen = Signal()

    def __init__(self, lost: Lost, selected: str) -> None:
        super().__init__()
        self.lost = lost
        name = address.name(lost.path)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 10, 0, 10)
        box.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Text(name, weight=600))
        head.addWidget(Text(lost.path, "text3", mono=True))
        head.addStretch(1)
        head.addWidget(Text(_users(lost), "text2", step=fonts.SECONDARY))
        self.places = Combo(_("Where {name} is now").format(name=name))
        self.places.addItem(_("leave as it is"), ("", ""))
        for candidate in lost.candidates:
            share = locale().toString(round(candidate.score * 100))
            self.places.addItem(f"{candidate.path}   {share} %", (candidate.path, candidate.reason))
        if selected and all(candidate.path != selected for candidate in lost.candidates):
            told = _("{path}   selected in the tree").format(path=selected)
            self.places.addItem(told, (selected, _("The node that is selected in the tree.")))
        self._why = Text("", "text2", step=fonts.SECONDARY)
        self.places.currentIndexChanged.connect(self._tell)
        likely = next((at for at in range(self.places.count()) if self._data(at)[0] == lost.likely != ""), 0)
        self.places.setCurrentIndex(likely)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(Picture("arrow-right", "text3"))
        line.addWidget(self.places, 1)
        line.addWidget(self._why, 1)
        box.addLayout(head)
        box.addLayout(line)
        box.addSpacing(6)
        box.addWidget(Line())
        self._tell()

    @property
    def choice(self) -> str:
        """The place chosen, "" for none."""
        return self._data(self.places.currentIndex())[0]

    def _data(self, at: int) -> tuple[str, str]:
        path, reason = self.places.itemData(at)
        return str(path), str(reason)

    def _tell(self) -> None:
        none = (
            _("No node is alike.")
            if not self.lost.candidates
            else _("Its rules stay as they are, and are told as problems.")
        )
        self._why.setText(self._data(self.places.currentIndex())[1] or none)
        self.chosen.emit()


def _users(lost: Lost) -> str:
    names = list(dict.fromkeys(address.name(rule) for rule in lost.rules))
    listed = ", ".join(names[:4]) + ("…" if len(names) > 4 else "")
    number = len(lost.rules)
    if lost.side == SOURCE:
        told = ngettext("source · {n} rule: {names}", "source · {n} rules: {names}", number)
    else:
        told = ngettext("target · {n} rule: {names}", "target · {n} rules: {names}", number)
    return told.format(n=number, names=listed)
